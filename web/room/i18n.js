/**
 * The words of the page in the reader's language: `t("people.title")`, `t("toast.joined", {name})`.
 * @module
 */

import { en } from "../strings/en.js";
import { uk } from "../strings/uk.js";
import { forEver } from "./keeping.js";

/** Every language by its tag, with the name its readers know. */
/** @typedef {Readonly<Record<string, string>>} Words */

/** @type {Readonly<Record<string, {name: string, table: Words}>>} */
export const LANGUAGES = Object.freeze({ en: { name: "English", table: en }, uk: { name: "Українська", table: uk } });

const KEPT_AS = "lessonroom.language";

function chosen() {
  const wanted = [forEver.getItem(KEPT_AS), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((tag) => tag !== null && Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

/** The language this page is in. */
export const language = chosen();
const english = /** @type {Words} */ (en);
const { table } = LANGUAGES[language];
document.documentElement.lang = language;

/**
 * The text for `key`, with `{name}` replaced by `values.name`.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const text = table[key] ?? english[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, /** @type {string} */ name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/** Whether there are words for `key`. @param {string} key */
export function hasText(key) {
  return Object.hasOwn(en, key);
}

/** @type {Set<() => void>} */
const listeners = new Set();

/** Calls `listener` before the page is loaded anew for another language. @param {() => void} listener @returns {() => void} stops it */
export function onSpeak(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Shows the page in another language from now on; the lesson goes on where it was. @param {string} tag */
export function speak(tag) {
  if (tag === language) return;
  forEver.setItem(KEPT_AS, tag);
  for (const listener of listeners) listener();
  location.reload();
}

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** A time of today; one of another day says which. @param {string} time @param {Date} [now] */
export function clockTime(time, now = new Date()) {
  const then = new Date(time);
  return (then.toDateString() === now.toDateString() ? clock : dayAndClock).format(then);
}

/** A time with its day. @param {string} time */
export function dateTime(time) {
  return dayAndClock.format(new Date(time));
}
