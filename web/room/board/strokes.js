/**
 * Freehand lines as the board shows them.
 * @module
 */

import { inkPath, pointsOf } from "./ink.js";
import { around, grown } from "./shapes.js";
import { colourOf, widthOf } from "./styles.js";

export const PAPER = "paper"; // what an eraser of another client leaves behind: no colour of its own

/** A freehand line, smooth through its points, as wide as the pen was pressed. @param {import("../../lib/types.js").Element} element @returns {import("./elements.js").Look | null} */
export function freehand(element) {
  const line = pointsOf(element.points);
  if (line.length === 0) return null;
  const width = widthOf(element, true);
  const colour = element.tool === "eraser" ? PAPER : colourOf(element);
  const { path, discs } = inkPath(line, width);
  const parts = discs
    ? [path, discs].map((each) => ({ path: each, fill: colour, line: null }))
    : [{ path, fill: null, line: { colour, width, dash: [] } }];
  return { parts, box: grown(around(line), width), touched: line, reach: width / 2 };
}
