/**
 * What a board is drawn on: a colour, and squares, dots or lines where its background asks for them; without one, the
 * page's own dots. Pure, but for a canvas that knows colours.
 * @module
 */

import { isObject } from "../../lib/board_state.js";
import { WHITE } from "./elements.js";
import { colourIn, firstColour, firstNumber } from "./values.js";

const COLOURS = ["color", "colour", "backgroundColor", "background", "fill", "value"];
const NAMES = ["type", "pattern", "style", "kind"];
const STEPS = ["size", "step", "gridSize"];
const USUAL_STEP = 40;
/** @type {ReadonlyMap<unknown, Pattern>} */
const PATTERNS = new Map([["grid", "grid"], ["lines", "lines"], ["lined", "lines"], ["ruled", "lines"], ["dots", "dots"]]);

/** @typedef {"grid" | "lines" | "dots" | "plain"} Pattern */
/** @typedef {{colour: string, pattern: Pattern, step: number}} Paper The step is the distance of its dots or lines, in the board's units. */

/** The colour of a board's background: white where it names none, or none to be seen. @param {unknown} background */
export function paperColour(background) {
  const asked = isObject(background) ? firstColour(background, COLOURS) : colourIn(background);
  return asked === undefined || asked === null || asked === "none" ? WHITE : asked;
}

/** What a board with this background lies on. @param {unknown} background @returns {Paper} */
export function paperOf(background) {
  const whole = isObject(background) ? background : { type: background };
  const pattern = NAMES.map((name) => PATTERNS.get(whole[name])).find((known) => known !== undefined);
  const step = firstNumber(whole, STEPS, 8, 500) ?? USUAL_STEP;
  const isBlank = background === null || background === undefined;
  return { colour: paperColour(background), pattern: pattern ?? (isBlank ? "dots" : "plain"), step };
}
