/**
 * Texts, sticky notes, and frames in the place of what is not drawn. The rules are the ones the server exports boards
 * by: widths are estimated, so that a text breaks at the same words everywhere. Pure but for `Path2D`.
 * @module
 */

import { boxOf, cornerOf, grown, middleOf, roundedPath } from "./shapes.js";
import { INK } from "./styles.js";
import { colourIn, firstColour, firstNumber, firstText, numberIn, textIn } from "./values.js";

const LINE_HEIGHT = 1.25;
const ASCENT = 0.95; // from the top of a line to its baseline, in font sizes
const LETTER = 0.6; // how wide a letter is taken to be, in font sizes
const MOST_LINES = 400;
const USUAL_FONT = 18;
const TEXTS = ["text", "content", "value", "label"];
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const NOTE = { width: 200, height: 150, padding: 12, font: 14, smallestFont: 6, paper: "#fde047" };
const FRAME = { width: 200, height: 150, paper: "#f1f5f9", line: "#94a3b8", ink: "#475569" };
const LABELS = ["alt", "name", "title", "label", "filename", "fileName", "type", "tool", "kind", "shape"];
const LONGEST_LABEL = 200;

/** @type {("left" | "center" | "right")[]} */
const ALIGNS = ["left", "center", "right"];

/** @typedef {import("../../lib/types.js").Element} Element */
/** @typedef {import("./elements.js").Box} Box */
/** @typedef {import("./elements.js").Look} Look */
/** @typedef {import("./elements.js").Words} Words */
/** @typedef {{size: number, colour: string}} Type How letters are set. */

/** What is written on an element. @param {Element} element */
export function textOf(element) {
  return firstText(element, TEXTS);
}

/** A text on the board, broken at its width where it has one. @param {Element} element @returns {Look | null} */
export function text(element) {
  const [at, content] = [cornerOf(element), textOf(element)];
  if (at === null || content.trim() === "") return null;
  const size = firstNumber(element, ["fontSize", "font_size", "size"], 4, 400) || USUAL_FONT;
  const width = firstNumber(element, ["width", "w"], 1);
  const lines = linesOf(content, size, width);
  const across = width ?? Math.max(...lines.map((line) => widthOf(line, size)));
  const box = { left: at.x, top: at.y, right: at.x + across, bottom: at.y + lines.length * size * LINE_HEIGHT };
  const colour = firstColour(element, ["textColor", "color", "colour", "fill", "stroke"]) ?? INK;
  return { parts: [words(lines, element, box, { size, colour })], box, touched: "box", reach: 0 };
}

/** A sticky note: its text is made smaller until it fits. @param {Element} element @returns {Look | null} */
export function note(element) {
  const box = boxOf(element, NOTE);
  if (box === null) return null;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const paper = firstColour(element, ["bgColor", "backgroundColor", "background", "fill", "color"]) ?? NOTE.paper;
  const inner = grown(box, -Math.min(NOTE.padding, width / 4, height / 4));
  const [across, down] = [inner.right - inner.left, inner.bottom - inner.top];
  let size = firstNumber(element, ["fontSize", "font_size"], 4, 400) || NOTE.font;
  let lines = linesOf(textOf(element), size, across);
  while (size > NOTE.smallestFont && lines.length * size * LINE_HEIGHT > down) {
    size = Math.max(size * 0.85, NOTE.smallestFont);
    lines = linesOf(textOf(element), size, across);
  }
  const fitting = lines.slice(0, Math.max(Math.floor(down / (size * LINE_HEIGHT)), 1));
  const written = words(fitting, element, inner, { size, colour: colourIn(element.textColor) ?? INK });
  return { parts: [{ path: roundedPath(box, 4), fill: paper, line: null }, written], box, touched: "box", reach: 0, hasPaper: true };
}

