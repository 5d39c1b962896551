/** Who was removed can be let back in, also by a host whose page came later. */

import "../../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { removedIn } from "../../../../web/room/panels/removed.js";

const kick = (id, user_id, name) => ({ id, event_type: "participant_kick", data: { user_id, name, reason: "" } });
const invite = (id, user_id) => ({ id, event_type: "participant_invite", data: { user_id, role: "student" } });

test("who was removed last and not let in since is out, under their name and their own id", () => {
  const events = [kick(9, 7, "Ada"), invite(4, 8), kick(3, "8", "Ben"), kick(5, 9, "Cid"), invite(6, 7)];
  assert.deepEqual([...removedIn(events)], [["9", { user_id: 9, name: "Cid" }], ["7", { user_id: 7, name: "Ada" }]]);
});

test("who was removed without a name is shown by their id", () => {
  assert.deepEqual([...removedIn([kick(1, 7)]).values()], [{ user_id: 7, name: "7" }]);
});
