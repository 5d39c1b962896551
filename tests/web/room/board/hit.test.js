/** The eraser takes what it is seen to touch, and nothing else. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { contentBox, isTouched } from "../../../../web/room/board/hit.js";
import { between, seeded } from "../../support/seeded.js";

const LINE = { id: "s", size: 2, points: [[0, 0], [100, 0]] };
const at = (x, y) => ({ x, y });
const touches = (element, from, to = from, radius = 5) => isTouched(element, from, to, radius);

test("a line is touched within the eraser's reach and its own width", () => {
  assert.ok(touches(LINE, at(50, 5.9)));
  assert.ok(!touches(LINE, at(50, 6.1)));
  assert.ok(touches({ ...LINE, size: 20 }, at(50, 14)));
  assert.ok(touches(LINE, at(-5, 0)) && !touches(LINE, at(-7, 0)));
});

test("a quick sweep takes what lies between two positions of the hand", () => {
  assert.ok(touches(LINE, at(50, -300), at(50, 300)));
  assert.ok(!touches(LINE, at(150, -300), at(150, 300)));
});

test("a dot can be erased", () => {
  const dot = { id: "d", size: 4, points: [[10, 10]] };
  assert.ok(touches(dot, at(14, 10)) && !touches(dot, at(30, 10)));
});

test("a shape is touched at its outline, not in its empty middle", () => {
  for (const type of ["rectangle", "ellipse"]) {
    const shape = { id: "o", type, x: 0, y: 0, width: 200, height: 100, strokeWidth: 2 };
    assert.ok(touches(shape, at(0, 50)), type);
    assert.ok(touches(shape, at(200, 50)), type);
    assert.ok(touches(shape, at(100, 100)), type);
    assert.ok(!touches(shape, at(100, 50)), type);
  }
  assert.ok(touches({ id: "l", type: "line", x1: 0, y1: 0, x2: 50, y2: 50 }, at(25, 26)));
});

test("what is turned is touched where it is seen", () => {
  const bar = { id: "b", type: "rectangle", x: 0, y: 90, width: 200, height: 20, rotation: 90 };
  assert.ok(touches(bar, at(90, 20)) && touches(bar, at(110, 180)));
  assert.ok(!touches(bar, at(20, 90)) && !touches(bar, at(180, 110)));
});

test("what is hidden is not erased", () => {
  assert.ok(!touches({ ...LINE, visible: false }, at(50, 0)));
});

test("a text is touched anywhere in its box", () => {
  const text = { id: "t", type: "text", x: 10, y: 10, text: "hello\nthere", fontSize: 20 };
  assert.ok(touches(text, at(20, 20)) && touches(text, at(40, 50)));
  assert.ok(!touches(text, at(400, 20)) && !touches(text, at(20, 90)));
});

test("a picture is not erased by a hand that wipes over it", () => {
  assert.ok(!touches({ id: "i", type: "image", x: 0, y: 0, width: 50, height: 50 }, at(25, 25)));
});

test("wherever a line runs, a sweep across its middle touches it", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const [from, to] = [0, 1].map(() => at(between(random, -500, 500), between(random, -500, 500)));
    const middle = at((from.x + to.x) / 2, (from.y + to.y) / 2);
    const out = at(to.y - from.y, from.x - to.x); // at a right angle
    const line = { id: "s", points: [[from.x, from.y], [to.x, to.y]] };
    assert.ok(isTouched(line, at(middle.x - out.x, middle.y - out.y), at(middle.x + out.x, middle.y + out.y), 0.1), `seed ${seed}`);
    const beyond = at(to.x + (to.x - from.x), to.y + (to.y - from.y));
    const length = Math.hypot(out.x, out.y);
    if (length > 20) assert.ok(!isTouched(line, beyond, beyond, 0.1), `seed ${seed}`);
  }
});

test("the box around everything holds every kind of element", () => {
  const box = contentBox([
    LINE,
    { id: "r", type: "rectangle", x: -20, y: -30, width: 5, height: 5 },
    { id: "l", type: "arrow", x1: 0, y1: 0, x2: 0, y2: 400 },
    { id: "t", type: "text", x: 300, y: 0, text: "ab", fontSize: 10 },
  ]);
  assert.deepEqual(box, { left: -22, top: -32, right: 312, bottom: 402 });
  assert.equal(contentBox([]), null);
});

test("a board of very many points has a box", () => {
  const points = Array.from({ length: 1_000 }, (_, index) => [index, -1 - index]);
  const strokes = Array.from({ length: 300 }, (_, id) => ({ id, points }));
  assert.deepEqual(contentBox(strokes), { left: -2, top: -1_002, right: 1_001, bottom: 1 });
});
