/**
 * Notices a connection that is open and dead: a sleeping laptop, a changed network. Browsers hide the protocol's own
 * pings from scripts, so a quiet connection is asked.
 * @module
 */

/** @typedef {import("./types.js").Timers} Timers */

export const ANSWER_MS = 10_000;

export class Watchdog {
  /** @type {any} */
  #timer = null;
  #heardAt = 0;
  #isAnswered = false;
  #quietMs = Infinity;
  #timers;
  #ask;
  #dead;

  /** @param {Timers} timers @param {() => void} ask @param {() => void} dead */
  constructor(timers, ask, dead) {
    this.#timers = timers;
    this.#ask = ask;
    this.#dead = dead;
  }

  /** A socket is opening: its welcome must come soon, whatever else does. */
  start() {
    this.#quietMs = Infinity;
    this.#expect();
  }

  /** From now on, silence of `quietMs` is asked about. @param {number} quietMs */
  watch(quietMs) {
    this.#quietMs = quietMs;
    this.#heardAt = this.#timers.now();
    this.#arm(quietMs, () => this.#check());
  }

  heard() {
    this.#heardAt = this.#timers.now();
    this.#isAnswered = true;
  }

  stop() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Asks now: there is reason to doubt. */
  check() {
    this.#ask();
    this.#expect();
  }

  #check() {
    const quiet = this.#timers.now() - this.#heardAt;
    if (quiet < this.#quietMs) this.#arm(this.#quietMs - quiet, () => this.#check());
    else this.check();
  }

  #expect() {
    this.#isAnswered = false;
    this.#arm(ANSWER_MS, () => {
      if (this.#isAnswered && this.#quietMs !== Infinity) this.#check();
      else this.#dead();
    });
  }

  /** @param {number} ms @param {() => void} run */
  #arm(ms, run) {
    this.stop();
    this.#timer = this.#timers.setTimeout(run, ms);
  }
}
