/**
 * From pointers to tools: one pointer draws, two fingers move and zoom the paper, as does the wheel, the middle button
 * or the space bar. What is drawn is shown before the browser's next frame, without waiting for anything.
 * @module
 */

const WHEEL = 0.0022;
const LINE_PX = 16;

/** @typedef {import("./elements.js").Point} Point */
/** @typedef {import("./tools.js").Gesture} Gesture */

export class Gestures {
  #element;
  #surface;
  #host;
  /** Where each pointer is that is down, in the window's pixels. @type {Map<number, Point>} */
  #pointers = new Map();
  /** @type {Gesture | null} */
  #gesture = null;
  #isPanning = false;
  #isSpaceDown = false;
  #over = new AbortController();

  /**
   * @param {import("./surface.js").Surface} surface
   * @param {{begin: () => Gesture | null, hover: (point: Point, isDrawing: boolean) => void, mayDraw: () => boolean}} host
   *   `begin` gives a gesture of the tool in hand, or null for moving the paper
   */
  constructor(surface, host) {
    this.#surface = surface;
    this.#host = host;
    this.#element = surface.element;
    this.#element.addEventListener("pointerdown", (event) => this.#down(event));
    this.#element.addEventListener("pointermove", (event) => this.#move(event));
    this.#element.addEventListener("pointerup", (event) => this.#up(event));
    this.#element.addEventListener("pointercancel", (event) => this.#cancel(event));
    // After `pointerup`, or instead of it: a question came up, the window was left.
    this.#element.addEventListener("lostpointercapture", (event) => this.#up(event));
    this.#element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    const { signal } = this.#over;
    addEventListener("keydown", (event) => this.#space(event, true), { signal });
    addEventListener("keyup", (event) => this.#space(event, false), { signal });
    addEventListener("blur", () => this.#hold(false), { signal });
  }

  /** Ends what is being drawn without a trace. */
  abort() {
    this.#gesture?.cancel?.();
    this.#gesture = null;
    this.#surface.sketch([]);
  }

  /** Listens no more. */
  close() {
    this.#over.abort();
    this.abort();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button > 1) return;
    event.preventDefault();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#element.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#pointers.size > 1) {
      this.abort();
      this.#isPanning = true;
      return;
    }
    const isForPaper = event.button === 1 || this.#isSpaceDown;
    this.#gesture = isForPaper ? null : this.#host.begin();
    this.#isPanning = this.#gesture === null;
    this.#draw([event]);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.#host.hover(this.#pointOf(event), this.#gesture !== null);
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    if (this.#isPanning) this.#shift(event, before);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const all = event.getCoalescedEvents?.() ?? [];
    this.#draw(all.length > 0 ? all : [event]);
  }

  /** @param {PointerEvent[]} events */
  #draw(events) {
    if (this.#gesture === null) return;
    if (!this.#host.mayDraw()) return this.abort();
    for (const event of events) this.#gesture.move({ point: this.#pointOf(event), event });
    this.#surface.sketch(this.#gesture.sketch);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const gesture = this.#gesture;
    this.#gesture = null;
    gesture?.up({ event });
    this.#surface.sketch([]);
    this.#isPanning &&= this.#pointers.size > 0;
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    this.abort();
    this.#isPanning &&= this.#pointers.size > 0;
  }

  /** One pointer moves the paper; two zoom it as well. @param {PointerEvent} event @param {Point} before */
  #shift(event, before) {
    const { viewport } = this.#surface;
    const [other = null] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const share = other ? 0.5 : 1;
    viewport.pan((event.clientX - before.x) * share, (event.clientY - before.y) * share);
    if (other) {
      const spread = (/** @type {number} */ x, /** @type {number} */ y) => Math.max(Math.hypot(x - other.x, y - other.y), 1);
      const middle = this.#local((event.clientX + other.x) / 2, (event.clientY + other.y) / 2);
      viewport.zoom(spread(event.clientX, event.clientY) / spread(before.x, before.y), middle.x, middle.y);
    }
    this.#surface.viewChanged();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const { viewport } = this.#surface;
    const at = this.#local(event.clientX, event.clientY);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    if (event.ctrlKey || event.metaKey) viewport.zoom(Math.exp(-event.deltaY * lines * WHEEL * 2), at.x, at.y);
    else viewport.pan(-event.deltaX * lines, -event.deltaY * lines);
    this.#surface.viewChanged();
  }

  /** Pressed anywhere but in a field or on a button; let go anywhere. @param {KeyboardEvent} event @param {boolean} isDown */
  #space(event, isDown) {
    if (event.code !== "Space" || (isDown && event.target !== document.body)) return;
    if (isDown) event.preventDefault();
    this.#hold(isDown);
  }

  /** @param {boolean} isHeld the paper moves with the pointer */
  #hold(isHeld) {
    this.#isSpaceDown = isHeld;
    this.#element.classList.toggle("moving", isHeld);
  }

  /** @param {PointerEvent} event */
  #pointOf(event) {
    const { x, y } = this.#local(event.clientX, event.clientY);
    return this.#surface.viewport.toBoard(x, y);
  }

  /** @param {number} x @param {number} y in the window's pixels @returns {Point} in the board's */
  #local(x, y) {
    const at = this.#element.getBoundingClientRect();
    return { x: x - at.left, y: y - at.top };
  }
}
