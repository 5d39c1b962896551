/** What somebody did can be taken back and done again; what others did stays theirs. */

import assert from "node:assert/strict";
import test from "node:test";

import { adding, erasing, History, isAnotherBoard } from "../../../../web/room/board/history.js";

/** A history, what it drew, and how often it told of a change. */
function historied() {
  const drawn = [];
  let changes = 0;
  const history = new History((type, data) => drawn.push([type, data]), () => (changes += 1));
  return { history, drawn, get changes() { return changes; }, take: () => drawn.splice(0) };
}

const stroke = (id) => ({ id, points: [[0, 0]] });

test("undoing a stroke deletes it, redoing draws it again, the same one", () => {
  const { history, take } = historied();
  history.act(adding("strokes", stroke("a")));
  assert.deepEqual(take(), [["stroke_add", { stroke: stroke("a") }]]);
  history.undo();
  assert.deepEqual(take(), [["stroke_delete", { strokeId: "a" }]]);
  history.redo();
  assert.deepEqual(take(), [["stroke_add", { stroke: stroke("a") }]]);
});

test("a shape is undone as a shape", () => {
  const { history, take } = historied();
  history.act(adding("objects", { id: "o", type: "line" }));
  history.undo();
  assert.deepEqual(take(), [["object:add", { object: { id: "o", type: "line" } }], ["object:remove", { objectId: "o" }]]);
});

test("undoing the eraser brings back all that one sweep took, as it was", () => {
  const { history, take } = historied();
  history.act(erasing([{ list: "strokes", element: stroke("a") }, { list: "objects", element: { id: "o" } }]));
  assert.deepEqual(take(), [["stroke_delete", { strokeId: "a" }], ["object:remove", { objectId: "o" }]]);
  history.undo();
  assert.deepEqual(take(), [["stroke_add", { stroke: stroke("a") }], ["object:add", { object: { id: "o" } }]]);
  history.redo();
  assert.deepEqual(take(), [["stroke_delete", { strokeId: "a" }], ["object:remove", { objectId: "o" }]]);
});

test("the last deed is taken back first, one at a time", () => {
  const { history, take } = historied();
  for (const id of ["a", "b", "c"]) history.act(adding("strokes", stroke(id)));
  take();
  history.undo();
  history.undo();
  assert.deepEqual(take().map(([, { strokeId }]) => strokeId), ["c", "b"]);
  history.redo();
  assert.deepEqual(take(), [["stroke_add", { stroke: stroke("b") }]]);
});

test("something new ends what could be done again", () => {
  const { history, take } = historied();
  history.act(adding("strokes", stroke("a")));
  history.undo();
  assert.equal(history.canRedo, true);
  history.act(adding("strokes", stroke("b")));
  assert.equal(history.canRedo, false);
  take();
  history.redo();
  assert.deepEqual(take(), []);
});

test("with nothing to take back, nothing is sent", () => {
  const { history, drawn } = historied();
  assert.deepEqual([history.canUndo, history.canRedo], [false, false]);
  history.undo();
  history.redo();
  assert.deepEqual(drawn, []);
});

test("on another board there is nothing to take back", () => {
  const { history, take } = historied();
  history.act(adding("strokes", stroke("a")));
  history.act(adding("strokes", stroke("b")));
  history.undo();
  take();
  history.forget();
  assert.deepEqual([history.canUndo, history.canRedo], [false, false]);
  history.undo();
  history.redo();
  assert.deepEqual(take(), []);
});

test("the buttons are told whenever they could look otherwise", () => {
  const seen = historied();
  seen.history.act(adding("strokes", stroke("a")));
  seen.history.undo();
  seen.history.redo();
  seen.history.forget();
  assert.equal(seen.changes, 4);
});

test("a long lesson remembers the last two hundred deeds", () => {
  const { history, take } = historied();
  for (let id = 0; id < 250; id += 1) history.act(adding("strokes", stroke(id)));
  take();
  while (history.canUndo) history.undo();
  const undone = take().map(([, { strokeId }]) => strokeId);
  assert.deepEqual([undone.length, undone[0], undone.at(-1)], [200, 249, 50]);
});

test("a board that was cleared, restored or loaded anew, by whomever, is another one", () => {
  assert.equal(isAnotherBoard({ change: "replaced", own: false, version: 1 }), true);
  for (const event_type of ["board_clear", "canvas:clear", "clear_all", "state:full"]) {
    for (const own of [false, true]) assert.equal(isAnotherBoard({ change: own ? "local" : "applied", own, version: 1, event: { event_type, data: {} } }), true, event_type);
  }
});

test("what others draw and erase leaves one's own deeds to be taken back", () => {
  for (const event_type of ["stroke_add", "stroke_delete", "object:update", "layer_delete", "sparkle"]) {
    assert.equal(isAnotherBoard({ change: "applied", own: false, version: 1, event: { event_type, data: {} } }), false, event_type);
  }
});
