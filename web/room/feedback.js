/**
 * What the page tells people by itself: short notes, questions before something cannot be taken back.
 * @module
 */

import { h, icon, iconButton } from "./dom.js";
import { hasText, t } from "./i18n.js";

/** How long a note stays; one that lasts is taken back by whoever gave it. */
const STAY_MS = Object.freeze({ info: 5_000, problem: 10_000, lasting: null });
const MOST_NOTES = 3;
const notes = h("div", { class: "notes", role: "status", "aria-live": "polite" });
document.body.append(notes); // screen readers listen to what was there before it spoke

/** Shows a note. @param {string} text @param {keyof typeof STAY_MS} [kind] @returns {() => void} takes it back */
export function note(text, kind = "info") {
  const shown = h("div", { class: `note ${kind}` }, kind === "problem" ? icon("warning") : null, h("span", {}, text));
  shown.append(iconButton("close", t("close"), () => shown.remove()));
  for (const earlier of [...notes.children]) if (earlier.textContent === shown.textContent) earlier.remove();
  notes.append(shown);
  while (notes.children.length > MOST_NOTES) notes.firstElementChild?.remove();
  const stayMs = STAY_MS[kind];
  if (stayMs !== null) setTimeout(() => shown.remove(), stayMs);
  return () => shown.remove();
}

/** Takes back all notes and questions: they belong to what was shown before. */
export function clearNotes() {
  notes.replaceChildren();
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/** What went wrong, in the reader's words where there are some for its code. @param {any} problem */
export function problemText(problem) {
  const key = `problem.${problem?.code}`;
  return hasText(key) ? t(key) : (problem?.message ?? t("problem.internal"));
}

/**
 * Runs something that may be refused, and tells of it; the result, or undefined.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function tell(work) {
  try {
    return await work();
  } catch (problem) {
    note(problemText(problem), "problem");
    return undefined;
  }
}

/** @typedef {{title: string, text: string, action: string, danger?: boolean}} Question */

/** Asks before something is done. @param {Question} question @returns {Promise<boolean>} */
export async function confirm(question) {
  return (await ask(question)) !== null;
}

/**
 * Asks before something is done, and for words about it where there is a `field`.
 * @param {Question & {field?: {label: string, maxlength: number}}} question
 * @returns {Promise<string | null>} the words, or null: it is not to be done
 */
export function ask({ title, text, action, danger = true, field }) {
  const words = field ? h("input", { type: "text", id: "question-words", maxlength: field.maxlength, autocomplete: "off" }) : null;
  const dialog = h(
    "dialog",
    { class: "question", "aria-labelledby": "question-title" },
    h("h2", { id: "question-title" }, title),
    h("p", {}, text),
    h(
      "form",
      { method: "dialog" },
      words && h("label", { class: "field", for: "question-words" }, field?.label, words),
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, t("cancel")),
        h("button", { value: "yes", class: `button ${danger ? "danger" : "primary"}` }, action),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? (words?.value.trim() ?? "") : null);
    });
  });
}
