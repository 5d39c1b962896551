/** Notes can be read in peace: what went wrong stays longer, and what waits for the person stays until they did it. */

import "../support/page.js";

import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { note } from "../../../web/room/feedback.js";

mock.timers.enable({ apis: ["setTimeout"] });

const shown = () => document.body.querySelector(".notes").children.map((each) => each.textContent);

test("a note goes by itself, a problem later, and a lasting one when it is taken back", () => {
  note("info");
  note("problem", "problem");
  const takeBack = note("lasting", "lasting");
  assert.deepEqual(shown(), ["info", "problem", "lasting"]);
  mock.timers.tick(5_000);
  assert.deepEqual(shown(), ["problem", "lasting"]);
  mock.timers.tick(60_000);
  assert.deepEqual(shown(), ["lasting"]);
  takeBack();
  assert.deepEqual(shown(), []);
});

test("what is said again is shown once", () => {
  for (const text of ["one", "two", "one"]) note(text);
  assert.deepEqual(shown(), ["two", "one"]);
  mock.timers.tick(5_000);
});

test("of many notes the newest are shown", () => {
  for (const text of ["one", "two", "three", "four"]) note(text);
  assert.deepEqual(shown(), ["two", "three", "four"]);
});
