/**
 * What a line of the event log says. What a client logged may hold anything. Pure.
 * @module
 */

import { textIn } from "../board/values.js";
import { hasText, t } from "../i18n.js";

/** @typedef {import("../../api.js").LoggedEvent} LoggedEvent */

/** Events that say two things, by what is in them. @type {Readonly<Record<string, (data: any) => string>>} */
const KINDS = Object.freeze({
  raise_hand: (data) => (data?.raised === false ? "lower_hand" : "raise_hand"),
  participant_leave: (data) => (data?.reason === "timeout" ? "participant_lost" : "participant_leave"),
});

/** What can be on, with its words. */
const DEVICES = Object.freeze({ video_enabled: "people.camera", audio_enabled: "people.mic", screen_sharing: "people.screen" });

/**
 * @param {LoggedEvent} event
 * @param {(userId: unknown) => string} nameOf
 */
export function wordsFor({ event_type, user_id, data }, nameOf) {
  const kind = Object.hasOwn(KINDS, event_type) ? KINDS[event_type](data) : event_type;
  const who = user_id === null ? t("activity.server") : nameOf(user_id);
  if (!hasText(`event.${kind}`)) return `${who} · ${event_type}`;
  const whom = textIn(data?.name) || nameOf(textIn(data?.user_id));
  return t(`event.${kind}`, { who, whom, role: t(`role.${textIn(data?.to)}`), what: devicesIn(data) });
}

/** @param {any} data */
function devicesIn(data) {
  const on = Object.entries(DEVICES).filter(([name]) => data?.[name] === true).map(([, key]) => t(key));
  return on.join(", ") || t("people.all_off");
}
