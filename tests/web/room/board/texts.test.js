/** What was written can be read, where it was written, and breaks at the words at which the server breaks it. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { frame, note, text } from "../../../../web/room/board/texts.js";

const lines = (look) => look.parts.at(-1).lines.map((line) => line.text);

test("a text has the lines, the size and the colour it was written with", () => {
  const { parts: [words], box } = text({ x: 10, y: 20, text: "one\ntwo", fontSize: 20, color: "#ff0000" });
  assert.deepEqual(words.lines, [{ text: "one", x: 10, y: 39 }, { text: "two", x: 10, y: 64 }]);
  assert.equal(words.colour, "#ff0000");
  assert.deepEqual(box, { left: 10, top: 20, right: 46, bottom: 70 });
});

test("a text without a word is nothing", () => {
  for (const nothing of [{}, { text: "" }, { text: " \n " }, { text: {} }]) assert.equal(text({ x: 0, y: 0, ...nothing }), null);
});

test("in a width it breaks at spaces, and inside a word only where it must", () => {
  const broken = (content, width) => lines(text({ x: 0, y: 0, text: content, fontSize: 10, width }));
  assert.deepEqual(broken("the sum of all", 60), ["the sum of", "all"]);
  assert.deepEqual(broken("aaaaaaaaaaaa b", 30), ["aaaaa", "aaaaa", "aa b"]);
  assert.deepEqual(broken("\u6f22\u5b57\u6f22\u5b57", 20), ["\u6f22\u5b57", "\u6f22\u5b57"]);
  assert.deepEqual(broken("i", 1), ["i"]);
});

test("it stands left, in the middle, or right, in the letters it asks for", () => {
  const words = (more) => text({ x: 0, y: 0, width: 100, text: "a", fontSize: 10, ...more }).parts[0];
  assert.deepEqual(["left", "center", "right", "sideways"].map((textAlign) => words({ textAlign }).lines[0].x), [0, 50, 100, 0]);
  assert.match(words({ bold: true, fontStyle: "italic", fontFamily: "Courier New" }).font, /^italic bold 10px monospace/);
  assert.match(words({ fontWeight: 700, fontFamily: "Times" }).font, /^bold 10px serif/);
});

test("a note's text is made smaller until it fits, and ends where the note ends", () => {
  const small = note({ x: 0, y: 0, width: 100, height: 60, text: "word ".repeat(30) });
  assert.ok(Number(/^([\d.]+)px/.exec(small.parts[1].font)[1]) < 14);
  const full = note({ x: 0, y: 0, width: 60, height: 40, text: "word ".repeat(300) });
  assert.ok(full.parts[1].lines.at(-1).y < 40);
});

test("what is not drawn is a frame with its name, shortened to its width", () => {
  assert.deepEqual(lines(frame({ x: 0, y: 0, width: 200, height: 100, type: "image", name: "parabola.png" })), ["parabola.png"]);
  assert.deepEqual(lines(frame({ x: 0, y: 0, width: 50, height: 100, type: "image", name: "a very long name" })), ["a very long\u2026"]);
  assert.deepEqual(lines(frame({ x: 0, y: 0, src: "data:" })), ["image"]);
});
