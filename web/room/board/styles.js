/**
 * What an element is drawn with: colour, fill, width, dashes, how much shows through. Pure.
 * @module
 */

import { firstColour, firstNumber, numberIn } from "./values.js";

export const INK = "#1e293b";
const HIGHLIGHTER_OPACITY = 0.4;
const USUAL_WIDTH = 2;
const NARROWEST = 0.1;
const WIDEST = 500;
const MOST_DASHES = 8;
const LONGEST_DASH = 1_000;
/** In widths of the line. @type {ReadonlyMap<unknown, number[]>} */
const DASHES = new Map([["dashed", [4, 3]], ["dotted", [0.1, 2]]]);

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {{colour: string, width: number, dash: number[]}} Line */

/** How wide its lines are, in the board's units. @param {Element} element @param {boolean} [isFreehand] such a line has no box: `width` is its own */
export function widthOf(element, isFreehand = false) {
  const names = ["strokeWidth", "lineWidth", "size", "thickness", ...(isFreehand ? ["width"] : [])];
  return Math.max(firstNumber(element, names, 0, WIDEST) ?? USUAL_WIDTH, NARROWEST);
}

/** @param {Element} element */
export function colourOf(element) {
  return firstColour(element, ["strokeColor", "stroke", "color", "colour", "borderColor"]) ?? INK;
}

/** What a shape is filled with; without a fill of its own it is an outline: null. @param {Element} element */
export function fillOf(element) {
  const asked = firstColour(element, ["fill", "fillColor", "backgroundColor", "bgColor"]);
  return asked ?? (element.fill === true || element.filled === true ? colourOf(element) : null);
}

/** What a shape is outlined with. @param {Element} element @returns {Line} */
export function lineOf(element) {
  return { colour: colourOf(element), width: widthOf(element), dash: dashOf(element) };
}

/** @param {Element} element @returns {number[]} */
function dashOf(element) {
  for (const name of ["dash", "lineDash", "strokeDash", "strokeStyle", "lineStyle"]) {
    const asked = element[name];
    const named = DASHES.get(asked);
    if (named) return named.map((part) => part * widthOf(element));
    const parts = Array.isArray(asked) ? asked.slice(0, MOST_DASHES).map((part) => numberIn(part, 0, LONGEST_DASH)).filter((part) => part !== null) : [];
    if (parts.some((part) => part > 0)) return parts;
  }
  return [];
}

/** 0 to 1; a highlighter lets the text under it show. @param {Element} element */
export function opacityOf(element) {
  const given = firstNumber(element, ["opacity", "alpha"], 0, 1);
  const isHighlighter = element.tool === "highlighter" || element.tool === "marker";
  return isHighlighter && (given === null || given === 1) ? HIGHLIGHTER_OPACITY : (given ?? 1);
}
