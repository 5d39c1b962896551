/**
 * What lies under the eraser. Pure.
 * @module
 */

import { boxOf, endsOf, kindOf, textOf, widthOf } from "./elements.js";
import { pointsOf } from "./ink.js";

/** @typedef {{x: number, y: number}} Point */

/**
 * Whether the way from `from` to `to` of an eraser of `radius` touches `element`.
 * @param {Record<string, any>} element
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

/** The smallest box around everything, or null where there is nothing. */
export function contentBox(elements) {
  const points = elements.flatMap((element) => cornersOf(element));
  if (points.length === 0) return null;
  const [across, down] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [least, most] = [(values) => values.reduce((a, b) => Math.min(a, b)), (values) => values.reduce((a, b) => Math.max(a, b))];
  return { left: least(across), top: least(down), right: most(across), bottom: most(down) };
}

function cornersOf(element) {
  const kind = kindOf(element);
  if (kind === "freehand") return pointsOf(element.points);
  if (kind === "line" || kind === "polyline" || kind === "arrow") return endsOf(element);
  const box = kind.includes("text") ? textBox(element) : boxOf(element);
  return [{ x: box.left, y: box.top }, { x: box.right, y: box.bottom }];
}

function segmentsOf(element, kind) {
  if (kind === "freehand") return chained(pointsOf(element.points));
  if (kind === "line" || kind === "polyline" || kind === "arrow") return chained(endsOf(element));
  const box = boxOf(element);
  return kind.startsWith("rect") || kind === "square" ? chained(rectangleCorners(box)) : chained(ellipsePoints(box));
}

function chained(points) {
  if (points.length === 1) return [[points[0], points[0]]];
  return points.slice(1).map((point, index) => [points[index], point]);
}

function rectangleCorners({ left, top, right, bottom }) {
  return [{ x: left, y: top }, { x: right, y: top }, { x: right, y: bottom }, { x: left, y: bottom }, { x: left, y: top }];
}

function ellipsePoints({ left, top, right, bottom }) {
  return Array.from({ length: 33 }, (_, index) => {
    const angle = (index / 32) * 2 * Math.PI;
    return {
      x: (left + right) / 2 + (Math.cos(angle) * (right - left)) / 2,
      y: (top + bottom) / 2 + (Math.sin(angle) * (bottom - top)) / 2,
    };
  });
}

function textBox(element) {
  const { width, height } = textOf(element);
  return { left: element.x, top: element.y, right: element.x + width, bottom: element.y + height };
}

function isInside({ left, top, right, bottom }, { x, y }, reach) {
  return x >= left - reach && x <= right + reach && y >= top - reach && y <= bottom + reach;
}

/** The distance between two segments, 0 where they cross. */
function distance(a, b, c, d) {
  if (isCrossing(a, b, c, d)) return 0;
  return Math.min(toSegment(a, c, d), toSegment(b, c, d), toSegment(c, a, b), toSegment(d, a, b));
}

function isCrossing(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

function toSegment(point, start, end) {
  const [across, down] = [end.x - start.x, end.y - start.y];
  const length = across * across + down * down;
  const along = length === 0 ? 0 : ((point.x - start.x) * across + (point.y - start.y) * down) / length;
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(point.x - start.x - share * across, point.y - start.y - share * down);
}
