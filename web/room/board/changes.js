/**
 * What has to be painted anew when a board has changed. Elements are never changed, so those that are the same objects
 * look the same. Pure.
 * @module
 */

import { lookOf } from "./elements.js";
import { joined } from "./shapes.js";

const MOST = 500; // with more elements that came or went, nothing is gained

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./stack.js").Stack} Stack */
/** @typedef {{kind: "none" | "all"} | {kind: "top", elements: readonly Element[]} | {kind: "box", box: Box}} Change More lies on top, or something within a box is another; else everything may be. */

/**
 * From the stack that is painted to the one that is wanted.
 * @param {Stack} before
 * @param {Stack} after
 * @returns {Change}
 */
export function changeOf(before, after) {
  if (before === after) return { kind: "none" };
  if (!isSameMap(before.faded, after.faded)) return { kind: "all" };
  const same = commonStart(before.elements, after.elements);
  const [old, now] = [before.elements.slice(same), after.elements.slice(same)];
  if (old.length === 0) return now.length === 0 ? { kind: "none" } : { kind: "top", elements: now };
  const [olds, nows] = [new Set(old), new Set(now)];
  const changed = [...old.filter((element) => !nows.has(element)), ...now.filter((element) => !olds.has(element))];
  if (changed.length > MOST || !isSameOrder(old, now, olds, nows)) return { kind: "all" };
  const boxes = changed.map((element) => lookOf(element)?.extent).filter((box) => box !== undefined);
  return boxes.length === 0 ? { kind: "none" } : { kind: "box", box: joined(boxes) };
}

/** @param {readonly Element[]} one @param {readonly Element[]} other */
function commonStart(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** Whether those that stay lie in the same order. @param {Element[]} old @param {Element[]} now @param {Set<Element>} olds @param {Set<Element>} nows */
function isSameOrder(old, now, olds, nows) {
  const stayed = old.filter((element) => nows.has(element));
  return now.filter((element) => olds.has(element)).every((element, index) => element === stayed[index]);
}

/** @param {ReadonlyMap<Element, number>} one @param {ReadonlyMap<Element, number>} other */
function isSameMap(one, other) {
  return one.size === other.size && [...one].every(([element, opacity]) => other.get(element) === opacity);
}
