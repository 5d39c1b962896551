/** The fold of the client is the fold of the server: both run the same table of cases. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { fold, isAcceptable } from "../../web/lib/board_events.js";

const cases = JSON.parse(readFileSync(new URL("../shared/board_fold_cases.json", import.meta.url), "utf-8"));

for (const { name, state, events, expected } of cases) {
  test(`a board is the same in the browser: ${name}`, () => {
    assert.deepEqual(fold(state, events), expected);
  });
}

test("what the server would refuse is known before it is sent", () => {
  assert.ok(isAcceptable("stroke_add", { id: "a" }));
  assert.ok(isAcceptable("sparkle", { anything: 1 }));
  assert.ok(isAcceptable("board_clear", undefined));
  for (const [type, data] of [
    ["stroke_add", {}],
    ["stroke_add", [1]],
    ["asset_add", { id: "a" }],
    ["state:full", { state: { strokes: [1] } }],
    ["undo", {}],
    ["cursor_move", { x: 1, y: 2 }],
    ["webrtc:ice-candidate", { targetUserId: 2 }],
  ]) assert.ok(!isAcceptable(type, data), `${type} ${JSON.stringify(data)}`);
});
