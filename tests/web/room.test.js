/** The local copies of people, permissions and calls, and what a person wants switched on. */

import assert from "node:assert/strict";
import test from "node:test";

import { readClaims } from "../../web/lib/token.js";
import { ADA, BEN, SESSION, openLesson, token, welcome } from "./support/fakes.js";

const OFF = { video_enabled: false, audio_enabled: false, screen_sharing: false };

test("people come, change and go", () => {
  const { client, socket, of } = openLesson();
  const cid = { ...BEN, user_id: "9", name: "Cid" };
  socket.tell({ type: "participant_joined", seq: 11, participant: { ...cid, userId: "9" } });
  assert.equal(client.participants.get("9").name, "Cid");
  socket.tell({ type: "participant_updated", seq: 12, participant: { ...cid, hand_raised: true } });
  assert.equal(client.participants.get("9").hand_raised, true);
  socket.tell({ type: "participant_left", seq: 13, user_id: "9", reason: "timeout" });
  assert.equal(client.participants.get("9").status, "disconnected");
  assert.equal(client.participants.get("9").hand_raised, false);
  socket.tell({ type: "participant_left", seq: 14, user_id: "9", reason: "kicked" });
  assert.equal(client.participants.has("9"), false);
  assert.equal(of("participant_joined").length, 1);
  assert.equal(client.me.name, "Ada");
});

test("a session that changed brings its people along", () => {
  const { client, socket } = openLesson();
  socket.tell({ type: "session_updated", seq: 11, session: { uuid: SESSION, status: "paused", participants: [ADA] } });
  assert.equal(client.session.status, "paused");
  assert.deepEqual([...client.participants.keys()], ["7"]);
});

test("media states are those of the participants too", () => {
  const { client, socket, of } = openLesson();
  const state = { user_id: "8", ...OFF, video_enabled: true, updated_at: "2026-01-01T10:00:00Z" };
  socket.tell({ type: "media_state_update", seq: 11, user_id: "8", media_state: state });
  assert.deepEqual(client.mediaStates.get("8"), state);
  assert.equal(client.participants.get("8").video_enabled, true);
  assert.deepEqual(of("media"), [{ user_id: "8", media_state: state }]);
});

test("changed permissions count at once, and are told once", () => {
  const { client, socket, of } = openLesson();
  assert.equal(client.may("can_draw"), true);
  const change = { type: "permissions_updated", user_id: 7, role: "viewer", permissions: { can_draw: false } };
  socket.tell(change);
  socket.tell(change);
  assert.equal(client.may("can_draw"), false);
  assert.equal(client.role, "viewer");
  assert.deepEqual(of("permissions").slice(1), [{ role: "viewer", permissions: { can_draw: false } }]);
});

test("peers and signals", () => {
  const { client, socket, of } = openLesson();
  socket.tell({ type: "peers", peers: ["8"] });
  socket.tell({ type: "peer_joined", user_id: 9 });
  socket.tell({ type: "peer_joined", user_id: "9" });
  socket.tell({ type: "peer_left", user_id: "8" });
  assert.deepEqual(client.peers, ["9"]);
  assert.equal(client.signal("offer", "9", { sdp: "v=0" }), true);
  assert.deepEqual(socket.of("offer"), [{ type: "offer", target_user_id: "9", sdp: "v=0" }]);
  socket.tell({ type: "ice_candidate", from_user_id: "9", target_user_id: 7, candidate: {} });
  assert.deepEqual(of("signal"), [{ kind: "ice_candidate", from_user_id: "9", target_user_id: 7, candidate: {} }]);
  socket.drop(1006);
  assert.equal(client.signal("offer", "9", {}), false);
});

