/** A browser that may keep nothing still shows the page. */

import assert from "node:assert/strict";
import test from "node:test";

let count = 0;

/** What is kept in a browser with this storage. */
async function kept(get) {
  for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(globalThis, name, { configurable: true, get });
  return import(`../../../web/room/keeping.js?${(count += 1)}`);
}

test("where storage is forbidden, or there is none, choices hold until the page is left", async () => {
  for (const get of [() => { throw new DOMException("forbidden", "SecurityError"); }, () => null, () => undefined]) {
    const { forEver, forThisTab } = await kept(get);
    assert.equal(forEver.getItem("theme"), null);
    forEver.setItem("theme", "dark");
    assert.equal(forEver.getItem("theme"), "dark");
    assert.deepEqual([forEver.length, forEver.key(0), forEver.key(1), forThisTab.length], [1, "theme", null, 0]);
    forEver.removeItem("theme");
    assert.equal(forEver.getItem("theme"), null);
  }
});

test("where there is storage it is used", async () => {
  const storage = { getItem: () => "dark" };
  const { forEver, forThisTab } = await kept(() => storage);
  assert.equal(forEver, storage);
  assert.equal(forThisTab, storage);
});
