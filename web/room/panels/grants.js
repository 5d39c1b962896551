/**
 * What each person may do, as the host sees it: the role's permissions, changed by what the log says. Pure.
 * @module
 */

const STUDENT = ["can_draw", "can_erase", "can_export", "can_toggle_video", "can_toggle_audio", "can_share_screen"];
/** @type {Readonly<Record<string, string[]>>} */
const BY_ROLE = Object.freeze({ student: STUDENT, viewer: ["can_toggle_video", "can_toggle_audio"] });

/** The permissions the host is offered to give and take, in their order. */
export const OFFERED = Object.freeze([
  "can_draw",
  "can_erase",
  "can_clear_board",
  "can_export",
  "can_toggle_video",
  "can_toggle_audio",
  "can_share_screen",
]);

/** What the log says about permissions: the first changes some, the others take all custom ones back. */
export const GRANTING = Object.freeze(["permission_update", "role_change", "participant_invite"]);

/**
 * @param {string} role
 * @param {string | number} userId
 * @param {{id: number, event_type: string, data: any}[]} events of the types in `GRANTING`, in any order
 * @returns {Record<string, boolean>} by the names of `OFFERED`
 */
export function grantsOf(role, userId, events) {
  const mine = events.filter(({ data }) => String(data?.user_id) === String(userId)).sort((one, other) => one.id - other.id);
  /** @type {Record<string, boolean | null>} */
  let custom = {};
  for (const { event_type, data } of mine) custom = event_type === "permission_update" ? { ...custom, ...data.permissions } : {};
  const byRole = new Set(BY_ROLE[role] ?? []);
  return Object.fromEntries(OFFERED.map((name) => [name, custom[name] ?? (role === "host" || byRole.has(name))]));
}
