/** Whatever is on a board is drawn as it was meant, and what cannot be drawn takes nothing else along. */

import { FakeContext } from "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { boxOf, drawElement, kindOf, textOf, widthOf } from "../../../../web/room/board/elements.js";
import { contentBox, isTouched } from "../../../../web/room/board/hit.js";
import { drawBoard } from "../../../../web/room/board/stack.js";
import { darkTone } from "../../../../web/room/board/tones.js";
import { seeded } from "../../support/seeded.js";

const EMPTY = { strokes: [], objects: [], assets: [], layers: [], background: null };
const GOOD = { id: "good", color: "#123456", points: [[0, 0], [10, 10]] };

/** What a canvas was asked for while this was drawn. */
function drawn(element, tone) {
  const context = new FakeContext();
  drawElement(context, element, tone);
  return context;
}

test("an element is what the first of its fields says", () => {
  for (const [element, kind] of [
    [{ type: "rectangle" }, "rectangle"],
    [{ type: "path", tool: "line" }, "line"],
    [{ tool: "pen" }, "freehand"],
    [{ shape: "circle" }, "circle"],
    [{}, "freehand"],
  ]) assert.equal(kindOf(element), kind);
});

test("a shape may be written by its corner and size, or by two corners, in any direction", () => {
  const box = { left: 10, top: 20, right: 40, bottom: 60 };
  for (const shape of [
    { x: 10, y: 20, width: 30, height: 40 },
    { x: 40, y: 60, width: -30, height: -40 },
    { x1: 40, y1: 20, x2: 10, y2: 60 },
    { left: 10, top: 20, w: 30, h: 40 },
    { x: "10", y: "20", width: "30", height: "40" },
  ]) assert.deepEqual(boxOf(shape), box);
});

test("a width is what a client calls it, within what can be seen", () => {
  assert.deepEqual([{ strokeWidth: 7 }, { lineWidth: 3 }, { size: 4 }, { thickness: 5 }, {}, { size: -1 }, { size: 9_999 }].map(widthOf), [7, 3, 4, 5, 2, 2, 500]);
});

test("a text has the lines and the size it was written with", () => {
  assert.deepEqual(textOf({ text: "one\ntwo", fontSize: 20 }), { lines: ["one", "two"], size: 20, width: 33, height: 50 });
  const context = drawn({ type: "text", x: 10, y: 20, text: "one\ntwo", fontSize: 20, color: "#ff0000" });
  assert.deepEqual(context.asked("fillText"), [["one", 10, 39], ["two", 10, 64]]);
  assert.equal(context.fillStyle, "#ff0000");
});

test("a highlighter lets through what lies under it", () => {
  const context = drawn({ ...GOOD, tool: "highlighter" });
  assert.equal(context.globalAlpha, 0.4);
  assert.equal(drawn({ ...GOOD, opacity: 0.2 }).globalAlpha, 0.2);
});

test("colours are shown as the paper needs them", () => {
  assert.equal(drawn({ ...GOOD, color: "#000000" }, darkTone).strokeStyle, "hsl(0 0% 95%)");
  assert.equal(drawn(GOOD).strokeStyle, "#123456");
});

test("what is hidden is not drawn", () => {
  for (const hidden of [{ visible: false }, { hidden: true }]) assert.deepEqual(drawn({ ...GOOD, ...hidden }).calls, []);
});

test("a board is drawn layer by layer, in each by its order", () => {
  const context = new FakeContext();
  const texts = [["top", { layerId: "b" }], ["below", { layerId: "a", zIndex: 2 }], ["lowest", { layerId: "a" }], ["unseen", { layerId: "c" }]];
  const objects = texts.map(([text, more]) => ({ id: text, type: "text", x: 0, y: 0, text, ...more }));
  drawBoard(context, { ...EMPTY, objects, layers: [{ id: "a" }, { id: "b" }, { id: "c", visible: false }] });
  assert.deepEqual(context.asked("fillText").map(([text]) => text), ["lowest", "below", "top"]);
});

const VIEW = { left: 0, top: 0, right: 100, bottom: 100 };

/** How much is drawn of an element where `VIEW` is seen. */
function drawnInView(element) {
  const context = new FakeContext();
  drawBoard(context, { ...EMPTY, objects: [element] }, { view: VIEW });
  return context.asked("save").length;
}

