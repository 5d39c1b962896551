/** What elements are built with: texts stay texts, listeners are listeners, and a person looks the same everywhere. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { h, hueOf, iconButton, initials } from "../../../web/room/dom.js";

test("a name with markup in it is shown as it is written", () => {
  const element = h("span", { title: "<b>" }, "<img src=x onerror=alert(1)>");
  assert.deepEqual(element.children, ["<img src=x onerror=alert(1)>"]);
  assert.equal(element.getAttribute("title"), "<b>");
});

test("what is not there leaves nothing behind", () => {
  const element = h("p", { hidden: false, lang: null, id: undefined, dir: "ltr", inert: true }, null, false, undefined, "", "text");
  assert.deepEqual([...element.attributes], [["dir", "ltr"], ["inert", ""]]);
  assert.deepEqual(element.children, ["", "text"]);
});

test("what begins with `on` listens, and is no attribute", () => {
  let pressed = 0;
  const button = h("button", { onclick: () => (pressed += 1), onfocus: undefined });
  button.dispatchEvent(new Event("click"));
  assert.equal(pressed, 1);
  assert.equal(button.attributes.size, 0);
});

test("a button that is an icon has a name for everybody", () => {
  const button = iconButton("pen", "Pen", () => {});
  assert.equal(button.getAttribute("aria-label"), "Pen");
  assert.equal(button.getAttribute("title") ?? button.title, "Pen");
  assert.equal(button.querySelector("svg").getAttribute("aria-hidden"), "true");
});

test("initials are the first letters of the first and the last name", () => {
  for (const [name, letters] of [
    ["Ada", "A"], ["ada lovelace", "AL"], ["  Ada   King  Lovelace ", "AL"], ["Ірина Шевчук", "ІШ"],
    ["🦊 Fox", "🦊F"], ["王 小明", "王小"], ["", "?"], ["   ", "?"],
  ]) assert.equal(initials(name), letters, name);
});

test("a person has the same hue in every browser, whether the id is a number or its text", () => {
  assert.equal(hueOf(7), hueOf("7"));
  for (let id = 0; id < 500; id += 1) {
    const hue = hueOf(`user-${id}`);
    assert.ok(Number.isInteger(hue) && hue >= 0 && hue < 360, String(hue));
  }
  assert.ok(new Set(Array.from({ length: 20 }, (_, id) => hueOf(id))).size > 15, "few people share one");
});
