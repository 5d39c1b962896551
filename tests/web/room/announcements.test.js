/** What people do is said with their names, whoever came after oneself included. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { announce } from "../../../web/room/announcements.js";
import { t } from "../../../web/room/i18n.js";
import { ADA, BEN, openLesson } from "../support/fakes.js";

const CID = { ...BEN, user_id: 9, name: "Cid" };

/** A lesson of Ada's and Ben's, and what is said in it. */
function announced() {
  const { client, socket } = openLesson();
  const said = [];
  announce(client, (text) => said.push(text));
  let seq = 10;
  return { said, tell: (message) => socket.tell({ seq: (seq += 1), ...message }), direct: (message) => socket.tell(message) };
}

test("somebody comes, and leaves for each reason by name, though they came after oneself", () => {
  for (const reason of ["left", "timeout", "kicked"]) {
    const { said, tell } = announced();
    tell({ type: "participant_joined", participant: CID });
    tell({ type: "participant_left", user_id: 9, reason });
    assert.deepEqual(said, [t("note.joined", { name: "Cid" }), t(`note.left.${reason}`, { name: "Cid" })]);
  }
});

test("who was there before leaves by name too", () => {
  const { said, tell } = announced();
  tell({ type: "participant_left", user_id: BEN.user_id, reason: "kicked" });
  assert.deepEqual(said, [t("note.left.kicked", { name: BEN.name })]);
});

test("a hand that goes up is said once, and again only after it was down", () => {
  const { said, tell } = announced();
  for (const hand_raised of [true, true, false, true]) tell({ type: "participant_updated", participant: { ...BEN, hand_raised } });
  assert.deepEqual(said, [t("note.hand", { name: BEN.name }), t("note.hand", { name: BEN.name })]);
});

test("one's own hand is no news", () => {
  const { said, tell } = announced();
  tell({ type: "participant_updated", participant: { ...ADA, hand_raised: true } });
  assert.deepEqual(said, []);
});

test("changed permissions are said by their names: what is allowed now, and what is not any more", () => {
  const { said, direct } = announced();
  const become = (permissions) => direct({ type: "permissions_updated", user_id: ADA.user_id, role: "student", permissions });
  become({ can_draw: false, can_toggle_video: true, can_export: true });
  become({ can_draw: false, can_toggle_video: false, can_export: true });
  become({ can_draw: false, can_toggle_video: false, can_export: true, can_invite: true });
  assert.deepEqual(said, [
    t("note.granted", { what: [t("permission.can_export"), t("permission.can_toggle_video")].join(", ") }),
    t("note.revoked", { what: t("permission.can_draw") }),
    t("note.revoked", { what: t("permission.can_toggle_video") }),
    t("note.permissions"),
  ]);
});
