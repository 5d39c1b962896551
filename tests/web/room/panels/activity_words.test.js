/** The list of what happened says what happened. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { t } from "../../../../web/room/i18n.js";
import { wordsFor } from "../../../../web/room/panels/activity_words.js";

const NAMES = { 7: "Ada", 8: "Ben" };
const words = (event_type, data, user_id = 7) => wordsFor({ id: 1, event_type, user_id, data, created_at: "" }, (id) => NAMES[id] ?? "somebody");

test("devices are named that are on, and a hand goes up and down", () => {
  const what = [t("people.camera"), t("people.mic")].join(", ");
  assert.equal(words("media_state", { video_enabled: true, audio_enabled: true, screen_sharing: false }), t("event.media_state", { who: "Ada", what }));
  assert.equal(words("media_state", { video_enabled: false }), t("event.media_state", { who: "Ada", what: t("people.all_off") }));
  assert.equal(words("raise_hand", { raised: true }), t("event.raise_hand", { who: "Ada" }));
  assert.equal(words("raise_hand", { raised: false }), t("event.lower_hand", { who: "Ada" }));
});

test("who left and who lost the connection are two things", () => {
  assert.equal(words("participant_leave", { reason: "left" }), t("event.participant_leave", { who: "Ada" }));
  assert.equal(words("participant_leave", { reason: "timeout" }), t("event.participant_lost", { who: "Ada" }));
});

test("somebody who was removed, and is in no list any more, keeps their name", () => {
  assert.equal(words("participant_kick", { user_id: 9, name: "Cid" }), t("event.participant_kick", { who: "Ada", whom: "Cid" }));
  assert.equal(words("role_change", { user_id: 8, to: "viewer" }), t("event.role_change", { who: "Ada", whom: "Ben", role: t("role.viewer") }));
});

test("what clients log may be anything", () => {
  for (const data of [null, undefined, 7, "x", [], { user_id: {}, name: {} }, { raised: 7 }]) {
    for (const kind of ["error", "raise_hand", "participant_leave", "constructor", "media_state"]) assert.equal(typeof words(kind, data), "string");
  }
  assert.equal(words("constructor", {}), "Ada · constructor");
});
