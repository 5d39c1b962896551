/**
 * As much of a browser's page as the room's modules touch: to be imported before them. Nothing is laid out or painted;
 * a canvas and a path write down what is asked of them, and refuse what a browser refuses.
 */

/** The calls of a path or a canvas, by name. */
class Recorder {
  calls = [];

  asked(name) {
    return this.calls.filter(([each]) => each === name).map(([, ...given]) => given);
  }
}

/** Makes `names` methods of `kind` that are written down. */
function record(kind, names) {
  for (const name of names) {
    kind.prototype[name] = function (...given) {
      this.calls.push([name, ...given]);
    };
  }
}

/** Browsers throw at a negative radius, and pass over what is no number. */
function refuseNegative(...radii) {
  if (radii.some((radius) => radius < 0)) throw new RangeError("a radius is negative");
}

export class FakePath extends Recorder {
  roundRect(...given) {
    refuseNegative(given[4]);
    this.calls.push(["roundRect", ...given]);
  }

  arc(...given) {
    refuseNegative(given[2]);
    this.calls.push(["arc", ...given]);
  }

  ellipse(...given) {
    refuseNegative(given[2], given[3]);
    this.calls.push(["ellipse", ...given]);
  }
}
record(FakePath, ["moveTo", "lineTo", "quadraticCurveTo", "closePath"]);

const NAMED = { black: "#000000", white: "#ffffff", red: "#ff0000", navy: "#000080" };

/** A canvas's context; it reads the colours that the tests use. */
export class FakeContext extends Recorder {
  #fill = "#000000";

  get fillStyle() {
    return this.#fill;
  }

  set fillStyle(value) {
    const text = String(value).toLowerCase();
    const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(text);
    if (short) this.#fill = `#${short.slice(1).map((part) => part + part).join("")}`;
    else if (/^#[0-9a-f]{6}$|^rgba\(/.test(text)) this.#fill = text;
    else if (Object.hasOwn(NAMED, text)) this.#fill = NAMED[text];
  }
}
record(FakeContext, ["save", "restore", "fill", "stroke", "fillText", "setTransform", "translate", "rotate", "setLineDash"]);
record(FakeContext, ["clearRect", "beginPath", "rect", "clip", "drawImage"]);

export class FakeElement extends EventTarget {
  attributes = new Map();
  children = [];
  parent = null;
  dataset = {};
  hidden = false;
  disabled = false;
  style = { setProperty: (name, value) => (this.style[name] = value) };
  classes = new Set();
  classList = {
    add: (name) => this.classes.add(name),
    contains: (name) => this.classes.has(name),
    toggle: (name, isOn = !this.classes.has(name)) => void (isOn ? this.classes.add(name) : this.classes.delete(name)),
  };
  #text = "";
  #context = null;

  constructor(tag) {
    super();
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (name === "class") for (const each of value.split(" ")) this.classes.add(each);
  }

  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }

  append(...added) {
    for (const child of added) {
      if (child instanceof FakeElement) child.remove();
      this.children.push(child);
      if (child instanceof FakeElement) child.parent = this;
    }
  }

  prepend(child) {
    this.append(child);
    this.children.unshift(this.children.pop());
  }

  replaceChildren(...added) {
    for (const child of [...this.children]) child.remove?.();
    this.children = [];
    this.append(...added);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  /** `tag` or `.class`, the first one below. */
  querySelector(selector) {
    for (const child of this.children) {
      if (!(child instanceof FakeElement)) continue;
      const isIt = selector.startsWith(".") ? child.classes.has(selector.slice(1)) : child.tag === selector;
      const found = isIt ? child : child.querySelector(selector);
      if (found) return found;
    }
    return null;
  }

  get textContent() {
    return this.#text + this.children.map((child) => (child instanceof FakeElement ? child.textContent : child)).join("");
  }

  set textContent(text) {
    this.replaceChildren();
    this.#text = text;
  }

  get isConnected() {
    return this === document.body || (this.parent?.isConnected ?? false);
  }

  getContext() {
    return (this.#context ??= Object.assign(new FakeContext(), { canvas: this }));
  }

  getBoundingClientRect() {
    return { left: 0, top: 0, right: 800, bottom: 600, width: 800, height: 600 };
  }

  setPointerCapture() {}

  focus() {
    document.activeElement = this;
  }

  blur() {
    if (document.activeElement === this) document.activeElement = document.body;
  }
}

/** Like `localStorage`. */
export class FakeStorage {
  #kept = new Map();

  getItem(name) {
    return this.#kept.get(name) ?? null;
  }

  setItem(name, value) {
    this.#kept.set(name, String(value));
  }

  removeItem(name) {
    this.#kept.delete(name);
  }
}

/** Frames are drawn when the test says so. */
const frames = [];
export function nextFrame(now = performance.now()) {
  for (const run of frames.splice(0)) run(now);
}

/** Sends an event with these fields; whether its default was prevented. */
export function fire(target, type, fields = {}) {
  const event = new Event(type, { bubbles: true, cancelable: true });
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}

/** The window's own events. */
export const view = new EventTarget();

const page = {
  document: Object.assign(new EventTarget(), {
    createElement: (tag) => new FakeElement(tag),
    createElementNS: (_, tag) => new FakeElement(tag),
    documentElement: new FakeElement("html"),
    body: new FakeElement("body"),
    activeElement: null,
  }),
  localStorage: new FakeStorage(),
  sessionStorage: new FakeStorage(),
  navigator: { languages: ["uk-UA", "en"] },
  matchMedia: () => Object.assign(new EventTarget(), { matches: false }),
  addEventListener: view.addEventListener.bind(view),
  removeEventListener: view.removeEventListener.bind(view),
  requestAnimationFrame: (run) => frames.push(run),
  devicePixelRatio: 1,
  HTMLElement: FakeElement,
  Path2D: FakePath,
  ResizeObserver: class {
    observe() {}
  },
  WheelEvent: { DOM_DELTA_LINE: 1 },
};
for (const [name, value] of Object.entries(page)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
