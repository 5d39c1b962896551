/**
 * Empties the outbox onto the connection: in order, within the limits, and again after what passes.
 * @module
 */

import { Outbox } from "./outbox.js";
import { BOARD_EVENTS_PER_SECOND, FULL_STATES_PER_SECOND, RateWindow } from "./rates.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./types.js").Timers} Timers */

/** Refusals after which the same event, with the same id, may well be taken. */
export const PASSING = new Set(["store_unavailable", "rate_limited", "overloaded", "shutting_down"]);
const PAUSE_MS = 1_000;

export class BoardSender {
  #events = new RateWindow(BOARD_EVENTS_PER_SECOND);
  #fullStates = new RateWindow(FULL_STATES_PER_SECOND);
  #isOpen = false;
  #pausedUntil = -Infinity;
  /** @type {any} */
  #timer = null;
  #outbox;
  #timers;
  #send;

  /** @param {Outbox} outbox @param {Timers} timers @param {(text: string) => void} send */
  constructor(outbox, timers, send) {
    this.#outbox = outbox;
    this.#timers = timers;
    this.#send = send;
  }

  /** The connection is good (again): everything that was not acknowledged goes. */
  open() {
    this.#isOpen = true;
    this.#pausedUntil = -Infinity;
    this.#outbox.again();
    this.pump();
  }

  close() {
    this.#isOpen = false;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** An event was refused with one of `PASSING`: all that is not acknowledged goes again, in order, after a while. */
  retry(waitMs = PAUSE_MS) {
    this.#outbox.again();
    this.#pausedUntil = this.#timers.now() + waitMs;
    this.#wait(waitMs);
  }

  /** Sends what may be sent now, and sees to the rest. */
  pump() {
    while (this.#isOpen) {
      const entry = this.#outbox.next();
      if (!entry) return;
      const now = this.#timers.now();
      const window = entry.event.event_type === "state:full" ? this.#fullStates : this.#events;
      const waitMs = Math.max(this.#pausedUntil - now, window.waitMs(now));
      if (waitMs > 0) {
        this.#wait(waitMs);
        return;
      }
      window.pass(now);
      this.#outbox.sent(entry.id);
      this.#send(entry.text);
    }
  }

  /** @param {number} ms */
  #wait(ms) {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = this.#timers.setTimeout(() => this.pump(), ms);
  }
}
