/**
 * Which lesson the address names, and whose token this is. The token stands behind the `#`, so that it never reaches a
 * server's log; it is taken out of the address at once, and kept for this tab so that a reload finds it.
 * @module
 */

import { forThisTab } from "./keeping.js";

const KEPT_AS = "lessonroom.token";

/**
 * @param {Location} place
 * @returns {{uuid: string | null, token: string | null}}
 */
export function entryOf(place) {
  const uuid = /^\/classroom\/([^/]+)\/?$/.exec(place.pathname)?.[1] ?? null;
  const given = new URLSearchParams(place.hash.slice(1)).get("token");
  if (given) {
    forThisTab.setItem(KEPT_AS, given);
    history.replaceState(null, "", place.pathname + place.search);
  }
  return { uuid, token: uuid === null ? given : (given ?? forThisTab.getItem(KEPT_AS)) };
}

/** Whose token it is, to call them by their name; whether it is good, the server says. @param {string} token */
export function userOf(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return String(claims.user_id ?? claims.sub ?? "");
  } catch {
    return ""; // no token at all: the server refuses it
  }
}
