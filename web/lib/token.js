/**
 * The classroom token as its owner sees it: for showing, and for knowing when to ask for the next. What it says is
 * not checked here. Pure.
 * @module
 */

/** @typedef {import("./types.js").UserId} UserId */
/** @typedef {{user_id: UserId, iat?: number, exp: number}} Claims seconds since 1970 */

const MARGIN_MS = 300_000;

/** @param {string} token @returns {Claims | null} */
export function readClaims(token) {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims?.exp === "number" && "user_id" in claims ? claims : null;
  } catch {
    return null; // no token that we can read; the server will say what it thinks of it
  }
}

/**
 * When to ask for the next token: a tenth of its life, and at most five minutes, before its end.
 * @param {Claims} claims
 * @returns {number} milliseconds since 1970
 */
export function refreshAt({ iat, exp }) {
  return exp * 1000 - Math.min(MARGIN_MS, (exp - (iat ?? 0)) * 100);
}
