/**
 * Keeps a client's classroom token fresh: the next one is asked for over the socket before this one ends, and from
 * the platform where this one is not taken any more.
 * @module
 */

import { readClaims, refreshAt } from "./token.js";

/** @typedef {import("./types.js").Timers} Timers */

const LONGEST_TIMER_MS = 3_600_000;
const ASK_AGAIN_MS = 30_000;
/** What ends the attempts to get a token: it would be the same next time. */
const HOPELESS = new Set([400, 401, 403, 404, 410]);

export class TokenKeeper {
  token;
  /** @type {any} */
  #timer = null;
  #refresh;
  #timers;
  #server;

  /**
   * @param {string} token
   * @param {(() => Promise<string>) | null} refresh gets one from the platform
   * @param {Timers} timers
   * @param {{now: () => number, ask: () => void}} server its clock, and how it is asked over the socket
   */
  constructor(token, refresh, timers, server) {
    this.token = token;
    this.#refresh = refresh;
    this.#timers = timers;
    this.#server = server;
  }

  get userId() {
    return readClaims(this.token)?.user_id ?? null;
  }

  /** Whether it is this person's: 7 and "7" are one. @param {unknown} user */
  isFor(user) {
    return String(user) === String(this.userId);
  }

  /** Milliseconds since 1970; 0 when the token cannot be read. */
  get expiresAt() {
    return (readClaims(this.token)?.exp ?? 0) * 1000;
  }

  /** Another token is here. @param {string} token */
  take(token) {
    this.token = token;
    this.watch();
  }

  /** From now on, asks for the next token when it is due, and again until it is here. */
  watch() {
    this.stop();
    const claims = readClaims(this.token);
    if (!claims) return;
    const waitMs = refreshAt(claims) - this.#server.now();
    if (waitMs > 0) this.#wait(Math.min(LONGEST_TIMER_MS, waitMs));
    else {
      this.#server.ask();
      this.#wait(ASK_AGAIN_MS);
    }
  }

  stop() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** After the token was not taken. @returns {Promise<"ok" | "later" | "never">} */
  async renew() {
    if (!this.#refresh) return "never";
    try {
      this.token = await this.#refresh();
      return "ok";
    } catch (problem) {
      return HOPELESS.has(/** @type {any} */ (problem)?.status) ? "never" : "later";
    }
  }

  /** @param {number} ms */
  #wait(ms) {
    this.#timer = this.#timers.setTimeout(() => this.watch(), ms);
  }
}
