/**
 * A whole board, from the bottom up.
 * @module
 */

import { elementKey } from "../../lib/board_state.js";
import { drawElement } from "./elements.js";
import { lightTone } from "./tones.js";
import { firstNumber } from "./values.js";

/** @typedef {import("../../lib/types.js").BoardState} BoardState */
/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {{hidden?: ReadonlySet<Element>, tone?: import("./elements.js").Tone}} Look Elements to leave out; how colours are shown. */

/** @type {("assets" | "objects" | "strokes")[]} */
const LISTS = ["assets", "objects", "strokes"];

/**
 * Draws a board: layer by layer (elements of no known layer first), in each by `zIndex`, then assets, objects, strokes.
 * @param {CanvasRenderingContext2D} context in the board's units
 * @param {Readonly<BoardState>} state
 * @param {Look} [look]
 */
export function drawBoard(context, state, { hidden = new Set(), tone = lightTone } = {}) {
  for (const element of stacked(state)) if (!hidden.has(element)) drawElement(context, element, tone);
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
