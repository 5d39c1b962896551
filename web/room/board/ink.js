/**
 * Freehand lines as paths: smooth through their points, as wide as the pen was pressed. The geometry is the one the
 * server exports boards with, so that a picture looks like the board it was made of. Pure but for `Path2D`.
 * @module
 */

import { numberIn } from "./values.js";

const FINEST = 3; // the curve between two points is drawn in pieces of about this length
const MOST_PIECES = 8;
const SHARP = 0.9; // cosine of the turn from which the outline gapes

/** @typedef {{x: number, y: number, pressure: number | null}} PenPoint */
/** @typedef {{x: number, y: number, radius: number}} Sample A point of a line and half its width there. */
/** @typedef {{path: Path2D, discs: Path2D | null}} Ink With discs an outline to fill, else a line to stroke with the pen's width. */

/**
 * The points of a stroke out of any form a client may have sent.
 * @param {unknown} value `[[x, y, pressure?], …]`, `[{x, y, pressure?}, …]` or `[x, y, x, y, …]`
 * @returns {PenPoint[]}
 */
export function pointsOf(value) {
  if (!Array.isArray(value)) return [];
  const pairs = typeof value[0] === "number" ? pairsOf(value) : value;
  return pairs.map(pointOf).filter((point) => point !== null);
}

/** @param {unknown[]} flat */
function pairsOf(flat) {
  return Array.from({ length: flat.length >> 1 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]);
}

/** @param {any} item @returns {PenPoint | null} */
function pointOf(item) {
  const [left, top, pressed] = Array.isArray(item) ? item : [item?.x, item?.y, item?.pressure ?? item?.p];
  const [x, y] = [numberIn(left), numberIn(top)];
  return x === null || y === null ? null : { x, y, pressure: pressureOf(pressed) };
}

/** @param {unknown} value */
function pressureOf(value) {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : null;
}

/**
 * How a line is drawn.
 * @param {PenPoint[]} line at least one
 * @param {number} width
 * @returns {Ink}
 */
export function inkPath(line, width) {
  if (line.every(({ x, y }) => x === line[0].x && y === line[0].y)) return { path: new Path2D(), discs: dot(line[0], width) };
  const isPressed = line.length > 1 && new Set(line.map((point) => point.pressure)).size > 1;
  if (!isPressed) return { path: curve(line), discs: null };
  const samples = smooth(line.map(({ x, y, pressure }) => ({ x, y, radius: (width * (0.5 + (pressure ?? 0.5))) / 2 })));
  return { path: outline(samples), discs: discs(samples) };
}

/** A canvas draws no line without a length. @param {PenPoint} at @param {number} width */
function dot({ x, y }, width) {
  const path = new Path2D();
  path.arc(x, y, width / 2, 0, 2 * Math.PI);
  return path;
}

/** Quadratic curves from middle to middle with the points as handles: no corners, nothing overshoots. @param {PenPoint[]} line */
function curve(line) {
  const path = new Path2D();
  path.moveTo(line[0].x, line[0].y);
  for (let index = 1; index < line.length - 2; index += 1) {
    const [here, after] = [line[index], line[index + 1]];
    path.quadraticCurveTo(here.x, here.y, (here.x + after.x) / 2, (here.y + after.y) / 2);
  }
  const [handle, end] = [line[line.length - 2], line[line.length - 1]];
  if (line.length > 2) path.quadraticCurveTo(handle.x, handle.y, end.x, end.y);
  else path.lineTo(end.x, end.y);
  return path;
}

/** @param {Sample[]} line @returns {Sample[]} */
function smooth(line) {
  const found = [line[0]];
  const last = line.length - 2;
  for (let index = 1; index <= last; index += 1) {
    const start = index === 1 ? line[0] : middle(line[index - 1], line[index]);
    const end = index === last ? line[last + 1] : middle(line[index], line[index + 1]);
    const pieces = Math.min(Math.max(Math.floor(Math.hypot(end.x - start.x, end.y - start.y) / FINEST), 1), MOST_PIECES);
    for (let step = 1; step <= pieces; step += 1) found.push(along(start, line[index], end, step / pieces));
  }
  if (line.length === 2) found.push(line[1]);
  return found;
}

/** @param {Sample} one @param {Sample} other @returns {Sample} */
function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, radius: (one.radius + other.radius) / 2 };
}

/** @param {Sample} start @param {Sample} handle @param {Sample} end @param {number} share @returns {Sample} */
function along(start, handle, end, share) {
  const [one, two, three] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  const mix = (/** @type {keyof Sample} */ name) => one * start[name] + two * handle[name] + three * end[name];
  return { x: mix("x"), y: mix("y"), radius: mix("radius") };
}

/** Along the left side of the line, and back along the right. @param {Sample[]} line */
function outline(line) {
  /** @type {[number, number][][]} */
  const [left, right] = [[], []];
  line.forEach((here, index) => {
    const [before, after] = [line[index - 1] ?? here, line[index + 1] ?? here];
    const [across, down] = [after.x - before.x, after.y - before.y];
    const length = Math.hypot(across, down);
    if (length === 0) return;
    const [out, up] = [(-down / length) * here.radius, (across / length) * here.radius];
    left.push([here.x + out, here.y + up]);
    right.push([here.x - out, here.y - up]);
  });
  const path = new Path2D();
  [...left, ...right.reverse()].forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  return path;
}

/** Discs for both ends and where the line turns sharply: a path of their own, in one they could cancel the outline out. @param {Sample[]} line */
function discs(line) {
  const path = new Path2D();
  line.forEach(({ x, y, radius }, index) => {
    if (index > 0 && index < line.length - 1 && !isSharp(line, index)) return;
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  });
  return path;
}

/** @param {Sample[]} line @param {number} index */
function isSharp(line, index) {
  const [before, here, after] = [line[index - 1], line[index], line[index + 1]];
  const [ax, ay] = [here.x - before.x, here.y - before.y];
  const [bx, by] = [after.x - here.x, after.y - here.y];
  return ax * bx + ay * by < SHARP * Math.hypot(ax, ay) * Math.hypot(bx, by);
}
