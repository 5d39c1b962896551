/** A board lies on the paper that its background asks for. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { paperColour, paperOf } from "../../../../web/room/board/paper.js";

test("a background is a colour, a pattern, or both, in any form that clients send", () => {
  assert.deepEqual(paperOf("grid"), { colour: "#ffffff", pattern: "grid", step: 40 });
  assert.deepEqual(paperOf("navy"), { colour: "navy", pattern: "plain", step: 40 });
  assert.deepEqual(paperOf({ type: "ruled", color: "#ABCDEF", size: 24 }), { colour: "#abcdef", pattern: "lines", step: 24 });
  assert.deepEqual(paperOf({ pattern: "dots", step: 1 }), { colour: "#ffffff", pattern: "dots", step: 8 });
});

test("without one it has the page's own dots; what makes no sense is plain white", () => {
  for (const none of [null, undefined]) assert.deepEqual(paperOf(none), { colour: "#ffffff", pattern: "dots", step: 40 });
  for (const senseless of ["https://example.org/x.png", 7, [], { color: "nothing" }, "none"]) {
    assert.deepEqual(paperOf(senseless), { colour: "#ffffff", pattern: "plain", step: 40 }, String(senseless));
    assert.equal(paperColour(senseless), "#ffffff");
  }
});
