/** The keys of the tools work on every keyboard, whatever letters it writes. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { letterOf, onSingleKeys, singleKeysAreOn, switchSingleKeys } from "../../../../web/room/board/keys.js";
import { toolOfKey, TOOLS } from "../../../../web/room/board/tools.js";

test("a key is the Latin letter it writes, wherever it lies", () => {
  for (const [key, code, letter] of [
    ["p", "KeyP", "p"],
    ["P", "KeyP", "p"],
    ["z", "KeyY", "z"], // a German keyboard
    ["a", "KeyQ", "a"], // a French one
  ]) assert.equal(letterOf({ key, code }), letter);
});

test("on a Cyrillic or Greek keyboard it is the letter that stands there in English", () => {
  for (const [key, code, letter] of [["я", "KeyZ", "z"], ["З", "KeyP", "p"], ["н", "KeyY", "y"], ["ζ", "KeyZ", "z"]]) {
    assert.equal(letterOf({ key, code }), letter);
  }
});

test("what is no letter stays what it is", () => {
  for (const [key, code, letter] of [["Escape", "Escape", "escape"], ["1", "Digit1", "1"], ["Process", "", "process"]]) {
    assert.equal(letterOf({ key, code }), letter);
  }
});

test("every tool has a key, and no two have the same", () => {
  const keys = Object.values(TOOLS).map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  for (const [name, { key }] of Object.entries(TOOLS)) assert.equal(toolOfKey(key), name);
  assert.equal(toolOfKey("q"), undefined);
  assert.ok(!keys.includes("z") && !keys.includes("y"), "those take back and do again");
});

test("keys that do something alone can be switched off, and stay so", () => {
  let told = 0;
  onSingleKeys(() => (told += 1));
  assert.ok(singleKeysAreOn());
  switchSingleKeys(false);
  assert.ok(!singleKeysAreOn());
  switchSingleKeys(true);
  assert.deepEqual([singleKeysAreOn(), told], [true, 2]);
});
