/**
 * Light or dark: what the system says, until somebody chooses.
 * @module
 */

import { forEver } from "./keeping.js";

const KEPT_AS = "lessonroom.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
/** @type {Set<() => void>} */
const listeners = new Set();

/** Whether the page is dark now. */
export function isDark() {
  const kept = forEver.getItem(KEPT_AS);
  return kept === null ? system.matches : kept === "dark";
}

/** Turns to the other one. */
export function switchTheme() {
  forEver.setItem(KEPT_AS, isDark() ? "light" : "dark");
  applyTheme();
}

/** Makes the page look like what holds now. */
export function applyTheme() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change. @param {() => void} listener */
export function onTheme(listener) {
  listeners.add(listener);
}

system.addEventListener("change", applyTheme);
