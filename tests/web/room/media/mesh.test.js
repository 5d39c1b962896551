/** Calls come about between everybody who is there, whoever calls first, whatever gets lost, and end when they should. */

import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";

import { LocalMedia } from "../../../../web/room/media/local.js";
import { Mesh } from "../../../../web/room/media/mesh.js";
import { Exchange, FakeConnection, FakeTrack, settle } from "../../support/calls.js";
import { seeded } from "../../support/seeded.js";

const later = (ms) => mock.timers.tick(ms);

beforeEach(() => {
  FakeConnection.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

let pages = 0;

/** Somebody's window, with its mesh once it is `ready`. */
function window(exchange, userId) {
  const client = exchange.window(userId);
  const local = new LocalMedia();
  const tracks = [];
  return {
    client, local, tracks, mesh: null,
    ready() {
      this.mesh = new Mesh(client, local, (user) => tracks.push(user), `page${(pages += 1)}`);
      return this;
    },
  };
}

/** People who are all there and ready, in the order of their arrival. */
function people(exchange, ...userIds) {
  return userIds.map((userId) => {
    const made = window(exchange, userId);
    exchange.arrive(made.client);
    return made.ready();
  });
}

/** The ends of calls that stand. */
function connected() {
  return FakeConnection.open.filter(({ connectionState }) => connectionState === "connected");
}

/** Both have one call with each other, in which all three slots are negotiated, and nothing else is open. */
function assertCalls(calls, why) {
  assert.equal(FakeConnection.open.length, 2 * calls, `${why}: no connection is left over, none is missing`);
  assert.equal(connected().length, 2 * calls, `${why}: all are connected`);
  for (const connection of connected()) {
    const slots = connection.getTransceivers();
    assert.deepEqual(slots.map(({ receiver }) => receiver.track.kind), ["audio", "video", "video"], `${why}: no slot stays unused`);
    assert.deepEqual(new Set(slots.map(({ direction }) => direction)), new Set(["sendrecv"]), why);
  }
}

test("who arrives calls those who are there, at once", async () => {
  const exchange = new Exchange();
  const [ada, ben] = people(exchange, 1, 2);
  await exchange.calm();
  assertCalls(1, "two people");
  assert.deepEqual(Object.keys(ada.mesh.streamsOf("2")).sort(), ["audio", "screen", "video"]);
  assert.deepEqual(Object.keys(ben.mesh.streamsOf(1)).sort(), ["audio", "screen", "video"]);
});

test("five people have a call each with each", async () => {
  const exchange = new Exchange();
  people(exchange, "a", "b", "c", "d", "e");
  await exchange.calm();
  assertCalls(10, "five people");
});

test("two who call each other at once end up in one call, whatever the order of things", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    FakeConnection.reset();
    const random = seeded(seed);
    const exchange = new Exchange();
    const both = [window(exchange, 1), window(exchange, 2)];
    for (const { client } of both) exchange.arrive(client);
    for (const { client } of both) client.peers = exchange.others(client);
    for (const each of random() < 0.5 ? both : both.reverse()) {
      each.ready();
      for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    }
    for (let steps = 0; steps < 8; steps += 1) {
      if (random() < 0.5) exchange.deliver(random);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await exchange.calm(random);
    assertCalls(1, `seed ${seed}`);
    for (const { mesh } of both) mesh.close();
  }
});

test("an offer that comes before one's own is made is met like any other", async () => {
  const exchange = new Exchange();
  const [ada, ben] = [window(exchange, 1), window(exchange, 2)];
  for (const { client } of [ada, ben]) exchange.arrive(client);
  for (const { client } of [ada, ben]) client.peers = exchange.others(client);
  ada.ready();
  await settle();
  ben.ready(); // has made its slots, and the browser has not asked for its offer yet
  exchange.deliver();
  await exchange.calm();
  assertCalls(1, "the early offer");
});

test("what is switched on is sent, and switched off again, without another negotiation", async () => {
  const exchange = new Exchange();
  const [ada] = people(exchange, 1, 2);
  await exchange.calm();
  const track = new FakeTrack("video");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: { getUserMedia: async () => ({ getVideoTracks: () => [track] }) } } });
  const sent = () => FakeConnection.open.flatMap((each) => each.getTransceivers().map(({ sender }) => sender.track)).filter(Boolean);
  await ada.local.set("video", true);
  await settle();
  assert.deepEqual(sent(), [track]);
  await ada.local.set("video", false);
  await settle();
  assert.deepEqual(sent(), []);
  assert.equal(exchange.deliver(), false, "nothing was signalled");
});

