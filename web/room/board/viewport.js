/**
 * Which part of the endless board the canvas shows. Pure: pixels are CSS pixels, units are the board's.
 * @module
 */

/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Point} Point */

const SMALLEST = 0.1;
const LARGEST = 8;
/** What everybody sees at first, whatever their window: the sheet that people tend to write on. */
export const SHEET = Object.freeze({ left: 0, top: 0, right: 1280, bottom: 800 });
const MARGIN = 12;
export const ZOOM_STEP = 1.25;
const LARGEST_FIT = 2;

export class Viewport {
  scale = 1;
  #left = 0; // the board's point at the canvas's top left corner
  #top = 0;
  #width = 1;
  #height = 1;

  /** The canvas has another size; what was in its middle stays there. @param {number} width @param {number} height */
  resize(width, height) {
    this.#left += (this.#width - width) / 2 / this.scale;
    this.#top += (this.#height - height) / 2 / this.scale;
    this.#width = width;
    this.#height = height;
  }

  /** Shows all of a box, as large as it can be, in the middle of what the insets leave. @param {Box} box @param {Box} [insets] in pixels, from each side */
  fit(box, insets = { left: MARGIN, top: MARGIN, right: MARGIN, bottom: MARGIN }) {
    const [across, down] = [Math.max(box.right - box.left, 1), Math.max(box.bottom - box.top, 1)];
    const [width, height] = [this.#width - insets.left - insets.right, this.#height - insets.top - insets.bottom];
    this.scale = clamp(Math.min(width / across, height / down, LARGEST_FIT));
    this.#left = (box.left + box.right - width / this.scale) / 2 - insets.left / this.scale;
    this.#top = (box.top + box.bottom - height / this.scale) / 2 - insets.top / this.scale;
  }

  /** Moves the paper by pixels. @param {number} across @param {number} down */
  pan(across, down) {
    this.#left -= across / this.scale;
    this.#top -= down / this.scale;
  }

  /** Zooms by `factor`; the board's point under the pixel `x`, `y` stays there. @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x = this.#width / 2, y = this.#height / 2) {
    const before = this.toBoard(x, y);
    this.scale = clamp(this.scale * factor);
    this.#left = before.x - x / this.scale;
    this.#top = before.y - y / this.scale;
  }

  /** The board's point under a pixel. @param {number} x @param {number} y @returns {Point} */
  toBoard(x, y) {
    return { x: this.#left + x / this.scale, y: this.#top + y / this.scale };
  }

  /** The pixel of a point of the board. @param {number} x @param {number} y @returns {Point} */
  toPixel(x, y) {
    return { x: (x - this.#left) * this.scale, y: (y - this.#top) * this.scale };
  }

  /** The part of the board that is seen. @returns {Box} */
  get view() {
    const [from, to] = [this.toBoard(0, 0), this.toBoard(this.#width, this.#height)];
    return { left: from.x, top: from.y, right: to.x, bottom: to.y };
  }

  /** As it is now, to be compared with later. */
  copy() {
    const copy = new Viewport();
    copy.scale = this.scale;
    copy.#left = this.#left;
    copy.#top = this.#top;
    copy.#width = this.#width;
    copy.#height = this.#height;
    return copy;
  }

  /** Whether it shows the same. @param {Viewport} other */
  equals(other) {
    return this.scale === other.scale && this.#left === other.#left && this.#top === other.#top && this.#width === other.#width && this.#height === other.#height;
  }

  /** Where a picture that `other` was painted with lies in this one: its corner's pixel, and how much larger it is. @param {Viewport} other */
  placeOf(other) {
    return { ...this.toPixel(other.#left, other.#top), scale: this.scale / other.scale };
  }

  /** Lets `context` draw in the board's units; `ratio` is device pixels to a CSS pixel. @param {CanvasRenderingContext2D} context @param {number} ratio */
  applyTo(context, ratio) {
    const scale = this.scale * ratio;
    context.setTransform(scale, 0, 0, scale, -this.#left * scale, -this.#top * scale);
  }

  /** Where the paper's dots go: the first one's pixel and the distance to the next. @param {number} step */
  grid(step) {
    const distance = step * this.scale;
    const { x, y } = this.toPixel(0, 0);
    return { x: ((x % distance) + distance) % distance, y: ((y % distance) + distance) % distance, distance };
  }
}

/** @param {number} scale */
function clamp(scale) {
  return Math.min(Math.max(scale, SMALLEST), LARGEST);
}
