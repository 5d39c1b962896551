/** The link into a lesson: its token is read, and does not stay where somebody could see or log it. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { entryOf, userOf } from "../../../web/room/entry.js";

const UUID = "00000000-0000-4000-8000-000000000001";

/** What the entrance makes of an address, and what stands there afterwards. */
function entered(address, kept = null) {
  const replaced = [];
  globalThis.history = { replaceState: (...given) => replaced.push(given.at(-1)) };
  if (kept === null) sessionStorage.removeItem("lessonroom.token");
  else sessionStorage.setItem("lessonroom.token", kept);
  return { ...entryOf(new URL(address, "http://one.test")), replaced, kept: sessionStorage.getItem("lessonroom.token") };
}

function tokenOf(claims) {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;
}

test("the token is taken out of the address, and kept for this tab", () => {
  const { uuid, token, replaced, kept } = entered(`/classroom/${UUID}?from=mail#token=a.b.c`);
  assert.deepEqual([uuid, token], [UUID, "a.b.c"]);
  assert.deepEqual(replaced, [`/classroom/${UUID}?from=mail`]);
  assert.equal(kept, "a.b.c");
});

test("a reload finds the token again", () => {
  const { token, replaced } = entered(`/classroom/${UUID}/`, "a.b.c");
  assert.equal(token, "a.b.c");
  assert.deepEqual(replaced, []);
});

test("a new link counts more than what is kept", () => {
  assert.equal(entered(`/classroom/${UUID}#token=new`, "old").token, "new");
});

test("without a lesson nothing that is kept is used: the visitor is at the front door", () => {
  for (const address of ["/", "/classroom", "/classroom/", `/classroom/${UUID}/more`]) {
    const { uuid, token } = entered(address, "kept");
    assert.deepEqual([uuid, token], [null, null], address);
  }
});

test("a link without a lesson still leaves no token in the address", () => {
  const { uuid, token, replaced } = entered("/#token=a.b.c");
  assert.deepEqual([uuid, token, replaced], [null, "a.b.c", ["/"]]);
});

test("a token says whose it is, whatever its claims are called and written with", () => {
  assert.equal(userOf(tokenOf({ user_id: 7, sub: "8" })), "7");
  assert.equal(userOf(tokenOf({ sub: "ada" })), "ada");
  assert.equal(userOf(tokenOf({ user_id: 0 })), "0");
  assert.equal(userOf(tokenOf({ user_id: "???>>>~~~" })), "???>>>~~~");
  for (const broken of ["", "a", "a.b", "a.e30.c", "..", tokenOf(null)]) assert.equal(userOf(broken), "", broken);
});