test("a page that is loaded anew gets its call again, and the old one is gone", async () => {
  const exchange = new Exchange();
  const [, ben] = people(exchange, 1, 2);
  await exchange.calm();
  ben.mesh.close(); // as the browser does
  exchange.vanish(ben.client);
  const [again] = people(exchange, 2);
  await exchange.calm();
  assertCalls(1, "after the reload");
  assert.ok(again.mesh.streamsOf(1).audio);
});

test("a server that restarts leaves calls as they are", async () => {
  const exchange = new Exchange();
  const both = people(exchange, 1, 2);
  await exchange.calm();
  const before = connected().map(({ name }) => name);
  for (const { client } of both) exchange.vanish(client);
  for (const { client } of both) exchange.arrive(client);
  await exchange.calm();
  assert.deepEqual(connected().map(({ name }) => name), before);
});

test("a call whose signals got lost is made again until it stands", async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    FakeConnection.reset();
    const random = seeded(seed);
    const exchange = new Exchange();
    exchange.lose = () => random() < 0.4;
    const both = people(exchange, 1, 2);
    await exchange.calm(random);
    for (let round = 0; round < 12; round += 1) {
      for (const connection of FakeConnection.open) {
        const isStuck = connection.signalingState === "stable" && connection.connectionState === "new" && connection.remoteDescription;
        if (isStuck) connection.become("failed"); // as browsers find after a while without a way
      }
      await settle();
      if (round > 3) exchange.lose = () => false;
      later(100_000);
      await exchange.calm(random);
    }
    assertCalls(1, `seed ${seed}`);
    for (const { mesh } of both) mesh.close();
  }
});

test("a way that is gone for more than a moment is looked for anew, and one that comes back is left alone", async () => {
  const exchange = new Exchange();
  people(exchange, 1, 2);
  await exchange.calm();
  const before = connected().map(({ name }) => name);
  for (const connection of connected()) connection.become("disconnected");
  await settle();
  for (const connection of FakeConnection.open) connection.become("connected");
  later(10_000);
  await exchange.calm();
  assert.deepEqual(connected().map(({ name }) => name), before);
  for (const connection of connected()) connection.become("disconnected");
  await settle();
  later(10_000);
  await exchange.calm();
  assertCalls(1, "after a change of the network");
  assert.notDeepEqual(connected().map(({ name }) => name), before);
});

test("new credentials are those of all calls, of the ones that stand and of the next", async () => {
  const exchange = new Exchange();
  const [ada] = people(exchange, 1, 2);
  await exchange.calm();
  const servers = [{ urls: "turn:one.test", username: "1:1", credential: "x" }];
  ada.client.iceServers = servers;
  ada.client.emit("ice_servers", { iceServers: servers });
  people(exchange, 3);
  await exchange.calm();
  later(10_000);
  await exchange.calm();
  assertCalls(3, "three people");
  assert.equal(FakeConnection.open.filter(({ iceServers }) => iceServers === servers).length, 2);
});

test("who is not ready to hear the first offer is called all the same", async () => {
  const exchange = new Exchange();
  const [ada] = people(exchange, 1);
  const ben = window(exchange, 2);
  exchange.arrive(ben.client); // with a large board that takes its time
  later(2_000);
  await exchange.calm();
  ben.ready();
  await exchange.calm();
  later(10_000);
  await exchange.calm();
  assertCalls(1, "late, and there");
  assert.ok(ada.mesh.streamsOf(2).audio);
});

test("who never answers is called less and less often", async () => {
  const exchange = new Exchange();
  people(exchange, 1);
  exchange.arrive(exchange.window(2)); // some program that makes no calls
  let offers = 0;
  exchange.lose = ({ kind }) => (kind === "offer" ? (offers += 1) > 0 : true);
  later(2_000);
  for (let second = 0; second < 600; second += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    later(1_000);
  }
  assert.ok(offers > 3 && offers < 20, String(offers));
  assert.equal(FakeConnection.open.length, 1);
});

