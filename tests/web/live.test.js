/** The client against the real server: two people, two instances, one store. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after, before } from "node:test";

import { createApi } from "../../web/api.js";
import { connect } from "../../web/client.js";
import { seeded } from "./support/seeded.js";
import { Cable, Servers, next, whyNoServer } from "./support/servers.js";

const skip = whyNoServer() ?? false;
const TIMEOUT = { skip, timeout: 60_000 };
const clients = [];
let servers, first, second, ada, ben;

before(async () => {
  if (skip) return;
  servers = new Servers();
  first = await servers.start();
  second = await servers.start();
  ada = servers.platformToken(1, "Ada");
  ben = servers.platformToken(2, "Ben");
});

after(async () => {
  for (const client of clients) client.close();
  await servers?.stop();
});

/** A lesson of Ada's with Ben in it, started; a client for each. */
async function lesson({ adaUrl = first.url, benUrl = second.url, cable = new Cable() } = {}) {
  const api = createApi({ url: second.url, token: ada });
  const bens = createApi({ url: second.url, token: ben });
  const { uuid } = await api.createSession({ session_type: "lesson", invite: [{ id: 2, name: "Ben" }] });
  const tokens = [await api.join(uuid), await bens.join(uuid)].map(({ token }) => token);
  await api.start(uuid);
  const host = connect({ url: adaUrl, session: uuid, token: tokens[0], WebSocket: cable.WebSocket, refreshToken: async () => (await api.token(uuid)).token });
  const guest = connect({ url: benUrl, session: uuid, token: tokens[1] });
  clients.push(host, guest);
  await Promise.all([host.ready, guest.ready]);
  return { uuid, api, host, guest, cable };
}

function ids(client) {
  return client.board.confirmedState().strokes.map(({ id }) => id);
}

async function applied(client, version) {
  if (client.board.version < version) await next(client, "board", () => client.board.version >= version);
}

test("strokes of both sides become one board, in one order", TIMEOUT, async () => {
  const { api, uuid, host, guest } = await lesson();
  for (let i = 0; i < 20; i += 1) {
    host.draw("stroke_add", { id: `h${i}` });
    guest.draw("stroke_add", { id: `g${i}` });
  }
  await Promise.all([applied(host, 40), applied(guest, 40)]);
  assert.deepEqual(host.board.state(), guest.board.state());
  assert.deepEqual(host.board.state(), (await api.history(uuid, { limit: 1 }))[0].state);
  assert.deepEqual([host.pending, guest.pending], [0, 0]);
});

test("what is drawn offline appears for everybody once, after the connection is back", TIMEOUT, async () => {
  const { host, guest, cable } = await lesson();
  host.draw("stroke_add", { id: "before" });
  cable.cut(); // the first may be on its way, and be sent twice
  await next(host, "state", ({ state }) => state === "reconnecting");
  host.draw("stroke_add", { id: "offline" });
  guest.draw("stroke_add", { id: "meanwhile" });
  await guest.flushed();
  cable.mend();
  host.reconnect();
  await host.flushed();
  await Promise.all([applied(host, 3), applied(guest, 3)]);
  assert.deepEqual(ids(guest).toSorted(), ["before", "meanwhile", "offline"]);
  assert.deepEqual(host.board.state(), guest.board.state());
  assert.deepEqual([host.board.version, guest.board.version], [3, 3]);
});

test("when an instance is killed the client goes on at another one, and has missed nothing", TIMEOUT, async () => {
  const doomed = await servers.start();
  const { host, guest } = await lesson({ adaUrl: [doomed.url, second.url] });
  const missed = [];
  host.on("ready", ({ recovered }) => missed.push(recovered));
  for (let i = 0; i < 10; i += 1) host.draw("stroke_add", { id: `a${i}` });
  doomed.child.kill("SIGKILL");
  await next(host, "state", ({ state }) => state === "reconnecting");
  for (let i = 0; i < 10; i += 1) guest.draw("stroke_add", { id: `b${i}` });
  for (let i = 0; i < 10; i += 1) host.draw("stroke_add", { id: `c${i}` });
  await Promise.all([host.flushed(), guest.flushed()]);
  await Promise.all([applied(host, 30), applied(guest, 30)]);
  assert.deepEqual(missed, [true], "resumed, not begun anew");
  assert.deepEqual(host.board.state(), guest.board.state());
  assert.equal(ids(guest).length, 30);
});

test("however often the connection breaks, each stroke is there once and both see the same", TIMEOUT, async () => {
  const { host, guest, cable } = await lesson();
  const random = seeded(20260101);
  for (let i = 0; i < 100; i += 1) {
    host.draw(random() < 0.2 ? "stroke_delete" : "stroke_add", { id: `h${Math.floor(random() * 20)}`, i });
    guest.draw("stroke_add", { id: `g${i}` });
    if (random() < 0.1) cable.cut();
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    cable.mend();
    if (random() < 0.5) host.reconnect();
  }
  await Promise.all([host.flushed(), guest.flushed()]);
  await Promise.all([applied(host, 200), applied(guest, 200)]);
  assert.deepEqual([host.board.version, guest.board.version], [200, 200]);
  assert.deepEqual(host.board.confirmedState(), guest.board.confirmedState());
  assert.deepEqual(host.board.state(), host.board.confirmedState());
});

