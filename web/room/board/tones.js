/**
 * Colours on dark paper: what was drawn in a dark colour is shown in a light one of the same hue. What is stored, sent
 * and exported stays as it was drawn. Pure, but for a canvas that reads colours.
 * @module
 */

import { contextOf } from "../dom.js";

const GREYISH = 0.45; // below this saturation a colour counts as a grey, and light and dark change places
const LIGHTEST = 0.95;
const RANGE = 0.83;
const LEAST_LIGHTNESS = 0.64;
const MOST_KNOWN = 1_000;
const reader = contextOf(document.createElement("canvas"));
/** @type {Map<string, string>} */
const known = new Map();

/** @type {Map<string, boolean>} */
const judged = new Map();

/** Whether CSS knows this colour. @param {string} text */
export function isColour(text) {
  const isKnown = judged.get(text) ?? (read("#000000", text) === read("#ffffff", text));
  if (judged.size < MOST_KNOWN) judged.set(text, isKnown);
  return isKnown;
}

/** What the canvas is filled with after `first` and then `second`: it passes over what is no colour. @param {string} first @param {string} second */
function read(first, second) {
  reader.fillStyle = first;
  reader.fillStyle = second;
  return String(reader.fillStyle);
}

/** The colour as it is. @param {string} colour */
export const lightTone = (colour) => colour;

/** The colour for dark paper. @param {string} colour any that CSS knows */
export function darkTone(colour) {
  const shown = known.get(colour) ?? toned(colour);
  if (known.size < MOST_KNOWN) known.set(colour, shown);
  return shown;
}

/** @param {string} colour */
function toned(colour) {
  const hex = /^#(..)(..)(..)$/.exec(read("#000000", colour));
  if (hex === null) return colour; // half transparent: whatever lies under it decides
  const [red, green, blue] = hex.slice(1).map((part) => parseInt(part, 16) / 255);
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const lightness = (most + least) / 2;
  const spread = most - least;
  const saturation = spread === 0 ? 0 : spread / (1 - Math.abs(2 * lightness - 1));
  const shown = saturation < GREYISH ? LIGHTEST - RANGE * lightness : Math.max(lightness, LEAST_LIGHTNESS);
  return `hsl(${hue(red, green, blue, most, spread)} ${Math.round(saturation * 100)}% ${Math.round(shown * 100)}%)`;
}

/** @param {number} red @param {number} green @param {number} blue @param {number} most @param {number} spread */
function hue(red, green, blue, most, spread) {
  if (spread === 0) return 0;
  if (most === red) return Math.round(60 * (((green - blue) / spread + 6) % 6));
  return Math.round(most === green ? 60 * ((blue - red) / spread + 2) : 60 * ((red - green) / spread + 4));
}
