/** A line is drawn through its points in whatever form they came, and looks like the picture that the server exports. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { inkPath, pointsOf } from "../../../../web/room/board/ink.js";
import { between, seeded } from "../../support/seeded.js";

const even = (...points) => points.map(([x, y]) => ({ x, y, pressure: null }));

test("points are read in every form a client may have sent", () => {
  const expected = [{ x: 1, y: 2, pressure: null }, { x: 3, y: 4, pressure: null }];
  assert.deepEqual(pointsOf([[1, 2], [3, 4]]), expected);
  assert.deepEqual(pointsOf([1, 2, 3, 4]), expected);
  assert.deepEqual(pointsOf([{ x: 1, y: 2 }, { x: 3, y: 4 }]), expected);
  assert.deepEqual(pointsOf([[1, 2, 0.5], { x: 3, y: 4, p: 0.25 }]).map(({ pressure }) => pressure), [0.5, 0.25]);
});

test("a pressure is kept between none and all; what is no point is left out", () => {
  assert.deepEqual(pointsOf([[0, 0, 7], [0, 0, -1], [0, 0, "x"], [0, 0, NaN]]).map(({ pressure }) => pressure), [1, 0, null, null]);
  assert.deepEqual(pointsOf([["a", 1], [1], null, {}, [2, 3]]), [{ x: 2, y: 3, pressure: null }]);
  for (const none of [null, undefined, {}, "1,2", 7]) assert.deepEqual(pointsOf(none), []);
});

test("a line of one width is a stroke from its first point to its last", () => {
  const { path, discs } = inkPath(even([0, 0], [10, 0], [20, 10], [30, 0]), 4);
  assert.equal(discs, null);
  assert.deepEqual(path.calls[0], ["moveTo", 0, 0]);
  assert.deepEqual(path.calls.at(-1).slice(-2), [30, 0]);
  assert.deepEqual(path.calls.map(([name]) => name), ["moveTo", "quadraticCurveTo", "quadraticCurveTo"]);
});

test("a dot and a line of two points can be seen", () => {
  for (const dot of [even([5, 6]), even([5, 6], [5, 6])]) {
    const { path, discs } = inkPath(dot, 4); // no canvas draws a line without a length
    assert.deepEqual([path.calls, discs.calls], [[], [["arc", 5, 6, 2, 0, 2 * Math.PI]]]);
  }
  assert.deepEqual(inkPath(even([5, 6], [7, 8]), 4).path.calls, [["moveTo", 5, 6], ["lineTo", 7, 8]]);
});

test("a pressed line is an outline as wide as it was pressed, with round ends", () => {
  const { path, discs } = inkPath([{ x: 0, y: 0, pressure: 0.1 }, { x: 50, y: 0, pressure: 0.5 }, { x: 100, y: 0, pressure: 0.9 }], 10);
  const widths = path.calls.filter(([name]) => name !== "closePath").map(([, , y]) => Math.abs(y));
  assert.ok(Math.abs(Math.max(...widths) - 7) < 1e-9, "half of ten, times one half and the pressure");
  assert.ok(Math.abs(Math.min(...widths) - 3) < 1e-9);
  const ends = discs.asked("arc");
  assert.deepEqual([ends[0].slice(0, 3), ends.at(-1).slice(0, 3)], [[0, 0, 3], [100, 0, 7]]);
});

test("a sharp turn gets a disc, so that the outline does not gape", () => {
  const turn = [[0, 0, 0.4], [40, 0, 0.6], [80, 0, 0.5], [40, 1, 0.4], [0, 2, 0.5]].map(([x, y, pressure]) => ({ x, y, pressure }));
  const straight = [[0, 0, 0.4], [40, 0, 0.6], [80, 0, 0.5], [120, 0, 0.4], [160, 0, 0.5]].map(([x, y, pressure]) => ({ x, y, pressure }));
  assert.equal(inkPath(straight, 4).discs.asked("arc").length, 2);
  assert.ok(inkPath(turn, 4).discs.asked("arc").length > 2);
});

test("whatever the hand did, the line stays near its points and is made of numbers", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const line = Array.from({ length: 1 + Math.floor(random() * 30) }, () => ({
      x: Math.round(between(random, 0, 100)), y: Math.round(between(random, 0, 100)), pressure: random() < 0.2 ? null : random(),
    }));
    const { path, discs } = inkPath(line, 10);
    for (const [name, ...given] of [...path.calls, ...(discs?.calls ?? [])]) {
      for (const value of given) assert.ok(Number.isFinite(value), `seed ${seed} ${name}`);
      if (name === "lineTo" || name === "moveTo") for (const value of given) assert.ok(value > -16 && value < 116, `seed ${seed} ${name} ${given}`);
    }
  }
});