test("a camera that is wanted on is switched on again after a reconnect, if the server switched it off", () => {
  const { client, socket, timers, opened } = openLesson();
  client.setMedia({ video_enabled: true });
  client.raiseHand(true);
  assert.deepEqual(socket.of("media_state"), [{ type: "media_state", video_enabled: true }]);
  socket.drop(1006);
  client.setMedia({ audio_enabled: true });
  timers.advance(1000);
  opened[1].tell(welcome({ recovered: true, participants: [{ ...ADA, hand_raised: true }] }));
  assert.deepEqual(opened[1].of("media_state"), [{ type: "media_state", video_enabled: true, audio_enabled: true }]);
  assert.deepEqual(opened[1].of("raise_hand"), []);
});

test("what was refused, or switched off elsewhere, is not switched on again", () => {
  const { client, socket, timers, opened } = openLesson();
  client.setMedia({ video_enabled: true });
  socket.tell({ type: "media_state_update", seq: 11, user_id: 7, media_state: { user_id: 7, ...OFF, updated_at: null } });
  client.raiseHand(true);
  socket.tell({ type: "error", code: "forbidden", message: "…", for: "raise_hand" });
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ recovered: true }));
  assert.deepEqual(opened[1].sent, []);
});

test("the token is renewed before it ends, and the next socket carries the new one", () => {
  const { client, socket, timers, opened, of } = openLesson({ token: token(1000) });
  keepAlive(socket, timers, 899_000);
  assert.equal(socket.of("token_refresh").length, 0);
  keepAlive(socket, timers, 1_000);
  assert.equal(socket.of("token_refresh").length, 1);
  keepAlive(socket, timers, 30_000);
  assert.equal(socket.of("token_refresh").length, 2, "asked again when there was no answer");
  socket.tell({ type: "token", token: token(9000, "2"), expires_at: "2026-01-01T12:30:00Z" });
  assert.equal(client.token, token(9000, "2"));
  assert.equal(of("token").length, 1);
  socket.drop(1012);
  timers.advance(0);
  assert.equal(opened.at(-1).protocols[1], token(9000, "2"));
});

test("a token is read whatever letters its payload is written in", () => {
  const claims = { user_id: "ÿÿÿ~~~???>>>", iat: 1, exp: 2 };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  assert.match(payload, /-/);
  assert.match(payload, /_/);
  assert.deepEqual(readClaims(`e30.${payload}.s`), claims);
  for (const broken of ["", "a.b", "e30.e30.s", "..."]) assert.equal(readClaims(broken), null);
});

test("a clock that is wrong on this side does not matter for the token", () => {
  const { client, socket, timers } = openLesson();
  socket.tell(welcome({ server_time: "2026-01-01T11:56:00.000Z" }));
  assert.equal(client.serverNow(), Date.parse("2026-01-01T11:56:00Z"));
  timers.advance(0);
  assert.equal(socket.of("token_refresh").length, 1);
});

test("the end of a lesson is said with its name", () => {
  const { client, socket, of } = openLesson();
  socket.tell({ type: "kicked", reason: "noise" });
  socket.drop(4403, "not allowed in this session");
  assert.deepEqual(client.ended, { code: 4403, name: "forbidden", reason: "not allowed in this session" });
  assert.deepEqual(of("state").at(-1).previous, "open");
});

test("a listener that throws keeps nobody else from hearing", () => {
  const { client, socket } = openLesson();
  const reported = [];
  globalThis.reportError = (problem) => reported.push(problem.message);
  let heard = 0;
  client.on("peers", () => { throw new Error("mine"); });
  client.on("peers", () => (heard += 1));
  client.once("peers", () => (heard += 10));
  socket.tell({ type: "peers", peers: [] });
  socket.tell({ type: "peers", peers: [] });
  delete globalThis.reportError;
  assert.equal(heard, 12);
  assert.deepEqual(reported, ["mine", "mine"]);
});

/** Time passes on a socket on which something is always heard. */
function keepAlive(socket, timers, ms) {
  for (let left = ms; left > 0; left -= 1000) {
    timers.advance(Math.min(1000, left));
    socket.tell({ type: "pong" });
  }
}
