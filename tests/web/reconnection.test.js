/** After a close: whether, when and how a client comes back. */

import assert from "node:assert/strict";
import test from "node:test";

import { CLOSES, connect } from "../../web/client.js";
import { MOST_MS, Reconnection, STABLE_MS, waitMs } from "../../web/lib/reconnection.js";
import { lesson, openLesson, token, welcome } from "./support/fakes.js";

test("the waits double, are jittered over their whole range, and never pass the longest one", () => {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const ceiling = Math.min(MOST_MS, 500 * 2 ** attempt);
    assert.equal(waitMs("yes", attempt, () => 0), 0);
    assert.equal(waitMs("yes", attempt, () => 0.5), ceiling / 2);
    assert.ok(waitMs("yes", attempt, () => 0.999999) < ceiling);
    assert.ok(waitMs("later", attempt, () => 0) >= 1000);
  }
});

test("a restarting instance is left for another one at once, but not over and over without a wait", () => {
  assert.equal(waitMs("at_once", 0, () => 0.9), 0);
  assert.ok(waitMs("at_once", 1, () => 0.9) > 0);
});

test("a connection that held starts the waits anew; one that did not, does not", () => {
  const reconnection = new Reconnection(() => 1 - 1e-9);
  reconnection.welcomed(0);
  const waits = [reconnection.after(1006, 10).waitMs, reconnection.after(1006, 20).waitMs];
  reconnection.welcomed(100);
  waits.push(reconnection.after(1006, 200).waitMs);
  reconnection.welcomed(1000);
  waits.push(reconnection.after(1006, 1000 + STABLE_MS).waitMs);
  assert.deepEqual(waits.map(Math.round), [500, 1000, 2000, 500]);
});

for (const [code, { name, comeback }] of Object.entries(CLOSES)) {
  test(`close code ${code} (${name}): ${comeback}`, async () => {
    const { client, opened, timers, socket } = openLesson({ refreshToken: async () => token(7200, "new") });
    socket.drop(Number(code), "why");
    timers.advance(0);
    await Promise.resolve();
    assert.equal(client.state, comeback === "no" ? "ended" : "reconnecting");
    assert.equal(opened.length, comeback === "at_once" ? 2 : opened.length);
    timers.advance(60_000);
    await new Promise(setImmediate);
    assert.equal(opened.length > 1, comeback !== "no");
    if (comeback === "no") assert.deepEqual(client.ended, { code: Number(code), name, reason: "why" });
  });
}

test("what the network does is no end: the client comes back", () => {
  for (const code of [1001, 1005, 1006, 1011, 4999]) {
    const { opened, timers, socket } = openLesson();
    socket.drop(code);
    assert.equal(opened.length, 1);
    timers.advance(500);
    assert.equal(opened.length, 2);
  }
});

test("a network or a person that comes back does not wait, and a page that nobody looks at does", () => {
  const [view, page] = [new EventTarget(), Object.assign(new EventTarget(), { hidden: false })];
  Object.assign(globalThis, { addEventListener: view.addEventListener.bind(view), document: page });
  const { client, opened, socket, timers } = openLesson();
  delete globalThis.addEventListener;
  const news = (target, type, hidden) => {
    page.hidden = hidden;
    target.dispatchEvent(new Event(type));
    return opened.length;
  };
  news(page, "visibilitychange", false);
  assert.equal(socket.of("ping").length, 1, "an open connection is asked whether it lives");
  socket.drop(1006);
  assert.equal(news(page, "visibilitychange", true), 1);
  assert.equal(news(page, "visibilitychange", false), 2);
  opened[1].drop(1006);
  assert.equal(news(view, "online", false), 3);
  client.close();
  timers.advance(60_000);
  assert.equal(news(view, "online", false), 3);
  delete globalThis.document;
});

test("where there is no WebSocket, that is said", () => {
  const native = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  delete globalThis.WebSocket;
  assert.throws(() => connect({ url: "http://one.test", session: "s", token: "t" }), { code: "no_websocket" });
  if (native) Object.defineProperty(globalThis, "WebSocket", native);
});

