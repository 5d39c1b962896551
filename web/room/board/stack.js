/**
 * A whole board, from the bottom up: layer by layer (elements of no known layer first), in each by `zIndex`, then
 * assets, objects, strokes, each in the order of the state.
 * @module
 */

import { elementKey } from "../../lib/board_state.js";
import { drawElement, isVisible, lookOf } from "./elements.js";
import { paperColour } from "./paper.js";
import { overlap } from "./shapes.js";
import { lightTone } from "./tones.js";
import { firstNumber } from "./values.js";

/** @typedef {import("../../lib/types.js").BoardState} BoardState */
/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Ink} Ink */
/** @typedef {{place: number, opacity: number, isSeen: boolean}} Layer */
/** @typedef {{elements: readonly Element[], faded: ReadonlyMap<Element, number>}} Stack Those that are seen, the lowest first, and the opacity of the layers that have one. */

/** @type {("assets" | "objects" | "strokes")[]} */
const LISTS = ["assets", "objects", "strokes"];
/** @type {Layer} */
const NO_LAYER = { place: -1, opacity: 1, isSeen: true };

/** A state never changes, so what was computed for one is kept with it. @type {WeakMap<Readonly<BoardState>, Stack>} */
const stacks = new WeakMap();

/** What of a board is seen, in the order in which it lies. @param {Readonly<BoardState>} state @returns {Stack} */
export function stackOf(state) {
  const stack = stacks.get(state) ?? stacked(state);
  stacks.set(state, stack);
  return stack;
}

/** @param {Readonly<BoardState>} state @returns {Stack} */
function stacked(state) {
  const layers = layersOf(state.layers);
  const entries = LISTS.flatMap((list, rank) =>
    state[list].filter(isVisible).map((element) => {
      const layer = layers.get(layerKey(element, layers)) ?? NO_LAYER;
      return { element, rank, layer, z: firstNumber(element, ["zIndex", "z_index", "z"]) ?? 0 };
    }),
  ).filter(({ layer }) => layer.isSeen);
  entries.sort((one, other) => one.layer.place - other.layer.place || one.z - other.z || one.rank - other.rank);
  const faded = entries.filter(({ layer }) => layer.opacity < 1);
  return {
    elements: entries.map(({ element }) => element),
    faded: new Map(faded.map(({ element, layer }) => [element, layer.opacity])),
  };
}

/** The layers by id, in their own `order` where they have one, else in that of the list. @param {readonly Element[]} layers @returns {Map<string | null, Layer>} */
function layersOf(layers) {
  return new Map(
    layers.map((layer, index) => [
      elementKey(layer.id),
      {
        place: firstNumber(layer, ["order", "zIndex", "index"], 0) ?? index,
        opacity: firstNumber(layer, ["opacity"], 0, 1) ?? 1,
        isSeen: isVisible(layer),
      },
    ]),
  );
}

/** @param {Element} element @param {Map<string | null, Layer>} layers */
function layerKey(element, layers) {
  const keys = [element.layerId, element.layer_id, element.layer].map(elementKey);
  return keys.find((key) => key !== null && layers.has(key)) ?? null;
}

/** Whether some of it may be seen there. @param {Box} view @param {Element} element */
export function isIn(view, element) {
  const box = lookOf(element)?.extent;
  return box !== undefined && overlap(view, box);
}

/** Draws the elements of a stack, the lowest first. @param {CanvasRenderingContext2D} context @param {Iterable<Element>} elements @param {Stack} stack @param {Ink} ink */
export function drawElements(context, elements, { faded }, ink) {
  for (const element of elements) drawElement(context, element, { ...ink, opacity: faded.get(element) });
}

/** Draws a whole board as it was drawn, in the light. @param {CanvasRenderingContext2D} context in the board's units @param {Readonly<BoardState>} state */
export function drawBoard(context, state) {
  const stack = stackOf(state);
  drawElements(context, stack.elements, stack, { tone: lightTone, paper: paperColour(state.background) });
}
