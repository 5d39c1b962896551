/**
 * The one line above the lesson that says what holds now: not begun, paused, looking on, reconnecting, read-only.
 * @module
 */

import { h, icon, show } from "./dom.js";
import { t } from "./i18n.js";

/**
 * What is to be said, the most pressing first; null when all is well. Pure.
 * @param {{state: string, readOnly: boolean, status: string | undefined, role: string, mayDraw: boolean, host: string, pending: number}} now
 * @returns {{key: string, kind: string, values?: Record<string, any>, action?: string} | null}
 */
export function bannerFor({ state, readOnly, status, role, mayDraw, host, pending }) {
  const isHost = role === "host";
  const kept = pending > 0 ? "_pending" : "";
  if (state === "reconnecting") return { key: `banner.reconnecting${kept}`, kind: "problem", values: { pending }, action: "retry" };
  if (readOnly) return { key: "banner.read_only", kind: "problem" };
  if (status === "waiting" || status === "scheduled") {
    return isHost ? { key: "banner.start", kind: "calm", action: "start" } : { key: "banner.waiting", kind: "calm", values: { host } };
  }
  if (status === "paused") {
    return isHost ? { key: "banner.paused_host", kind: "calm", action: "resume" } : { key: "banner.paused", kind: "calm" };
  }
  return mayDraw ? null : { key: "banner.looking_on", kind: "calm" };
}

export class Banner {
  #text = h("span", {});
  #button = h("button", { type: "button", class: "button small" });
  #act = () => {};
  /** @type {string | null} */
  #key = null;

  /** @param {Record<string, () => void>} actions by name: retry, start, resume */
  constructor(actions) {
    this.#button.addEventListener("click", () => this.#act());
    this.element = h("div", { class: "banner", role: "status", "aria-live": "polite" }, icon("warning"), this.#text, this.#button);
    this.actions = actions;
    this.show(null);
  }

  /** @param {ReturnType<typeof bannerFor>} banner */
  show(banner) {
    show(this.element, banner !== null);
    const key = JSON.stringify(banner);
    if (banner === null || key === this.#key) return;
    this.#key = key;
    this.element.dataset.kind = banner.kind;
    this.#text.textContent = t(banner.key, banner.values);
    show(this.#button, banner.action !== undefined);
    if (banner.action === undefined) return;
    this.#act = this.actions[banner.action];
    this.#button.textContent = t(`action.${banner.action}`);
    this.#button.classList.toggle("primary", banner.action !== "retry");
  }
}
