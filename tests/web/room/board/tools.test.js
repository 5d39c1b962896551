/** What each tool leaves on the board between a pointer going down and up. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { TOOLS } from "../../../../web/room/board/tools.js";

/** A tool in a hand, and what it did. */
function held(tool, { strokes = [], objects = [], scale = 1 } = {}) {
  const [deeds, hidden, written] = [[], [], []];
  let ids = 0;
  const desk = {
    surface: { viewport: { scale }, hide: (elements) => hidden.push([...elements].map(({ id }) => id)) },
    history: { act: (deed) => deeds.push(deed) },
    settings: { tool, colour: "#123456", size: 4 },
    state: () => ({ strokes, objects }),
    write: (point) => written.push(point),
    newId: () => `new-${(ids += 1)}`,
  };
  const gesture = new TOOLS[tool].Gesture(desk);
  let time = 0;
  const move = (x, y, more = {}) => gesture.move({ point: { x, y }, event: { clientX: x, clientY: y, timeStamp: (time += 10), pressure: 0.5, pointerType: "mouse", ...more } });
  return { gesture, move, up: () => gesture.up({ event: { pointerType: "mouse" } }), deeds, hidden, written, forth: () => deeds.flatMap(({ forth }) => forth) };
}

test("the pen leaves a stroke in its colour and size", () => {
  const { move, up, gesture, forth } = held("pen");
  move(0, 0);
  move(10, 0);
  assert.equal(gesture.sketch.length, 1);
  up();
  const [[type, { stroke }]] = forth();
  assert.equal(type, "stroke_add");
  assert.deepEqual([stroke.id, stroke.tool, stroke.color, stroke.size, stroke.points.length], ["new-1", "pen", "#123456", 4, 2]);
});

test("a highlighter is several times as wide", () => {
  const { move, up, forth } = held("highlighter");
  move(0, 0);
  up();
  assert.equal(forth()[0][1].stroke.size, 20);
});

test("a line without end becomes several strokes that join", () => {
  const { move, up, forth } = held("pen");
  for (let step = 0; step < 2_000; step += 1) move(step * 5, 0);
  up();
  const strokes = forth().map(([, { stroke }]) => stroke);
  assert.deepEqual(strokes.map(({ id }) => id), ["new-1", "new-2"]);
  assert.deepEqual(strokes[0].points.at(-1).slice(0, 2), strokes[1].points[0].slice(0, 2));
  assert.equal(strokes[0].points.length, 1_500);
});

test("what is shown while drawing is a new element each time: what was computed for one is kept", () => {
  const { move, gesture } = held("pen");
  move(0, 0);
  const [first] = gesture.sketch;
  move(10, 0);
  assert.notEqual(gesture.sketch[0], first);
});

test("a shape goes from where the pointer went down to where it went up, in any direction", () => {
  const { move, up, forth } = held("rectangle");
  move(50, 60);
  move(10, 20);
  up();
  assert.deepEqual(forth(), [["object:add", { object: { id: "new-1", type: "rectangle", strokeColor: "#123456", strokeWidth: 4, x: 10, y: 20, width: 40, height: 40 } }]]);
  const line = held("line");
  line.move(50, 60);
  line.move(10, 20);
  line.up();
  const { object } = line.forth()[0][1];
  assert.deepEqual([object.x1, object.y1, object.x2, object.y2], [50, 60, 10, 20]);
});

test("Shift makes squares and lines at even angles", () => {
  const square = held("rectangle");
  square.move(0, 0);
  square.move(30, -50, { shiftKey: true });
  square.up();
  const { object } = square.forth()[0][1];
  assert.deepEqual([object.x, object.y, object.width, object.height], [0, -50, 50, 50]);
  const line = held("line");
  line.move(0, 0);
  line.move(100, 8, { shiftKey: true });
  line.up();
  assert.equal(line.forth()[0][1].object.y2, 0);
});

test("a click with a shape in hand leaves nothing, at any zoom", () => {
  for (const scale of [1, 0.1]) {
    const { move, up, deeds } = held("ellipse", { scale });
    move(0, 0);
    move(2 / scale, 1 / scale);
    up();
    assert.deepEqual(deeds, []);
  }
});

const TARGETS = {
  strokes: [{ id: "a", size: 2, points: [[0, 0], [0, 100]] }, { id: "b", size: 2, points: [[50, 0], [50, 100]] }, { size: 2, points: [[50, 0], [50, 100]] }],
  objects: [{ id: "c", type: "rectangle", x: 80, y: 0, width: 50, height: 100 }],
};

test("one sweep of the eraser is one deed, and what it takes is gone from sight at once", () => {
  const { move, up, hidden, deeds, forth } = held("eraser", TARGETS);
  move(-30, 50);
  move(60, 50);
  assert.deepEqual(hidden, [["a", "b"]]);
  move(85, 50);
  up();
  assert.equal(deeds.length, 1);
  assert.deepEqual(forth(), [["stroke_delete", { strokeId: "a" }], ["stroke_delete", { strokeId: "b" }], ["object:remove", { objectId: "c" }]]);
  assert.deepEqual(hidden.at(-1), [], "what the server then keeps is seen again");
});

test("an eraser that was taken away brings all back into sight", () => {
  const { gesture, move, hidden, deeds } = held("eraser", TARGETS);
  move(-30, 50);
  move(10, 50);
  gesture.cancel();
  assert.deepEqual([hidden.at(-1), deeds], [[], []]);
});

test("the eraser reaches as far as it looks, at any zoom", () => {
  const { move, hidden } = held("eraser", { ...TARGETS, scale: 0.1 });
  move(-90, 50);
  assert.deepEqual(hidden, [["a"]]);
});

test("a text is written where the pointer was let go", () => {
  const { move, up, written } = held("text");
  up();
  assert.deepEqual(written, []);
  move(1, 2);
  move(30, 40);
  up();
  assert.deepEqual(written, [{ x: 30, y: 40 }]);
});