test("while the store hangs the lesson is read-only, and what is drawn then is there once afterwards", TIMEOUT, async () => {
  const { host, guest } = await lesson();
  const store = servers.storePid();
  const readOnly = next(host, "read_only", (told) => told.readOnly);
  process.kill(store, "SIGSTOP");
  try {
    for (let i = 0; i < 5; i += 1) host.draw("stroke_add", { id: `s${i}` });
    await readOnly;
    host.draw("stroke_add", { id: "late" });
    assert.equal(host.board.elements("strokes").length, 6);
  } finally {
    process.kill(store, "SIGCONT");
  }
  await host.flushed();
  await Promise.all([applied(host, 6), applied(guest, 6)]);
  assert.deepEqual(ids(guest), ["s0", "s1", "s2", "s3", "s4", "late"]);
  assert.deepEqual(host.board.state(), guest.board.state());
});

test("rights that are taken away count at once: the stroke is taken back", TIMEOUT, async () => {
  const { uuid, api, guest } = await lesson();
  const changed = next(guest, "permissions", ({ permissions }) => !permissions.can_draw);
  await api.setPermissions(uuid, 2, { can_draw: false });
  await changed;
  const refused = next(guest, "rejected");
  guest.draw("stroke_add", { id: "late" });
  assert.deepEqual(guest.board.elements("strokes").length, 1);
  assert.equal((await refused).code, "forbidden");
  assert.deepEqual(guest.board.elements("strokes"), []);
});

test("calls, cameras, hands, pointers and tokens", TIMEOUT, async () => {
  const { host, guest } = await lesson();
  if (!host.peers.includes(2)) await next(host, "peers", ({ peers }) => peers.includes(2));
  const offered = next(guest, "signal");
  assert.ok(host.signal("offer", 2, { sdp: "v=0" }));
  assert.deepEqual(await offered, { kind: "offer", from_user_id: 1, target_user_id: 2, sdp: "v=0" });
  const filmed = next(host, "media");
  guest.setMedia({ video_enabled: true });
  assert.equal((await filmed).media_state.video_enabled, true);
  const raised = next(host, "participant_updated", ({ participant }) => participant.hand_raised);
  guest.raiseHand(true);
  assert.equal((await raised).participant.user_id, 2);
  const pointed = next(host, "pointer");
  guest.pointer(3, 4, { tool: "pen" });
  assert.deepEqual(await pointed, { user_id: 2, x: 3, y: 4, tool: "pen" });
});

test("who is kicked hears it, and does not come back", TIMEOUT, async () => {
  const { uuid, api, guest } = await lesson();
  const heard = next(guest, "kicked");
  const over = next(guest, "state", ({ state }) => state === "ended");
  await api.kick(uuid, 2, "noise");
  assert.deepEqual(await heard, { reason: "noise" });
  assert.equal((await over).name, "forbidden");
});

test("a signal to oneself reaches one's other windows", TIMEOUT, async () => {
  const { uuid, guest } = await lesson();
  const { token } = await createApi({ url: first.url, token: ben }).join(uuid);
  const other = connect({ url: first.url, session: uuid, token });
  clients.push(other);
  await other.ready;
  const heard = next(guest, "signal");
  assert.equal(other.signal("ice_candidate", other.userId, { window: "w2", what: "speaks" }), true);
  assert.deepEqual(await heard, { kind: "ice_candidate", from_user_id: 2, target_user_id: 2, window: "w2", what: "speaks" });
});

test("the examples of docs/client.md run", TIMEOUT, async () => {
  const text = readFileSync(new URL("../../docs/client.md", import.meta.url), "utf-8");
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
  assert.ok(blocks.length >= 4);
  const code = blocks.join("\n").replace(/^import .*$/gm, "").replaceAll("https://lessons.example.org", first.url);
  const { uuid } = await createApi({ url: first.url, token: ada }).createSession({ session_type: "lesson" });
  const said = [];
  const body = `${code}\nreturn { client, lines, ink, names, filename };`;
  const AsyncFunction = (async () => undefined).constructor;
  const run = new AsyncFunction("connect", "createApi", "platformToken", "uuid", "console", body);
  const { client, ...seen } = await run(connect, createApi, ada, uuid, { log: (...words) => said.push(words) });
  clients.push(client);
  assert.deepEqual({ ...seen, filename: seen.filename.endsWith("-v2.svg") }, {
    lines: ["local: stroke_delete", "confirmed: stroke_delete"], ink: 1, names: ["Ada"], filename: true,
  });
  assert.equal(said[0][0], 404);
});
