/** Camera, microphone and screen are on when the person wants them on, and never a moment longer. */

import { FakeTrack, settle } from "../../support/calls.js";

import assert from "node:assert/strict";
import test from "node:test";

import { LocalMedia } from "../../../../web/room/media/local.js";

/** Devices that open when the test says so. */
function devices() {
  const asked = [];
  const ask = (kind) => () => new Promise((resolve, reject) => {
    const track = new FakeTrack(kind);
    const stream = { getVideoTracks: () => [track], getAudioTracks: () => [track] };
    asked.push({ track, open: () => resolve(stream), refuse: () => reject(new DOMException("no", "NotAllowedError")) });
  });
  const mediaDevices = { getUserMedia: ({ video }) => ask(video ? "video" : "audio")(), getDisplayMedia: ask("video") };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
  const local = new LocalMedia();
  const told = [];
  local.onChange((source, isLost) => told.push([source, local.isOn(source), ...(isLost ? [true] : [])]));
  return { local, asked, told };
}

test("a device is on once it has opened, and everybody is told", async () => {
  const { local, asked, told } = devices();
  const done = local.set("video", true);
  assert.equal(local.isOn("video"), false);
  asked[0].open();
  await done;
  assert.deepEqual(told, [["video", true]]);
  assert.deepEqual(local.streamOf("video").getTracks(), [asked[0].track]);
  await local.set("video", false);
  assert.equal(asked[0].track.readyState, "ended", "its light is out");
  assert.deepEqual(told.at(-1), ["video", false]);
  assert.equal(local.streamOf("video"), null);
});

test("a refusal is told to whoever asked, and leaves things as they were", async () => {
  const { local, asked, told } = devices();
  const done = local.set("audio", true);
  asked[0].refuse();
  await assert.rejects(done, { name: "NotAllowedError" });
  assert.deepEqual([local.isOn("audio"), told], [false, []]);
});

test("a camera that opens after the lesson has ended goes out again", async () => {
  const { local, asked, told } = devices();
  const done = local.set("video", true);
  local.stop();
  asked[0].open();
  await done;
  assert.equal(asked[0].track.readyState, "ended");
  assert.deepEqual([local.isOn("video"), told], [false, []]);
});

test("who thinks better of it while the browser still asks is not switched on", async () => {
  const { local, asked } = devices();
  const done = local.set("audio", true);
  await local.set("audio", false);
  asked[0].open();
  await done;
  assert.equal(asked[0].track.readyState, "ended");
  assert.equal(local.isOn("audio"), false);
});

test("two clicks leave one camera on, not two", async () => {
  const { local, asked, told } = devices();
  const both = [local.set("video", true), local.set("video", true)];
  for (const each of asked) each.open();
  await Promise.all(both);
  assert.deepEqual(asked.map(({ track }) => track.readyState), ["ended", "live"]);
  assert.deepEqual(told, [["video", true]]);
});

test("a device that is pulled out is off, and one that was replaced before does not matter", async () => {
  const { local, asked, told } = devices();
  const open = async () => {
    const done = local.set("audio", true);
    asked.at(-1).open();
    await done;
  };
  await open();
  await local.set("audio", false);
  await open();
  asked[0].track.dispatchEvent(new Event("ended"));
  assert.equal(local.isOn("audio"), true);
  asked[1].track.dispatchEvent(new Event("ended"));
  assert.equal(local.isOn("audio"), false);
  assert.deepEqual(told.at(-1), ["audio", false, true], "and it is told that nobody wanted this");
});

test("the end switches everything off", async () => {
  const { local, asked } = devices();
  const all = ["audio", "video", "screen"].map((source) => local.set(source, true));
  for (const each of asked) each.open();
  await Promise.all(all);
  local.stop();
  assert.deepEqual(asked.map(({ track }) => track.readyState), ["ended", "ended", "ended"]);
});

test("who stops listening is told no more", async () => {
  const { local, asked } = devices();
  let heard = 0;
  const off = local.onChange(() => (heard += 1));
  off();
  const done = local.set("video", true);
  asked[0].open();
  await done;
  await settle();
  assert.equal(heard, 0);
});

test("a page that may use no devices says so", async () => {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
  await assert.rejects(new LocalMedia().set("video", true), { name: "NotSupportedError" });
});
