/** What the host sees that a person may do is what the server lets them do: its own table is asked. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { grantsOf, OFFERED } from "../../../../web/room/panels/grants.js";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const PRINT = "import json; from schemas.permissions import ROLES, as_object; print(json.dumps({role: as_object(bits) for role, bits in ROLES.items()}))";

/** The server's permissions by role, or why they cannot be had. */
function serversTable() {
  if (!process.env.PYTHON) return { skip: "PYTHON does not name the Python that runs the server" };
  const made = spawnSync(process.env.PYTHON, ["-c", PRINT], { cwd: ROOT, encoding: "utf-8" });
  assert.equal(made.status, 0, made.stderr);
  return { roles: JSON.parse(made.stdout) };
}

const { roles, skip = false } = serversTable();

test("each role may do what the server says", { skip }, () => {
  for (const role of ["host", "student", "viewer"]) {
    const expected = Object.fromEntries(OFFERED.map((name) => [name, roles[role][name]]));
    assert.deepEqual(grantsOf(role, 7, []), expected, role);
  }
});

test("what is offered to the host to give are permissions that the server knows", { skip }, () => {
  for (const name of OFFERED) assert.ok(name in roles.student, name);
});

const change = (id, permissions, user_id = 7) => ({ id, event_type: "permission_update", data: { user_id, permissions } });

test("custom permissions override the role's, the newest counting, in whatever order they are told", () => {
  const events = [change(3, { can_draw: true }), change(1, { can_draw: false, can_clear_board: true })];
  const grants = grantsOf("student", 7, events);
  assert.deepEqual([grants.can_draw, grants.can_clear_board], [true, true]);
  assert.equal(grantsOf("student", 7, [change(1, { can_draw: false })]).can_draw, false);
});

test("`null` takes one back to the role's", () => {
  const grants = grantsOf("viewer", 7, [change(1, { can_draw: true, can_toggle_audio: false }), change(2, { can_draw: null, can_toggle_audio: null })]);
  assert.deepEqual([grants.can_draw, grants.can_toggle_audio], [false, true]);
});

test("another role takes the custom ones back, and so does an invitation back into the lesson", () => {
  for (const event_type of ["role_change", "participant_invite"]) {
    const events = [change(1, { can_draw: false }), { id: 2, event_type, data: { user_id: 7 } }, change(3, { can_export: false })];
    const grants = grantsOf("student", 7, events);
    assert.deepEqual([grants.can_draw, grants.can_export], [true, false], event_type);
  }
});

test("only what is about the person counts; 7 and \"7\" are one", () => {
  assert.equal(grantsOf("student", "7", [change(1, { can_draw: false })]).can_draw, false);
  assert.equal(grantsOf("student", 8, [change(1, { can_draw: false })]).can_draw, true);
  assert.equal(grantsOf("student", 7, [{ id: 1, event_type: "role_change", data: null }]).can_draw, true);
});
