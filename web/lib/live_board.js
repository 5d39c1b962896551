/**
 * One client's board: what the server has confirmed, in its order, and on top of that one's own events that it has
 * not confirmed yet, so that a stroke is seen in the frame in which it is drawn. Pure.
 * @module
 */

import { apply } from "./board_events.js";
import { Board } from "./board_state.js";

/** @typedef {import("./types.js").BoardChange} BoardChange */
/** @typedef {import("./types.js").BoardEvent} BoardEvent */
/** @typedef {import("./types.js").BoardState} BoardState */
/** @typedef {import("./types.js").ListName} ListName */
/** @typedef {string | number} EventId */
/** @typedef {{version: number, own: EventId | null, event: BoardEvent | null}} Step An update, or an ack (no event). */

/** `hole`: a version is missing, and the whole board has to be asked for (`begin`, then `replaced`). */
export class LiveBoard {
  #confirmed = new Board();
  #version = 0;
  /** What came while the whole board is under way; null when it is here. @type {Step[] | null} */
  #held = [];
  /** One's own, shown on top. @type {Map<EventId, BoardEvent>} */
  #pending = new Map();
  /** Pending ones that the server says it has, whose own place in the order has not come by. @type {Map<EventId, number>} */
  #landed = new Map();
  /** Confirmed and pending together; null when it has to be made again. @type {Board | null} */
  #shown = null;
  /** @type {BoardState | null} */
  #state = null;

  /** Whether the whole board is here and current. */
  get ready() {
    return this.#held === null;
  }

  /** The newest version that the server has confirmed. */
  get version() {
    return this.#version;
  }

  /** Everything, one's own unconfirmed events included. Cheap when nothing has changed. @returns {Readonly<BoardState>} */
  state() {
    this.#state ??= this.#board().state();
    return this.#state;
  }

  /** Without one's own unconfirmed events. @returns {BoardState} */
  confirmedState() {
    return this.#confirmed.state();
  }

  /** @param {ListName} where */
  elements(where) {
    return this.state()[where];
  }

  /** @param {ListName} where @param {unknown} id */
  get(where, id) {
    return this.#board().get(where, id);
  }

  /** Whether this event of one's own is shown, and has not come by in its place. @param {EventId} id */
  hasPending(id) {
    return this.#pending.has(id);
  }

  /** Shows one's own event. @param {EventId} id @param {BoardEvent} event @returns {BoardChange} */
  show(id, event) {
    const shown = this.#pending.size === 0 ? this.#confirmed.copy() : this.#board();
    apply(shown, event);
    this.#pending.set(id, event);
    this.#changed(shown);
    return this.#told("local", event, true);
  }

  /** Takes one's own event back: it was refused. @param {EventId} id @returns {BoardChange | null} */
  undo(id) {
    const event = this.#pending.get(id);
    if (!event) return null;
    this.#forget(id);
    return this.#told("undone", event, true);
  }

  /** The whole board is being asked for: what comes until it is here waits. */
  begin() {
    for (const { own, version } of this.#held ?? []) if (own !== null) this.#landed.set(own, version);
    this.#held = [];
  }

  /**
   * The whole board is here. What waited follows.
   * @param {number} version
   * @param {unknown} state
   * @returns {BoardChange[] | "hole"}
   */
  replaced(version, state) {
    const held = this.#held ?? [];
    this.#held = null;
    this.#confirmed = new Board(state);
    this.#version = version;
    for (const id of this.#landed.keys()) this.#pending.delete(id);
    this.#landed.clear();
    this.#changed(null);
    const changes = [this.#told("replaced", undefined, false)];
    for (const step of held) {
      const change = this.take(step);
      if (change === "hole") return "hole";
      if (change) changes.push(change);
    }
    return changes;
  }

  /**
   * The server has the event, and says its place in the order comes or came by otherwise.
   * @param {EventId} id
   * @param {number} version
   * @returns {BoardChange | null}
   */
  landed(id, version) {
    const event = this.#pending.get(id);
    if (!event) return null;
    if (!this.ready || version > this.#version) {
      this.#landed.set(id, version);
      return null;
    }
    this.#forget(id);
    return this.#told("confirmed", { ...event, version }, true);
  }

  /**
   * The next step of the order. `own` names one's own event; an ack takes that as it is kept here.
   * @param {Step} step
   * @returns {BoardChange | "hole" | null}
   */
  take(step) {
    if (this.#held !== null) {
      this.#held.push(step);
      return null;
    }
    if (step.version <= this.#version) return step.own === null ? null : this.landed(step.own, step.version);
    const event = step.event ?? (step.own === null ? null : this.#pending.get(step.own));
    if (!event || step.version !== this.#version + 1) return "hole";
    return this.#advance(step, event);
  }

  /** @param {Step} step @param {BoardEvent} event @returns {BoardChange} */
  #advance({ own, version }, event) {
    const isNext = own !== null && this.#pending.keys().next().value === own;
    apply(this.#confirmed, event);
    this.#version = version;
    if (own !== null) {
      this.#pending.delete(own);
      this.#landed.delete(own);
    }
    // In the order in which they were drawn: what is shown stays as it is.
    this.#changed(isNext && this.#pending.size > 0 ? this.#shown : null);
    return this.#told(own === null ? "applied" : "confirmed", { ...event, version }, own !== null);
  }

  /** @returns {Board} */
  #board() {
    if (this.#pending.size === 0) return this.#confirmed;
    if (this.#shown === null) {
      this.#shown = this.#confirmed.copy();
      for (const event of this.#pending.values()) apply(this.#shown, event);
    }
    return this.#shown;
  }

  /** @param {EventId} id */
  #forget(id) {
    this.#pending.delete(id);
    this.#landed.delete(id);
    this.#changed(null);
  }

  /** @param {Board | null} shown */
  #changed(shown) {
    this.#shown = shown;
    this.#state = null;
  }

  /** @param {BoardChange["change"]} change @param {BoardEvent | undefined} event @param {boolean} own @returns {BoardChange} */
  #told(change, event, own) {
    return { change, event, own, version: this.#version };
  }
}
