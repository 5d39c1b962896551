/**
 * The table of close codes: what each means, and whether and how a client comes back.
 * @module
 */

/**
 * @typedef {"no" | "yes" | "at_once" | "later" | "with_new_token"} Comeback
 * @typedef {{name: string, comeback: Comeback}} CloseRow
 */

/** @type {Readonly<Record<number, CloseRow>>} */
export const CLOSES = Object.freeze({
  1000: { name: "left", comeback: "no" },
  1012: { name: "restarting", comeback: "at_once" },
  1013: { name: "overloaded", comeback: "later" },
  4400: { name: "malformed", comeback: "no" },
  4401: { name: "unauthorized", comeback: "with_new_token" },
  4403: { name: "forbidden", comeback: "no" },
  4404: { name: "not_found", comeback: "no" },
  4408: { name: "too_slow", comeback: "yes" },
  4410: { name: "session_over", comeback: "no" },
  4413: { name: "too_large", comeback: "no" },
  4429: { name: "rate_limited", comeback: "later" },
});

/** At these ends nothing that was drawn can ever be sent. */
export const FINAL = new Set(["left", "forbidden", "not_found", "session_over"]);

/** What the network does by itself (1001, 1006, …), or a code that is not ours. @type {CloseRow} */
const LOST = Object.freeze({ name: "lost", comeback: "yes" });

/**
 * @param {number} code
 * @returns {CloseRow}
 */
export function closeRow(code) {
  return Object.hasOwn(CLOSES, code) ? CLOSES[code] : LOST;
}
