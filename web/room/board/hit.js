/**
 * What lies under the eraser. Pure.
 * @module
 */

import { isVisible, lookOf } from "./elements.js";
import { around, grown, joined, middleOf, overlap } from "./shapes.js";

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Point} Point */
/** @typedef {import("./elements.js").Shown} Shown */

/**
 * Whether the way from `from` to `to` of an eraser of `radius` touches `element`.
 * @param {Element} element
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 */
export function isTouched(element, from, to, radius) {
  const look = isVisible(element) ? lookOf(element) : null;
  if (look === null || look.touched === null || !overlap(grown(look.bounds, radius), around([from, to]))) return false;
  const [start, end] = [turnedBack(look, from), turnedBack(look, to)];
  if (look.touched === "box") return overlap(grown(look.box, radius), around([end]));
  const line = look.touched;
  const reach = radius + look.reach;
  if (line.length === 1) return distance(line[0], line[0], start, end) <= reach;
  return line.some((point, index) => index > 0 && distance(line[index - 1], point, start, end) <= reach);
}

/** Where a point would be if the element were not turned. @param {Shown} look @param {Point} point @returns {Point} */
function turnedBack({ box, turn }, point) {
  if (turn === 0) return point;
  const middle = middleOf(box);
  const [across, down] = [point.x - middle.x, point.y - middle.y];
  const [cosine, sine] = [Math.cos(-turn), Math.sin(-turn)];
  return { x: middle.x + across * cosine - down * sine, y: middle.y + across * sine + down * cosine };
}

/** The smallest box around everything that is seen, or null where there is nothing. @param {readonly Element[]} elements @returns {Box | null} */
export function contentBox(elements) {
  const boxes = elements.filter(isVisible).map((element) => lookOf(element)?.bounds).filter((box) => box !== undefined);
  return boxes.length === 0 ? null : joined(boxes);
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
