/** A line feels like ink: it swells where the hand is slow, thins where it is quick, and is as long as one likes. */

import assert from "node:assert/strict";
import test from "node:test";

import { Pen } from "../../../../web/room/board/pen.js";

/** Moves a pen along a row, a step every 10 ms. */
function drawn(steps, { isEven = false, pointerType = "mouse", pressure = 0.5, stepPx = 10, pen = new Pen(isEven) } = {}) {
  for (let step = 0; step < steps; step += 1) {
    const at = { clientX: step * stepPx, clientY: 0, timeStamp: step * 10, pressure, pointerType };
    pen.move({ x: at.clientX / 2, y: 0 }, at);
  }
  return pen;
}

const pressures = (pen) => pen.points.map(([, , pressure]) => pressure);

test("a mouse draws wider when it is slow than when it is quick", () => {
  const [slow, quick] = [2, 40].map((stepPx) => pressures(drawn(60, { stepPx })).at(-1));
  assert.ok(slow > 0.65, String(slow));
  assert.ok(quick < 0.3, String(quick));
});

test("the width never jumps: one step changes it by little", () => {
  const pen = drawn(30, { stepPx: 3 });
  const at = { clientX: 2_000, clientY: 0, timeStamp: 310, pressure: 0.5, pointerType: "mouse" };
  const before = pressures(pen).at(-1);
  pen.move({ x: 1_000, y: 0 }, at);
  assert.ok(Math.abs(pressures(pen).at(-1) - before) < 0.15);
});

test("a pen that feels pressure is believed", () => {
  assert.deepEqual(pressures(drawn(5, { pointerType: "pen", pressure: 0.83 })), [0.83, 0.83, 0.83, 0.83, 0.83]);
});

test("a pen that feels none is treated like a mouse, and every pressure can be sent", () => {
  for (const pressure of pressures(drawn(40, { pointerType: "pen", pressure: 0 }))) assert.ok(pressure > 0 && pressure <= 1);
});

test("two positions in the same instant make no impossible pressure", () => {
  const pen = new Pen(false);
  for (const clientX of [0, 50, 100]) pen.move({ x: clientX, y: 0 }, { clientX, clientY: 0, timeStamp: 5, pressure: 0, pointerType: "touch" });
  for (const pressure of pressures(pen)) assert.ok(pressure > 0 && pressure <= 1, String(pressure));
});

test("a mouse's line begins and ends in a point, a highlighter's does not", () => {
  const pen = drawn(20, { stepPx: 4 });
  pen.lift("mouse");
  const found = pressures(pen);
  assert.ok(found[0] < found[1] && found[1] < found[2], String(found));
  assert.ok(found.at(-1) < found.at(-2) && found.at(-2) < found.at(-3), String(found));
  const even = drawn(20, { isEven: true });
  even.lift("mouse");
  assert.deepEqual(new Set(pressures(even)), new Set([0.5]));
});

test("a pen's own pressure is not tapered, and neither is a dot", () => {
  const pen = drawn(20, { pointerType: "pen", pressure: 0.5 });
  pen.lift("pen");
  assert.deepEqual(new Set(pressures(pen)), new Set([0.5]));
  const dot = drawn(2);
  const before = pressures(dot);
  dot.lift("mouse");
  assert.deepEqual(pressures(dot), before);
});

test("a hand that rests sends nothing more", () => {
  const pen = drawn(50, { stepPx: 0.1 });
  assert.ok(pen.points.length < 6, String(pen.points.length));
});

test("a very long line is full before its message is too large", () => {
  const pen = drawn(1_499);
  assert.equal(pen.isFull, false);
  drawn(1_600, { pen, stepPx: 9 });
  assert.equal(pen.isFull, true);
  const longest = Array.from({ length: 1_500 }, () => [-12345.6, -12345.6, 0.55]);
  assert.ok(JSON.stringify({ type: "board_event", event_type: "stroke_add", data: { stroke: { points: longest } } }).length < 60_000);
});

test("points go over the wire in tenths, pressures in hundredths", () => {
  const pen = new Pen(false);
  pen.move({ x: 1 / 3, y: 2 / 3 }, { clientX: 0, clientY: 0, timeStamp: 0, pressure: 1 / 3, pointerType: "pen" });
  assert.deepEqual(pen.points, [[0.3, 0.7, 0.33]]);
});
