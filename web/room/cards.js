/**
 * The screens with one message: no way in, connecting, and every end a lesson can come to.
 * @module
 */

import { h, icon } from "./dom.js";
import { brand, duration, lookButtons } from "./header.js";
import { hasText, t } from "./i18n.js";
import { saveBoard } from "./panels/snapshots.js";

const COME_BACK = new Set(["left", "closed", "too_large", "malformed"]);

/** A screen that says one thing: `key` and `key.text`. @param {string} key @param {string} [detail] */
export function showCard(key, detail = "") {
  return screen(key, [h("p", {}, detail || t(`${key}.text`))]);
}

/**
 * The end, and what can still be done.
 * @param {{name: string, reason?: string}} ended
 * @param {{api: import("../api.js").Api, uuid: string, session: import("../lib/types.js").Session | null}} lesson
 */
export function showEnd({ name, reason }, { api, uuid, session }) {
  const status = name === "session_over" && session?.status === "expired" ? "expired" : name;
  const key = hasText(`over.${status}`) ? `over.${status}` : "over.broken";
  const seconds = session?.total_duration_seconds ?? 0;
  /** @type {HTMLElement[]} */
  const parts = [h("p", {}, t(`${key}.text`))];
  if (name === "kicked" && reason) parts.push(h("blockquote", {}, reason));
  if (name === "session_over" && seconds > 0) parts.push(h("p", { class: "hint" }, t("over.duration", { time: duration(seconds * 1_000) })));
  const actions = [];
  if (name === "session_over") actions.push(button("export", "over.save", () => void saveBoard(api, uuid, "png"), "quiet"));
  if (COME_BACK.has(name)) actions.push(button("play", "over.again", () => location.reload(), "primary"));
  return screen(key, [...parts, h("div", { class: "row centre" }, ...actions)]);
}

/** @param {import("./dom.js").IconName} name @param {string} key @param {() => void} run @param {string} kind */
function button(name, key, run, kind) {
  return h("button", { type: "button", class: `button ${kind}`, onclick: run }, icon(name), h("span", {}, t(key)));
}

/** @param {string} key @param {HTMLElement[]} parts */
function screen(key, parts) {
  return h(
    "div",
    { class: "entrance", "data-screen": key },
    h("header", { class: "look" }, ...lookButtons()),
    h("main", { class: "card", role: "main" }, brand(), h("h1", {}, t(key)), ...parts),
  );
}
