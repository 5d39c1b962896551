/** On dark paper everything that was drawn can be read, in the colour that people still call the same. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { COLOURS } from "../../../../web/room/board/toolbar.js";
import { darkTone, lightTone } from "../../../../web/room/board/tones.js";

function parts(colour) {
  const [, hue, saturation, lightness] = /^hsl\((\d+) (\d+)% (\d+)%\)$/.exec(colour).map(Number);
  return { hue, saturation, lightness };
}

test("on light paper a colour is as it was drawn", () => {
  assert.equal(lightTone("#123456"), "#123456");
});

test("black becomes light, and white becomes dark", () => {
  assert.ok(parts(darkTone("#000000")).lightness > 90);
  assert.ok(parts(darkTone("#ffffff")).lightness < 20);
});

test("every colour of the palette can be read on dark paper, in its own hue", () => {
  for (const [name, colour] of Object.entries(COLOURS)) {
    const { lightness } = parts(darkTone(colour));
    assert.ok(lightness >= 45, `${name}: ${lightness}`);
  }
  const hues = Object.fromEntries(["red", "green", "blue"].map((name) => [name, parts(darkTone(COLOURS[name])).hue]));
  assert.ok(hues.red === 0 && Math.abs(hues.green - 142) < 3 && Math.abs(hues.blue - 221) < 3, JSON.stringify(hues));
});

test("greys keep their order, turned round", () => {
  const lightness = ["#111111", "#555555", "#999999", "#dddddd"].map((grey) => parts(darkTone(grey)).lightness);
  assert.deepEqual(lightness, [...lightness].sort((one, other) => other - one));
});

test("a name is a colour too; what is none is shown as ink, and what is half transparent stays", () => {
  assert.deepEqual(darkTone("red"), darkTone("#ff0000"));
  assert.deepEqual(darkTone("no colour at all"), darkTone("#000000"));
  assert.equal(darkTone("rgba(1, 2, 3, 0.5)"), "rgba(1, 2, 3, 0.5)");
});
