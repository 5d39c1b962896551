/** Whoever changes the language in a lesson is in it again, as before, and only then. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { keepWayBack, takeWayBack } from "../../../web/room/coming_back.js";

const local = (...on) => ({ isOn: (source) => on.includes(source) });

test("camera and microphone are as they were, and it counts once", () => {
  keepWayBack("one", local("audio", "screen"));
  assert.deepEqual(takeWayBack("one"), ["audio"]);
  assert.equal(takeWayBack("one"), null);
});

test("another lesson begins in its waiting room", () => {
  keepWayBack("one", local());
  assert.equal(takeWayBack("two"), null);
  assert.equal(takeWayBack("one"), null);
});
