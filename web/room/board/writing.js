/**
 * Writing on the board: a text field where the text will be, in its size and colour.
 * @module
 */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const FONT_TIMES = 4; // the pen's width in font sizes
const SMALLEST_FONT = 16;

/**
 * Opens the field; `done` gets the finished text element, once, unless nothing was written.
 * @param {import("./surface.js").Surface} surface
 * @param {{x: number, y: number}} point
 * @param {{colour: string, size: number}} settings
 * @param {(element: {text: string, [name: string]: any}) => void} done
 */
export function writeOn(surface, point, { colour, size }, done) {
  const fontSize = Math.max(SMALLEST_FONT, SMALLEST_FONT + (size - 2) * FONT_TIMES);
  const field = h("textarea", { class: "writing", "aria-label": t("board.writing"), rows: "1", spellcheck: "false" });
  const { x, y } = surface.viewport.toPixel(point.x, point.y);
  Object.assign(field.style, { left: `${x}px`, top: `${y}px`, color: surface.toned(colour), fontSize: `${fontSize * surface.viewport.scale}px` });
  let isOpen = true;

  const close = (/** @type {boolean} */ isKept) => {
    if (!isOpen) return;
    isOpen = false;
    const text = field.value.trimEnd();
    field.remove();
    if (isKept && text.trim()) done({ type: "text", x: Math.round(point.x), y: Math.round(point.y), text, fontSize, color: colour });
  };
  field.addEventListener("blur", () => close(true));
  field.addEventListener("pointerdown", (event) => event.stopPropagation());
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter chooses a word there
    if (event.key === "Escape") close(false);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      close(true);
    }
  });
  field.addEventListener("input", () => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    field.style.width = "auto";
    field.style.width = `${field.scrollWidth}px`;
  });
  surface.element.append(field);
  // After the pointer's own default, which would take the focus away again.
  setTimeout(() => field.focus());
}
