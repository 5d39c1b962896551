/**
 * A whole board, from the bottom up.
 * @module
 */

import { elementKey } from "../../lib/board_state.js";
import { drawElement, widthOf } from "./elements.js";
import { contentBox } from "./hit.js";
import { lightTone } from "./tones.js";
import { firstNumber } from "./values.js";

/** @typedef {import("../../lib/types.js").BoardState} BoardState */
/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {{hidden?: ReadonlySet<Element>, tone?: import("./elements.js").Tone, view?: Box | null}} Look Elements to leave out; how colours are shown; what is seen, null for all. */

/** @type {("assets" | "objects" | "strokes")[]} */
const LISTS = ["assets", "objects", "strokes"];
const TEXT_MARGIN = 2; // how wide a text comes out is only estimated

/** A state and an element never change, so what was computed for one is kept with it. @type {WeakMap<Readonly<BoardState>, Element[]>} */
const orders = new WeakMap();
/** @type {WeakMap<Element, Box | null>} */
const boxes = new WeakMap();

/**
 * Draws a board: layer by layer (elements of no known layer first), in each by `zIndex`, then assets, objects, strokes.
 * @param {CanvasRenderingContext2D} context in the board's units
 * @param {Readonly<BoardState>} state
 * @param {Look} [look]
 */
export function drawBoard(context, state, { hidden = new Set(), tone = lightTone, view = null } = {}) {
  const order = orders.get(state) ?? stacked(state);
  orders.set(state, order);
  for (const element of order) {
    if (!hidden.has(element) && (view === null || isIn(view, element))) drawElement(context, element, tone);
  }
}

/** Whether some of it may be seen. @param {Box} view @param {Element} element */
function isIn(view, element) {
  const box = boxes.get(element) ?? reachOf(element);
  boxes.set(element, box);
  return box !== null && box.right >= view.left && box.left <= view.right && box.bottom >= view.top && box.top <= view.bottom;
}

/** The box that an element cannot draw outside of; null if it draws nothing. @param {Element} element @returns {Box | null} */
function reachOf(element) {
  const box = contentBox([element]);
  if (box === null) return null;
  const width = widthOf(element);
  const [across, down] = [(box.right - box.left) * TEXT_MARGIN + width, (box.bottom - box.top) * TEXT_MARGIN + width];
  return { left: box.left - width, top: box.top - width, right: box.left + across, bottom: box.top + down };
}

/** The elements that are seen, the lowest first. @param {Readonly<BoardState>} state */
function stacked(state) {
  const layers = new Map(state.layers.map((layer, index) => [elementKey(layer.id), { layer, place: firstNumber(layer, ["order"]) ?? index }]));
  const entries = LISTS.flatMap((list, rank) => state[list].map((element) => {
    const { layer = null, place = -1 } = layers.get(layerKey(element)) ?? {};
    return { element, rank, place, isSeen: layer?.visible !== false, z: firstNumber(element, ["zIndex"]) ?? 0 };
  }));
  const seen = entries.filter(({ isSeen }) => isSeen);
  seen.sort((one, other) => one.place - other.place || one.z - other.z || one.rank - other.rank);
  return seen.map(({ element }) => element);
}

/** @param {Element} element */
function layerKey(element) {
  return elementKey(element.layerId ?? element.layer_id ?? element.layer);
}
