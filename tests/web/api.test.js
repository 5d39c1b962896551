/** The REST helpers: where a call goes, what is repeated, and what an error says. */

import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, createApi } from "../../web/api.js";

/** An API whose answers are scripted: a response, or an error to throw. */
function scripted(...answers) {
  const calls = [];
  const waits = [];
  const fetch = async (url, request) => {
    calls.push({ url, ...request });
    const answer = answers.shift() ?? { success: true };
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : Response.json(answer);
  };
  const api = createApi({ url: "https://room.test/", token: () => "T", fetch, wait: async (ms) => void waits.push(ms) });
  return { api, calls, waits };
}

function problem(status, fields, headers = {}) {
  return new Response(JSON.stringify({ status, ...fields }), { status, headers: { "Content-Type": "application/problem+json", ...headers } });
}

const BASE = "https://room.test/api/v1/classroom/";

test("every call goes to its path, with the platform token", async () => {
  const { api, calls } = scripted();
  await api.join("u", { access_code: "x" });
  await api.kick("u", "a/b", "noise");
  await api.events("u", { limit: 5, before: undefined });
  await api.setPermissions("u", 7, { can_draw: null });
  await api.restore("u", 3);
  assert.deepEqual(calls.map(({ method, url }) => `${method} ${url}`), [
    `POST ${BASE}sessions/u/join/`,
    `POST ${BASE}sessions/u/kick/a%2Fb/`,
    `GET ${BASE}sessions/u/events/?limit=5`,
    `POST ${BASE}sessions/u/permissions/`,
    `POST ${BASE}sessions/u/snapshots/3/restore/`,
  ]);
  assert.equal(calls[0].headers.Authorization, "Bearer T");
  assert.equal(calls[3].body, '{"user_id":7,"permissions":{"can_draw":null}}');
});

test("a refusal is an exception with the server's words", async () => {
  const { api } = scripted(problem(409, { code: "session_full", title: "The session is full", detail: "The session is full.", request_id: "r1" }));
  await assert.rejects(api.join("u"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.status, error.code, error.message, error.title, error.requestId, error.retryAfter, error.errors],
      [409, "session_full", "The session is full.", "The session is full", "r1", null, {}],
    );
    return true;
  });
});

test("a page of some proxy is an exception too", async () => {
  const { api } = scripted(new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await assert.rejects(api.session("u"), { status: 502, code: "unknown" });
});

test("what makes something is repeated with the same key, after as long as the server says", async () => {
  const busy = problem(503, { code: "store_unavailable" }, { "Retry-After": "2" });
  const { api, calls, waits } = scripted(busy, new TypeError("fetch failed"), { uuid: "new" });
  assert.deepEqual(await api.createSession({ session_type: "lesson" }), { uuid: "new" });
  const keys = calls.map(({ headers }) => headers["Idempotency-Key"]);
  assert.equal(new Set(keys).size, 1);
  assert.ok(keys[0]);
  assert.deepEqual(waits, [2000, 1000]);
});

test("two calls have two keys", async () => {
  const { api, calls } = scripted();
  await api.start("u");
  await api.start("u");
  assert.notEqual(calls[0].headers["Idempotency-Key"], calls[1].headers["Idempotency-Key"]);
});

test("a network that is down is an exception in the end, and at once where a repeat might act twice", async () => {
  const down = new TypeError("fetch failed");
  const patient = scripted(down, down, down);
  await assert.rejects(patient.api.session("u"), { status: 0, code: "network" });
  assert.equal(patient.calls.length, 3);
  const careful = scripted(down);
  await assert.rejects(careful.api.kick("u", 7), { status: 0, code: "network" });
  assert.equal(careful.calls.length, 1);
});

test("a page of another origin, which may not read that name, has one that fits", async () => {
  const { api } = scripted(new Response("<svg/>"));
  assert.equal((await api.exportBoard("u", "svg")).filename, "board.svg");
});

test("a board is downloaded under the name that the server gives it", async () => {
  const file = new Response("<svg/>", { headers: { "Content-Disposition": 'attachment; filename="board-u-v3.svg"' } });
  const { api, calls } = scripted(file);
  const { blob, filename } = await api.exportBoard("u", "svg", 3);
  assert.equal(filename, "board-u-v3.svg");
  assert.equal(await blob.text(), "<svg/>");
  assert.equal(calls[0].url, api.exportUrl("u", "svg", 3));
  assert.equal(calls[0].url, `${BASE}sessions/u/snapshots/3/export/?format=svg`);
});
