/**
 * What is on a board, drawn on a canvas: one function for each kind, in the look the server exports. Elements are never
 * changed once they are there, so what was computed for one is kept with it.
 * @module
 */

import { inkPath, pointsOf } from "./ink.js";
import { lightTone } from "./tones.js";

export const PAPER = "#ffffff";
export const INK = "#1e293b";
const HIGHLIGHTER_OPACITY = 0.4;
const LINE_HEIGHT = 1.25;
const ASCENT = 0.95;
const kept = new WeakMap();

/** @typedef {Record<string, any>} Element */

const DRAWERS = new Map([
  ...["rect", "rectangle", "square"].map((kind) => [kind, rectangle]),
  ...["circle", "ellipse", "oval"].map((kind) => [kind, ellipse]),
  ...["line", "polyline", "arrow"].map((kind) => [kind, straight]),
  ...["text", "textbox", "i-text"].map((kind) => [kind, text]),
  ...["image", "select", "laser"].map((kind) => [kind, () => {}]),
]);

/**
 * Draws `element`; what is of no known kind is a freehand line.
 * @param {CanvasRenderingContext2D} context in the board's units
 * @param {Element} element
 * @param {(colour: string) => string} [tone] how a colour is shown
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

/** What an element is, by the first of its fields that says so. */
export function kindOf(element) {
  return [element.type, element.tool, element.kind, element.shape].find((kind) => DRAWERS.has(kind)) ?? "freehand";
}

/** How wide its lines are, in the board's units. */
export function widthOf(element) {
  const given = [element.strokeWidth, element.lineWidth, element.size, element.thickness].map(Number);
  return Math.min(Math.max(given.find((width) => width > 0) ?? 2, 0.1), 500);
}

/** The box of what was dragged open: `{left, top, right, bottom}`. */
export function boxOf(element) {
  const [x, y] = [Number(element.x ?? element.x1 ?? element.left ?? 0), Number(element.y ?? element.y1 ?? element.top ?? 0)];
  const toX = Number(element.x2 ?? x + Number(element.width ?? element.w ?? 0));
  const toY = Number(element.y2 ?? y + Number(element.height ?? element.h ?? 0));
  return { left: Math.min(x, toX), top: Math.min(y, toY), right: Math.max(x, toX), bottom: Math.max(y, toY) };
}

/** Both ends of a line, or all its points. */
export function endsOf(element) {
  const points = pointsOf(element.points);
  if (points.length > 1) return points;
  return [
    { x: Number(element.x1 ?? element.x), y: Number(element.y1 ?? element.y) },
    { x: Number(element.x2), y: Number(element.y2) },
  ];
}

/** The lines of a text and its size: `{lines, size, width, height}`, in the board's units. */
export function textOf(element) {
  const size = Number(element.fontSize ?? element.size) || 18;
  const lines = String(element.text ?? element.content ?? "").split("\n");
  const longest = Math.max(...lines.map((line) => line.length));
  return { lines, size, width: longest * size * 0.55, height: lines.length * size * LINE_HEIGHT };
}

function colourOf(element) {
  return element.strokeColor ?? element.stroke ?? element.color ?? element.colour ?? INK;
}

function opacityOf(element) {
  const given = Number(element.opacity ?? 1);
  const isHighlighter = element.tool === "highlighter" || element.tool === "marker";
  return isHighlighter && given === 1 ? HIGHLIGHTER_OPACITY : Math.min(Math.max(given, 0), 1);
}

function freehand(context, element, tone) {
  if (!kept.has(element)) {
    const line = pointsOf(element.points);
    kept.set(element, line.length > 0 ? inkPath(line, widthOf(element)) : null);
  }
  const ink = kept.get(element);
  if (ink === null) return;
  const colour = tone(element.tool === "eraser" ? PAPER : colourOf(element));
  if (ink.filled) {
    context.fillStyle = colour;
    context.fill(ink.path);
    context.fill(ink.discs);
  } else {
    outlined(context, element, colour);
    context.stroke(ink.path);
  }
}

function outlined(context, element, colour) {
  context.strokeStyle = colour;
  context.lineWidth = widthOf(element);
}

function paint(context, element, path, tone) {
  const fill = element.fill ?? element.fillColor ?? element.backgroundColor;
  if (typeof fill === "string" && fill !== "none" && fill !== "transparent") {
    context.fillStyle = tone(fill);
    context.fill(path);
  }
  outlined(context, element, tone(colourOf(element)));
  context.stroke(path);
}

function rectangle(context, element, tone) {
  const box = boxOf(element);
  const path = new Path2D();
  path.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, Number(element.cornerRadius) || 0);
  paint(context, element, path, tone);
}

function ellipse(context, element, tone) {
  const box = boxOf(element);
  const [across, down] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2];
  const path = new Path2D();
  path.ellipse(box.left + across, box.top + down, across, down, 0, 0, 2 * Math.PI);
  paint(context, element, path, tone);
}

function straight(context, element, tone) {
  const path = new Path2D();
  endsOf(element).forEach(({ x, y }, index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  outlined(context, element, tone(colourOf(element)));
  context.stroke(path);
}

function text(context, element, tone) {
  const { lines, size } = textOf(element);
  context.fillStyle = tone(element.textColor ?? colourOf(element));
  context.font = `${size}px Inter, system-ui, sans-serif`;
  context.textBaseline = "alphabetic";
  lines.forEach((line, index) => {
    context.fillText(line, Number(element.x), Number(element.y) + size * (ASCENT + index * LINE_HEIGHT));
  });
}
