/**
 * Which key was pressed, wherever letters lie on the keyboard; and whether keys do anything by themselves: somebody who
 * speaks to their computer, or whose hand strays, wants them not to (WCAG 2.1.4).
 * @module
 */

import { forEver } from "../keeping.js";

const LETTER = /^[a-z]$/i;
const KEPT_AS = "lessonroom.single_keys";
/** @type {Set<() => void>} */
const listeners = new Set();

/** Whether a key alone, without Ctrl or the like, takes a tool. */
export function singleKeysAreOn() {
  return forEver.getItem(KEPT_AS) !== "off";
}

/** From now on, in every lesson. @param {boolean} isOn */
export function switchSingleKeys(isOn) {
  forEver.setItem(KEPT_AS, isOn ? "on" : "off");
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change. @param {() => void} listener */
export function onSingleKeys(listener) {
  listeners.add(listener);
}

/**
 * The Latin letter of a key in lower case: the one it writes, or, on a keyboard that writes other letters (Cyrillic,
 * Greek), the one that stands on it in English. What is no letter is as the browser calls it.
 * @param {{key: string, code: string}} event
 */
export function letterOf({ key, code }) {
  if (LETTER.test(key) || !code.startsWith("Key")) return key.toLowerCase();
  return code.slice("Key".length).toLowerCase();
}
