/** Only what changed is painted anew, and never too little. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { changeOf } from "../../../../web/room/board/changes.js";
import { lookOf } from "../../../../web/room/board/elements.js";
import { seeded } from "../../support/seeded.js";

const element = (id, x = 0) => ({ id, type: "rectangle", x, y: 0, width: 10, height: 10, strokeWidth: 2 });
const [a, b, c] = [element("a", 0), element("b", 100), element("c", 200)];
const stack = (elements, faded = []) => ({ elements, faded: new Map(faded) });
const between = (before, after) => changeOf(stack(before), stack(after));

test("nothing is painted when nothing changed", () => {
  const same = stack([a, b]);
  assert.deepEqual(changeOf(same, same), { kind: "none" });
  assert.deepEqual(between([a, b], [a, b]), { kind: "none" });
  assert.deepEqual(between([a, { id: "n", type: "laser" }], [a]), { kind: "none" });
});

test("what comes on top is painted alone", () => {
  assert.deepEqual(between([a], [a, b, c]), { kind: "top", elements: [b, c] });
});

test("where something came, went, or became another, that box is painted", () => {
  assert.deepEqual(between([a, b, c], [a, c]), { kind: "box", box: lookOf(b).extent });
  assert.deepEqual(between([a, c], [a, b, c]), { kind: "box", box: lookOf(b).extent });
  const moved = element("b", 150);
  const { kind, box } = between([a, b, c], [a, moved, c]);
  assert.deepEqual([kind, box.left, box.right], ["box", lookOf(b).extent.left, lookOf(moved).extent.right]);
});

test("another order, another layer's opacity, or another board: everything", () => {
  assert.deepEqual(between([a, b], [b, a]), { kind: "all" });
  assert.deepEqual(changeOf(stack([a, b]), stack([a, b], [[b, 0.5]])), { kind: "all" });
  assert.deepEqual(changeOf(stack([a, b], [[b, 0.5]]), stack([a, b], [[b, 0.7]])), { kind: "all" });
  const many = Array.from({ length: 400 }, (_, index) => element(`n${index}`));
  assert.deepEqual(between(many, many.map((each) => ({ ...each }))), { kind: "all" });
});

test("whatever changed, what is not painted anew is as it was", () => {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const random = seeded(seed);
    const some = Array.from({ length: 6 }, (_, index) => element(index, index * 50));
    const before = some.filter(() => random() < 0.7);
    const after = some.filter(() => random() < 0.7).map((each) => (random() < 0.2 ? { ...each, y: 5 } : each));
    const change = between(before, after);
    const isPainted = (each) => {
      const { left, right } = lookOf(each).extent;
      return change.kind === "all" || (change.kind === "box" && right >= change.box.left && left <= change.box.right) || (change.kind === "top" && change.elements.includes(each));
    };
    assert.deepEqual(before.filter((each) => !isPainted(each)), after.filter((each) => !isPainted(each)), `seed ${seed}`);
  }
});
