/**
 * The way back into a lesson that the page itself left for a moment: to be shown in another language, it is loaded anew.
 * @module
 */

import { forThisTab } from "./keeping.js";
import { SOURCES } from "./media/local.js";

const KEPT_AS = "lessonroom.back";

/** @typedef {import("./media/local.js").LocalMedia} LocalMedia */
/** @typedef {import("./media/local.js").Source} Source */

/** Keeps which lesson it is, and what is on; a screen has to be chosen anew. @param {string} uuid @param {LocalMedia} local */
export function keepWayBack(uuid, local) {
  const on = SOURCES.filter((source) => source !== "screen" && local.isOn(source));
  forThisTab.setItem(KEPT_AS, JSON.stringify({ uuid, on }));
}

/** What was on in that lesson, once; null where one was not in it. @param {string} uuid @returns {Source[] | null} */
export function takeWayBack(uuid) {
  const kept = forThisTab.getItem(KEPT_AS);
  forThisTab.removeItem(KEPT_AS);
  if (kept === null) return null;
  const { uuid: before, on } = JSON.parse(kept);
  return before === uuid ? on : null;
}
