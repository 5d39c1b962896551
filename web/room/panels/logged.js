/**
 * What the log says, for panels that have to look back.
 * @module
 */

import { tell } from "../feedback.js";

const MOST = 500; // of each type, the newest

/**
 * The newest events of some types, in any order; where some could not be had, that was told.
 * @param {import("../../api.js").Api} api
 * @param {string} uuid
 * @param {readonly string[]} types
 * @returns {Promise<{events: import("../../api.js").LoggedEvent[], isWhole: boolean}>}
 */
export async function logged(api, uuid, types) {
  const pages = await Promise.all(types.map((event_type) => tell(() => api.events(uuid, { event_type, limit: MOST }))));
  return { events: pages.flatMap((page) => page?.events ?? []), isWhole: !pages.includes(undefined) };
}
