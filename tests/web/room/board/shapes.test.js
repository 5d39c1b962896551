/** A shape is where it was drawn, in every form that clients send. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { arrow, boxOf, polygon, rectangle, straight } from "../../../../web/room/board/shapes.js";
import { opacityOf, widthOf } from "../../../../web/room/board/styles.js";

const line = (shape) => straight(shape).touched.map(({ x, y }) => [x, y]);

test("a shape may be written by its corner and size, by two corners in any direction, by points, by middle and radius", () => {
  const box = { left: 10, top: 20, right: 40, bottom: 60 };
  for (const shape of [
    { x: 10, y: 20, width: 30, height: 40 },
    { x: 40, y: 60, width: -30, height: -40 },
    { x1: 40, y1: 20, x2: 10, y2: 60 },
    { startX: 10, startY: 20, endX: 40, endY: 60 },
    { left: 10, top: 20, w: 30, h: 40 },
    { x: "10", y: "20px", width: "30", height: "40" },
    { points: [[40, 60], [10, 20]] },
    { start: { x: 10, y: 20 }, end: { x: 40, y: 60 } },
    { position: { x: 10, y: 20 }, width: 30, height: 40 },
    { cx: 25, cy: 40, rx: 15, ry: 20 },
  ]) assert.deepEqual(boxOf(shape), box, JSON.stringify(shape));
  assert.deepEqual(boxOf({ x: 5, y: 6, radius: 3 }), { left: 2, top: 3, right: 8, bottom: 9 });
});

test("what does not say how large it is has the usual size, or none", () => {
  assert.equal(boxOf({ x: 1, y: 2 }), null);
  assert.deepEqual(boxOf({ x: 1, y: 2 }, { width: 10, height: 20 }), { left: 1, top: 2, right: 11, bottom: 22 });
  assert.equal(rectangle({}), null);
  assert.equal(straight({ x: 5, y: 5 }), null);
});

test("a width is what a client calls it, within what can be seen", () => {
  assert.deepEqual([{ strokeWidth: 7 }, { lineWidth: 3 }, { size: 4 }, { thickness: 5 }, {}, { size: -1 }, { size: 9_999 }].map((each) => widthOf(each)), [7, 3, 4, 5, 2, 0.1, 500]);
  assert.deepEqual([widthOf({ width: 9 }), widthOf({ width: 9 }, true)], [2, 9]);
});

test("a line runs from end to end, or through its points", () => {
  assert.deepEqual(line({ x1: 1, y1: 2, x2: 3, y2: 4 }), [[1, 2], [3, 4]]);
  assert.deepEqual(line({ x: 1, y: 2, width: 5 }), [[1, 2], [6, 2]]);
  assert.deepEqual(line({ points: [0, 0, 5, 5, 9, 0] }), [[0, 0], [5, 5], [9, 0]]);
});

test("an arrow points where it was drawn to, and its head covers the end of its line", () => {
  const { parts: [shaft, head], box } = arrow({ x1: 0, y1: 0, x2: 100, y2: 0, strokeWidth: 5, color: "#ff0000" });
  assert.deepEqual(head.path.calls[0], ["moveTo", 100, 0]);
  assert.equal(head.fill, "#ff0000");
  assert.ok(shaft.path.calls.at(-1)[1] < 100 && shaft.path.calls.at(-1)[1] > 80);
  assert.ok(box.top < -8 && box.bottom > 8);
});

test("a triangle and a diamond are made of their box, a polygon of its points", () => {
  const corners = (shape) => polygon(shape).parts[0].path.calls.filter(([name]) => name !== "closePath").map(([, x, y]) => [x, y]);
  assert.deepEqual(corners({ type: "triangle", x: 0, y: 0, width: 8, height: 4 }), [[4, 0], [8, 4], [0, 4]]);
  assert.deepEqual(corners({ type: "diamond", x: 0, y: 0, width: 8, height: 4 }), [[4, 0], [8, 2], [4, 4], [0, 2]]);
  assert.deepEqual(corners({ type: "polygon", points: [[0, 0], [9, 0], [9, 9]] }), [[0, 0], [9, 0], [9, 9]]);
  assert.equal(polygon({ type: "polygon", points: [[0, 0]] }), null);
});

test("a shape is filled only where it says with what", () => {
  const fill = (more) => rectangle({ x: 0, y: 0, width: 5, height: 5, ...more }).parts[0].fill;
  assert.deepEqual([fill({}), fill({ fill: "red" }), fill({ fill: true, color: "#123456" }), fill({ fillColor: "no colour" })], [null, "red", "#123456", null]);
});

test("dashes are named, in widths of the line, or listed", () => {
  const dash = (more) => straight({ points: [0, 0, 9, 9], size: 10, ...more }).parts[0].line.dash;
  assert.deepEqual([dash({ strokeStyle: "dashed" }), dash({ dash: [5, "x", 2] }), dash({ dash: [0, 0] }), dash({ lineStyle: "solid" })], [[40, 30], [5, 2], [], []]);
});

test("a highlighter lets through what lies under it, unless it says how much", () => {
  assert.deepEqual([{ tool: "highlighter" }, { tool: "marker", opacity: 1 }, { tool: "marker", opacity: 0.2 }, {}, { alpha: 0.3 }, { opacity: 7 }].map(opacityOf), [0.4, 0.4, 0.2, 1, 0.3, 1]);
});
