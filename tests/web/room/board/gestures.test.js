/** Hands on the board: one finger draws, two move the paper, and no pointer that got lost keeps anybody from drawing. */

import { FakeElement, fire, view } from "../../support/page.js";

import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { Gestures } from "../../../../web/room/board/gestures.js";
import { Viewport } from "../../../../web/room/board/viewport.js";

const boards = new Set();
afterEach(() => {
  for (const gestures of boards) gestures.close();
  boards.clear();
});

/** A board whose tool writes down what happens to it. */
function board({ mayDraw = () => true } = {}) {
  const done = [];
  const viewport = new Viewport();
  viewport.resize(800, 600);
  const corner = viewport.toPixel(0, 0);
  viewport.pan(-corner.x, -corner.y); // so that a pixel is a point
  const surface = { element: new FakeElement("div"), viewport, sketch: (elements) => done.push(`sketch ${elements.length}`), viewChanged: () => {} };
  const gesture = {
    sketch: ["line"],
    move: ({ point }) => done.push(`move ${point.x},${point.y}`),
    up: () => done.push("up"),
    cancel: () => done.push("cancel"),
  };
  const gestures = new Gestures(surface, { begin: () => gesture, hover: (_, isDrawing) => done.push(isDrawing ? "drawing" : "hover"), mayDraw });
  boards.add(gestures);
  return {
    viewport, gestures, element: surface.element,
    pointer: (type, pointerId, clientX, clientY, more = {}) => fire(surface.element, `pointer${type}`, { pointerId, clientX, clientY, button: 0, ...more }),
    lose: (pointerId) => fire(surface.element, "lostpointercapture", { pointerId }),
    take: () => done.splice(0).filter((each) => !each.startsWith("hover") && each !== "drawing" && !each.startsWith("sketch")),
    all: () => done.splice(0),
  };
}

const close = ({ x, y }, wanted) => assert.ok(Math.hypot(x - wanted.x, y - wanted.y) < 1e-6, JSON.stringify([x, y, wanted]));

test("a pointer draws from down to up, every position on its way included", () => {
  const { pointer, take } = board();
  assert.equal(pointer("down", 1, 10, 20), true, "the browser's own scrolling and selecting is off");
  const between = [{ clientX: 11, clientY: 21 }, { clientX: 12, clientY: 22 }];
  pointer("move", 1, 12, 22, { getCoalescedEvents: () => between });
  pointer("up", 1, 12, 22);
  pointer("move", 1, 50, 50);
  assert.deepEqual(take(), ["move 10,20", "move 11,21", "move 12,22", "up"]);
});

test("what is drawn is shown at once, and gone when it is done", () => {
  const { pointer, all } = board();
  pointer("down", 1, 0, 0);
  pointer("up", 1, 0, 0);
  assert.deepEqual(all(), ["move 0,0", "sketch 1", "up", "sketch 0"]);
});

test("a second finger takes the line back and moves the paper instead", () => {
  const { pointer, take, viewport } = board();
  pointer("down", 1, 100, 100);
  pointer("down", 2, 300, 100);
  take();
  const points = [viewport.toBoard(100, 100), viewport.toBoard(300, 100)];
  pointer("move", 1, 150, 200);
  pointer("move", 2, 350, 200);
  close(viewport.toPixel(points[0].x, points[0].y), { x: 150, y: 200 });
  close(viewport.toPixel(points[1].x, points[1].y), { x: 350, y: 200 });
  pointer("up", 1, 150, 200);
  pointer("up", 2, 350, 200);
  assert.deepEqual(take(), []);
  pointer("down", 3, 0, 0);
  pointer("up", 3, 0, 0);
  assert.equal(take().at(-1), "up", "and afterwards one finger draws again");
});

test("spreading two fingers zooms", () => {
  const { pointer, viewport } = board();
  pointer("down", 1, 300, 300);
  pointer("down", 2, 400, 300);
  pointer("move", 1, 250, 300);
  pointer("move", 2, 450, 300);
  assert.ok(Math.abs(viewport.scale - 2) < 1e-9, String(viewport.scale));
});

