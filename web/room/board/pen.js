/**
 * A stroke while it is being drawn: from the pointer's positions to points with a pressure. A pen that feels pressure
 * says it; for a mouse or a finger it follows the speed, so that the line swells and thins like ink. Pure.
 * @module
 */

const MOST_POINTS = 1_500; // a message has a limit; a longer line goes on as another stroke
const NEAREST_PX = 1.5;
const SLOW_PX_MS = 0.2;
const FAST_PX_MS = 2.5;
const STEADY = 0.75; // how much of the last pressure stays: it must not flicker
const TAPER = [0.45, 0.7, 0.9];

/** @typedef {{clientX: number, clientY: number, timeStamp: number, pressure: number, pointerType: string}} Move Of a `PointerEvent`. */

export class Pen {
  /** @type {[x: number, y: number, pressure: number][]} */
  #points = [];
  /** @type {{clientX: number, clientY: number, timeStamp: number} | null} */
  #last = null;
  #pressure = 0.55;
  #isEven;

  /** @param {boolean} isEven as wide everywhere, like a highlighter */
  constructor(isEven) {
    this.#isEven = isEven;
  }

  /** The points as they go over the wire. */
  get points() {
    return this.#points;
  }

  /** Whether the line is as long as one stroke may be. */
  get isFull() {
    return this.#points.length >= MOST_POINTS;
  }

  /**
   * The pointer is here now.
   * @param {{x: number, y: number}} point in the board's units
   * @param {Move} event
   */
  move(point, event) {
    const distance = this.#last ? Math.hypot(event.clientX - this.#last.clientX, event.clientY - this.#last.clientY) : 0;
    if (this.#last && distance < NEAREST_PX) return;
    const pressure = this.#isEven ? 0.5 : this.#pressureOf(event, distance);
    this.#last = { clientX: event.clientX, clientY: event.clientY, timeStamp: event.timeStamp };
    const taper = this.#isEven || event.pointerType === "pen" ? 1 : (TAPER[this.#points.length] ?? 1);
    this.#points.push([rounded(point.x, 10), rounded(point.y, 10), rounded(pressure * taper, 100)]);
  }

  /** The pointer was lifted: a line that was drawn with a mouse ends in a point. @param {string} pointerType */
  lift(pointerType) {
    const length = this.#points.length;
    if (this.#isEven || pointerType === "pen" || length < 2 * TAPER.length) return;
    TAPER.forEach((share, index) => {
      const point = this.#points[length - 1 - index];
      this.#points[length - 1 - index] = [point[0], point[1], rounded(point[2] * share, 100)];
    });
  }

  /** @param {Move} event @param {number} distance in pixels */
  #pressureOf(event, distance) {
    if (event.pointerType === "pen" && event.pressure > 0) return event.pressure;
    if (!this.#last) return this.#pressure;
    const speed = distance / Math.max(event.timeStamp - this.#last.timeStamp, 1);
    const share = Math.min(Math.max((speed - SLOW_PX_MS) / (FAST_PX_MS - SLOW_PX_MS), 0), 1);
    this.#pressure = STEADY * this.#pressure + (1 - STEADY) * (0.72 - 0.47 * share);
    return this.#pressure;
  }
}

/** @param {number} value @param {number} parts */
function rounded(value, parts) {
  return Math.round(value * parts) / parts;
}
