/**
 * What is on a board, drawn on a canvas: one function for each kind, in the look the server exports. Elements are never
 * changed once they are there, so what was computed for one is kept with it.
 * @module
 */

import { inkPath, pointsOf } from "./ink.js";
import { lightTone } from "./tones.js";
import { firstColour, firstNumber, numberIn, textIn, within } from "./values.js";

export const PAPER = "#ffffff";
export const INK = "#1e293b";
const HIGHLIGHTER_OPACITY = 0.4;
const LINE_HEIGHT = 1.25;
const ASCENT = 0.95;

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {{x: number, y: number}} Point in the board's units */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {(colour: string) => string} Tone How a colour is shown. */
/** @typedef {(context: CanvasRenderingContext2D, element: Element, tone: Tone) => void} Drawer */

/** @type {WeakMap<Element, import("./ink.js").Ink | null>} */
const kept = new WeakMap();

/** @type {ReadonlyMap<unknown, Drawer>} */
const DRAWERS = new Map([
  ...["rect", "rectangle", "square"].map((kind) => entry(kind, rectangle)),
  ...["circle", "ellipse", "oval"].map((kind) => entry(kind, ellipse)),
  ...["line", "polyline", "arrow"].map((kind) => entry(kind, straight)),
  ...["text", "textbox", "i-text"].map((kind) => entry(kind, text)),
  ...["image", "select", "laser"].map((kind) => entry(kind, () => {})),
]);

/** @param {string} kind @param {Drawer} drawer @returns {[string, Drawer]} */
function entry(kind, drawer) {
  return [kind, drawer];
}

/**
 * Draws `element`; what is of no known kind is a freehand line.
 * @param {CanvasRenderingContext2D} context in the board's units
 * @param {Element} element
 * @param {Tone} [tone]
 */
export function drawElement(context, element, tone = lightTone) {
  if (element.visible === false || element.hidden === true) return;
  context.save();
  context.globalAlpha = opacityOf(element);
  context.lineCap = "round";
  context.lineJoin = "round";
  const drawer = DRAWERS.get(kindOf(element)) ?? freehand;
  drawer(context, element, tone);
  context.restore();
}

/** What an element is, by the first of its fields that says so. @param {Element} element @returns {string} */
export function kindOf(element) {
  return [element.type, element.tool, element.kind, element.shape].find((kind) => DRAWERS.has(kind)) ?? "freehand";
}

/** How wide its lines are, in the board's units. @param {Element} element */
export function widthOf(element) {
  const given = [element.strokeWidth, element.lineWidth, element.size, element.thickness].map(numberIn);
  return within(given.find((width) => width !== null && width > 0) ?? 2, 0.1, 500);
}

/** The point it hangs on: its top left, or where it was begun. @param {Element} element @returns {Point} */
export function cornerOf(element) {
  return { x: firstNumber(element, ["x", "x1", "left"]) ?? 0, y: firstNumber(element, ["y", "y1", "top"]) ?? 0 };
}

/** The other corner, or the other end. @param {Element} element @returns {Point} */
function farCornerOf(element) {
  const { x, y } = cornerOf(element);
  return {
    x: numberIn(element.x2) ?? x + (firstNumber(element, ["width", "w"]) ?? 0),
    y: numberIn(element.y2) ?? y + (firstNumber(element, ["height", "h"]) ?? 0),
  };
}

/** The box of what was dragged open. @param {Element} element @returns {Box} */
export function boxOf(element) {
  const [one, other] = [cornerOf(element), farCornerOf(element)];
  return {
    left: Math.min(one.x, other.x),
    top: Math.min(one.y, other.y),
    right: Math.max(one.x, other.x),
    bottom: Math.max(one.y, other.y),
  };
}

/** Both ends of a line, or all its points. @param {Element} element @returns {Point[]} */
export function endsOf(element) {
  const points = pointsOf(element.points);
  return points.length > 1 ? points : [cornerOf(element), farCornerOf(element)];
}

/** The lines of a text and its size, in the board's units. @param {Element} element */
export function textOf(element) {
  const size = within(firstNumber(element, ["fontSize", "size"]) || 18, 4, 400);
  const lines = (textIn(element.text) || textIn(element.content)).split("\n");
  const longest = Math.max(...lines.map((line) => line.length));
  return { lines, size, width: longest * size * 0.55, height: lines.length * size * LINE_HEIGHT };
}

/** @param {Element} element */
function colourOf(element) {
  return firstColour(element, ["strokeColor", "stroke", "color", "colour"]) ?? INK;
}

/** @param {Element} element */
function opacityOf(element) {
  const given = numberIn(element.opacity) ?? 1;
  const isHighlighter = element.tool === "highlighter" || element.tool === "marker";
  return isHighlighter && given === 1 ? HIGHLIGHTER_OPACITY : within(given, 0, 1);
}

/** @type {Drawer} */
function freehand(context, element, tone) {
  const ink = inkOf(element);
  if (ink === null) return;
  const colour = tone(element.tool === "eraser" ? PAPER : colourOf(element));
  if (ink.discs) {
    context.fillStyle = colour;
    context.fill(ink.path);
    context.fill(ink.discs);
  } else {
    outlined(context, element, colour);
    context.stroke(ink.path);
  }
}

/** @param {Element} element */
function inkOf(element) {
  const known = kept.get(element);
  if (known !== undefined) return known;
  const line = pointsOf(element.points);
  const ink = line.length > 0 ? inkPath(line, widthOf(element)) : null;
  kept.set(element, ink);
  return ink;
}

/** @param {CanvasRenderingContext2D} context @param {Element} element @param {string} colour */
function outlined(context, element, colour) {
  context.strokeStyle = colour;
  context.lineWidth = widthOf(element);
}

/** @param {CanvasRenderingContext2D} context @param {Element} element @param {Path2D} path @param {Tone} tone */
function paint(context, element, path, tone) {
  const fill = firstColour(element, ["fill", "fillColor", "backgroundColor"]);
  if (fill !== undefined && fill !== "none" && fill !== "transparent") {
    context.fillStyle = tone(fill);
    context.fill(path);
  }
  outlined(context, element, tone(colourOf(element)));
  context.stroke(path);
}

/** @type {Drawer} */
function rectangle(context, element, tone) {
  const box = boxOf(element);
  const path = new Path2D();
  path.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, within(numberIn(element.cornerRadius) ?? 0, 0, 500));
  paint(context, element, path, tone);
}

/** @type {Drawer} */
function ellipse(context, element, tone) {
  const box = boxOf(element);
  const [across, down] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2];
  const path = new Path2D();
  path.ellipse(box.left + across, box.top + down, across, down, 0, 0, 2 * Math.PI);
  paint(context, element, path, tone);
}

/** @type {Drawer} */
function straight(context, element, tone) {
  const path = new Path2D();
  endsOf(element).forEach(({ x, y }, index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  outlined(context, element, tone(colourOf(element)));
  context.stroke(path);
}

/** @type {Drawer} */
function text(context, element, tone) {
  const { lines, size } = textOf(element);
  const { x, y } = cornerOf(element);
  context.fillStyle = tone(firstColour(element, ["textColor"]) ?? colourOf(element));
  context.font = `${size}px Inter, system-ui, sans-serif`;
  context.textBaseline = "alphabetic";
  lines.forEach((line, index) => context.fillText(line, x, y + size * (ASCENT + index * LINE_HEIGHT)));
}
