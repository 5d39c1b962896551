/** The line at the top names the lesson as its reader would. */

import "../support/page.js";

import assert from "node:assert/strict";
import test from "node:test";

import { duration, titleOf } from "../../../web/room/header.js";
import { t } from "../../../web/room/i18n.js";
import { ADA, BEN } from "../support/fakes.js";

const SESSION = { session_type: "lesson", host: { id: 7, name: "Ada" }, participants: [ADA] };
const CID = { ...BEN, user_id: 9, name: "Cid" };

test("a tutor's lesson is with the one student there is, whenever they came, and with several it is just a lesson", () => {
  assert.equal(titleOf(SESSION, 7), t("title.lesson"));
  assert.equal(titleOf(SESSION, "7", [ADA, BEN]), t("title.with", { name: "Ben" }));
  assert.equal(titleOf(SESSION, 7, [ADA, BEN, CID]), t("title.lesson"));
});

test("everybody else's lesson is with the tutor", () => {
  assert.equal(titleOf(SESSION, "8", [ADA, BEN, CID]), t("title.with", { name: "Ada" }));
  assert.equal(titleOf({ ...SESSION, session_type: "solo" }, 7), t("title.solo"));
});

test("time is shown with hours only where there are some", () => {
  assert.deepEqual([-5, 61_000, 3_600_000 + 5_000].map(duration), ["00:00", "01:01", "1:00:05"]);
});
