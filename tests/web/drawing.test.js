/** What is drawn is seen at once, reaches the server once, and stands where the server put it. */

import assert from "node:assert/strict";
import test from "node:test";

import { EMPTY, lesson, openLesson, strokes, token, update, welcome } from "./support/fakes.js";

test("a stroke is shown at once and sent with an id; the ack gives it its version", () => {
  const { client, socket, of } = openLesson();
  const id = client.draw("stroke_add", { id: "a", points: [[0, 0]] });
  assert.deepEqual(strokes(client), ["a"]);
  assert.deepEqual(client.board.confirmedState().strokes, []);
  assert.deepEqual(socket.of("board_event"), [
    { type: "board_event", event_type: "stroke_add", data: { id: "a", points: [[0, 0]] }, id, version: 0 },
  ]);
  assert.equal(client.pending, 1);
  socket.tell({ type: "ack", version: 1, id, seq: 11 });
  assert.equal(client.pending, 0);
  assert.equal(client.board.version, 1);
  assert.deepEqual(client.board.confirmedState().strokes, [{ id: "a", points: [[0, 0]] }]);
  assert.deepEqual(of("board").map(({ change, own }) => [change, own]), [["replaced", false], ["local", true], ["confirmed", true]]);
});

test("the server's order counts: what others drew first lies below", () => {
  const { client, socket } = openLesson();
  const id = client.draw("stroke_add", { id: "mine" });
  socket.tell(update(11, 1, "theirs"));
  assert.deepEqual(strokes(client), ["theirs", "mine"]);
  socket.tell({ type: "ack", version: 2, id, seq: 12 });
  assert.deepEqual(strokes(client), ["theirs", "mine"]);
});

test("a clear by somebody else takes what was confirmed, and leaves what is on its way", () => {
  const { client, socket } = openLesson({}, { ...EMPTY, strokes: [{ id: "old" }] }, 1);
  client.draw("stroke_add", { id: "mine" });
  socket.tell({ type: "board_update", seq: 11, version: 2, event_type: "board_clear", data: {}, user_id: "8" });
  assert.deepEqual(strokes(client), ["mine"]);
});

test("what is drawn offline is sent after the reconnect, in order", () => {
  const { client, socket, timers, opened } = openLesson();
  socket.drop(1006);
  client.draw("stroke_add", { id: "a" });
  client.draw("stroke_delete", { strokeId: "a" });
  client.draw("stroke_add", { id: "b" });
  assert.deepEqual(strokes(client), ["b"]);
  timers.advance(1000);
  assert.deepEqual(opened[1].sent, [], "nothing before the welcome");
  opened[1].tell(welcome({ recovered: true }));
  assert.deepEqual(opened[1].of("board_event").map(({ event_type }) => event_type), ["stroke_add", "stroke_delete", "stroke_add"]);
});

test("what was on its way when the connection broke goes again with the same id; a repeated ack is the end of it", async () => {
  const { client, socket, timers, opened } = openLesson();
  const id = client.draw("stroke_add", { id: "a" });
  socket.drop(1006);
  timers.advance(1000);
  const flushed = client.flushed();
  opened[1].tell(welcome({ seq: 11, recovered: true, missed: 1 }));
  assert.deepEqual(opened[1].of("board_event").map((event) => event.id), [id]);
  opened[1].tell({ type: "board_update", seq: 11, version: 1, event_type: "stroke_add", data: { id: "a" }, user_id: 7, id });
  opened[1].tell({ type: "ack", version: 1, id, duplicate: true });
  await flushed;
  assert.deepEqual(strokes(client), ["a"]);
  assert.equal(client.board.version, 1);
});

