/**
 * What an element may be drawn with: numbers and texts out of fields that anybody could have sent. Nothing of an element
 * is read but through these functions, and each is total, as the server's are when it exports: what it does not
 * understand is as if it were not there. Pure.
 * @module
 */

const FARTHEST = 100_000; // no element makes a board without end
const MOST_LETTERS = 5_000;
const NUMBER = /^\s*([+-]?\d{1,12}(?:\.\d{1,12})?)(?:px)?\s*$/;

/** @typedef {import("../../lib/types.js").Element} Element */

/** The number in a value (also as text, `12` or `12px`), kept within ±100,000; null where there is none. @param {unknown} value */
export function numberIn(value) {
  const given = typeof value === "string" ? Number(NUMBER.exec(value)?.[1] ?? NaN) : value;
  if (typeof given !== "number" || Number.isNaN(given)) return null;
  return Math.min(Math.max(given, -FARTHEST), FARTHEST);
}

/** The first number among the fields `names`. @param {Element} element @param {string[]} names */
export function firstNumber(element, names) {
  for (const name of names) {
    const value = numberIn(element[name]);
    if (value !== null) return value;
  }
  return null;
}

/** A person's text; empty where there is none. @param {unknown} value */
export function textIn(value) {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.slice(0, MOST_LETTERS) : "";
}

/** The first of the fields `names` that could be a colour. @param {Element} element @param {string[]} names @returns {string | undefined} */
export function firstColour(element, names) {
  return names.map((name) => element[name]).find((value) => typeof value === "string");
}

/** @param {number} value @param {number} least @param {number} most */
export function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
