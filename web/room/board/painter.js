/**
 * Keeps a canvas showing a board. What changed is painted with the next frame, and only that. A board that would take
 * longer than a frame is painted in slices on a second canvas; until that is done the picture there is is moved and
 * scaled, so that nothing ever waits for a large board.
 * @module
 */

import { contextOf, h } from "../dom.js";
import { changeOf } from "./changes.js";
import { lookOf } from "./elements.js";
import { drawElements, isIn } from "./stack.js";

const AT_ONCE = 10_000; // points: a board of no more is painted in one frame
const SLICE = { ms: 8, least: 1_000, most: 40_000 }; // points; how many a machine can do in a frame is found out
const FRAME = { slow: 24, quick: 18 }; // milliseconds from one to the next
const EDGE = 2; // pixels that a line may reach beyond its box

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Ink} Ink */
/** @typedef {import("./stack.js").Stack} Stack */
/** @typedef {import("./viewport.js").Viewport} Viewport */
/** @typedef {{stack: Stack, ink: Ink, viewport: Viewport}} Picture */
/** @typedef {{picture: Picture, left: Element[]}} Job Elements are painted from the end of what is left. */

export class Painter {
  canvas = h("canvas", { class: "board-below" });
  /** What came while a large board is being painted, and is outside of the picture there is. @type {Element[]} */
  fresh = [];
  #back = h("canvas");
  #ratio = 1;
  #isAsked = false;
  #slice = AT_ONCE;
  #framedAt = 0;
  /** What the canvas shows; null when it is empty. @type {Picture | null} */
  #shown = null;
  /** @type {Job | null} */
  #job = null;
  #wanted;
  #onFresh;

  /** @param {() => Picture} wanted @param {() => void} onFresh told when `fresh` is another */
  constructor(wanted, onFresh) {
    this.#wanted = wanted;
    this.#onFresh = onFresh;
  }

  /** Something may have changed: with the next frame it is shown. */
  ask() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame((now) => {
      this.#isAsked = false;
      if (this.#job !== null) this.#learn(now);
      this.paint();
    });
  }

