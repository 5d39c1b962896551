/** The picture of the board: a small one is there with the next frame, a large one keeps nobody waiting. */

import { nextFrame } from "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { Painter } from "../../../../web/room/board/painter.js";
import { Viewport } from "../../../../web/room/board/viewport.js";

const tone = (colour) => colour;
const stroke = (id, x = 0) => ({ id, points: [[x, 0], [x + 5, 5], [x + 9, 0]] });
const long = (id) => ({ id, points: Array.from({ length: 1_000 }, (_, index) => [index % 100, index % 70]) });

/** A painter of a window of 800 by 600 whose board starts as `elements`. */
function painting(elements) {
  const viewport = new Viewport();
  viewport.resize(800, 600);
  const board = { elements, fresh: 0, viewport };
  const picture = () => ({ stack: { elements: board.elements, faded: new Map() }, ink: { tone, paper: "#ffffff" }, viewport });
  const painter = new Painter(picture, () => (board.fresh = painter.fresh.length));
  painter.resize(800, 600, 1);
  const context = painter.canvas.getContext();
  return {
    board, painter, viewport,
    /** How many elements the canvas was asked to draw since, and whether it was emptied. */
    take: () => {
      const calls = context.calls.splice(0);
      const count = (wanted) => calls.filter(([name]) => name === wanted).length;
      return { drawn: count("stroke") + count("fill"), cleared: count("clearRect"), pictures: count("drawImage") };
    },
    frames: (most = 200) => {
      let frames = 0;
      for (; frames < most && context.calls.every(([name]) => name !== "drawImage"); frames += 1) nextFrame(frames * 16);
      return frames;
    },
  };
}

test("a small board is there at once, and what is added is drawn alone with the next frame", () => {
  const { board, painter, take } = painting([stroke("a"), stroke("b")]);
  assert.deepEqual(take(), { drawn: 2, cleared: 1, pictures: 0 });
  board.elements = [...board.elements, stroke("c")];
  painter.ask();
  painter.ask();
  assert.equal(take().drawn, 0);
  nextFrame();
  assert.deepEqual(take(), { drawn: 1, cleared: 0, pictures: 0 });
  nextFrame();
  assert.equal(take().drawn, 0);
});

test("where something goes, only what lies there is drawn again", () => {
  const { board, painter, take } = painting([stroke("a", 0), stroke("b", 3), stroke("c", 500)]);
  take();
  board.elements = [board.elements[1], board.elements[2]];
  painter.ask();
  nextFrame();
  assert.deepEqual(take(), { drawn: 1, cleared: 1, pictures: 0 });
});

test("what is out of sight is not drawn until it comes into sight", () => {
  const { painter, viewport, take } = painting([stroke("a", 0), stroke("far", 5_000)]);
  assert.equal(take().drawn, 1);
  viewport.pan(-5_000, 0);
  painter.ask();
  nextFrame();
  assert.equal(take().drawn, 1);
  assert.equal(painter.canvas.style.transform, "");
});

test("a large board is painted over many frames, and shown when it is whole", () => {
  const { take, frames } = painting(Array.from({ length: 60 }, (_, index) => long(index)));
  assert.equal(take().pictures, 0);
  assert.ok(frames() > 2);
  assert.deepEqual(take(), { drawn: 0, cleared: 1, pictures: 1 });
});

test("while a large one is painted for another view, the picture there is moves along", () => {
  const { board, painter, viewport, take, frames } = painting(Array.from({ length: 60 }, (_, index) => long(index)));
  frames();
  take();
  viewport.pan(30, 40);
  painter.ask();
  nextFrame(1_000);
  assert.equal(painter.canvas.style.transform, "matrix(1, 0, 0, 1, 30, 40)");
  board.elements = [...board.elements, stroke("inside", 300)];
  painter.ask();
  nextFrame(1_016);
  assert.deepEqual(take(), { drawn: 1, cleared: 0, pictures: 0 });
  viewport.pan(-5_000, 0);
  board.elements = [...board.elements, stroke("outside", 5_000)];
  painter.ask();
  nextFrame(1_032);
  assert.equal(board.fresh, 1, "outside of the picture there is: somebody else has to show it");
  board.elements = board.elements.slice(0, -1);
  painter.ask();
  nextFrame(1_048);
  assert.equal(board.fresh, 0, "and not any more when it is gone");
  board.elements = [...board.elements, stroke("outside", 5_000)];
  for (let frame = 0; frame < 200; frame += 1) nextFrame(2_000 + frame * 16);
  assert.deepEqual([board.fresh, painter.canvas.style.transform], [0, ""]);
});

test("a window of another size shows what there was until there is better", () => {
  const { painter, viewport, take, frames } = painting(Array.from({ length: 60 }, (_, index) => long(index)));
  frames();
  take();
  viewport.resize(900, 700);
  painter.resize(900, 700, 2);
  assert.deepEqual([painter.canvas.width, take().pictures], [1_800, 1]);
  frames();
  assert.equal(take().pictures, 1);
});
