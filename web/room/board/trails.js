/**
 * Other people's pointers with their names, and the line that somebody is drawing before it is finished. Both are only
 * hints that come as they can; the finished stroke is what counts.
 * @module
 */

import { h, hueOf } from "../dom.js";

const FORGOTTEN_MS = 6_000;
const TRAIL_MS = 3_000;
const TRAIL_WIDTH = 3;
const DRAWING = ":drawing";

/** What a pointer says that is drawing right now. */
export function drawingWith(tool) {
  return tool + DRAWING;
}

export class Trails {
  element = h("div", { class: "pointers", "aria-hidden": "true" });
  #surface;
  #nameOf;
  #known = new Map();

  /** @param {import("./surface.js").Surface} surface @param {(userId: string | number) => string} nameOf */
  constructor(surface, nameOf) {
    this.#surface = surface;
    this.#nameOf = nameOf;
  }

  /** Somebody points somewhere. */
  move({ user_id, x, y, tool, color }) {
    const known = this.#known.get(String(user_id)) ?? this.#appear(user_id);
    Object.assign(known, { x, y });
    clearTimeout(known.timer);
    known.timer = setTimeout(() => this.forget(user_id), FORGOTTEN_MS);
    this.#place(known);
    if (tool?.endsWith(DRAWING)) this.#lengthen(known, tool.slice(0, -DRAWING.length), color);
    else if (known.line.length > 0) known.lineTimer ??= setTimeout(() => this.finished(user_id), TRAIL_MS);
  }

  /** Their stroke is on the board: the hint of it goes. */
  finished(userId) {
    const known = this.#known.get(String(userId));
    if (!known) return;
    clearTimeout(known.lineTimer);
    known.lineTimer = null;
    known.line = [];
    this.#surface.trail(userId, null);
  }

  /** They are gone, or have not moved for long. */
  forget(userId) {
    this.finished(userId);
    this.#known.get(String(userId))?.element.remove();
    this.#known.delete(String(userId));
  }

  /** Another part of the board is shown. */
  viewChanged() {
    for (const known of this.#known.values()) this.#place(known);
  }

  #appear(userId) {
    const element = h("div", { class: "pointer" }, h("span", {}, this.#nameOf(userId)));
    element.style.setProperty("--hue", String(hueOf(userId)));
    this.element.append(element);
    const known = { userId, element, line: [], x: 0, y: 0, timer: null, lineTimer: null };
    this.#known.set(String(userId), known);
    return known;
  }

  #place({ element, x, y }) {
    const at = this.#surface.viewport.toPixel(x, y);
    element.style.transform = `translate(${at.x}px, ${at.y}px)`;
  }

  #lengthen(known, tool, color) {
    clearTimeout(known.lineTimer);
    known.lineTimer = setTimeout(() => this.finished(known.userId), TRAIL_MS);
    known.line.push([known.x, known.y]);
    this.#surface.trail(known.userId, { tool, color, size: TRAIL_WIDTH, opacity: 0.5, points: [...known.line] });
  }
}