test("a repeated ack that comes before the event itself leaves it in sight, and it counts once", () => {
  const { client, socket, timers, opened, of } = openLesson();
  const id = client.draw("stroke_add", { id: "a" });
  socket.drop(1006);
  timers.advance(1000);
  opened[1].tell(welcome({ recovered: true }));
  opened[1].tell({ type: "ack", version: 2, id, duplicate: true });
  assert.equal(client.pending, 0);
  assert.deepEqual(strokes(client), ["a"]);
  opened[1].tell(update(11, 1, "theirs"));
  opened[1].tell({ type: "board_update", seq: 12, version: 2, event_type: "stroke_add", data: { id: "a" }, user_id: 7, id });
  assert.deepEqual(strokes(client), ["theirs", "a"]);
  assert.equal(of("board").at(-1).change, "confirmed");
});

test("a repeated ack for what the whole board already has leaves nothing behind", () => {
  const { client, socket } = openLesson();
  const id = client.draw("stroke_add", { id: "a" });
  socket.tell(welcome({ seq: 12 }));
  socket.tell({ type: "ack", version: 2, id, duplicate: true });
  socket.tell({ type: "sync_response", version: 2, state: { ...EMPTY, strokes: [{ id: "a" }, { id: "b" }] } });
  assert.deepEqual(strokes(client), ["a", "b"]);
  socket.tell(update(13, 3, "a", { event_type: "stroke_delete" }));
  assert.deepEqual(strokes(client), ["b"]);
});

test("somebody else's event with the id of one's own is somebody else's", () => {
  const { client, socket } = openLesson();
  const id = client.draw("stroke_add", { id: "mine" });
  socket.tell(update(11, 1, "theirs", { id }));
  assert.equal(client.pending, 1);
  assert.deepEqual(strokes(client), ["theirs", "mine"]);
});

test("a refused event is taken back, and said", () => {
  const { client, socket, of } = openLesson();
  const id = client.draw("stroke_add", { id: "a" });
  socket.tell({ type: "error", code: "forbidden", message: "You may not draw.", for: "board_event", id });
  assert.deepEqual(strokes(client), []);
  assert.equal(client.pending, 0);
  assert.deepEqual(of("rejected"), [{ id, event_type: "stroke_add", data: { id: "a" }, code: "forbidden", message: "You may not draw." }]);
  assert.deepEqual(of("error"), []);
});

test("while the store is away nothing is lost: it goes again, in order, with the same ids", () => {
  const { client, socket, timers, of } = openLesson();
  const ids = [client.draw("stroke_add", { id: "a" }), client.draw("stroke_add", { id: "b" })];
  socket.tell({ type: "notification", level: "warning", code: "read_only", message: "…" });
  for (const id of ids) {
    socket.tell({ type: "error", code: "store_unavailable", message: "…", for: "board_event", id, retry_after_seconds: 1 });
  }
  assert.equal(client.readOnly, true);
  assert.deepEqual(strokes(client), ["a", "b"]);
  timers.advance(999);
  assert.equal(socket.of("board_event").length, 2);
  socket.tell({ type: "notification", level: "info", code: "recovered", message: "…" });
  timers.advance(0);
  assert.deepEqual(socket.of("board_event").map(({ id }) => id), [...ids, ...ids]);
  assert.deepEqual(of("read_only"), [{ readOnly: true }, { readOnly: false }]);
});

test("without a word of recovery it is tried again after a while", () => {
  const { client, socket, timers } = openLesson();
  const id = client.draw("stroke_add", { id: "a" });
  socket.tell({ type: "error", code: "rate_limited", message: "…", for: "board_event", id, retry_after_seconds: 2 });
  timers.advance(1_999);
  assert.equal(socket.of("board_event").length, 1);
  timers.advance(1);
  assert.equal(socket.of("board_event").length, 2);
});

test("never more than 60 events in any second, and none is lost", () => {
  const { client, socket, timers } = openLesson();
  const times = [];
  const send = socket.send.bind(socket);
  socket.send = (text) => (times.push(timers.now()), send(text));
  for (let i = 0; i < 200; i += 1) {
    client.draw("stroke_add", { id: i });
    timers.advance(3);
  }
  timers.advance(10_000);
  assert.deepEqual(socket.of("board_event").map(({ data }) => data.id), Array.from({ length: 200 }, (_, i) => i));
  for (const from of times) assert.ok(times.filter((time) => time >= from && time < from + 1000).length <= 60);
});

