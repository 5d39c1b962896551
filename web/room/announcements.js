/**
 * What people do, said in passing: who came, who left and why, who raised a hand.
 * @module
 */

import { t } from "./i18n.js";
import { OFFERED } from "./panels/grants.js";

/** @typedef {import("../lib/types.js").Participant} Participant */
/** @typedef {import("../lib/types.js").Permissions} Permissions */
/** @typedef {import("../lib/types.js").UserId} UserId */

/**
 * Says what happens from now on.
 * @param {Pick<import("../client.js").Client, "on" | "participants" | "permissions" | "userId">} client that is ready
 * @param {(text: string) => void} say
 */
export function announce(client, say) {
  const names = new Map(namesOf(client.participants));
  const raised = new Set([...client.participants.values()].filter((person) => person.hand_raised).map((person) => String(person.user_id)));

  const hand = (/** @type {Participant} */ { user_id, name, hand_raised }) => {
    const key = String(user_id);
    const isNews = hand_raised && !raised.has(key);
    if (hand_raised) raised.add(key);
    else raised.delete(key);
    if (isNews && key !== String(client.userId)) say(t("note.hand", { name }));
  };
  const goodbye = (/** @type {UserId} */ userId, /** @type {string} */ reason) => {
    const name = names.get(String(userId));
    raised.delete(String(userId));
    if (name !== undefined) say(t(`note.left.${reason}`, { name }));
  };

  let permissions = client.permissions;
  const may = (/** @type {Permissions} */ now) => {
    for (const words of changesOf(permissions, now)) say(words);
    permissions = now;
  };

  // Names outlive their owners' stay: somebody who was removed is in no list any more.
  client.on("participants", ({ participants }) => namesOf(participants).forEach(([key, name]) => names.set(key, name)));
  client.on("participant_joined", ({ participant }) => say(t("note.joined", { name: participant.name })));
  client.on("participant_left", ({ user_id, reason }) => goodbye(user_id, reason));
  client.on("participant_updated", ({ participant }) => hand(participant));
  client.on("permissions", ({ permissions: now }) => may(now));
}

/** @param {ReadonlyMap<string, Participant>} participants @returns {[string, string][]} */
function namesOf(participants) {
  return [...participants].map(([key, { name }]) => [key, name]);
}

/**
 * What may be done from now on, and what may not be any more, in words. Pure.
 * @param {Permissions} before
 * @param {Permissions} now
 * @returns {string[]}
 */
export function changesOf(before, now) {
  const named = (/** @type {boolean} */ isGranted) =>
    OFFERED.filter((name) => (now[name] === true) === isGranted && (before[name] === true) !== isGranted)
      .map((name) => t(`permission.${name}`)).join(", ");
  const [granted, revoked] = [named(true), named(false)];
  if (!granted && !revoked) return [t("note.permissions")];
  return [...(granted ? [t("note.granted", { what: granted })] : []), ...(revoked ? [t("note.revoked", { what: revoked })] : [])];
}
