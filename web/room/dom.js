/**
 * Small helpers to build the page's elements. Texts are always set as text, never as markup.
 * @module
 */

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, any>} Attributes */
/** @typedef {keyof typeof ICONS} IconName */

/**
 * Makes an element: `h("button", {class: "quiet", onclick: run}, "Start")`. Names that start with `on` are listeners,
 * booleans are attributes that are there or not, `null` and `undefined` are left out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/** @param {any} element @param {string} name @param {any} value */
function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "value" || name === "srcObject" || name === "muted") element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** An icon of `icons.js`; it says nothing to a screen reader, the button around it does. @param {IconName} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A button that is an icon, with its name for everybody: as a tooltip and for screen readers.
 * @param {IconName} name
 * @param {string} label
 * @param {((event: MouseEvent) => void) | undefined} onclick
 * @param {Attributes} [attributes]
 */
export function iconButton(name, label, onclick, attributes = {}) {
  const button = h("button", { type: "button", class: "icon-button", ...attributes, onclick }, icon(name));
  rename(button, label);
  return button;
}

/**
 * Gives a control another name. What a toggle is called stays the same, as it says by itself whether it is on; its tooltip may say
 * what a press does.
 * @param {HTMLElement} control
 * @param {string} label
 * @param {string} [tooltip]
 */
export function rename(control, label, tooltip = label) {
  control.setAttribute("aria-label", label);
  control.setAttribute("title", tooltip);
}

/** What draws on a canvas. @param {HTMLCanvasElement} canvas */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")); // null only where another kind was asked for before
}

/** Shows another icon in a button. @param {HTMLElement} button @param {IconName} name */
export function reicon(button, name) {
  button.querySelector("path")?.setAttribute("d", ICONS[name]);
}

/** Says whether a toggle is on. @param {HTMLElement} button @param {boolean} isPressed */
export function press(button, isPressed) {
  button.setAttribute("aria-pressed", String(isPressed));
}

/** Shows or hides without a trace in the layout. @param {HTMLElement} element @param {boolean} isShown */
export function show(element, isShown) {
  element.hidden = !isShown;
}

/** The first letters of a name, for where there is no picture. @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join("") || "?";
}

/** One of a few hues for a person, the same one in every browser. @param {string | number} userId */
export function hueOf(userId) {
  let sum = 7;
  for (const letter of String(userId)) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return (sum * 47) % 360;
}
