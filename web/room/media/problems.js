/**
 * Why a device is not on: in words, by what the browser says.
 * @module
 */

import { note } from "../feedback.js";
import { t } from "../i18n.js";

/** @typedef {import("./local.js").LocalMedia} LocalMedia */
/** @typedef {import("./local.js").Source} Source */

/** @type {Readonly<Record<string, string>>} */
const WORDS = Object.freeze({
  NotAllowedError: "controls.denied",
  SecurityError: "controls.denied",
  NotFoundError: "controls.missing",
  OverconstrainedError: "controls.missing",
  NotSupportedError: "controls.unsupported",
});

/**
 * The words for it, by key; null where the person knows: they closed the browser's own question. Pure.
 * @param {Source} source
 * @param {unknown} problem
 */
export function deviceProblem(source, problem) {
  const name = problem instanceof Error ? problem.name : "";
  if (source === "screen" && name === "NotAllowedError") return null;
  return WORDS[name] ?? "controls.busy"; // NotReadableError, AbortError: it is there, and does not open
}

/** Switches a source on or off, and says why not. @param {LocalMedia} local @param {Source} source */
export async function toggle(local, source) {
  try {
    await local.set(source, !local.isOn(source));
  } catch (problem) {
    const key = deviceProblem(source, problem);
    if (key !== null) note(`${t(`controls.${source}`)}: ${t(key)}`, "problem");
  }
}

/** Says it when a device is pulled out; that sharing was ended, the person knows. @param {Source} source */
export function tellLost(source) {
  if (source !== "screen") note(t(`lost.${source}`), "problem");
}
