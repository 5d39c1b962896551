/**
 * Other people's pointers with their names, and the line that somebody is drawing before it is finished. Both are only
 * hints that come as they can; the finished stroke is what counts.
 * @module
 */

import { h, hueOf } from "../dom.js";

const FORGOTTEN_MS = 6_000;
const TRAIL_MS = 3_000;
const TRAIL_WIDTH = 3;
const MOST_POINTS = 400; // of a line that goes on and on, the end of it is shown
const DRAWING = ":drawing";

/**
 * @typedef {object} Known Somebody who points.
 * @property {string | number} userId
 * @property {HTMLElement} element
 * @property {[number, number][]} line what they are drawing
 * @property {number} x
 * @property {number} y
 * @property {any} timer
 * @property {any} lineTimer
 */

/** What a pointer says that is drawing right now. @param {string} tool */
export function drawingWith(tool) {
  return tool + DRAWING;
}

export class Trails {
  element = h("div", { class: "pointers", "aria-hidden": "true" });
  #surface;
  #nameOf;
  /** @type {Map<string, Known>} */
  #known = new Map();

  /** @param {import("./surface.js").Surface} surface @param {(userId: string | number) => string} nameOf */
  constructor(surface, nameOf) {
    this.#surface = surface;
    this.#nameOf = nameOf;
  }

  /** Somebody points somewhere. @param {import("../../lib/types.js").ClientEvents["pointer"]} pointer */
  move({ user_id, x, y, tool, color }) {
    const known = this.#known.get(String(user_id)) ?? this.#appear(user_id);
    Object.assign(known, { x, y });
    clearTimeout(known.timer);
    known.timer = setTimeout(() => this.forget(user_id), FORGOTTEN_MS);
    this.#place(known);
    if (tool?.endsWith(DRAWING)) this.#lengthen(known, tool.slice(0, -DRAWING.length), color);
    else if (known.line.length > 0) known.lineTimer ??= setTimeout(() => this.finished(user_id), TRAIL_MS);
  }

  /** Their stroke is on the board: the hint of it goes. @param {string | number} userId */
  finished(userId) {
    const known = this.#known.get(String(userId));
    if (!known) return;
    clearTimeout(known.lineTimer);
    known.lineTimer = null;
    known.line = [];
    this.#surface.trail(userId, null);
  }

  /** They are gone, or have not moved for long. @param {string | number} userId */
  forget(userId) {
    this.finished(userId);
    const known = this.#known.get(String(userId));
    clearTimeout(known?.timer);
    known?.element.remove();
    this.#known.delete(String(userId));
  }

  /** Another part of the board is shown. */
  viewChanged() {
    for (const known of this.#known.values()) this.#place(known);
  }

  /** @param {string | number} userId @returns {Known} */
  #appear(userId) {
    const element = h("div", { class: "pointer" }, h("span", {}, this.#nameOf(userId)));
    element.style.setProperty("--hue", String(hueOf(userId)));
    this.element.append(element);
    /** @type {Known} */
    const known = { userId, element, line: [], x: 0, y: 0, timer: null, lineTimer: null };
    this.#known.set(String(userId), known);
    return known;
  }

  /** @param {Known} known */
  #place({ element, x, y }) {
    const at = this.#surface.viewport.toPixel(x, y);
    element.style.transform = `translate(${at.x}px, ${at.y}px)`;
  }

  /** @param {Known} known @param {string} tool @param {string | undefined} color */
  #lengthen(known, tool, color) {
    clearTimeout(known.lineTimer);
    known.lineTimer = setTimeout(() => this.finished(known.userId), TRAIL_MS);
    known.line = [...known.line.slice(1 - MOST_POINTS), [known.x, known.y]];
    this.#surface.trail(known.userId, { tool, color, size: TRAIL_WIDTH, opacity: 0.5, points: known.line });
  }
}
