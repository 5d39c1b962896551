/**
 * From pointers to tools: one pointer draws, two fingers move and zoom the paper, as does the wheel, the middle button
 * or the space bar. What is drawn is shown before the browser's next frame, without waiting for anything.
 * @module
 */

const WHEEL = 0.0022;

export class Gestures {
  #element;
  #surface;
  #host;
  #pointers = new Map();
  #gesture = null;
  #isPanning = false;
  #isSpaceDown = false;

  /**
   * @param {import("./surface.js").Surface} surface
   * @param {{begin: () => any, hover: (point: {x: number, y: number}, isDrawing: boolean) => void, mayDraw: () => boolean}} host
   *   `begin` gives a gesture of the tool in hand, or null for moving the paper
   */
  constructor(surface, host) {
    this.#surface = surface;
    this.#host = host;
    this.#element = surface.element;
    const listen = (type, run, options) => this.#element.addEventListener(type, run.bind(this), options);
    listen("pointerdown", this.#down);
    listen("pointermove", this.#move);
    listen("pointerup", this.#up);
    listen("pointercancel", this.#cancel);
    listen("wheel", this.#wheel, { passive: false });
    addEventListener("keydown", (event) => this.#space(event, true));
    addEventListener("keyup", (event) => this.#space(event, false));
  }

  /** Ends what is being drawn without a trace. */
  abort() {
    this.#gesture?.cancel?.();
    this.#gesture = null;
    this.#surface.sketch([]);
  }

  #down(event) {
    if (event.button > 1) return;
    event.preventDefault();
    document.activeElement?.blur?.();
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

  #move(event) {
    const isDrawing = this.#gesture !== null;
    this.#host.hover(this.#pointOf(event), isDrawing);
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    if (this.#isPanning) this.#shift(event, before);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const all = event.getCoalescedEvents?.() ?? [];
    this.#draw(all.length > 0 ? all : [event]);
  }

  #draw(events) {
    if (this.#gesture === null) return;
    if (!this.#host.mayDraw()) return this.abort();
    for (const event of events) this.#gesture.move({ point: this.#pointOf(event), event });
    this.#surface.sketch(this.#gesture?.sketch ?? []);
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    const gesture = this.#gesture;
    this.#gesture = null;
    gesture?.up({ event });
    this.#surface.sketch([]);
    this.#isPanning = this.#isPanning && this.#pointers.size > 0;
  }

  #cancel(event) {
    this.#pointers.delete(event.pointerId);
    this.abort();
    this.#isPanning = false;
  }

  /** One pointer moves the paper; two zoom it as well. */
  #shift(event, before) {
    const { viewport } = this.#surface;
    const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const share = others.length > 0 ? 0.5 : 1;
    viewport.pan((event.clientX - before.x) * share, (event.clientY - before.y) * share);
    if (others.length > 0) {
      const [other] = others;
      const spread = (x, y) => Math.max(Math.hypot(x - other.x, y - other.y), 1);
      const middle = this.#local((event.clientX + other.x) / 2, (event.clientY + other.y) / 2);
      viewport.zoom(spread(event.clientX, event.clientY) / spread(before.x, before.y), middle.x, middle.y);
    }
    this.#surface.viewChanged();
  }

  #wheel(event) {
    event.preventDefault();
    const { viewport } = this.#surface;
    const at = this.#local(event.clientX, event.clientY);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) viewport.zoom(Math.exp(-event.deltaY * lines * WHEEL * 2), at.x, at.y);
    else viewport.pan(-event.deltaX * lines, -event.deltaY * lines);
    this.#surface.viewChanged();
  }

  #space(event, isDown) {
    if (event.code !== "Space" || event.target !== document.body) return;
    if (isDown) event.preventDefault();
    this.#isSpaceDown = isDown;
    this.#element.classList.toggle("moving", isDown);
  }

  #pointOf(event) {
    const { x, y } = this.#local(event.clientX, event.clientY);
    return this.#surface.viewport.toBoard(x, y);
  }

  #local(x, y) {
    const at = this.#element.getBoundingClientRect();
    return { x: x - at.left, y: y - at.top };
  }
}
