/**
 * What is on a board, drawn on a canvas, in the look the server exports: one table says how each kind is drawn. Elements
 * are never changed once they are there, so what one looks like is found out once and kept with it.
 * @module
 */

import { around, arrow, ellipse, grown, middleOf, polygon, rectangle, straight } from "./shapes.js";
import { freehand, PAPER } from "./strokes.js";
import { opacityOf } from "./styles.js";
import { frame, note, text, textOf } from "./texts.js";
import { lightTone } from "./tones.js";
import { firstNumber } from "./values.js";

export const WHITE = "#ffffff";
const KINDS = ["type", "tool", "kind", "shape"];
const FLAT_COST = 10; // of a text, about

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {{x: number, y: number}} Point in the board's units */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {(colour: string) => string} Tone How a colour is shown. */
/** @typedef {{tone: Tone, paper: string}} Ink How colours are shown, and the colour of what they are on. */
/** @typedef {{path: Path2D, fill: string | null, line: import("./styles.js").Line | null}} Shape */
/** @typedef {{lines: {text: string, x: number, y: number}[], colour: string, font: string, align: CanvasTextAlign}} Words */
/**
 * @typedef {object} Look
 * @property {(Shape | Words)[]} parts the lowest first
 * @property {Box} box what it covers, before it is turned
 * @property {readonly Point[] | "box" | null} touched the line an eraser takes it by, all of its box, or by nothing
 * @property {number} reach how far beside that line it can be touched
 * @property {boolean} [hasPaper] it lies on paper of its own, and is in its own colours on dark paper too
 */
/**
 * @typedef {object} Placed
 * @property {number} opacity
 * @property {number} turn the angle it is turned by about its middle, in radians
 * @property {Box} bounds what it covers as it is turned
 * @property {Box} extent what it cannot be drawn outside of: how wide letters come out is only estimated
 * @property {number} cost of drawing it, in points
 */
/** @typedef {Look & Placed} Shown */

/** @type {Map<unknown, (element: Element) => Look | null>} */
const LOOKS = new Map();
for (const kind of ["rect", "rectangle", "square"]) LOOKS.set(kind, rectangle);
for (const kind of ["circle", "ellipse", "oval"]) LOOKS.set(kind, ellipse);
for (const kind of ["line", "polyline"]) LOOKS.set(kind, straight);
LOOKS.set("arrow", arrow);
for (const kind of ["polygon", "triangle", "diamond"]) LOOKS.set(kind, polygon);
for (const kind of ["text", "textbox", "i-text"]) LOOKS.set(kind, text);
for (const kind of ["sticky", "sticky_note", "sticky-note", "stickynote", "note"]) LOOKS.set(kind, note);
LOOKS.set("image", frame);
for (const kind of ["select", "laser"]) LOOKS.set(kind, () => null);

/** @type {WeakMap<Element, Shown | null>} */
const kept = new WeakMap();

/** What an element looks like; null if there is nothing to see. @param {Element} element @returns {Shown | null} */
export function lookOf(element) {
  const known = kept.get(element);
  if (known !== undefined) return known;
  const look = foundLook(element);
  const shown = look && { ...look, ...placed(element, look) };
  kept.set(element, shown);
  return shown;
}

/** @param {Element} element @param {Look} look @returns {Placed} */
function placed(element, { box, parts, touched }) {
  const degrees = (firstNumber(element, ["rotation", "angle"]) ?? 0) % 360;
  const bounds = degrees === 0 ? box : aroundTurned(box);
  const extent = parts.some((part) => "lines" in part) ? grown(bounds, bounds.right - bounds.left) : bounds;
  const cost = Array.isArray(touched) ? touched.length : FLAT_COST;
  return { opacity: opacityOf(element), turn: (degrees * Math.PI) / 180, bounds, extent, cost };
}

/** What a box covers however it is turned about its middle. @param {Box} box */
function aroundTurned(box) {
  const reach = Math.hypot(box.right - box.left, box.bottom - box.top) / 2;
  return grown(around([middleOf(box)]), reach);
}

/** By the first of its fields that says what it is; without one it is a line, or what we have no name for. @param {Element} element */
function foundLook(element) {
  const kind = KINDS.map((name) => element[name]).find((each) => LOOKS.has(each));
  const look = LOOKS.get(kind);
  if (look) return look(element);
  return freehand(element) ?? (textOf(element) ? text(element) : frame(element));
}

/**
 * Draws `element`.
 * @param {CanvasRenderingContext2D} context in the board's units
 * @param {Element} element
 * @param {Partial<Ink> & {opacity?: number}} [ink] with the opacity of its layer
 */
export function drawElement(context, element, { tone = lightTone, paper = WHITE, opacity = 1 } = {}) {
  const look = isVisible(element) ? lookOf(element) : null;
  if (look === null) return;
  context.save();
  context.globalAlpha = look.opacity * opacity;
  if (look.turn !== 0) turn(context, look);
  for (const part of look.parts) drawPart(context, part, { tone: look.hasPaper ? lightTone : tone, paper });
  context.restore();
}

/** @param {Element} element also a layer */
export function isVisible(element) {
  return element.visible !== false && element.hidden !== true;
}

/** @param {CanvasRenderingContext2D} context @param {Shown} look */
function turn(context, { box, turn: angle }) {
  const { x, y } = middleOf(box);
  context.translate(x, y);
  context.rotate(angle);
  context.translate(-x, -y);
}

/** @param {CanvasRenderingContext2D} context @param {Shape | Words} part @param {Ink} ink */
function drawPart(context, part, ink) {
  const shown = (/** @type {string} */ colour) => (colour === PAPER ? ink.paper : ink.tone(colour));
  if ("lines" in part) return write(context, part, shown);
  if (isSeen(part.fill)) {
    context.fillStyle = shown(part.fill);
    context.fill(part.path);
  }
  if (part.line === null || !isSeen(part.line.colour)) return;
  context.strokeStyle = shown(part.line.colour);
  context.lineWidth = part.line.width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.setLineDash(part.line.dash);
  context.stroke(part.path);
}

/** @param {CanvasRenderingContext2D} context @param {Words} words @param {Tone} shown */
function write(context, { lines, colour, font, align }, shown) {
  if (!isSeen(colour)) return;
  context.fillStyle = shown(colour);
  context.font = font;
  context.textAlign = align;
  context.textBaseline = "alphabetic";
  for (const { text: line, x, y } of lines) context.fillText(line, x, y);
}

/** @param {string | null} colour @returns {colour is string} */
function isSeen(colour) {
  return colour !== null && colour !== "none";
}
