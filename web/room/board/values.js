/**
 * What an element may be drawn with: numbers, texts and colours out of fields that anybody could have sent. Nothing of
 * an element is read but through these functions, and each is total, as the server's are when it exports: what it does
 * not understand is as if it were not there. Pure, but for a canvas that knows colours.
 * @module
 */

import { isColour } from "./tones.js";

const FARTHEST = 100_000; // no element makes a board without end
const MOST_LETTERS = 5_000;
const MOST_COLOUR_LETTERS = 80;
const NUMBER = /^\s*([+-]?\d{1,12}(?:\.\d{1,12})?)(?:px)?\s*$/;

/** @typedef {import("../../lib/types.js").Element} Element */

/**
 * The number in a value (also as text, `12` or `12px`), kept within the limits; null where there is none.
 * @param {unknown} value
 * @param {number} [least]
 * @param {number} [most]
 */
export function numberIn(value, least = -FARTHEST, most = FARTHEST) {
  const given = typeof value === "string" ? Number(NUMBER.exec(value)?.[1] ?? NaN) : value;
  if (typeof given !== "number" || !Number.isFinite(given)) return null;
  return Math.min(Math.max(given, least), most);
}

/**
 * The first number among the fields `names`, kept within the limits.
 * @param {Element} element
 * @param {readonly string[]} names
 * @param {number} [least]
 * @param {number} [most]
 */
export function firstNumber(element, names, least, most) {
  for (const name of names) {
    const value = numberIn(element[name], least, most);
    if (value !== null) return value;
  }
  return null;
}

/** A person's text; empty where there is none. @param {unknown} value @param {number} [most] letters */
export function textIn(value, most = MOST_LETTERS) {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.slice(0, most).replaceAll("\r\n", "\n").replaceAll("\t", "    ") : "";
}

/** The first text among the fields `names` that says something. @param {Element} element @param {readonly string[]} names @param {number} [most] letters */
export function firstText(element, names, most) {
  return names.map((name) => textIn(element[name], most)).find((text) => text !== "") ?? "";
}

/** The first colour among the fields `names`; `none` for one that is not to be seen. @param {Element} element @param {readonly string[]} names @returns {string | undefined} */
export function firstColour(element, names) {
  return names.map((name) => colourIn(element[name])).find((colour) => colour !== null) ?? undefined;
}

/** The colour that a value names, `none` for a transparent one, null where it names none. @param {unknown} value */
export function colourIn(value) {
  if (typeof value !== "string" || value.length > MOST_COLOUR_LETTERS) return null;
  const text = value.trim().toLowerCase();
  if (text === "none" || text === "transparent") return "none";
  return isColour(text) ? text : null;
}
