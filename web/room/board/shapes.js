/**
 * Where an element is, and the geometry of rectangles, ellipses, lines, arrows and polygons. The rules are the ones the
 * server exports boards by. Pure but for `Path2D`.
 * @module
 */

import { pointsOf } from "./ink.js";
import { colourOf, fillOf, lineOf, widthOf } from "./styles.js";
import { firstNumber } from "./values.js";

const LEFT = ["x", "x1", "left", "startX"];
const TOP = ["y", "y1", "top", "startY"];
const WIDTH = ["width", "w"];
const HEIGHT = ["height", "h"];
const ELLIPSE_PIECES = 32;
const HEAD_WIDTHS = 4; // how long an arrow's head is, in widths of its line
const SMALLEST_HEAD = 10;
const HEAD_ANGLE = 0.45;
const NECK = 0.7; // the line ends inside the head, where it is broader than the line

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Look} Look */
/** @typedef {import("./elements.js").Point} Point */

/** The point an element hangs on: its top left, or where its line starts. @param {Element} element @returns {Point | null} */
export function cornerOf(element) {
  const [x, y] = [firstNumber(element, LEFT), firstNumber(element, TOP)];
  if (x !== null && y !== null) return { x, y };
  return pointsOf(element.points)[0] ?? pointsOf([element.start ?? element.position])[0] ?? null;
}

/** The other end of what was dragged open. @param {Element} element @returns {Point | null} */
function farCornerOf(element) {
  const [x, y] = [firstNumber(element, ["x2", "endX"]), firstNumber(element, ["y2", "endY"])];
  if (x !== null && y !== null) return { x, y };
  const line = pointsOf(element.points);
  return (line.length > 1 ? line.at(-1) : pointsOf([element.end])[0]) ?? null;
}

/**
 * The box an element fills: by corner and size, two corners, centre and radius, or of the `usual` size.
 * @param {Element} element
 * @param {{width: number, height: number}} [usual]
 * @returns {Box | null}
 */
export function boxOf(element, usual) {
  const at = cornerOf(element);
  const [across, down] = [firstNumber(element, WIDTH), firstNumber(element, HEIGHT)];
  if (at !== null && across !== null && down !== null) return around([at, { x: at.x + across, y: at.y + down }]);
  const far = farCornerOf(element);
  if (at !== null && far !== null) return around([at, far]);
  const round = roundBoxOf(element, at);
  if (round !== null || at === null || usual === undefined) return round;
  return around([at, { x: at.x + usual.width, y: at.y + usual.height }]);
}

/** @param {Element} element @param {Point | null} at @returns {Box | null} */
function roundBoxOf(element, at) {
  const [x, y] = [firstNumber(element, ["cx", "centerX"]), firstNumber(element, ["cy", "centerY"])];
  const middle = x !== null && y !== null ? { x, y } : at;
  const across = firstNumber(element, ["rx", "radiusX", "radius", "r"], 0);
  const down = firstNumber(element, ["ry", "radiusY", "radius", "r"], 0);
  if (middle === null || across === null || down === null) return null;
  return { left: middle.x - across, top: middle.y - down, right: middle.x + across, bottom: middle.y + down };
}

/** The smallest box around at least one point. @param {readonly Point[]} points @returns {Box} */
export function around(points) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

/** The smallest box around at least one box. @param {readonly Box[]} boxes @returns {Box} */
export function joined(boxes) {
  return boxes.reduce((one, other) => ({
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  }));
}

/** Whether two boxes touch. @param {Box} one @param {Box} other */
export function overlap(one, other) {
  return other.right >= one.left && other.left <= one.right && other.bottom >= one.top && other.top <= one.bottom;
}

