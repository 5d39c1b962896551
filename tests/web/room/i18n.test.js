/** The page speaks the reader's language: the one they chose, else the first of their browser's that there is. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

const MODULE = "../../../web/room/i18n.js";
let count = 0;

/** The module as it is in a page that is loaded now. */
async function loaded({ kept = null, languages }) {
  if (kept === null) localStorage.removeItem("lessonroom.language");
  else localStorage.setItem("lessonroom.language", kept);
  navigator.languages = languages;
  return import(`${MODULE}?${(count += 1)}`);
}

test("a language is the chosen one, else the browser's, else English", async () => {
  for (const [kept, languages, expected] of [
    [null, ["uk-UA", "en"], "uk"],
    [null, ["fr-FR", "uk"], "uk"],
    [null, ["fr"], "en"],
    [null, [], "en"],
    ["en", ["uk"], "en"],
    ["uk", ["en"], "uk"],
    ["xx", ["uk"], "uk"],
    ["constructor", ["fr"], "en"],
  ]) {
    const { language } = await loaded({ kept, languages });
    assert.equal(language, expected, `${kept} ${languages}`);
    assert.equal(document.documentElement.lang, expected);
  }
});

test("places are filled with what is given, and with nothing else", async () => {
  const { t } = await loaded({ languages: ["en"] });
  assert.equal(t("title.with", { name: "Ada" }), "Lesson with Ada");
  assert.equal(t("title.with", { name: "{name} $& $1" }), "Lesson with {name} $& $1");
  assert.equal(t("title.with"), "Lesson with {name}");
  assert.equal(t("panel.people_hands", { here: 2, hands: 1 }), "People: 2 here, hands raised: 1");
});

test("a key without words is shown, not hidden", async () => {
  const { t, hasText } = await loaded({ languages: ["uk"] });
  assert.equal(t("no.such_key"), "no.such_key");
  assert.equal(hasText("no.such_key"), false);
  assert.equal(hasText("toString"), false);
  assert.equal(hasText("close"), true);
});

test("choosing a language keeps the choice and loads the page anew", async () => {
  const { speak, onSpeak } = await loaded({ languages: ["en"] });
  const done = [];
  globalThis.location = { reload: () => done.push("loaded anew") };
  onSpeak(() => done.push("told"));
  onSpeak(() => done.push("not told"))();
  speak("en");
  assert.deepEqual(done, [], "it is the language already");
  speak("uk");
  assert.deepEqual(done, ["told", "loaded anew"]);
  assert.equal((await import(`${MODULE}?${(count += 1)}`)).language, "uk");
});