test("whole boards go once a second", () => {
  const { client, socket, timers } = openLesson();
  client.draw("state:full", { state: EMPTY });
  client.draw("state:full", { state: EMPTY });
  assert.equal(socket.of("board_event").length, 1);
  timers.advance(1000);
  assert.equal(socket.of("board_event").length, 2);
});

test("pointers go 20 times a second, the newest last, and never while there is no connection", () => {
  const { client, socket, timers } = openLesson();
  for (let x = 0; x < 100; x += 1) {
    client.pointer(x, 0, { tool: "pen" });
    timers.advance(10);
  }
  timers.advance(1000);
  const sent = socket.of("pointer_move");
  assert.ok(sent.length <= 21 && sent.length >= 19, String(sent.length));
  assert.deepEqual(sent.at(-1), { type: "pointer_move", x: 99, y: 0, tool: "pen" });
  socket.drop(1006);
  client.pointer(1, 1);
});

test("a whole board onto a newer one is a conflict: the server's counts", () => {
  const { client, socket, of } = openLesson();
  const id = client.draw("state:full", { state: { ...EMPTY, strokes: [{ id: "mine" }] } });
  socket.tell({ type: "conflict", local_version: 0, server_version: 2, server_state: { ...EMPTY, strokes: [{ id: "theirs" }] }, id });
  assert.deepEqual(strokes(client), ["theirs"]);
  assert.equal(client.board.version, 2);
  assert.deepEqual(of("conflict"), [{ id, local_version: 0, server_version: 2 }]);
});

test("what is no event of the board, or too large, is refused before it is sent", () => {
  const { client, socket } = openLesson();
  for (const type of ["undo", "cursor_move", "webrtc:offer"]) assert.throws(() => client.draw(type, { id: 1 }), { code: "bad_event" });
  assert.throws(() => client.draw("stroke_add", {}), { code: "bad_event" });
  assert.throws(() => client.draw("stroke_add", { id: "a", text: "x".repeat(65_536) }), { code: "too_large" });
  assert.equal(client.pending, 0);
  assert.equal(socket.of("board_event").length, 0);
});

test("what was drawn is copied, as it goes over the wire", () => {
  const { client } = openLesson();
  const stroke = { id: "a", points: [1, NaN], text: "\ud83d" };
  client.draw("stroke_add", stroke);
  stroke.points.push(2);
  assert.deepEqual(client.board.get("strokes", "a"), { id: "a", points: [1, null], text: "\ufffd" });
});

test("with a storage, what was not acknowledged outlives a reload, for the same person in the same lesson", () => {
  const storage = memory();
  const first = openLesson({ storage });
  first.socket.drop(1006);
  const ids = Array.from({ length: 12 }, (_, i) => first.client.draw("stroke_add", { id: `s${i}` }));
  const second = lesson({ storage });
  assert.equal(second.client.pending, 12);
  second.socket.tell(welcome());
  second.socket.tell({ type: "sync_response", version: 0, state: EMPTY });
  assert.deepEqual(second.socket.of("board_event").map(({ id }) => id), ids);
  assert.equal(strokes(second.client).length, 12);
  second.socket.tell({ type: "ack", version: 1, seq: 11, id: ids[0] });
  assert.equal(lesson({ storage }).client.pending, 11);
  assert.equal(lesson({ storage, token: token().replace(/\.[^.]+\./, `.${btoa('{"user_id":8,"exp":1}')}.`) }).client.pending, 0);
  second.socket.drop(4410);
  assert.equal(lesson({ storage }).client.pending, 0, "the lesson is over: nobody will take it");
});

function memory() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    key: (index) => [...kept.keys()].reverse()[index] ?? null, // a storage may have any order
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