test("two windows of one person do not take the call from each other: the last one has it", async () => {
  const exchange = new Exchange();
  const [ada, first] = people(exchange, 1, 2);
  await exchange.calm();
  const [second] = people(exchange, 2);
  await exchange.calm();
  assertCalls(1, "the second window");
  assert.ok(second.mesh.streamsOf(1).audio);
  assert.deepEqual(first.mesh.streamsOf(1), {});
  const before = connected().map(({ name }) => name);
  for (let minute = 0; minute < 5; minute += 1) {
    later(60_000);
    await exchange.calm();
  }
  assert.deepEqual(connected().map(({ name }) => name), before);
  second.mesh.close();
  await exchange.calm();
  exchange.vanish(second.client);
  for (const connection of FakeConnection.open) connection.become("failed");
  await settle();
  later(10_000);
  await exchange.calm();
  assertCalls(1, "the first window has it back");
  assert.ok(first.mesh.streamsOf(1).audio && ada.mesh.streamsOf(2).audio);
});

test("the window that speaks is the one in which something was switched on last, and the others are told", async () => {
  const exchange = new Exchange();
  const [first] = people(exchange, 2);
  const told = [];
  first.mesh.onElsewhere = (isElsewhere) => told.push(isElsewhere);
  const [second] = people(exchange, 2);
  await exchange.calm();
  assert.deepEqual(told, [true], "though nobody else is here yet");
  const [ada] = people(exchange, 1);
  await exchange.calm();
  assertCalls(1, "who comes later calls the one that speaks");
  assert.ok(second.mesh.streamsOf(1).audio);
  const track = new FakeTrack("video");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: { getUserMedia: async () => ({ getVideoTracks: () => [track] }) } } });
  await first.local.set("video", true);
  await exchange.calm();
  assert.deepEqual(told, [true, false]);
  assertCalls(1, "after the switch");
  assert.ok(first.mesh.streamsOf(1).audio && ada.mesh.streamsOf(2).audio);
  assert.deepEqual(second.mesh.streamsOf(1), {});
});

test("a window that is gone without a word is replaced by the other one when somebody calls in vain", async () => {
  const exchange = new Exchange();
  const [first, second] = people(exchange, 2, 2);
  people(exchange, 1);
  await exchange.calm();
  exchange.vanish(second.client); // as the power does
  for (const connection of FakeConnection.open) connection.become("failed");
  await settle();
  for (let round = 0; round < 3; round += 1) {
    later(10_000);
    await exchange.calm();
  }
  assert.ok(first.mesh.streamsOf(1).audio);
  assert.equal(connected().length, 2);
});

test("who has left is heard and seen no more", async () => {
  const exchange = new Exchange();
  const [ada, ben] = people(exchange, 1, 2);
  await exchange.calm();
  exchange.vanish(ben.client);
  exchange.left("2");
  assert.deepEqual(ada.mesh.streamsOf(2), {});
  assert.equal(ada.tracks.at(-1), "2");
  ben.mesh.close();
  assert.equal(FakeConnection.open.length, 0);
});

test("after the end of the lesson no call begins, whoever came a moment before", async () => {
  const exchange = new Exchange();
  const [ada] = people(exchange, 1);
  exchange.arrive(exchange.window(2));
  ada.mesh.close();
  later(10_000);
  ada.client.emit("signal", { kind: "offer", from_user_id: 2, from: "x-1", to: null, description: {} });
  await exchange.calm();
  assert.equal(FakeConnection.open.length, 0);
});

test("signals that make no sense break nothing", async () => {
  const exchange = new Exchange();
  const [ada] = people(exchange, 1, 2);
  await exchange.calm();
  const warn = console.warn;
  console.warn = () => {};
  for (const signal of [
    { kind: "answer", from: "x", to: null, description: null },
    { kind: "ice_candidate", from: {}, to: 7, candidate: 7 },
    { kind: "ice_candidate" },
    { kind: "offer", description: "v=0" },
    { kind: "offer", from: { a: 1 }, description: { type: "offer" } },
  ]) ada.client.emit("signal", { from_user_id: 2, ...signal });
  await exchange.calm();
  later(100_000);
  await exchange.calm();
  console.warn = warn;
  assertCalls(1, "and there is a call again");
});
