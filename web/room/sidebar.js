/**
 * The panel beside the lesson and the buttons that open it: people, boards, activity.
 * @module
 */

import { h, iconButton, press, rename } from "./dom.js";
import { t } from "./i18n.js";

const ICONS = Object.freeze({ people: "people", snapshots: "save", activity: "activity" });

export class Sidebar {
  #panels;
  #buttons = new Map();
  #title = h("h2", { id: "panel-title" });
  #body = h("div", { class: "panel-body", tabindex: "0", role: "group", "aria-labelledby": "panel-title" });
  #open = null;
  #badge = h("span", { class: "badge", "aria-hidden": "true" });

  /** @param {Record<string, {element: HTMLElement, isShown?: boolean}>} panels by name */
  constructor(panels) {
    this.#panels = panels;
    for (const name of Object.keys(panels)) {
      const button = iconButton(ICONS[name], t(`panel.${name}`), () => this.toggle(name), { "data-panel": name });
      button.setAttribute("aria-expanded", "false");
      this.#buttons.set(name, button);
    }
    this.#buttons.get("people").append(this.#badge);
    this.buttons = h("div", { class: "panel-buttons", role: "group", "aria-label": t("panel.title") }, ...this.#buttons.values());
    const close = iconButton("close", t("close"), () => this.toggle(null));
    this.element = h("aside", { class: "panel", "aria-labelledby": "panel-title" }, h("div", { class: "panel-top" }, this.#title, close), this.#body);
    this.element.hidden = true;
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(null));
  }

  /** Opens a panel; the open one, or null, closes. */
  toggle(name) {
    const before = this.#open;
    this.#open = name === before ? null : name;
    this.element.hidden = this.#open === null;
    for (const [each, button] of this.#buttons) {
      press(button, each === this.#open);
      button.setAttribute("aria-expanded", String(each === this.#open));
    }
    for (const [each, panel] of Object.entries(this.#panels)) if ("isShown" in panel) panel.isShown = each === this.#open;
    if (this.#open === null) return void this.#buttons.get(before)?.focus();
    this.#title.textContent = t(`panel.${this.#open}`);
    this.#body.replaceChildren(this.#panels[this.#open].element);
    this.#body.scrollTop = 0;
  }

  /** How many people are here, and how many hands are up. */
  count(here, hands) {
    this.#badge.textContent = String(hands > 0 ? hands : here);
    rename(this.#buttons.get("people"), hands > 0 ? t("panel.people_hands", { here, hands }) : t("panel.people_here", { here }));
    this.#badge.classList.toggle("hands", hands > 0);
  }
}