test("after 4401 the next socket carries a new classroom token", async () => {
  const { opened, timers, socket } = openLesson({ refreshToken: async () => token(7200, "new") });
  socket.drop(4401);
  timers.advance(0);
  await new Promise(setImmediate);
  assert.deepEqual(opened[1].protocols, ["access_token", token(7200, "new")]);
});

test("without a way to a new token 4401 is the end, and so is a platform that says no", async () => {
  const refuse = async () => { throw Object.assign(new Error("kicked"), { status: 403 }); };
  for (const refreshToken of [undefined, refuse]) {
    const { client, timers, socket } = openLesson({ refreshToken });
    socket.drop(4401);
    timers.advance(0);
    await new Promise(setImmediate);
    assert.equal(client.state, "ended");
    assert.equal(client.ended.name, "unauthorized");
  }
});

test("a platform that does not answer is asked again later", async () => {
  let calls = 0;
  const { client, opened, timers, socket } = openLesson({
    refreshToken: async () => {
      calls += 1;
      if (calls < 3) throw Object.assign(new Error("down"), { status: 503 });
      return token(7200, "late");
    },
  });
  socket.drop(4401);
  for (let step = 0; step < 30 && opened.length < 2; step += 1) {
    timers.advance(2_000);
    await new Promise(setImmediate);
  }
  assert.equal(client.state, "reconnecting");
  assert.equal(opened.at(-1).protocols[1], token(7200, "late"));
});

test("tokens that are refused again and again are the end, and no endless loop", async () => {
  const { client, opened, timers } = lesson({ refreshToken: async () => token(7200, "bad") });
  for (let step = 0; step < 10 && client.state !== "ended"; step += 1) {
    opened.at(-1).drop(4401);
    timers.advance(30_000);
    await new Promise(setImmediate);
  }
  assert.equal(client.ended.name, "unauthorized");
  assert.equal(opened.length, 3);
  await assert.rejects(client.ready, { name: "LessonroomError", code: "unauthorized" });
});

test("several servers are tried in turn", () => {
  const { opened, timers } = lesson({ url: ["http://one.test/", "https://two.test"] });
  opened[0].drop(1006);
  timers.advance(1000);
  opened[1].drop(1006);
  timers.advance(2000);
  assert.deepEqual(opened.map(({ url }) => url.split("/ws/")[0]), ["ws://one.test", "wss://two.test", "ws://one.test"]);
});

test("a person who does not want to wait need not", () => {
  const { client, opened, socket } = openLesson();
  socket.drop(1013);
  client.reconnect();
  assert.equal(opened.length, 2);
});

test("a socket without a welcome is given up, and a silent one is asked and then replaced", () => {
  const { client, opened, timers } = lesson();
  timers.advance(10_000);
  assert.equal(opened[0].closedWith, 4000);
  timers.advance(1000);
  opened[1].tell(welcome());
  timers.advance(20_000);
  assert.deepEqual(opened[1].of("ping"), [{ type: "ping" }]);
  opened[1].tell({ type: "pong" });
  timers.advance(20_000);
  assert.equal(client.state, "open");
  assert.equal(opened[1].of("ping").length, 2);
  timers.advance(10_000);
  assert.equal(opened[1].closedWith, 4000);
  assert.equal(client.state, "reconnecting");
});

test("a client that was closed stays closed, and hears nothing from its old socket", () => {
  const { client, opened, timers, socket } = openLesson();
  client.close();
  socket.onclose({ code: 1000, reason: "" });
  timers.advance(100_000);
  assert.equal(socket.closedWith, 1000);
  assert.equal(opened.length, 1);
  assert.deepEqual(client.ended, { code: 1000, name: "closed", reason: "" });
  assert.throws(() => client.draw("stroke_add", { id: "x" }), { code: "ended" });
});

test("who has had enough when the connection breaks can say so right then", () => {
  const { client, opened, timers, socket } = openLesson();
  client.on("state", () => client.close());
  socket.drop(1006);
  timers.advance(100_000);
  assert.equal(client.ended.name, "closed");
  assert.equal(opened.length, 1);
});
