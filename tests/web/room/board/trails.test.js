/** Other people's pointers: seen while they move, gone when they rest or leave, and never a burden. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { drawingWith, Trails } from "../../../../web/room/board/trails.js";
import { Viewport } from "../../../../web/room/board/viewport.js";

/** Trails over a surface that writes down what lines it is to show. */
function trailing(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const lines = [];
  const surface = { viewport: new Viewport(), trail: (userId, line) => lines.push([userId, line]) };
  const trails = new Trails(surface, (id) => `name of ${id}`);
  return { trails, lines, seen: () => trails.element.children.map((each) => each.textContent), later: (ms) => t.mock.timers.tick(ms) };
}

test("somebody who points is seen with their name, where they point", (t) => {
  const { trails, seen } = trailing(t);
  trails.move({ user_id: 7, x: 10, y: 20, tool: "pen" });
  trails.move({ user_id: "7", x: 11, y: 21 });
  assert.deepEqual(seen(), ["name of 7"]);
  assert.equal(trails.element.children[0].style.transform, "translate(11px, 21px)");
});

test("a pointer that rests for long goes, and one that moves stays", (t) => {
  const { trails, seen, later } = trailing(t);
  trails.move({ user_id: 7, x: 0, y: 0 });
  later(5_000);
  trails.move({ user_id: 7, x: 1, y: 0 });
  later(5_000);
  assert.equal(seen().length, 1);
  later(2_000);
  assert.deepEqual(seen(), []);
});

test("who left and came back at once is not taken away by the time they were away", (t) => {
  const { trails, seen, later } = trailing(t);
  trails.move({ user_id: 7, x: 0, y: 0 });
  later(4_000);
  trails.forget(7);
  trails.move({ user_id: 7, x: 0, y: 0 });
  later(3_000);
  assert.equal(seen().length, 1);
});

test("a line is seen while it is drawn, and goes when the stroke itself is there", (t) => {
  const { trails, lines } = trailing(t);
  trails.move({ user_id: 7, x: 0, y: 0, tool: drawingWith("pen"), color: "#123456" });
  trails.move({ user_id: 7, x: 5, y: 5, tool: drawingWith("pen"), color: "#123456" });
  const [, line] = lines.at(-1);
  assert.deepEqual([line.tool, line.color, line.points], ["pen", "#123456", [[0, 0], [5, 5]]]);
  trails.finished("7");
  assert.deepEqual(lines.at(-1), ["7", null]);
});

test("a line whose stroke never comes goes by itself", (t) => {
  const { trails, lines, later } = trailing(t);
  trails.move({ user_id: 7, x: 0, y: 0, tool: drawingWith("pen") });
  trails.move({ user_id: 7, x: 1, y: 1, tool: "pen" });
  later(3_500);
  assert.deepEqual(lines.at(-1), [7, null]);
});

test("a line without end stays short to draw", (t) => {
  const { trails, lines } = trailing(t);
  for (let step = 0; step < 5_000; step += 1) trails.move({ user_id: 7, x: step, y: 0, tool: drawingWith("pen") });
  const { points } = lines.at(-1)[1];
  assert.ok(points.length <= 400, String(points.length));
  assert.deepEqual(points.at(-1), [4_999, 0]);
});

test("pointers stay on the board when the view moves", (t) => {
  const surface = { viewport: new Viewport(), trail: () => {} };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const trails = new Trails(surface, String);
  trails.move({ user_id: 7, x: 10, y: 10 });
  surface.viewport.pan(5, 0);
  trails.viewChanged();
  assert.equal(trails.element.children[0].style.transform, "translate(15px, 10px)");
});