  /** Shows what is wanted as far as one frame allows. */
  paint() {
    const asked = this.#wanted();
    const wanted = { ...asked, viewport: asked.viewport.copy() };
    if (this.#job === null && (this.#shown === null || !isSameLook(this.#shown, wanted))) this.#begin(wanted);
    if (this.#job !== null) this.#goOn(this.#job);
    if (this.#shown !== null) this.#update(this.#shown, wanted);
    if (this.#job !== null || this.#shown === null || !isSameLook(this.#shown, wanted)) this.ask();
    this.place(wanted.viewport);
  }

  /** Moves the picture that there is to where it belongs now. @param {Viewport} viewport */
  place(viewport) {
    if (this.#shown === null) return;
    const { x, y, scale } = viewport.placeOf(this.#shown.viewport);
    this.canvas.style.transform = x === 0 && y === 0 && scale === 1 ? "" : `matrix(${scale}, 0, 0, ${scale}, ${x}, ${y})`;
  }

  /** The canvas has another size, in CSS pixels; what it showed stays until there is better. @param {number} width @param {number} height @param {number} ratio device pixels to one of them */
  resize(width, height, ratio) {
    const { canvas } = this;
    const [old, before, oldRatio] = [this.#shown && copyOf(canvas), this.#shown, this.#ratio];
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.#ratio = ratio;
    this.#job = null;
    this.#shown = null;
    this.paint();
    if (old === null || before === null || this.#job === null) return;
    const { viewport } = this.#wanted();
    const { x, y, scale } = viewport.placeOf(before.viewport);
    const context = contextOf(canvas);
    context.setTransform((scale * ratio) / oldRatio, 0, 0, (scale * ratio) / oldRatio, x * ratio, y * ratio);
    context.drawImage(old, 0, 0);
    this.#shown = { ...before, viewport: viewport.copy() };
  }

  /** Paints everything: now, or, where that would take too long, bit by bit. @param {Picture} picture */
  #begin(picture) {
    const seen = seenIn(picture);
    if (costOf(seen) <= AT_ONCE) return this.#paintWhole(picture, seen);
    this.#back.width = this.canvas.width; // which empties it, too
    this.#back.height = this.canvas.height;
    this.#job = { picture, left: seen.reverse() };
  }

  /** @param {Picture} picture @param {readonly Element[]} seen */
  #paintWhole(picture, seen) {
    const context = contextOf(this.canvas);
    empty(context);
    this.#draw(context, picture, seen);
    this.#shown = picture;
  }

  /** Another slice is due: were the last ones too large? What the canvas does with them later is seen in nothing else. @param {number} now */
  #learn(now) {
    const took = now - this.#framedAt;
    if (took > FRAME.slow) this.#slice = Math.max(this.#slice / 2, SLICE.least);
    if (took < FRAME.quick) this.#slice = Math.min(this.#slice * 1.25, SLICE.most);
    this.#framedAt = now;
  }

  /** @param {Job} job */
  #goOn({ picture, left }) {
    const context = contextOf(this.#back);
    const until = performance.now() + SLICE.ms;
    for (let cost = 0; left.length > 0 && cost < this.#slice && performance.now() < until; ) {
      const element = /** @type {Element} */ (left.pop());
      this.#draw(context, picture, [element]);
      cost += costOf([element]);
    }
    if (left.length > 0) return;
    const front = contextOf(this.canvas);
    empty(front);
    front.drawImage(this.#back, 0, 0);
    this.#job = null;
    this.#shown = picture;
    this.#refresh([]);
  }

  /** Paints what is another on the picture there is, unless it will be another picture anyway. @param {Picture} shown @param {Picture} wanted */
  #update(shown, { stack, ink, viewport }) {
    const change = changeOf(shown.stack, stack);
    const now = { ...shown, stack };
    const box = change.kind === "box" ? change.box : null;
    const touched = change.kind === "top" ? change.elements : box ? stack.elements.filter((element) => isIn(box, element)) : [];
    if (change.kind === "all" || costOf(touched) > AT_ONCE) {
      if (this.#job === null) this.#begin({ stack, ink, viewport });
      return;
    }
    this.#shown = now;
    if (change.kind === "box") this.#repaint(now, change.box, touched);
    if (change.kind === "top") this.#addOnTop(now, touched);
  }

  /** @param {Picture} picture @param {readonly Element[]} elements */
  #addOnTop(picture, elements) {
    this.#draw(contextOf(this.canvas), picture, elements);
    const { view } = picture.viewport;
    const outside = this.#job === null ? [] : elements.filter((element) => !isWithin(view, lookOf(element)?.bounds));
    if (outside.length > 0) this.#refresh([...this.fresh, ...outside]);
  }

  /** A small board is painted whole: where a line is clipped, its edge comes out a little lighter or darker. @param {Picture} picture @param {Box} box @param {readonly Element[]} elements */
  #repaint(picture, box, elements) {
    const seen = seenIn(picture);
    if (costOf(seen) <= AT_ONCE) this.#paintWhole(picture, seen);
    else this.#paintWithin(box, picture, elements);
    this.#refresh(this.fresh.filter((element) => picture.stack.elements.includes(element)));
  }

  /** @param {Box} box @param {Picture} picture @param {readonly Element[]} elements */
  #paintWithin(box, picture, elements) {
    const context = contextOf(this.canvas);
    const [from, to] = [picture.viewport.toPixel(box.left, box.top), picture.viewport.toPixel(box.right, box.bottom)];
    const [left, top] = [from.x, from.y].map((pixel) => Math.floor(pixel * this.#ratio) - EDGE);
    const [right, bottom] = [to.x, to.y].map((pixel) => Math.ceil(pixel * this.#ratio) + EDGE);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top); // whole pixels: no seam where the clip ends
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    this.#draw(context, picture, elements);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {readonly Element[]} elements */
  #draw(context, { viewport, stack, ink }, elements) {
    viewport.applyTo(context, this.#ratio);
    drawElements(context, elements, stack, ink);
  }

  /** @param {Element[]} fresh */
  #refresh(fresh) {
    if (fresh.length === this.fresh.length) return;
    this.fresh = fresh;
    this.#onFresh();
  }
}

/** @param {Picture} one @param {Picture} other */
function isSameLook(one, other) {
  return one.viewport.equals(other.viewport) && one.ink.tone === other.ink.tone && one.ink.paper === other.ink.paper;
}

/** What of a picture is in sight. @param {Picture} picture */
function seenIn({ stack, viewport }) {
  const { view } = viewport;
  return stack.elements.filter((element) => isIn(view, element));
}

/** @param {readonly Element[]} elements */
function costOf(elements) {
  return elements.reduce((sum, element) => sum + (lookOf(element)?.cost ?? 0), 0);
}

/** @param {Box} view @param {Box} [box] */
function isWithin(view, box) {
  return box !== undefined && box.left >= view.left && box.right <= view.right && box.top >= view.top && box.bottom <= view.bottom;
}

/** Wipes a whole canvas. @param {CanvasRenderingContext2D} context */
export function empty(context) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

/** @param {HTMLCanvasElement} canvas */
function copyOf(canvas) {
  const copy = h("canvas", { width: canvas.width, height: canvas.height });
  if (canvas.width > 0 && canvas.height > 0) contextOf(copy).drawImage(canvas, 0, 0);
  return copy;
}
