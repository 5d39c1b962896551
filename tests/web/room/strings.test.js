/** The page speaks each of its languages wholly: no key is shown to anybody, and no `{name}` stays unfilled. */

import "../support/page.js";

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { CLOSES } from "../../../web/lib/closes.js";
import { COLOURS } from "../../../web/room/board/toolbar.js";
import { TOOLS } from "../../../web/room/board/tools.js";
import { OFFERED } from "../../../web/room/panels/grants.js";
import { en } from "../../../web/strings/en.js";
import { uk } from "../../../web/strings/uk.js";

const ROOM = new URL("../../../web/room/", import.meta.url);
const SOURCES = readdirSync(ROOM, { recursive: true }).filter((name) => name.endsWith(".js"))
  .map((name) => [name, readFileSync(new URL(name, ROOM), "utf-8").replace(/\/\*\*[^]*?\*\//g, "")]); // a comment asks for nothing
const GROUPS = new Set(Object.keys(en).map((key) => key.split(".")[0]));

const SESSION = ["scheduled", "waiting", "active", "paused", "completed", "terminated", "expired"];
const ROLES = ["host", "student", "viewer", "solo"];

/** What each key that is put together can become, by its beginning. */
const TEMPLATES = {
  "action.": ["start", "pause", "resume", "end", "retry"],
  "colour.": Object.keys(COLOURS),
  "connection.": ["connecting", "open", "reconnecting", "ended"],
  "controls.": ["audio", "video", "screen", "audio.on", "audio.off", "video.on", "video.off", "screen.on", "screen.off"],
  "demo.": ["tutor", "student"],
  "gate.": ["401", "404", "401.text", "404.text"],
  "lost.": ["audio", "video"],
  "layout.": ["side", "board", "video", "pip"],
  "note.left.": ["left", "kicked", "timeout"],
  "panel.": ["people", "snapshots", "activity"],
  "permission.": OFFERED,
  "role.": ROLES,
  "session.": SESSION,
  "snapshots.": ["manual", "auto"],
  "status.": ["joining", "connected", "reconnecting", "disconnected", "left"],
  "tool.": Object.keys(TOOLS),
};
/** Begun with these, a key is asked for only where `hasText` knows it. */
const OPTIONAL = ["event.", "over.", "problem."];

function placeholders(text) {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
}

/** Whatever is written like a key: `"people.you"`. */
function keysIn(source) {
  return [...source.matchAll(/"([a-z]+)\.([\w.]+)"/g)].filter(([, group]) => GROUPS.has(group)).map(([, group, rest]) => `${group}.${rest}`);
}

test("both languages have the same texts, and fill the same places", () => {
  assert.deepEqual(Object.keys(uk).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) assert.deepEqual(placeholders(uk[key]), placeholders(text), key);
});

test("no text is empty, or the same in both languages by oversight", () => {
  for (const [key, text] of Object.entries(en)) {
    assert.ok(text.trim() && uk[key].trim(), key);
    assert.notEqual(uk[key], text, `${key} is not translated`);
  }
});

test("every text that the page asks for is there", () => {
  const asked = SOURCES.flatMap(([name, source]) => keysIn(source).map((key) => [key, name]));
  assert.ok(asked.length > 80, "the page's sources are read");
  for (const [key, name] of asked) assert.ok(Object.hasOwn(en, key), `${name} asks for ${key}`);
});

test("every key that is put together has all its texts", () => {
  for (const [beginning, ends] of Object.entries(TEMPLATES)) {
    for (const end of ends) assert.ok(Object.hasOwn(en, beginning + end), beginning + end);
  }
  const begun = SOURCES.flatMap(([name, source]) => [...source.matchAll(/`([a-z_]+\.(?:[a-z]+\.)?)\$\{/g)].map(([, beginning]) => [beginning, name]));
  assert.ok(begun.length > 15, "the page's sources are read");
  const known = [...Object.keys(TEMPLATES), ...OPTIONAL];
  for (const [beginning, name] of begun) assert.ok(known.includes(beginning), `${name}: what can follow ${beginning}?`);
});

test("no text is left over that nothing asks for", () => {
  const all = SOURCES.map(([, source]) => source).join("\n");
  const begun = [...Object.keys(TEMPLATES), ...OPTIONAL];
  for (const key of Object.keys(en)) {
    const isAsked = all.includes(`"${key}"`) || begun.some((beginning) => key.startsWith(beginning)) || all.includes(`"${key.replace(/\.text$/, "")}"`);
    const isPending = all.includes(`\`${key.replace(/_pending$/, "")}\${kept}\``);
    assert.ok(isAsked || isPending, `nothing asks for ${key}`);
  }
});

test("whoever is shown out is told why, whatever the server's close code", () => {
  for (const { name, comeback } of Object.values(CLOSES)) {
    if (comeback === "no" && !["malformed", "too_large"].includes(name)) assert.ok(Object.hasOwn(en, `over.${name}`), name);
  }
  for (const key of Object.keys(en).filter((each) => /^over\.\w+\.text$/.test(each))) assert.ok(Object.hasOwn(en, key.replace(/\.text$/, "")), key);
});
