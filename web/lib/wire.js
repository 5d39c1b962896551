/**
 * Messages as text. What the server would close the socket for never leaves. Pure.
 * @module
 */

import { LessonroomError } from "./errors.js";

export const MESSAGE_BYTES = 65_536;
export const STATE_BYTES = 4 << 20;
export const POINTER_BYTES = 2_048;
const MOST_LEVELS = 64;

const LONE_SURROGATE = /\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g;
const encoder = new TextEncoder();

/**
 * JSON with half characters (a cut emoji) replaced, as the server takes none. Infinity and NaN become null.
 * @param {import("./types.js").Message} message
 * @param {number} [limit] bytes
 * @returns {string}
 * @throws {LessonroomError} too_large, bad_message
 */
export function encode(message, limit = MESSAGE_BYTES) {
  // JSON.stringify writes a half character as an escape, and whole ones as they are.
  const text = JSON.stringify(message).replace(LONE_SURROGATE, (whole, escaped) =>
    escaped.length > 1 ? "\ufffd" : whole);
  if (isDeeperThan(text, MOST_LEVELS)) throw new LessonroomError("bad_message", "The message is nested too deeply.");
  if (text.length > limit || encoder.encode(text).length > limit) {
    throw new LessonroomError("too_large", `The message is larger than ${limit} bytes.`);
  }
  return text;
}

/**
 * @param {unknown} text
 * @returns {import("./types.js").Message | null} null for what is no message
 */
export function decode(text) {
  try {
    const message = JSON.parse(String(text));
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null; // a proxy's text, or none at all; the server sends JSON
  }
}

/** @param {string} json @param {number} most */
function isDeeperThan(json, most) {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (isInText) {
      if (char === "\\") at += 1;
      else if (char === '"') isInText = false;
    } else if (char === '"') isInText = true;
    else if (char === "[" || char === "{") {
      depth += 1;
      if (depth > most) return true;
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return false;
}
