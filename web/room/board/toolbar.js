/**
 * The board's controls: tools, colours, sizes, undo and redo, and how much of the board is seen.
 * @module
 */

import { h, iconButton, press, rename } from "../dom.js";
import { t } from "../i18n.js";
import { singleKeysAreOn } from "./keys.js";
import { showShortcuts } from "./shortcuts.js";
import { darkTone } from "./tones.js";
import { TOOLS } from "./tools.js";
import { ZOOM_STEP } from "./viewport.js";

export const COLOURS = Object.freeze({
  ink: "#1e293b",
  red: "#dc2626",
  orange: "#ea580c",
  yellow: "#eab308",
  green: "#16a34a",
  blue: "#2563eb",
  violet: "#7c3aed",
  pink: "#db2777",
});
export const SIZES = Object.freeze([2, 4, 7, 12]);

/** @typedef {import("./tools.js").Settings} Settings */
/** @typedef {import("./tools.js").ToolName} ToolName */

export class Toolbar {
  #settings;
  /** @type {Map<ToolName, HTMLButtonElement>} */
  #tools = new Map();
  /** @type {Map<string, HTMLButtonElement>} */
  #colours = new Map();
  /** @type {Map<number, HTMLButtonElement>} */
  #sizes = new Map();
  #actions;
  #zoom;
  /** @type {ToolName | null} */
  #lost = null;

  /**
   * @param {Settings} settings changed by the buttons
   * @param {{undo: () => void, redo: () => void, clear: () => void, zoom: (factor: number) => void, fit: () => void}} actions
   * @param {() => void} onTool another tool was taken
   */
  constructor(settings, actions, onTool) {
    this.#settings = settings;
    this.#actions = {
      undo: iconButton("undo", t("board.undo"), actions.undo),
      redo: iconButton("redo", t("board.redo"), actions.redo),
      clear: iconButton("clear", t("board.clear"), actions.clear),
    };
    for (const tool of /** @type {ToolName[]} */ (Object.keys(TOOLS))) {
      this.#tools.set(tool, iconButton(tool, labelOf(tool), () => (this.take(tool), onTool())));
    }
    for (const [name, colour] of Object.entries(COLOURS)) this.#colours.set(colour, this.#swatch(name, colour));
    SIZES.forEach((size, index) => this.#sizes.set(size, this.#dot(size, index)));
    this.#zoom = h("button", { type: "button", class: "zoom-level", title: t("board.fit"), onclick: actions.fit }, "100%");
    this.element = h(
      "div",
      { class: "toolbar", role: "group", "aria-label": t("board.tools") },
      h("div", { class: "pill tools" }, ...this.#tools.values(), h("hr"), ...Object.values(this.#actions)),
      h("div", { class: "pill palette" }, ...this.#colours.values(), h("hr"), ...this.#sizes.values()),
    );
    this.view = h(
      "div",
      { class: "pill view-controls", role: "group", "aria-label": t("board.view") },
      iconButton("minus", t("board.zoom_out"), () => actions.zoom(1 / ZOOM_STEP)),
      this.#zoom,
      iconButton("plus", t("board.zoom_in"), () => actions.zoom(ZOOM_STEP)),
      iconButton("keyboard", t("keys.title"), showShortcuts, { class: "icon-button keyboard" }),
    );
    this.#refresh();
  }

  /** Takes a tool into the hand. @param {ToolName} tool */
  take(tool) {
    this.#lost = null;
    this.#hold(tool);
  }

  /** @param {{may: (permission: string) => boolean, canUndo: boolean, canRedo: boolean}} now */
  update({ may, canUndo, canRedo }) {
    for (const [tool, button] of this.#tools) {
      const { permission } = TOOLS[tool];
      button.disabled = permission !== null && !may(permission);
    }
    for (const button of [...this.#colours.values(), ...this.#sizes.values()]) button.disabled = !may("can_draw");
    this.#actions.undo.disabled = !canUndo;
    this.#actions.redo.disabled = !canRedo;
    this.#actions.clear.hidden = !may("can_clear_board");
    this.#keepUsable();
  }

  /** The tools' names say which key takes them, if one does. */
  showKeys() {
    for (const [tool, button] of this.#tools) rename(button, labelOf(tool));
  }

  /** @param {number} scale */
  showZoom(scale) {
    const percent = `${Math.round(scale * 100)}%`;
    this.#zoom.textContent = percent;
    this.#zoom.setAttribute("aria-label", `${t("board.fit")}, ${percent}`);
  }

  /** A tool that may not be used goes out of the hand, and comes back with its permission unless another was taken. */
  #keepUsable() {
    if (this.#tools.get(this.#settings.tool)?.disabled) {
      this.#lost = this.#settings.tool;
      this.#hold("pan");
    } else if (this.#lost !== null && !this.#tools.get(this.#lost)?.disabled) this.take(this.#lost);
  }

  /** @param {ToolName} tool */
  #hold(tool) {
    this.#settings.tool = tool;
    this.#refresh();
  }

  /** @param {string} name @param {string} colour */
  #swatch(name, colour) {
    const button = h("button", { type: "button", class: "swatch", onclick: () => this.#choose({ colour }) });
    button.style.setProperty("--colour", colour);
    button.style.setProperty("--dark-colour", darkTone(colour));
    rename(button, t(`colour.${name}`));
    return button;
  }

  /** @param {number} size @param {number} index */
  #dot(size, index) {
    const button = h("button", { type: "button", class: "size", onclick: () => this.#choose({ size }) });
    button.style.setProperty("--size", `${4 + index * 4}px`);
    rename(button, t("board.size", { size: index + 1 }));
    return button;
  }

  /** @param {Partial<Settings>} chosen */
  #choose(chosen) {
    Object.assign(this.#settings, chosen);
    this.#refresh();
  }

  #refresh() {
    const { tool, colour, size } = this.#settings;
    for (const [name, button] of this.#tools) press(button, name === tool);
    for (const [name, button] of this.#colours) press(button, name === colour);
    for (const [name, button] of this.#sizes) press(button, name === size);
  }
}

/** @param {ToolName} tool */
function labelOf(tool) {
  const name = t(`tool.${tool}`);
  return singleKeysAreOn() ? `${name} (${TOOLS[tool].key.toUpperCase()})` : name;
}