test("what is out of sight costs nothing", () => {
  for (const [x, y] of [[-50, 50], [150, 50], [50, -50], [50, 150]]) {
    assert.equal(drawnInView({ id: "s", size: 4, points: [[x, y], [x + 1, y]] }), 0, `${x},${y}`);
    assert.equal(drawnInView({ id: "r", type: "rectangle", x, y, width: 5, height: 5, strokeWidth: 4 }), 0, `${x},${y}`);
  }
});

test("whatever reaches into sight is drawn: a thick line beside it, a long one through it, a text that comes out wide", () => {
  for (const element of [
    { id: "s", size: 40, points: [[-15, 50], [-15, 60]] },
    { id: "s", size: 2, points: [[-500, 50], [500, 60]] },
    { id: "l", type: "line", x1: 500, y1: 500, x2: -500, y2: -500 },
    { id: "r", type: "rectangle", x: -500, y: -500, width: 1_000, height: 1_000 },
    { id: "t", type: "text", x: -30, y: 50, text: "\u6F22\u5B57", fontSize: 20 },
  ]) assert.equal(drawnInView(element), 1, JSON.stringify(element));
});

test("wherever an eraser could touch it in sight, it is drawn", () => {
  for (let seed = 1; seed <= 3_000; seed += 1) {
    const random = seeded(seed);
    const element = strange(random);
    const point = { x: random() * 100, y: random() * 100 };
    if (isTouched(element, point, point, 0)) assert.equal(drawnInView({ ...element, visible: true, hidden: false, layerId: null, layer_id: null, layer: null }), 1, `seed ${seed} ${JSON.stringify(element)}`);
  }
});

const FIELDS = [
  "type", "tool", "kind", "shape", "x", "y", "x1", "y1", "x2", "y2", "left", "top", "width", "height", "w", "h", "points", "text", "content",
  "fontSize", "size", "strokeWidth", "lineWidth", "thickness", "opacity", "color", "stroke", "strokeColor", "textColor", "fill", "cornerRadius",
  "visible", "hidden", "layerId", "layer_id", "layer", "zIndex",
];
const NO_TEXT = { toString: 1, valueOf: 1 };
const VALUES = [
  null, true, false, 0, -5, 1e308, -1e308, 0.5, "", "12px", "-7", "rect", "rectangle", "circle", "line", "text", "image", "select", "#fff", "none", "constructor",
  "\ud800", "a\nb", NO_TEXT, [NO_TEXT], [[NO_TEXT, NO_TEXT]], [[1, 2, NO_TEXT], [3, 4, 0.5]], [], {}, [1], [1, 2, 3], [[1, 2], [3, 4]], [[1, 2, 0], [3, 4, 1]],
  [null], [[]], [{ x: 1, y: NO_TEXT }], [{ x: 1, y: 2 }, { x: 3, y: 4 }], { x: 1 },
];

/** An element that anybody could have put on the board. */
function strange(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const fields = Array.from({ length: 1 + Math.floor(random() * 10) }, () => [pick(FIELDS), pick(VALUES)]);
  return { id: "strange", ...Object.fromEntries(fields) };
}

test("an element that makes no sense is drawn somehow or not at all, and the rest of the board is drawn", () => {
  for (let seed = 1; seed <= 5_000; seed += 1) {
    const element = strange(seeded(seed));
    const context = new FakeContext();
    const layers = [{ id: element.layerId ?? "a", order: element.zIndex, visible: element.visible }];
    try {
      drawBoard(context, { ...EMPTY, strokes: [element, GOOD], objects: [element], layers }, { tone: darkTone });
      drawElement(new FakeContext(), element);
    } catch (problem) {
      assert.fail(`seed ${seed}, ${JSON.stringify(element)}: ${problem.stack}`);
    }
    assert.ok(context.asked("stroke").length >= 1, `seed ${seed}: the good one is drawn`);
    assert.equal(context.asked("save").length, context.asked("restore").length, `seed ${seed}`);
  }
});

test("an element that makes no sense keeps nobody from erasing, or from seeing everything", () => {
  for (let seed = 1; seed <= 5_000; seed += 1) {
    const element = strange(seeded(seed));
    try {
      isTouched(element, { x: 0, y: 0 }, { x: 5, y: 5 }, 3);
      const box = contentBox([element, GOOD]);
      for (const side of Object.values(box)) assert.ok(Number.isFinite(side), JSON.stringify(box));
      assert.ok(box.left <= 0 && box.right >= 10, JSON.stringify(box));
    } catch (problem) {
      assert.fail(`seed ${seed}, ${JSON.stringify(element)}: ${problem.stack}`);
    }
  }
});
