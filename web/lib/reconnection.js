/**
 * Decides, after a socket closed, whether and when the next one opens: exponential backoff with full jitter, so
 * that many clients that were cut off together do not come back together. Pure.
 * @module
 */

import { closeRow } from "./closes.js";

/** @typedef {import("./closes.js").Comeback} Comeback */

export const MOST_MS = 20_000;
/** A connection that held for so long was good: the next loss starts from the shortest wait. */
export const STABLE_MS = 10_000;
/** So many tokens in a row may be refused before we believe it. */
export const MOST_TOKENS = 3;

/** `immediate`: the first attempt waits for nothing; `floorMs`: each waits at least so long. */
const WAITS = Object.freeze({
  yes: { immediate: false, floorMs: 0, baseMs: 500 },
  at_once: { immediate: true, floorMs: 0, baseMs: 500 },
  later: { immediate: false, floorMs: 1_000, baseMs: 4_000 },
  with_new_token: { immediate: true, floorMs: 0, baseMs: 1_000 },
});

/**
 * @param {Exclude<Comeback, "no">} comeback
 * @param {number} attempt how many there were before this one
 * @param {() => number} random 0 ≤ x < 1
 * @returns {number} milliseconds
 */
export function waitMs(comeback, attempt, random) {
  const wait = WAITS[comeback];
  if (wait.immediate && attempt === 0) return 0;
  return wait.floorMs + random() * Math.min(MOST_MS, wait.baseMs * 2 ** attempt);
}

/**
 * @typedef {object} Decision
 * @property {string} name of the close code
 * @property {number | null} waitMs null: this is the end
 * @property {boolean} needsToken a new classroom token comes first
 * @property {number} attempt
 */

/** Counts the attempts of one client. */
export class Reconnection {
  #attempt = 0;
  #refusedTokens = 0;
  /** @type {number | null} */
  #welcomedAt = null;
  #random;

  /** @param {() => number} random */
  constructor(random) {
    this.#random = random;
  }

  /** A welcome came. @param {number} now */
  welcomed(now) {
    this.#welcomedAt = now;
    this.#refusedTokens = 0;
  }

  /** Somebody asked for an attempt, or the network came back: the next wait is a short one. */
  reset() {
    this.#attempt = 0;
  }

  /**
   * @param {number} code the close code
   * @param {number} now
   * @returns {Decision}
   */
  after(code, now) {
    if (this.#welcomedAt !== null && now - this.#welcomedAt >= STABLE_MS) this.#attempt = 0;
    this.#welcomedAt = null;
    const { name, comeback } = closeRow(code);
    const needsToken = comeback === "with_new_token";
    if (needsToken) this.#refusedTokens += 1;
    const isOver = comeback === "no" || this.#refusedTokens >= MOST_TOKENS;
    const wait = isOver ? null : waitMs(comeback, this.#attempt, this.#random);
    this.#attempt += 1;
    return { name, waitMs: wait, needsToken, attempt: this.#attempt };
  }
}
