/** Where the paper lies under the window: the point under a hand stays under it, and everything can be brought into view. */

import assert from "node:assert/strict";
import test from "node:test";

import { SHEET, Viewport } from "../../../../web/room/board/viewport.js";
import { between, seeded } from "../../support/seeded.js";

const RUNS = 300;
const CLOSE = 1e-6;

/** A window of some size onto some part of the board. */
function somewhere(random) {
  const viewport = new Viewport();
  viewport.resize(between(random, 200, 2_000), between(random, 200, 1_500));
  for (let moves = 0; moves < 4; moves += 1) {
    viewport.pan(between(random, -900, 900), between(random, -900, 900));
    viewport.zoom(between(random, 0.3, 3), between(random, 0, 800), between(random, 0, 600));
  }
  return viewport;
}

function assertClose(found, wanted, why) {
  assert.ok(Math.abs(found.x - wanted.x) < CLOSE && Math.abs(found.y - wanted.y) < CLOSE, `${why}: ${JSON.stringify([found, wanted])}`);
}

/** Runs `check` for many made-up windows; a failure names its seed. */
function always(name, check) {
  test(name, () => {
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const random = seeded(seed);
      check(somewhere(random), random, `seed ${seed}`);
    }
  });
}

always("a pixel belongs to one point of the board, and that point to it", (viewport, random, seed) => {
  const pixel = { x: between(random, -50, 2_050), y: between(random, -50, 1_550) };
  const point = viewport.toBoard(pixel.x, pixel.y);
  assertClose(viewport.toPixel(point.x, point.y), pixel, seed);
});

always("zooming keeps the point under the pointer, at every size and at its limits", (viewport, random, seed) => {
  const pixel = [between(random, 0, 1_000), between(random, 0, 800)];
  const before = viewport.toBoard(...pixel);
  viewport.zoom(between(random, 0.001, 50), ...pixel);
  assertClose(viewport.toBoard(...pixel), before, seed);
  assert.ok(viewport.scale >= 0.1 && viewport.scale <= 8, `${seed}: ${viewport.scale}`);
});

always("the paper follows the hand, pixel for pixel", (viewport, random, seed) => {
  const [across, down] = [between(random, -500, 500), between(random, -500, 500)];
  const point = viewport.toBoard(100, 100);
  viewport.pan(across, down);
  assertClose(viewport.toPixel(point.x, point.y), { x: 100 + across, y: 100 + down }, seed);
});

always("what was in the middle stays there when the window changes", (_, random, seed) => {
  const viewport = new Viewport();
  const [width, height] = [between(random, 200, 2_000), between(random, 200, 1_500)];
  viewport.resize(width, height);
  const middle = viewport.toBoard(width / 2, height / 2);
  viewport.resize(800, 600);
  assertClose(viewport.toBoard(400, 300), middle, seed);
});

always("fitting shows all of a box inside the insets, in their middle", (_, random, seed) => {
  const viewport = new Viewport();
  const [width, height] = [between(random, 600, 2_000), between(random, 500, 1_500)];
  viewport.resize(width, height);
  const [left, top] = [between(random, -3_000, 3_000), between(random, -3_000, 3_000)];
  const box = { left, top, right: left + between(random, 1, 4_000), bottom: top + between(random, 1, 3_000) };
  const insets = { left: 76, top: 70, right: 24, bottom: 24 };
  viewport.fit(box, insets);
  const [from, to] = [viewport.toPixel(box.left, box.top), viewport.toPixel(box.right, box.bottom)];
  assert.ok(from.x >= insets.left - CLOSE && from.y >= insets.top - CLOSE, seed);
  assert.ok(to.x <= width - insets.right + CLOSE && to.y <= height - insets.bottom + CLOSE, seed);
  assertClose({ x: from.x - insets.left, y: from.y - insets.top }, { x: width - insets.right - to.x, y: height - insets.bottom - to.y }, seed);
});

test("a dot is not blown up to fill the window, and an empty box can be shown", () => {
  const viewport = new Viewport();
  viewport.resize(1_000, 800);
  viewport.fit({ left: 5, top: 5, right: 5, bottom: 5 });
  assert.equal(viewport.scale, 2);
  assert.deepEqual(viewport.toPixel(5, 5), { x: 500, y: 400 });
});

test("a window that has no room for the insets still shows something", () => {
  const viewport = new Viewport();
  viewport.resize(80, 60);
  viewport.fit(SHEET, { left: 76, top: 70, right: 24, bottom: 24 });
  assert.equal(viewport.scale, 0.1);
});

test("what is drawn and what is pointed at agree, whatever the screen's pixels", () => {
  const viewport = somewhere(seeded(7));
  for (const ratio of [1, 1.5, 2]) {
    let given;
    viewport.applyTo({ setTransform: (...values) => (given = values) }, ratio);
    const [scale, , , , left, top] = given;
    const pixel = viewport.toPixel(12, 34);
    assertClose({ x: 12 * scale + left, y: 34 * scale + top }, { x: pixel.x * ratio, y: pixel.y * ratio }, `ratio ${ratio}`);
  }
});

test("what is seen is the board from corner to corner", () => {
  const viewport = new Viewport();
  viewport.resize(400, 300);
  viewport.fit({ left: 0, top: 0, right: 200, bottom: 150 }, { left: 0, top: 0, right: 0, bottom: 0 });
  assert.deepEqual(viewport.view, { left: 0, top: 0, right: 200, bottom: 150 });
});

always("the dots of the paper move with it", (viewport, random, seed) => {
  const { x, y, distance } = viewport.grid(40);
  assert.ok(x >= 0 && x < distance && y >= 0 && y < distance, seed);
  const point = viewport.toBoard(x, y);
  for (const value of [point.x, point.y]) assert.ok(Math.abs(value / 40 - Math.round(value / 40)) < 1e-6, seed);
});
