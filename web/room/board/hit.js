/**
 * What lies under the eraser. Pure.
 * @module
 */

import { boxOf, cornerOf, endsOf, kindOf, textOf, widthOf } from "./elements.js";
import { pointsOf } from "./ink.js";

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Point} Point */
/** @typedef {[Point, Point]} Segment */

/**
 * Whether the way from `from` to `to` of an eraser of `radius` touches `element`.
 * @param {Element} element
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 */
export function isTouched(element, from, to, radius) {
  const reach = radius + widthOf(element) / 2;
  const kind = kindOf(element);
  if (kind === "image") return false;
  if (kind.includes("text")) return isInside(textBox(element), to, radius);
  return segmentsOf(element, kind).some(([start, end]) => distance(start, end, from, to) <= reach);
}

/** The smallest box around everything, or null where there is nothing. @param {Element[]} elements @returns {Box | null} */
export function contentBox(elements) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of elements.flatMap(cornersOf)) {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x);
    box.bottom = Math.max(box.bottom, y);
  }
  return box.left <= box.right ? box : null;
}

/** @param {Element} element @returns {Point[]} */
function cornersOf(element) {
  const kind = kindOf(element);
  if (kind === "freehand") return pointsOf(element.points);
  if (kind === "line" || kind === "polyline" || kind === "arrow") return endsOf(element);
  const box = kind.includes("text") ? textBox(element) : boxOf(element);
  return [{ x: box.left, y: box.top }, { x: box.right, y: box.bottom }];
}

/** @param {Element} element @param {string} kind @returns {Segment[]} */
function segmentsOf(element, kind) {
  if (kind === "freehand") return chained(pointsOf(element.points));
  if (kind === "line" || kind === "polyline" || kind === "arrow") return chained(endsOf(element));
  const box = boxOf(element);
  return kind.startsWith("rect") || kind === "square" ? chained(rectangleCorners(box)) : chained(ellipsePoints(box));
}

/** @param {Point[]} points @returns {Segment[]} */
function chained(points) {
  if (points.length === 1) return [[points[0], points[0]]];
  return points.slice(1).map((point, index) => [points[index], point]);
}

/** @param {Box} box */
function rectangleCorners({ left, top, right, bottom }) {
  return [{ x: left, y: top }, { x: right, y: top }, { x: right, y: bottom }, { x: left, y: bottom }, { x: left, y: top }];
}

/** @param {Box} box */
function ellipsePoints({ left, top, right, bottom }) {
  return Array.from({ length: 33 }, (_, index) => {
    const angle = (index / 32) * 2 * Math.PI;
    return {
      x: (left + right) / 2 + (Math.cos(angle) * (right - left)) / 2,
      y: (top + bottom) / 2 + (Math.sin(angle) * (bottom - top)) / 2,
    };
  });
}

/** @param {Element} element @returns {Box} */
function textBox(element) {
  const [{ x, y }, { width, height }] = [cornerOf(element), textOf(element)];
  return { left: x, top: y, right: x + width, bottom: y + height };
}

/** @param {Box} box @param {Point} point @param {number} reach */
function isInside({ left, top, right, bottom }, { x, y }, reach) {
  return x >= left - reach && x <= right + reach && y >= top - reach && y <= bottom + reach;
}

/** The distance between two segments, 0 where they cross. @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
function distance(a, b, c, d) {
  if (isCrossing(a, b, c, d)) return 0;
  return Math.min(toSegment(a, c, d), toSegment(b, c, d), toSegment(c, a, b), toSegment(d, a, b));
}

/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
function isCrossing(a, b, c, d) {
  const side = (/** @type {Point} */ p, /** @type {Point} */ q, /** @type {Point} */ r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** @param {Point} point @param {Point} start @param {Point} end */
function toSegment(point, start, end) {
  const [across, down] = [end.x - start.x, end.y - start.y];
  const length = across * across + down * down;
  const along = length === 0 ? 0 : ((point.x - start.x) * across + (point.y - start.y) * down) / length;
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(point.x - start.x - share * across, point.y - start.y - share * down);
}
