/** Whatever is on a board is drawn as it was meant, and what cannot be drawn takes nothing else along. */

import { FakeContext } from "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { drawElement, lookOf } from "../../../../web/room/board/elements.js";
import { contentBox, isTouched } from "../../../../web/room/board/hit.js";
import { drawBoard, drawElements, isIn, stackOf } from "../../../../web/room/board/stack.js";
import { darkTone } from "../../../../web/room/board/tones.js";
import { seeded } from "../../support/seeded.js";

const EMPTY = { strokes: [], objects: [], assets: [], layers: [], background: null };
const GOOD = { id: "good", color: "#123456", points: [[0, 0], [10, 10]] };

/** What a canvas was asked for while this was drawn. */
function drawn(element, tone) {
  const context = new FakeContext();
  drawElement(context, element, { tone });
  return context;
}

test("an element is what the first of its fields says that says something", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  const path = (element) => drawn({ ...box, ...element }).asked("stroke")[0][0].calls[0][0];
  assert.equal(path({ type: "rectangle", tool: "ellipse" }), "roundRect");
  assert.equal(path({ type: "path", tool: "ellipse" }), "ellipse");
  assert.equal(path({ shape: "circle" }), "ellipse");
  assert.equal(path({ type: "path", tool: "pen", points: [[0, 0], [9, 9]] }), "moveTo");
});

test("what there is no name for shows that it is there", () => {
  assert.deepEqual(drawn({ type: "formula", x: 0, y: 0, text: "a + b" }).asked("fillText")[0][0], "a + b");
  assert.deepEqual(drawn({ type: "player", x: 0, y: 0, width: 100, height: 50 }).asked("fillText")[0][0], "player");
  assert.deepEqual(drawn({ type: "laser", x: 0, y: 0, width: 100, height: 50 }).calls, []);
});

test("it is turned about its middle", () => {
  const context = drawn({ type: "rectangle", x: 10, y: 20, width: 40, height: 20, strokeWidth: 2, rotation: 90 });
  assert.deepEqual(context.calls.slice(1, 4), [["translate", 30, 30], ["rotate", Math.PI / 2], ["translate", -30, -30]]);
  const { bounds } = lookOf({ type: "rectangle", x: 10, y: 20, width: 40, height: 20, strokeWidth: 2, angle: 45 });
  assert.ok(bounds.left < 10 && bounds.top < 10 && bounds.right > 50 && bounds.bottom > 50);
});

test("what lies on paper of its own is in its own colours on dark paper too", () => {
  const context = drawn({ type: "note", x: 0, y: 0, text: "hi", textColor: "#000000" }, darkTone);
  assert.equal(context.fillStyle, "#000000");
});

test("an eraser of another client leaves paper behind", () => {
  const context = new FakeContext();
  drawElement(context, { ...GOOD, tool: "eraser" }, { paper: "#abcdef" });
  assert.equal(context.strokeStyle, "#abcdef");
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

test("what lies in a faint layer is faint", () => {
  const context = new FakeContext();
  drawBoard(context, { ...EMPTY, strokes: [{ ...GOOD, opacity: 0.5, layer_id: 7 }], layers: [{ id: 7, opacity: 0.5 }] });
  assert.equal(context.globalAlpha, 0.25);
});

const VIEW = { left: 0, top: 0, right: 100, bottom: 100 };

/** How much is drawn of an element where `VIEW` is seen. */
function drawnInView(element) {
  const context = new FakeContext();
  const stack = stackOf({ ...EMPTY, objects: [element] });
  drawElements(context, stack.elements.filter((each) => isIn(VIEW, each)), stack, {});
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
  "visible", "hidden", "layerId", "layer_id", "layer", "zIndex", "cx", "cy", "rx", "ry", "radius", "r", "start", "end", "rotation", "angle",
  "dash", "strokeStyle", "fontFamily", "fontWeight", "textAlign", "name", "label", "bgColor", "filled", "alpha",
];
const NO_TEXT = { toString: 1, valueOf: 1 };
const VALUES = [
  null, true, false, 0, -5, 1e308, -1e308, 0.5, "", "12px", "-7", "rect", "rectangle", "circle", "line", "text", "image", "select", "arrow", "polygon", "diamond", "note", "dashed", "center", "#fff", "none", "constructor",
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
      const stack = stackOf({ ...EMPTY, strokes: [element, GOOD], objects: [element], layers });
      drawElements(context, stack.elements, stack, { tone: darkTone });
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
