/**
 * Where the page begins: finds out which lesson and who, and goes from the entrance through the lesson to its end.
 * @module
 */

import { createApi } from "../api.js";
import { connect } from "../client.js";
import { showCard, showEnd } from "./cards.js";
import { showDemo } from "./demo.js";
import { entryOf, userOf } from "./entry.js";
import { clearNotes } from "./feedback.js";
import { showLobby } from "./lobby.js";
import { LocalMedia } from "./media/local.js";
import { Room } from "./room.js";
import { applyTheme } from "./theme.js";

const app = document.getElementById("app");
const OVER = new Set(["completed", "terminated", "expired"]);
const NO_ENTRY = new Set([0, 401, 404]);

/** Shows another screen instead of the one before. */
function put(element) {
  clearNotes();
  app.replaceChildren(element);
}

async function begin() {
  applyTheme();
  const { uuid, token } = entryOf(location);
  if (!token) return put(await showDemo(uuid));
  if (!uuid) return put(showCard("gate.no_lesson"));
  const api = createApi({ url: location.origin, token });
  try {
    const session = await api.session(uuid);
    if (OVER.has(session.status)) return put(showEnd({ name: "session_over" }, { api, uuid, session }));
    return await wait(api, uuid, session, userOf(token));
  } catch (problem) {
    if (NO_ENTRY.has(problem.status)) return put(showCard(problem.status === 0 ? "gate.offline" : `gate.${problem.status}`));
    if (problem.code === "kicked") return put(showEnd({ name: "kicked" }, { api, uuid, session: null }));
    if (problem.status === 403) return await wait(api, uuid, null, userOf(token));
    return put(showCard("gate.problem", problem.message));
  }
}

/** The waiting room, until the person comes in. */
async function wait(api, uuid, session, userId) {
  const local = new LocalMedia();
  const { element, entered } = showLobby({ api, uuid, session, userId, local });
  put(element);
  enter(api, uuid, local, await entered);
}

function enter(api, uuid, local, joined) {
  const client = connect({
    url: location.origin,
    session: uuid,
    token: joined.token,
    refreshToken: async () => (await api.token(uuid)).token,
    storage: sessionStorage,
  });
  globalThis.lessonroom = { client, local }; // for the browser's console, and for tests
  put(showCard("gate.connecting"));
  let room = null;
  let kicked = null;
  client.on("kicked", ({ reason }) => (kicked = reason));
  client.ready.then(() => {
    room = new Room({ client, api, uuid, local });
    put(room.element);
  }, () => undefined); // told below
  client.on("state", ({ state }) => {
    if (state !== "ended") return;
    const session = client.session ?? joined.session;
    room?.close();
    local.stop();
    put(showEnd({ ...client.ended, ...(kicked === null ? {} : { name: "kicked", reason: kicked }) }, { api, uuid, session }));
  });
}

addEventListener("hashchange", () => location.reload()); // another invitation, followed in the same window
await begin();