/** The place of something that is not drawn, an image, a player: a frame with its name. @param {Element} element @returns {Look | null} */
export function frame(element) {
  const box = boxOf(element, FRAME);
  if (box === null) return null;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const size = Math.max(Math.min(14, height / 4, width / 8), 2);
  const label = shortened(firstText(element, LABELS, LONGEST_LABEL).trim() || "image", size, width * 0.9);
  const { x, y } = middleOf(box);
  return {
    parts: [
      { path: roundedPath(box, 2), fill: FRAME.paper, line: { colour: FRAME.line, width: 1, dash: [] } },
      { lines: [{ text: label, x, y: y + size * 0.35 }], colour: FRAME.ink, font: `${size}px Inter, sans-serif`, align: "center" },
    ],
    box,
    touched: null,
    reach: 0,
    hasPaper: true,
  };
}

/** @param {string[]} lines @param {Element} element @param {Box} box @param {Type} type @returns {Words} */
function words(lines, element, box, { size, colour }) {
  const align = ALIGNS.find((each) => each === (element.textAlign ?? element.align)) ?? "left";
  const x = { left: box.left, center: middleOf(box).x, right: box.right }[align];
  const placed = lines.map((line, index) => ({ text: line, x, y: box.top + size * (ASCENT + index * LINE_HEIGHT) }));
  return { lines: placed.filter((line) => line.text.trim() !== ""), colour, font: fontOf(element, size), align };
}

/** @param {Element} element @param {number} size */
function fontOf(element, size) {
  const asked = textIn(element.fontFamily, LONGEST_LABEL).toLowerCase();
  const isMono = asked.includes("mono") || asked.includes("courier");
  const isSerif = asked.includes("times") || (asked.includes("serif") && !asked.includes("sans"));
  const family = isMono ? "monospace, Inter" : isSerif ? "serif, Inter" : "Inter, sans-serif";
  const isBold = element.fontWeight === "bold" || (numberIn(element.fontWeight) ?? 0) >= 600 || element.bold === true;
  const isItalic = element.fontStyle === "italic" || element.italic === true;
  return `${isItalic ? "italic " : ""}${isBold ? "bold " : ""}${size}px ${family}`;
}

/** @param {string} line @param {number} size */
function widthOf(line, size) {
  let width = 0;
  for (const letter of line) width += letterOf(letter);
  return width * size;
}

/** @param {string} letter */
function letterOf(letter) {
  return WIDE.test(letter) ? 1 : LETTER;
}

/** @param {string} label @param {number} size @param {number} width */
function shortened(label, size, width) {
  const letters = [...label.split(/\s+/u).join(" ")];
  const room = Math.max(Math.floor(width / (size * LETTER)), 1);
  return letters.length <= room ? letters.join("") : `${letters.slice(0, Math.max(room - 1, 1)).join("")}…`;
}

/** @param {string} content @param {number} size @param {number | null} width */
function linesOf(content, size, width) {
  /** @type {string[]} */
  const lines = [];
  for (const paragraph of content.split("\n")) {
    lines.push(...(width === null ? [paragraph] : broken(paragraph, size, Math.max(width, size))));
    if (lines.length >= MOST_LINES) break;
  }
  return lines.slice(0, MOST_LINES);
}

/** The paragraph in lines no wider than `width`, broken at spaces, inside a word only where it must. @param {string} paragraph @param {number} size @param {number} width */
function broken(paragraph, size, width) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer, size) <= width) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    const pieces = cut(word, size, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces[pieces.length - 1];
  }
  return [...lines, line];
}

/** A word in pieces that are no wider than `width`. @param {string} word @param {number} size @param {number} width */
function cut(word, size, width) {
  const pieces = [];
  let letters = [...word];
  while (letters.length > 1 && widthOf(letters.join(""), size) > width) {
    const fits = Math.max(Math.floor(width / (size * letterOf(letters[0]))), 1);
    if (fits >= letters.length) break;
    pieces.push(letters.slice(0, fits).join(""));
    letters = letters.slice(fits);
  }
  return [...pieces, letters.join("")];
}
