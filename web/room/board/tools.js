/**
 * What each tool does between a pointer going down and up. A tool gets `{point, event}`s, in the board's units, and
 * shows what it makes on the desk's surface; what is done is done through the desk's history.
 * @module
 */

import { adding, erasing } from "./history.js";
import { isTouched } from "./hit.js";
import { Pen } from "./pen.js";

const ERASER_PX = 10;
const SMALLEST_PX = 3; // a shape smaller than that was a click by mistake
const HIGHLIGHTER_WIDTH = 5; // times as wide as the pen
/** @type {import("./history.js").DrawnList[]} */
const DRAWN = ["strokes", "objects"];

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Point} Point */
/** @typedef {"pen" | "highlighter" | "eraser" | "line" | "rectangle" | "ellipse" | "text" | "pan"} ToolName */
/** @typedef {{tool: ToolName, colour: string, size: number}} Settings */

/**
 * @typedef {object} Desk What a tool works with.
 * @property {import("./surface.js").Surface} surface
 * @property {import("./history.js").History} history
 * @property {() => Readonly<import("../../lib/types.js").BoardState>} state of the board
 * @property {Settings} settings
 * @property {(point: Point) => void} write opens the text editor
 * @property {() => string} newId
 */

/**
 * @typedef {object} Gesture What one pointer does from down to up.
 * @property {(at: {point: Point, event: PointerEvent}) => void} move
 * @property {(at: {event: PointerEvent}) => void} up
 * @property {() => void} [cancel]
 * @property {Element[]} sketch shown above the board meanwhile
 */

/** @typedef {{Gesture: (new (desk: Desk) => Gesture) | null, permission: string | null, key: string}} Tool Without a gesture it moves the paper. */

/** @implements {Gesture} */
class Freehand {
  #desk;
  #pen;
  #stroke;

  /** @param {Desk} desk */
  constructor(desk) {
    const { tool, colour, size } = desk.settings;
    const isHighlighter = tool === "highlighter";
    this.#desk = desk;
    this.#pen = new Pen(isHighlighter);
    this.#stroke = { id: desk.newId(), tool, color: colour, size: isHighlighter ? size * HIGHLIGHTER_WIDTH : size };
  }

  /** @type {Gesture["move"]} */
  move({ point, event }) {
    this.#pen.move(point, event);
    if (!this.#pen.isFull) return;
    this.#finish();
    this.#pen = new Pen(this.#stroke.tool === "highlighter");
    this.#stroke = { ...this.#stroke, id: this.#desk.newId() };
    this.#pen.move(point, event);
  }

  get sketch() {
    // A new object each time: what is drawn of an element is kept with it.
    return this.#pen.points.length > 0 ? [{ ...this.#stroke, points: this.#pen.points }] : [];
  }

  /** @type {Gesture["up"]} */
  up({ event }) {
    this.#pen.lift(event.pointerType);
    this.#finish();
  }

  #finish() {
    const points = this.#pen.points;
    if (points.length > 0) this.#desk.history.act(adding("strokes", { ...this.#stroke, points }));
  }
}

