/** The one line above the lesson: what keeps somebody from going on is said before what they merely should know. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { Banner, bannerFor } from "../../../web/room/banner.js";
import { en } from "../../../web/strings/en.js";
import { uk } from "../../../web/strings/uk.js";

const NOW = { state: "open", readOnly: false, status: "active", role: "student", mayDraw: true, host: "Ada", pending: 0 };
const banner = (now) => bannerFor({ ...NOW, ...now });

test("nothing is said while all is well", () => {
  assert.equal(banner({}), null);
  assert.equal(banner({ role: "host" }), null);
  assert.equal(banner({ status: undefined }), null);
});

test("a lost connection comes before everything, and offers to try now", () => {
  const lost = banner({ state: "reconnecting", readOnly: true, status: "paused", mayDraw: false });
  assert.deepEqual([lost.key, lost.kind, lost.action], ["banner.reconnecting", "problem", "retry"]);
  const kept = banner({ state: "reconnecting", pending: 3 });
  assert.deepEqual([kept.key, kept.values], ["banner.reconnecting_pending", { pending: 3 }]);
});

test("a server that cannot write comes before the lesson's state", () => {
  assert.equal(banner({ readOnly: true, status: "waiting", mayDraw: false }).key, "banner.read_only");
});

test("before the lesson the host is asked to start it, and the others wait for the host by name", () => {
  for (const status of ["waiting", "scheduled"]) {
    assert.deepEqual(banner({ status, role: "host" }), { key: "banner.start", kind: "calm", action: "start" });
    assert.deepEqual(banner({ status }).values, { host: "Ada" });
  }
});

test("in a pause the host is offered to go on, and the others are not", () => {
  assert.equal(banner({ status: "paused", role: "host" }).action, "resume");
  assert.equal(banner({ status: "paused" }).key, "banner.paused");
  assert.equal(banner({ status: "paused" }).action, undefined);
});

test("who may not draw is told", () => {
  assert.equal(banner({ mayDraw: false }).key, "banner.looking_on");
});

test("every banner has words, and is given what they ask for", () => {
  const seen = new Set();
  for (const state of ["connecting", "open", "reconnecting"]) for (const readOnly of [false, true]) for (const pending of [0, 2])
    for (const status of ["scheduled", "waiting", "active", "paused"]) for (const role of ["host", "student", "solo"]) for (const mayDraw of [false, true]) {
      const said = banner({ state, readOnly, pending, status, role, mayDraw });
      if (said === null) continue;
      seen.add(said.key);
      for (const words of [en, uk]) {
        for (const [, name] of words[said.key].matchAll(/\{(\w+)\}/g)) assert.ok(name in said.values, `${said.key} {${name}}`);
      }
      if (said.action) assert.ok(Object.hasOwn(en, `action.${said.action}`), said.action);
    }
  assert.deepEqual([...seen].sort(), Object.keys(en).filter((key) => key.startsWith("banner.")).sort());
});

test("the button does what the banner of the moment offers", () => {
  const done = [];
  const shown = new Banner({ retry: () => done.push("retry"), start: () => done.push("start"), resume: () => done.push("resume") });
  const button = shown.element.querySelector("button");
  assert.equal(shown.element.hidden, true);
  shown.show(banner({ status: "waiting", role: "host" }));
  button.dispatchEvent(new Event("click"));
  shown.show(banner({ state: "reconnecting" }));
  button.dispatchEvent(new Event("click"));
  assert.deepEqual(done, ["start", "retry"]);
  assert.equal(shown.element.hidden, false);
  shown.show(banner({ readOnly: true }));
  assert.equal(button.hidden, true);
  shown.show(null);
  assert.equal(shown.element.hidden, true);
});
