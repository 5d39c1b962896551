/** Why a camera does not start is said so that one can do something about it. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { obey } from "../../../../web/room/media/controls.js";
import { deviceProblem } from "../../../../web/room/media/problems.js";

const refused = (name) => new DOMException("no", name);

test("forbidden, missing, taken by another program and impossible are four things", () => {
  const words = ["NotAllowedError", "NotFoundError", "NotReadableError", "NotSupportedError"].map((name) => deviceProblem("video", refused(name)));
  assert.deepEqual(words, ["controls.denied", "controls.missing", "controls.busy", "controls.unsupported"]);
  assert.equal(deviceProblem("audio", new Error("whatever")), "controls.busy");
});

test("who closes the browser's question about the screen is told nothing", () => {
  assert.equal(deviceProblem("screen", refused("NotAllowedError")), null);
  assert.equal(deviceProblem("screen", refused("NotReadableError")), "controls.busy");
});

test("what is not allowed any more goes off, even while it is still opening", () => {
  const off = [];
  obey({ may: (name) => name === "can_toggle_audio" }, { set: async (source, isWanted) => void off.push([source, isWanted]) });
  assert.deepEqual(off, [["video", false], ["screen", false]]);
});
