/**
 * The panel beside the lesson and the buttons that open it: people, boards, activity.
 * @module
 */

import { h, iconButton, rename } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {"people" | "snapshots" | "activity"} PanelName */
/** @typedef {{element: HTMLElement, isShown?: boolean}} Panel */

/** @type {Readonly<Record<PanelName, import("./dom.js").IconName>>} */
const ICONS = Object.freeze({ people: "people", snapshots: "save", activity: "activity" });
const PANELS = /** @type {PanelName[]} */ (Object.keys(ICONS));

export class Sidebar {
  #panels;
  /** @type {Map<PanelName, HTMLElement>} */
  #buttons = new Map();
  #title = h("h2", { id: "panel-title" });
  #body = h("div", { class: "panel-body", tabindex: "0", role: "group", "aria-labelledby": "panel-title" });
  /** @type {PanelName | null} */
  #open = null;
  #badge = h("span", { class: "badge", "aria-hidden": "true" });

  /** @param {Record<PanelName, Panel>} panels by name */
  constructor(panels) {
    this.#panels = panels;
    for (const name of PANELS) {
      const button = iconButton(ICONS[name], t(`panel.${name}`), () => this.toggle(name), { "data-panel": name });
      button.setAttribute("aria-expanded", "false");
      this.#buttons.set(name, button);
    }
    this.#buttons.get("people")?.append(this.#badge);
    this.buttons = h("div", { class: "panel-buttons", role: "group", "aria-label": t("panel.title") }, ...this.#buttons.values());
    const close = iconButton("close", t("close"), () => this.toggle(null));
    this.element = h("aside", { class: "panel", "aria-labelledby": "panel-title" }, h("div", { class: "panel-top" }, this.#title, close), this.#body);
    this.element.hidden = true;
    this.element.addEventListener("keydown", ({ key, target }) => {
      const isInMenu = target instanceof Element && target.closest("[popover]") !== null; // which it closes
      if (key === "Escape" && !isInMenu) this.toggle(null);
    });
  }

  /** Opens a panel; the open one, or null, closes. @param {PanelName | null} name */
  toggle(name) {
    const before = this.#open;
    this.#open = name === before ? null : name;
    this.element.hidden = this.#open === null;
    for (const [each, button] of this.#buttons) {
      button.setAttribute("aria-expanded", String(each === this.#open));
    }
    for (const each of PANELS) if ("isShown" in this.#panels[each]) this.#panels[each].isShown = each === this.#open;
    if (this.#open === null) {
      if (before !== null) this.#buttons.get(before)?.focus();
      return;
    }
    this.#title.textContent = t(`panel.${this.#open}`);
    this.#body.replaceChildren(this.#panels[this.#open].element);
    this.#body.scrollTop = 0;
    this.#body.focus({ preventScroll: true });
  }

  /** How many people are here, and how many hands are up. @param {number} here @param {number} hands */
  count(here, hands) {
    this.#badge.textContent = String(hands > 0 ? hands : here);
    const button = this.#buttons.get("people");
    if (button) rename(button, hands > 0 ? t("panel.people_hands", { here, hands }) : t("panel.people_here", { here }));
    this.#badge.classList.toggle("hands", hands > 0);
  }
}
