/**
 * The server's limits, kept on this side, so that nothing is refused for coming too fast.
 * @module
 */

/** @typedef {import("./types.js").Timers} Timers */

export const BOARD_EVENTS_PER_SECOND = 60;
export const POINTERS_PER_SECOND = 20;
export const FULL_STATES_PER_SECOND = 1;
export const OTHERS_PER_SECOND = 60;

/** At most `count` in any second. Pure: times are milliseconds of any clock. */
export class RateWindow {
  /** @type {number[]} */
  #times = [];
  #count;

  /** @param {number} count */
  constructor(count) {
    this.#count = count;
  }

  /** How long until one more may pass. @param {number} now */
  waitMs(now) {
    if (this.#times.length < this.#count) return 0;
    return Math.max(0, this.#times[0] + 1000 - now);
  }

  /** One passes. @param {number} now */
  pass(now) {
    this.#times.push(now);
    if (this.#times.length > this.#count) this.#times.shift();
  }
}

/** Sends texts in order, at most so many a second; what waits at the end of a connection is gone. */
export class PacedQueue {
  /** @type {string[]} */
  #waiting = [];
  /** @type {any} */
  #timer = null;
  #timers;
  #window;
  #send;

  /** @param {Timers} timers @param {number} perSecond @param {(text: string) => void} send */
  constructor(timers, perSecond, send) {
    this.#timers = timers;
    this.#window = new RateWindow(perSecond);
    this.#send = send;
  }

  /** @param {string} text */
  push(text) {
    this.#waiting.push(text);
    if (this.#timer === null) this.#pump();
  }

  clear() {
    this.#waiting = [];
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #pump() {
    this.#timer = null;
    while (this.#waiting.length > 0) {
      const now = this.#timers.now();
      const waitMs = this.#window.waitMs(now);
      if (waitMs > 0) {
        this.#timer = this.#timers.setTimeout(() => this.#pump(), waitMs);
        return;
      }
      this.#window.pass(now);
      this.#send(/** @type {string} */ (this.#waiting.shift()));
    }
  }
}

/** Of what comes too fast only the newest is sent, as soon as it may be: for pointers. */
export class NewestOnly {
  /** @type {string | null} */
  #newest = null;
  /** @type {any} */
  #timer = null;
  #sentAt = -Infinity;
  #timers;
  #spacingMs;
  #send;

  /** @param {Timers} timers @param {number} perSecond @param {(text: string) => void} send */
  constructor(timers, perSecond, send) {
    this.#timers = timers;
    this.#spacingMs = 1000 / perSecond;
    this.#send = send;
  }

  /** @param {string} text */
  push(text) {
    this.#newest = text;
    if (this.#timer !== null) return;
    const waitMs = this.#sentAt + this.#spacingMs - this.#timers.now();
    if (waitMs <= 0) this.#pass();
    else this.#timer = this.#timers.setTimeout(() => this.#pass(), waitMs);
  }

  clear() {
    this.#newest = null;
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #pass() {
    this.#timer = null;
    const text = this.#newest;
    this.#newest = null;
    if (text === null) return;
    this.#sentAt = this.#timers.now();
    this.#send(text);
  }
}