test("the second finger leaves no trace of the line", () => {
  const { pointer, take } = board();
  pointer("down", 1, 100, 100);
  pointer("down", 2, 300, 100);
  pointer("up", 2, 300, 100);
  pointer("up", 1, 100, 100);
  assert.deepEqual(take(), ["move 100,100", "cancel"]);
});

test("a pointer that the browser takes away draws nothing", () => {
  const { pointer, take } = board();
  pointer("down", 1, 0, 0);
  pointer("cancel", 1, 0, 0);
  assert.deepEqual(take(), ["move 0,0", "cancel"]);
});

test("a pointer that got lost ends its line, and the next one draws", () => {
  const { pointer, lose, take } = board();
  pointer("down", 1, 0, 0);
  lose(1);
  assert.deepEqual(take(), ["move 0,0", "up"]);
  pointer("down", 2, 5, 5);
  pointer("up", 2, 5, 5);
  lose(2);
  assert.deepEqual(take(), ["move 5,5", "up"], "which is no second finger");
});

test("another button of another pointer ends nobody's line", () => {
  const { pointer, take } = board();
  pointer("down", 1, 0, 0);
  pointer("down", 9, 50, 50, { button: 2 });
  pointer("up", 9, 50, 50, { button: 2 });
  pointer("move", 1, 5, 5);
  pointer("up", 1, 5, 5);
  assert.deepEqual(take(), ["move 0,0", "move 5,5", "up"]);
});

test("whoever may not draw any more stops in the middle of the line", () => {
  let may = true;
  const { pointer, take } = board({ mayDraw: () => may });
  pointer("down", 1, 0, 0);
  may = false;
  pointer("move", 1, 10, 10);
  pointer("up", 1, 10, 10);
  assert.deepEqual(take(), ["move 0,0", "cancel"]);
});

test("the middle button and the space bar move the paper", () => {
  const { pointer, take, viewport } = board();
  const before = viewport.toBoard(0, 0);
  pointer("down", 1, 0, 0, { button: 1 });
  pointer("move", 1, 30, 40, { button: 1 });
  pointer("up", 1, 30, 40, { button: 1 });
  close(viewport.toPixel(before.x, before.y), { x: 30, y: 40 });
  assert.equal(fire(view, "keydown", { code: "Space", target: document.body }), true, "the page does not scroll");
  pointer("down", 1, 0, 0);
  pointer("up", 1, 0, 0);
  assert.deepEqual(take(), []);
  fire(view, "keyup", { code: "Space", target: document.body });
  pointer("down", 1, 0, 0);
  assert.equal(take().length, 1);
});

test("a space bar that was let go elsewhere is not held for ever", () => {
  for (const letGo of [() => fire(view, "keyup", { code: "Space", target: new FakeElement("input") }), () => fire(view, "blur")]) {
    const { pointer, take } = board();
    fire(view, "keydown", { code: "Space", target: document.body });
    letGo();
    pointer("down", 1, 0, 0);
    assert.deepEqual(take(), ["move 0,0"]);
  }
});

test("a space in a field is a space", () => {
  const { pointer, take } = board();
  assert.equal(fire(view, "keydown", { code: "Space", target: new FakeElement("input") }), false);
  pointer("down", 1, 0, 0);
  assert.equal(take().length, 1);
});

test("the wheel moves, and zooms with Ctrl about the pointer", () => {
  const { element, viewport } = board();
  const before = viewport.toBoard(0, 0);
  assert.equal(fire(element, "wheel", { deltaX: 10, deltaY: 20, deltaMode: 0, clientX: 0, clientY: 0 }), true);
  close(viewport.toPixel(before.x, before.y), { x: -10, y: -20 });
  const point = viewport.toBoard(200, 100);
  fire(element, "wheel", { deltaX: 0, deltaY: -100, deltaMode: 0, ctrlKey: true, clientX: 200, clientY: 100 });
  close(viewport.toPixel(point.x, point.y), { x: 200, y: 100 });
  assert.ok(viewport.scale > 1.2);
});

test("after the lesson the space bar scrolls the page again", () => {
  const { gestures } = board();
  assert.equal(fire(view, "keydown", { code: "Space", target: document.body }), true);
  gestures.close();
  assert.equal(fire(view, "keydown", { code: "Space", target: document.body }), false);
});
