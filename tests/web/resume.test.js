/** What a client knows after a reconnect is what it would know had it never been away. */

import assert from "node:assert/strict";
import test from "node:test";

import { BEN, EMPTY, lesson, openLesson, strokes, update, welcome } from "./support/fakes.js";

test("the first socket asks for nothing missed, and for the whole board", () => {
  const { client, socket, of } = lesson();
  assert.ok(socket.url.endsWith("/ws/classroom/00000000-0000-4000-8000-000000000001/"));
  socket.tell(welcome());
  assert.equal(client.state, "open");
  assert.equal(socket.of("sync_request").length, 1);
  assert.equal(of("ready").length, 0);
  socket.tell({ type: "sync_response", version: 2, state: { ...EMPTY, strokes: [{ id: "a" }] } });
  assert.deepEqual(of("ready"), [{ recovered: false }]);
  assert.deepEqual(strokes(client), ["a"]);
  assert.equal(client.board.version, 2);
});

test("what comes before the whole board is there waits for it, and counts once", () => {
  const { client, socket } = lesson();
  socket.tell(welcome());
  socket.tell(update(11, 3, "c"));
  socket.tell(update(12, 4, "d"));
  assert.deepEqual(strokes(client), []);
  socket.tell({ type: "sync_response", version: 3, state: { ...EMPTY, strokes: [{ id: "a" }, { id: "c" }] } });
  assert.deepEqual(strokes(client), ["a", "c", "d"]);
  assert.equal(client.board.version, 4);
});

test("a resume goes on after the last number, and what was missed comes once, in order", () => {
  const made = openLesson();
  const { client, timers, socket, of, opened } = made;
  socket.tell(update(11, 1, "a"));
  socket.drop(1006);
  timers.advance(1000);
  assert.ok(opened[1].url.endsWith("?since=11&epoch=e1"));
  opened[1].tell(welcome({ seq: 14, recovered: true, missed: 2, board: { version: 3 } }));
  opened[1].tell(update(12, 2, "b"));
  assert.equal(of("ready").length, 1);
  opened[1].tell(update(13, 3, "c"));
  assert.deepEqual(of("ready").at(-1), { recovered: true });
  opened[1].tell(update(13, 3, "c"));
  assert.deepEqual(strokes(client), ["a", "b", "c"]);
  assert.equal(opened[1].of("sync_request").length, 0);
  assert.deepEqual(of("message").filter(({ type }) => type === "board_update").map(({ seq }) => seq), [11, 12, 13]);
});

test("a broadcast that comes twice is told once", () => {
  const { socket, of } = openLesson();
  socket.tell({ type: "participant_joined", seq: 11, participant: BEN });
  socket.tell({ type: "participant_joined", seq: 11, participant: BEN });
  assert.equal(of("participant_joined").length, 1);
});

test("one's own arrival is counted in the welcome: the next resume is from there", () => {
  const { timers, socket, opened } = openLesson();
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ seq: 14, recovered: true, missed: 1 }));
  opened[1].tell(update(12, 1, "b"));
  opened[1].drop(1006);
  timers.advance(1000);
  assert.ok(opened[2].url.endsWith("?since=14&epoch=e1"));
});

test("a connection that breaks in the middle of what was missed resumes from there", () => {
  const { client, timers, socket, opened } = openLesson();
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ seq: 13, recovered: true, missed: 3 }));
  opened[1].tell(update(11, 1, "a"));
  opened[1].drop(1006);
  timers.advance(1000);
  assert.ok(opened[2].url.endsWith("?since=11&epoch=e1"));
  opened[2].tell(welcome({ seq: 13, recovered: true, missed: 2 }));
  opened[2].tell(update(12, 2, "b"));
  opened[2].tell(update(13, 3, "c"));
  assert.deepEqual(strokes(client), ["a", "b", "c"]);
});

test("what could not be recovered is asked for, and replaces what was known", () => {
  const { client, timers, socket, opened, of } = openLesson({}, { ...EMPTY, strokes: [{ id: "old" }] }, 5);
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ epoch: "e2", seq: 3, participants: [BEN] }));
  assert.equal(opened[1].of("sync_request").length, 1);
  opened[1].tell(update(4, 2, "b"));
  opened[1].tell({ type: "sync_response", version: 1, state: { ...EMPTY, strokes: [{ id: "a" }] } });
  assert.deepEqual(strokes(client), ["a", "b"]);
  assert.deepEqual([...client.participants.keys()], ["8"]);
  assert.deepEqual(of("ready").at(-1), { recovered: false });
});

test("a second welcome in place starts everything anew, without another socket", () => {
  const { client, socket, opened } = openLesson({}, { ...EMPTY, strokes: [{ id: "old" }] }, 5);
  client.draw("stroke_add", { id: "mine" });
  socket.tell(welcome({ epoch: "e2", seq: 2 }));
  assert.equal(socket.of("sync_request").length, 2);
  assert.equal(socket.of("board_event").length, 2, "what was not acknowledged goes again");
  socket.tell(update(3, 1, "n"));
  socket.tell({ type: "sync_response", version: 0, state: EMPTY });
  assert.deepEqual(strokes(client), ["n", "mine"]);
  assert.equal(opened.length, 1);
});

test("a board that was never complete is asked for again, even after a recovery", () => {
  const { timers, socket, opened } = lesson();
  socket.tell(welcome());
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ recovered: true, missed: 0 }));
  assert.equal(opened[1].of("sync_request").length, 1);
});

test("a version that is missing is noticed, and the whole board asked for", () => {
  const { client, socket } = openLesson();
  socket.tell(update(11, 1, "a"));
  socket.tell(update(12, 3, "c"));
  assert.equal(socket.of("sync_request").length, 2);
  socket.tell({ type: "sync_response", version: 3, state: { ...EMPTY, strokes: [{ id: "a" }, { id: "b" }, { id: "c" }] } });
  assert.deepEqual(strokes(client), ["a", "b", "c"]);
});

test("a board that does not come is asked for again", () => {
  const { socket, timers } = lesson();
  socket.tell(welcome());
  socket.tell({ type: "error", code: "store_unavailable", message: "…", for: "sync_request" });
  timers.advance(2_000);
  assert.equal(socket.of("sync_request").length, 2);
  timers.advance(10_000);
  assert.equal(socket.of("sync_request").length, 3);
});

test("what was missed about people does not undo what the welcome says now", () => {
  const { client, timers, socket, opened, of } = openLesson();
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ seq: 11, recovered: true, missed: 1 }));
  opened[1].tell({ type: "participant_left", seq: 11, user_id: "8", reason: "timeout" });
  assert.equal(client.participants.get("8").status, "connected");
  assert.deepEqual(of("participant_left"), [{ user_id: "8", reason: "timeout" }]);
});
