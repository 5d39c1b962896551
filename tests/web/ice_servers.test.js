/** Calls find their servers however long the lesson lasts: TURN credentials are renewed before they end. */

import assert from "node:assert/strict";
import test from "node:test";

import { endOf } from "../../web/lib/ice_keeper.js";
import { START_MS, openLesson, welcome } from "./support/fakes.js";

const HOUR_MS = 3_600_000;
const STUN = { urls: ["stun:one.test"] };

/** A TURN server whose credentials end so long after the start. */
function turn(ms) {
  return { urls: ["turn:one.test"], username: `${(START_MS + ms) / 1000}:7`, credential: "x" };
}

/** A client with servers that end after `ms`, and what it was given when it asked. */
async function withServers(servers, answer) {
  let asked = 0;
  const refreshIceServers = async () => answer((asked += 1));
  const made = openLesson({ refreshIceServers });
  const told = [];
  made.client.on("ice_servers", ({ iceServers }) => told.push(iceServers));
  made.socket.tell(welcome({ ice_servers: servers, recovered: true, heartbeat_seconds: 1e6 }));
  const pass = async (ms) => {
    made.timers.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ...made, told, pass, asked: () => asked };
}

test("credentials end when their names say, the first of several; others never", () => {
  assert.equal(endOf([STUN, turn(2 * HOUR_MS), turn(HOUR_MS)]), START_MS + HOUR_MS);
  for (const servers of [[], [STUN], [{ urls: "turn:x", username: "ada", credential: "x" }]]) assert.equal(endOf(servers), Infinity);
});

test("before they end new ones are here, again and again", async () => {
  const { client, told, pass, asked } = await withServers([STUN, turn(2 * HOUR_MS)], (count) => [turn((2 + 2 * count) * HOUR_MS)]);
  for (let minutes = 0; minutes < 114; minutes += 1) await pass(60_000);
  assert.equal(asked(), 0);
  await pass(60_000);
  assert.deepEqual(client.iceServers, [turn(4 * HOUR_MS)]);
  assert.deepEqual(told.at(-1), client.iceServers);
  for (let minutes = 0; minutes < 240; minutes += 1) await pass(60_000);
  assert.equal(asked(), 3);
});

test("a platform that does not answer is asked again, once a minute", async () => {
  const { client, pass, asked } = await withServers([turn(HOUR_MS)], (count) => {
    if (count < 3) throw new Error("away");
    return [turn(9 * HOUR_MS)];
  });
  await pass(HOUR_MS - 300_000);
  assert.deepEqual([asked(), client.iceServers], [1, [turn(HOUR_MS)]]);
  await pass(60_000);
  await pass(60_000);
  assert.deepEqual([asked(), client.iceServers], [3, [turn(9 * HOUR_MS)]]);
});

test("those of a welcome count more than those that were asked for before it", async () => {
  let give;
  const { client, socket, pass } = await withServers([turn(HOUR_MS)], () => new Promise((resolve) => (give = resolve)));
  await pass(HOUR_MS);
  socket.tell(welcome({ ice_servers: [turn(5 * HOUR_MS)], recovered: true, heartbeat_seconds: 1e6 }));
  give([turn(2 * HOUR_MS)]);
  await pass(0);
  assert.deepEqual(client.iceServers, [turn(5 * HOUR_MS)]);
});

test("nobody asks for what never ends, without a connection, or after the end", async () => {
  const forEver = await withServers([STUN], () => [STUN]);
  await forEver.pass(48 * HOUR_MS);
  const away = await withServers([turn(HOUR_MS)], () => [STUN]);
  away.socket.drop(1006);
  await away.pass(2 * HOUR_MS);
  const over = await withServers([turn(HOUR_MS)], () => [STUN]);
  over.client.close();
  await over.pass(2 * HOUR_MS);
  assert.deepEqual([forEver, away, over].map(({ asked }) => asked()), [0, 0, 0]);
});