/** @implements {Gesture} */
class Shape {
  #desk;
  /** @type {Element} */
  #shape;
  /** @type {Point | null} */
  #start = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    const { tool, colour, size } = desk.settings;
    this.#shape = { id: desk.newId(), type: tool, strokeColor: colour, strokeWidth: size };
  }

  /** @type {Gesture["move"]} */
  move({ point, event }) {
    const start = (this.#start ??= point);
    const end = event.shiftKey ? evened(start, point, this.#shape.type) : point;
    const [x, y, x2, y2] = [tenth(start.x), tenth(start.y), tenth(end.x), tenth(end.y)];
    this.#shape = this.#shape.type === "line" ? { ...this.#shape, x1: x, y1: y, x2, y2 } : { ...this.#shape, ...box(x, y, x2, y2) };
  }

  get sketch() {
    return [this.#shape];
  }

  up() {
    const { x1 = 0, y1 = 0, x2 = 0, y2 = 0, width = x2 - x1, height = y2 - y1 } = this.#shape;
    if (Math.hypot(width, height) * this.#desk.surface.viewport.scale < SMALLEST_PX) return;
    this.#desk.history.act(adding("objects", this.#shape));
  }
}

/** @implements {Gesture} */
class Eraser {
  /** @type {Element[]} */
  sketch = [];
  #desk;
  /** @type {Map<Element, {list: import("./history.js").DrawnList, element: Element}>} */
  #found = new Map();
  /** @type {Point | null} */
  #last = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
  }

  /** @type {Gesture["move"]} */
  move({ point }) {
    const radius = ERASER_PX / this.#desk.surface.viewport.scale;
    const state = this.#desk.state();
    const before = this.#found.size;
    for (const list of DRAWN) {
      for (const element of state[list]) {
        if (element.id === undefined || this.#found.has(element)) continue;
        if (isTouched(element, this.#last ?? point, point, radius)) this.#found.set(element, { list, element });
      }
    }
    this.#last = point;
    if (this.#found.size > before) this.#desk.surface.hide(new Set(this.#found.keys()));
  }

  up() {
    this.cancel();
    if (this.#found.size > 0) this.#desk.history.act(erasing([...this.#found.values()]));
  }

  cancel() {
    this.#desk.surface.hide(new Set());
  }
}

/** @implements {Gesture} */
class Text {
  /** @type {Element[]} */
  sketch = [];
  #desk;
  /** @type {Point | null} */
  #at = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
  }

  /** @type {Gesture["move"]} */
  move({ point }) {
    this.#at = point;
  }

  up() {
    if (this.#at) this.#desk.write(this.#at);
  }
}

/** Every drawing tool, in the order of the toolbar, with the permission it needs and its key. @type {Readonly<Record<ToolName, Tool>>} */
export const TOOLS = Object.freeze({
  pen: { Gesture: Freehand, permission: "can_draw", key: "p" },
  highlighter: { Gesture: Freehand, permission: "can_draw", key: "m" },
  eraser: { Gesture: Eraser, permission: "can_erase", key: "e" },
  line: { Gesture: Shape, permission: "can_draw", key: "l" },
  rectangle: { Gesture: Shape, permission: "can_draw", key: "r" },
  ellipse: { Gesture: Shape, permission: "can_draw", key: "o" },
  text: { Gesture: Text, permission: "can_draw", key: "t" },
  pan: { Gesture: null, permission: null, key: "h" },
});

/** @param {string} letter @returns {ToolName | undefined} the tool that has it as its key */
export function toolOfKey(letter) {
  const names = /** @type {ToolName[]} */ (Object.keys(TOOLS));
  return names.find((name) => TOOLS[name].key === letter);
}

/** With Shift held: squares, circles, and lines at every 45 degrees. @param {Point} start @param {Point} end @param {string} type @returns {Point} */
function evened(start, end, type) {
  const [across, down] = [end.x - start.x, end.y - start.y];
  if (type === "line") {
    const length = Math.hypot(across, down);
    const angle = Math.round(Math.atan2(down, across) / (Math.PI / 4)) * (Math.PI / 4);
    return { x: start.x + length * Math.cos(angle), y: start.y + length * Math.sin(angle) };
  }
  const side = Math.max(Math.abs(across), Math.abs(down));
  return { x: start.x + side * Math.sign(across), y: start.y + side * Math.sign(down) };
}

/** @param {number} x @param {number} y @param {number} x2 @param {number} y2 */
function box(x, y, x2, y2) {
  return { x: Math.min(x, x2), y: Math.min(y, y2), width: tenth(Math.abs(x2 - x)), height: tenth(Math.abs(y2 - y)) };
}

/** @param {number} value */
function tenth(value) {
  return Math.round(value * 10) / 10;
}