/** The box with `by` more on each side. @param {Box} box @param {number} by @returns {Box} */
export function grown({ left, top, right, bottom }, by) {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

/** @param {Box} box @returns {Point} */
export function middleOf({ left, top, right, bottom }) {
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

/** A rectangle, its corners rounded where it says so. @param {Element} element @returns {Look | null} */
export function rectangle(element) {
  const box = boxOf(element);
  if (box === null) return null;
  const radius = firstNumber(element, ["cornerRadius", "borderRadius", "radius", "rx"], 0, 500) ?? 0;
  const { left, top, right, bottom } = box;
  const corners = [{ x: left, y: top }, { x: right, y: top }, { x: right, y: bottom }, { x: left, y: bottom }];
  return outlined(element, roundedPath(box, radius), [...corners, corners[0]]);
}

/** @param {Box} box @param {number} radius */
export function roundedPath({ left, top, right, bottom }, radius) {
  const path = new Path2D();
  path.roundRect(left, top, right - left, bottom - top, radius);
  return path;
}

/** An ellipse or a circle, out of the box around it or of its centre and radius. @param {Element} element @returns {Look | null} */
export function ellipse(element) {
  const box = boxOf(element);
  if (box === null) return null;
  const { x, y } = middleOf(box);
  const [across, down] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2];
  const path = new Path2D();
  path.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
  const edge = Array.from({ length: ELLIPSE_PIECES + 1 }, (_, index) => {
    const angle = (index / ELLIPSE_PIECES) * 2 * Math.PI;
    return { x: x + Math.cos(angle) * across, y: y + Math.sin(angle) * down };
  });
  return outlined(element, path, edge);
}

/** A closed polygon through its points; a triangle or a diamond out of its box. @param {Element} element @returns {Look | null} */
export function polygon(element) {
  const given = pointsOf(element.points);
  const line = given.length < 3 ? cornersOf(element) : given;
  return line.length < 3 ? null : outlined(element, linePath(line, true), [...line, line[0]]);
}

/** @param {Element} element @returns {Point[]} */
function cornersOf(element) {
  const box = boxOf(element);
  if (box === null) return [];
  const { x, y } = middleOf(box);
  const top = { x, y: box.top };
  if (element.type === "diamond") return [top, { x: box.right, y }, { x, y: box.bottom }, { x: box.left, y }];
  return [top, { x: box.right, y: box.bottom }, { x: box.left, y: box.bottom }];
}

/** A line, straight or through several points. @param {Element} element @returns {Look | null} */
export function straight(element) {
  const line = endsOf(element);
  if (line.length < 2) return null;
  const parts = [{ path: linePath(line), fill: null, line: lineOf(element) }];
  return { parts, box: grown(around(line), widthOf(element)), touched: line, reach: widthOf(element) / 2 };
}

/** A line with a head at its end. @param {Element} element @returns {Look | null} */
export function arrow(element) {
  const line = endsOf(element);
  if (line.length < 2) return null;
  const [before, tip] = line.slice(-2);
  const size = Math.max(widthOf(element) * HEAD_WIDTHS, SMALLEST_HEAD);
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const back = (/** @type {number} */ by, /** @type {number} */ side) => ({ x: tip.x - by * Math.cos(angle + side), y: tip.y - by * Math.sin(angle + side) });
  const wings = [back(size, -HEAD_ANGLE), back(size, HEAD_ANGLE)];
  const colour = colourOf(element);
  const shaft = { path: linePath([...line.slice(0, -1), back(size * NECK, 0)]), fill: null, line: lineOf(element) };
  const head = { path: linePath([tip, ...wings], true), fill: colour, line: { colour, width: 1, dash: [] } };
  const box = grown(around([...line, ...wings]), widthOf(element));
  return { parts: [shaft, head], box, touched: line, reach: widthOf(element) / 2 };
}

/** Both ends of a line, or all its points. @param {Element} element @returns {Point[]} */
function endsOf(element) {
  const points = pointsOf(element.points);
  if (points.length > 1) return points;
  const start = cornerOf(element);
  if (start === null) return [];
  const [across, down] = [firstNumber(element, WIDTH), firstNumber(element, HEIGHT)];
  const end = farCornerOf(element) ?? (across === null && down === null ? null : { x: start.x + (across ?? 0), y: start.y + (down ?? 0) });
  return end === null ? [] : [start, end];
}

/** @param {Element} element @param {Path2D} path @param {Point[]} edge @returns {Look} */
function outlined(element, path, edge) {
  const parts = [{ path, fill: fillOf(element), line: lineOf(element) }];
  return { parts, box: grown(around(edge), widthOf(element)), touched: edge, reach: widthOf(element) / 2 };
}

/** @param {readonly Point[]} line @param {boolean} [isClosed] */
function linePath(line, isClosed = false) {
  const path = new Path2D();
  line.forEach(({ x, y }, index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  if (isClosed) path.closePath();
  return path;
}
