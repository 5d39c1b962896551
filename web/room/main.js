/**
 * Where the page begins: finds out which lesson and who, and goes from the entrance through the lesson to its end.
 * @module
 */

import { createApi } from "../api.js";
import { connect } from "../client.js";
import { showCard, showEnd } from "./cards.js";
import { keepWayBack, takeWayBack } from "./coming_back.js";
import { showDemo } from "./demo.js";
import { entryOf, userOf } from "./entry.js";
import { clearNotes } from "./feedback.js";
import { onSpeak } from "./i18n.js";
import { forThisTab } from "./keeping.js";
import { showLobby } from "./lobby.js";
import { LocalMedia } from "./media/local.js";
import { Room } from "./room.js";
import { isOver } from "./standing.js";
import { applyTheme } from "./theme.js";

/** @typedef {import("../api.js").Api} Api */
/** @typedef {import("../lib/types.js").Session} Session */

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const NO_ENTRY = new Set([0, 401, 404]);

/** Shows another screen instead of the one before; whoever cannot see it hears its heading. @param {HTMLElement} element */
function put(element) {
  const isFirst = app.childElementCount === 0;
  clearNotes();
  app.replaceChildren(element);
  const heading = element.querySelector("h1");
  if (!heading) return;
  document.title = `${heading.textContent} · Lessonroom`;
  heading.tabIndex = -1;
  if (!isFirst) heading.focus({ preventScroll: true });
}

async function begin() {
  applyTheme();
  const { uuid, token } = entryOf(location);
  if (!token) return put(await showDemo(uuid));
  if (!uuid) return put(showCard("gate.no_lesson"));
  const api = createApi({ url: location.origin, token });
  try {
    const session = await api.session(uuid);
    if (isOver(session)) return put(showEnd({ name: "session_over" }, { api, uuid, session }));
    return await wait(api, uuid, session, userOf(token));
  } catch (problem) {
    const { status, code, message } = /** @type {import("../api.js").ApiError} */ (problem);
    if (NO_ENTRY.has(status)) return put(showCard(status === 0 ? "gate.offline" : `gate.${status}`));
    if (code === "kicked") return put(showEnd({ name: "kicked" }, { api, uuid, session: null }));
    if (status === 403) return await wait(api, uuid, null, userOf(token));
    return put(showCard("gate.problem", message));
  }
}

/** The waiting room, until the person comes in. @param {Api} api @param {string} uuid @param {Session | null} session @param {string} userId */
async function wait(api, uuid, session, userId) {
  const local = new LocalMedia();
  const on = takeWayBack(uuid);
  if (on) {
    const joined = await api.join(uuid);
    await Promise.allSettled(on.map((source) => local.set(source, true))); // what does not start again is off
    return enter(api, uuid, local, joined);
  }
  const { element, entered } = showLobby({ api, uuid, session, userId, local });
  put(element);
  enter(api, uuid, local, await entered);
}

/** @param {Api} api @param {string} uuid @param {LocalMedia} local @param {import("../api.js").Joined} joined */
function enter(api, uuid, local, joined) {
  const client = connect({
    url: location.origin,
    session: uuid,
    token: joined.token,
    refreshToken: async () => (await api.token(uuid)).token,
    refreshIceServers: async () => (await api.join(uuid)).ice_servers, // to join again changes nothing
    storage: forThisTab,
  });
  Object.assign(globalThis, { lessonroom: { client, local } }); // for the browser's console, and for tests
  put(showCard("gate.connecting"));
  /** @type {Room | null} */
  let room = null;
  /** @type {{name: string, reason: string} | null} */
  let kicked = null;
  client.on("kicked", ({ reason }) => (kicked = { name: "kicked", reason }));
  client.ready.then(() => {
    room = new Room({ client, api, uuid, local });
    put(room.element);
  }, () => undefined); // told below
  const stay = (/** @type {BeforeUnloadEvent} */ event) => client.pending > 0 && event.preventDefault();
  const forget = onSpeak(() => keepWayBack(uuid, local));
  addEventListener("beforeunload", stay); // what was drawn and not sent would be lost with this tab
  client.on("state", ({ state, attempt }) => {
    if (state === "reconnecting" && room === null && attempt === 1) put(showCard("gate.trouble"));
    if (state !== "ended") return;
    removeEventListener("beforeunload", stay);
    forget();
    const session = client.session ?? joined.session;
    room?.close();
    local.stop();
    put(showEnd(kicked ?? client.ended ?? { name: "closed" }, { api, uuid, session }));
  });
}

addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // back in history: its calls are over
addEventListener("hashchange", () => location.reload()); // another invitation, followed in the same window
await begin();
