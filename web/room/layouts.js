/**
 * How board and people share the window: side by side, board alone, people alone, or people in a corner of the board.
 * @module
 */

import { h, iconButton, press } from "./dom.js";
import { t } from "./i18n.js";
import { forEver } from "./keeping.js";

const KEPT_AS = "lessonroom.layout";
/** Each with its icon. @type {Readonly<Record<string, import("./dom.js").IconName>>} */
const LAYOUTS = Object.freeze({ side: "side", board: "board", video: "video", pip: "pip" });

export class Layouts {
  /** @type {Map<string, HTMLElement>} */
  #buttons = new Map();
  #room;
  #onChange;

  /** @param {HTMLElement} room @param {(layout: string) => void} onChange */
  constructor(room, onChange) {
    this.#room = room;
    this.#onChange = onChange;
    for (const [layout, icon] of Object.entries(LAYOUTS)) {
      this.#buttons.set(layout, iconButton(icon, t(`layout.${layout}`), () => this.#choose(layout), { "data-layout": layout }));
    }
    this.element = h("div", { class: "segmented", role: "group", "aria-label": t("layout.title") }, ...this.#buttons.values());
    const kept = forEver.getItem(KEPT_AS) ?? "";
    this.#show(Object.hasOwn(LAYOUTS, kept) ? kept : "side");
  }

  /** @param {string} layout */
  #choose(layout) {
    forEver.setItem(KEPT_AS, layout);
    this.#show(layout);
    this.#onChange(layout);
  }

  /** @param {string} layout */
  #show(layout) {
    this.#room.dataset.layout = layout;
    for (const [name, button] of this.#buttons) press(button, name === layout);
  }
}
