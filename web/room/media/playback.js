/**
 * Shows streams. Some browsers hold sound back until the person has done something on the page: what was held back plays
 * with their next touch or key, and they are told so.
 * @module
 */

import { note } from "../feedback.js";
import { t } from "../i18n.js";

/** @type {Set<HTMLMediaElement>} */
const held = new Set();

/** Shows a stream, unless its track is what is shown already: putting it in again would flicker. @param {HTMLMediaElement} element @param {MediaStream | null} stream */
export function attach(element, stream) {
  const shown = element.srcObject instanceof MediaStream ? element.srcObject : null;
  if (shown?.getTracks()[0] === stream?.getTracks()[0]) return;
  element.srcObject = stream;
  held.delete(element);
  if (stream) void play(element);
}

/** @param {HTMLMediaElement} element */
async function play(element) {
  try {
    await element.play();
  } catch (problem) {
    if (!(problem instanceof DOMException) || problem.name !== "NotAllowedError") return; // another stream came meanwhile
    if (held.size === 0) askForTouch();
    held.add(element);
  }
}

function askForTouch() {
  const over = new AbortController();
  const takeBack = note(t("tiles.sound_held"), "lasting");
  const release = () => {
    over.abort();
    takeBack();
    for (const element of held) void play(element);
    held.clear();
  };
  for (const type of ["pointerup", "keydown"]) addEventListener(type, release, { capture: true, signal: over.signal });
}
