/**
 * What one looks at when one looks at the board: the paper, below what is on it, above what is being drawn right now.
 * @module
 */

import { contextOf, h } from "../dom.js";
import { t } from "../i18n.js";
import { isDark, onTheme } from "../theme.js";
import { drawElement, WHITE } from "./elements.js";
import { contentBox } from "./hit.js";
import { empty, Painter } from "./painter.js";
import { paperOf } from "./paper.js";
import { stackOf } from "./stack.js";
import { darkTone, lightTone } from "./tones.js";
import { SHEET, Viewport, ZOOM_STEP } from "./viewport.js";

const DARK_PAPER = "#1d2125"; // what white is on dark paper: a little blue, as the page around it
const MOST_RATIO = 2; // more device pixels are not seen, and cost
const ARROW_PX = 80;
/** Where an arrow key looks, to the right and down. @type {ReadonlyMap<string, [number, number]>} */
const ARROWS = new Map([["arrowleft", [-1, 0]], ["arrowright", [1, 0]], ["arrowup", [0, -1]], ["arrowdown", [0, 1]]]);
const narrow = matchMedia("(max-width: 560px), (max-width: 720px) and (orientation: portrait)"); // as in narrow.css

/** @typedef {import("../../lib/types.js").Element} Element */

export class Surface {
  viewport = new Viewport();
  #board;
  #below = new Painter(() => this.#picture(), () => this.sketch(this.#sketched));
  #above = h("canvas", { class: "board-above" });
  #paper = h("div", { class: "board-paper", tabindex: "0", role: "application", "aria-label": t("board.paper") }, this.#below.canvas, this.#above);
  #ratio = 1;
  #isAtHome = true;
  #tone = lightTone;
  #onView;
  /** @type {ReadonlySet<Element>} */
  #hidden = new Set();
  /** @type {Map<string, Element>} */
  #trails = new Map();
  /** @type {Element[]} */
  #sketched = [];

  /** @param {import("../../lib/live_board.js").LiveBoard} board @param {() => void} onView told when another part is shown */
  constructor(board, onView) {
    this.#board = board;
    this.#onView = onView;
    this.#retone();
    onTheme(() => this.#retone());
    new ResizeObserver(() => this.#resize()).observe(this.#paper);
  }

  /** To be put into the page. */
  get element() {
    return this.#paper;
  }

  /** How a colour is shown now. @param {string} colour */
  toned(colour) {
    return this.#tone(colour);
  }

  /** Elements that are about to go are not shown meanwhile. @param {ReadonlySet<Element>} elements */
  hide(elements) {
    this.#hidden = elements;
    this.repaint();
  }

  /** The board has changed: the next frame shows it. */
  repaint() {
    this.#below.ask();
    this.#lay();
  }

  /** Shows `elements` above the board, now, instead of what was shown there. @param {Element[]} elements */
  sketch(elements) {
    this.#sketched = elements;
    const context = contextOf(this.#above);
    empty(context);
    this.viewport.applyTo(context, this.#ratio);
    const ink = this.#ink();
    for (const element of [...this.#below.fresh, ...this.#trails.values(), ...elements]) drawElement(context, element, ink);
  }

  /** What somebody else is about to draw; null: no more. @param {string | number} userId @param {Element | null} element */
  trail(userId, element) {
    if (element) this.#trails.set(String(userId), element);
    else if (!this.#trails.delete(String(userId))) return;
    this.sketch(this.#sketched);
  }

  /** Another part of the board is shown. */
  viewChanged() {
    this.#isAtHome = false;
    this.#below.place(this.viewport);
    this.repaint();
    this.sketch(this.#sketched);
    this.#onView();
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#paper;
    if (width === 0 || height === 0) return; // in a layout without a board
    this.#ratio = Math.min(devicePixelRatio || 1, MOST_RATIO);
    this.#above.width = Math.round(width * this.#ratio);
    this.#above.height = Math.round(height * this.#ratio);
    this.viewport.resize(width, height);
    if (this.#isAtHome) this.home();
    else this.viewChanged();
    this.#below.resize(width, height, this.#ratio); // a canvas of another size is empty: not even for one frame
  }

  /** Shows the sheet that everybody starts from, also when the window changes, until somebody moves the paper. */
  home() {
    this.viewport.fit(SHEET, roomForTools());
    this.viewChanged();
    this.#isAtHome = true;
  }

  /** Shows all that is on the board. */
  fitContent() {
    const box = contentBox(stackOf(this.#board.state()).elements);
    if (box === null) return this.home();
    this.viewport.fit(box, roomForTools());
    this.viewChanged();
  }

  /** Larger or smaller, about the middle. @param {number} factor */
  zoom(factor) {
    this.viewport.zoom(factor);
    this.viewChanged();
  }

  /** A key was pressed while the paper has the keyboard; whether it was for it. @param {string} key */
  key(key) {
    const arrow = ARROWS.get(key);
    if (arrow) {
      this.viewport.pan(-arrow[0] * ARROW_PX, -arrow[1] * ARROW_PX);
      this.viewChanged();
    } else if (key === "+" || key === "=") this.zoom(ZOOM_STEP);
    else if (key === "-") this.zoom(1 / ZOOM_STEP);
    else if (key === "0") this.fitContent();
    else return false;
    return true;
  }

  #retone() {
    this.#tone = isDark() ? darkTone : lightTone;
    this.repaint();
    this.sketch(this.#sketched);
  }

  /** What everything is drawn with now. @returns {import("./elements.js").Ink} */
  #ink() {
    const { colour } = paperOf(this.#board.state().background);
    return { tone: this.#tone, paper: colour === WHITE && this.#tone === darkTone ? DARK_PAPER : this.#tone(colour) };
  }

  /** What the canvas is to show. @returns {import("./painter.js").Picture} */
  #picture() {
    const stack = stackOf(this.#board.state());
    const seen = this.#hidden.size === 0 ? stack : { ...stack, elements: stack.elements.filter((element) => !this.#hidden.has(element)) };
    return { stack: seen, ink: this.#ink(), viewport: this.viewport };
  }

  /** Lays out the paper that the board asks for. */
  #lay() {
    const { pattern, step } = paperOf(this.#board.state().background);
    const { x, y, distance } = this.viewport.grid(this.viewport.scale < 0.5 ? 4 * step : step);
    const { style, dataset } = this.#paper;
    dataset.pattern = pattern;
    style.backgroundColor = this.#ink().paper;
    style.backgroundSize = `${distance}px ${distance}px`;
    style.backgroundPosition = `${x - distance / 2}px ${y - distance / 2}px`;
  }
}

/** Where the toolbars lie, in pixels: what is fitted is not to be under them. */
function roomForTools() {
  return narrow.matches ? { left: 8, top: 56, right: 8, bottom: 122 } : { left: 76, top: 70, right: 24, bottom: 24 };
}
