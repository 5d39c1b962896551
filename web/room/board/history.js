/**
 * What this person did on the board, to take back and to do again. Nobody takes back what somebody else did.
 * @module
 */

const MOST = 200;

/** Events after which the board is another one, whoever they are from. */
const ANOTHER_BOARD = new Set(["board_clear", "canvas:clear", "clear_all", "state:full"]);

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {"strokes" | "objects"} DrawnList */
/** @typedef {[eventType: string, data: any]} Event */
/** @typedef {{forth: Event[], back: Event[]}} Deed */

export class History {
  /** @type {Deed[]} */
  #done = [];
  /** @type {Deed[]} */
  #undone = [];
  #draw;
  #onChange;

  /** @param {(eventType: string, data: any) => void} draw @param {() => void} onChange */
  constructor(draw, onChange) {
    this.#draw = draw;
    this.#onChange = onChange;
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }

  /** Does something that can be taken back. @param {Deed} deed */
  act(deed) {
    this.#run(deed.forth);
    this.#done = [...this.#done.slice(1 - MOST), deed];
    this.#undone = [];
    this.#onChange();
  }

  /** Takes back the last deed. */
  undo() {
    const deed = this.#done.pop();
    if (!deed) return;
    this.#run(deed.back);
    this.#undone.push(deed);
    this.#onChange();
  }

  /** Does again what was taken back last. */
  redo() {
    const deed = this.#undone.pop();
    if (!deed) return;
    this.#run(deed.forth);
    this.#done.push(deed);
    this.#onChange();
  }

  /** The board is another one: there is nothing to take back. */
  forget() {
    this.#done = [];
    this.#undone = [];
    this.#onChange();
  }

  /** @param {Event[]} events */
  #run(events) {
    for (const [eventType, data] of events) this.#draw(eventType, data);
  }
}

/** Whether there is nothing left to take back after this change. @param {import("../../lib/types.js").BoardChange} change */
export function isAnotherBoard({ change, event }) {
  return change === "replaced" || (event !== undefined && ANOTHER_BOARD.has(event.event_type));
}

/** The deed of adding an element. @param {DrawnList} list @param {Element} element @returns {Deed} */
export function adding(list, element) {
  return { forth: [added(list, element)], back: [removed(list, element)] };
}

/** The deed of erasing elements. @param {{list: DrawnList, element: Element}[]} found @returns {Deed} */
export function erasing(found) {
  return {
    forth: found.map(({ list, element }) => removed(list, element)),
    back: found.map(({ list, element }) => added(list, element)),
  };
}

/** @param {DrawnList} list @param {Element} element @returns {Event} */
function added(list, element) {
  return list === "strokes" ? ["stroke_add", { stroke: element }] : ["object:add", { object: element }];
}

/** @param {DrawnList} list @param {Element} element @returns {Event} */
function removed(list, element) {
  return list === "strokes" ? ["stroke_delete", { strokeId: element.id }] : ["object:remove", { objectId: element.id }];
}
