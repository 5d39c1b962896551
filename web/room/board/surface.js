/**
 * The two canvases of the board: below what is on it, above what is being drawn right now. What is added to the board is
 * drawn on top of the rest at once; anything else repaints everything, once a frame.
 * @module
 */

import { contextOf, h } from "../dom.js";
import { isDark, onTheme } from "../theme.js";
import { drawElement, kindOf } from "./elements.js";
import { drawBoard } from "./stack.js";
import { darkTone, lightTone } from "./tones.js";
import { SHEET, Viewport } from "./viewport.js";

const GRID = 40;
const MOST_RATIO = 2; // more device pixels are not seen, and cost
const narrow = matchMedia("(max-width: 720px)");

/** @typedef {import("../../lib/types.js").Element} Element */

export class Surface {
  viewport = new Viewport();
  #board;
  #below = h("canvas", { class: "board-below" });
  #above = h("canvas", { class: "board-above" });
  #paper = h("div", { class: "board-paper" }, this.#below, this.#above);
  #ratio = 1;
  #isFramed = false;
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

  /** Draws one more stroke on top, now; `false` where it would not be on top. @param {string} list @param {Element} element */
  add(list, element) {
    const isPlain = list === "strokes" && !element.layerId && !element.zIndex && kindOf(element) === "freehand";
    if (!isPlain || this.#isFramed) return false;
    const context = contextOf(this.#below);
    this.viewport.applyTo(context, this.#ratio);
    drawElement(context, element, this.#tone);
    return true;
  }

  /** Paints everything with the next frame. */
  repaint() {
    if (this.#isFramed) return;
    this.#isFramed = true;
    requestAnimationFrame(() => this.#paint());
  }

  /** Shows `elements` above the board, now, instead of what was shown there. @param {Element[]} elements */
  sketch(elements) {
    this.#sketched = elements;
    const context = contextOf(this.#above);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#above.width, this.#above.height);
    this.viewport.applyTo(context, this.#ratio);
    for (const element of [...this.#trails.values(), ...elements]) drawElement(context, element, this.#tone);
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
    const { x, y, distance } = this.viewport.grid(this.viewport.scale < 0.5 ? 4 * GRID : GRID);
    this.#paper.style.backgroundSize = `${distance}px ${distance}px`;
    this.#paper.style.backgroundPosition = `${x - distance / 2}px ${y - distance / 2}px`;
    this.repaint();
    this.sketch(this.#sketched);
    this.#onView();
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#paper;
    if (width === 0 || height === 0) return; // in a layout without a board
    this.#ratio = Math.min(devicePixelRatio || 1, MOST_RATIO);
    for (const canvas of [this.#below, this.#above]) {
      canvas.width = Math.round(width * this.#ratio);
      canvas.height = Math.round(height * this.#ratio);
    }
    this.viewport.resize(width, height);
    this.#paintNow(); // a canvas of another size is empty: not even for one frame
    if (this.#isAtHome) this.home();
    else this.viewChanged();
  }

  /** Shows the sheet that everybody starts from, also when the window changes, until somebody moves the paper. */
  home() {
    this.viewport.fit(SHEET, roomForTools());
    this.viewChanged();
    this.#isAtHome = true;
  }

  /** Shows all of a box. @param {import("./elements.js").Box} box */
  fit(box) {
    this.viewport.fit(box, roomForTools());
    this.viewChanged();
  }

  #retone() {
    this.#tone = isDark() ? darkTone : lightTone;
    this.repaint();
    this.sketch(this.#sketched);
  }

  #paint() {
    this.#isFramed = false;
    this.#paintNow();
  }

  #paintNow() {
    const context = contextOf(this.#below);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#below.width, this.#below.height);
    this.viewport.applyTo(context, this.#ratio);
    drawBoard(context, this.#board.state(), { hidden: this.#hidden, tone: this.#tone, view: this.viewport.view });
  }
}

/** Where the toolbars lie, in pixels: what is fitted is not to be under them. */
function roomForTools() {
  return narrow.matches ? { left: 8, top: 56, right: 8, bottom: 122 } : { left: 76, top: 70, right: 24, bottom: 24 };
}
