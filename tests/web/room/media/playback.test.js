/** Others are heard as soon as the browser allows it. */

import { FakeElement, fire, view } from "../../support/page.js";
import { FakeTrack, settle } from "../../support/calls.js";

import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { attach } from "../../../../web/room/media/playback.js";

mock.timers.enable({ apis: ["setTimeout"] }); // a note goes by itself after a while

const stream = (kind = "audio") => new MediaStream([new FakeTrack(kind)]);

/** An element of a browser that plays after the person did something. */
function player({ isAllowed }) {
  const element = new FakeElement("audio");
  element.srcObject = null;
  element.plays = 0;
  element.play = async () => {
    if (!isAllowed()) throw new DOMException("first do something", "NotAllowedError");
    element.plays += 1;
  };
  return element;
}

const notes = () => document.body.children.flatMap((each) => each.children);

test("a stream is shown once, however often it is given", async () => {
  const element = player({ isAllowed: () => true });
  const track = new FakeTrack("audio");
  attach(element, new MediaStream([track]));
  const first = element.srcObject;
  attach(element, new MediaStream([track]));
  assert.equal(element.srcObject, first);
  await settle();
  assert.equal(element.plays, 1);
  attach(element, null);
  assert.equal(element.srcObject, null);
});

test("sound that was held back plays with the next touch, and the person is told once", async () => {
  let isAllowed = false;
  const elements = [player({ isAllowed: () => isAllowed }), player({ isAllowed: () => isAllowed })];
  for (const element of elements) attach(element, stream());
  await settle();
  assert.equal(notes().length, 1);
  isAllowed = true;
  fire(view, "pointerup");
  await settle();
  assert.deepEqual(elements.map(({ plays }) => plays), [1, 1]);
  assert.equal(notes().length, 0, "the note has done its work");
  fire(view, "keydown");
  await settle();
  assert.deepEqual(elements.map(({ plays }) => plays), [1, 1], "and not again");
});

test("what is not shown any more does not play", async () => {
  let isAllowed = false;
  const element = player({ isAllowed: () => isAllowed });
  attach(element, stream());
  await settle();
  attach(element, null);
  isAllowed = true;
  fire(view, "keydown");
  await settle();
  assert.equal(element.plays, 0);
});

test("a stream that was replaced while it began to play is no problem", async () => {
  const element = player({ isAllowed: () => true });
  element.play = async () => {
    throw new DOMException("another one came", "AbortError");
  };
  const before = notes().length;
  attach(element, stream());
  await settle();
  assert.equal(notes().length, before);
});
