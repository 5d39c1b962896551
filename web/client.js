/**
 * The browser client of a Lessonroom lesson: one module, no dependencies, no build step.
 *
 *     import { connect } from "./client.js";
 *     const client = connect({ url: location.origin, session: uuid, token: joined.token });
 *     client.on("board", () => paint(client.board.state()));
 *     await client.ready;
 *     client.draw("stroke_add", { id: "s1", points: [[0, 0], [10, 10]] });
 *
 * See docs/client.md.
 * @module
 */

import { Client } from "./lib/client.js";
import { LessonroomError } from "./lib/errors.js";

export { CLOSES } from "./lib/closes.js";
export { Client, LessonroomError };

/** @typedef {import("./lib/types.js").KeyValueStorage} KeyValueStorage */
/** @typedef {import("./lib/types.js").Timers} Timers */

/**
 * @typedef {object} ConnectOptions
 * @property {string | string[]} url where the server is (`https://host` or `wss://host`); several are tried in turn
 * @property {string} session the session's uuid
 * @property {string} token a classroom token, as `join` and `jwt` answer it
 * @property {() => Promise<string>} [refreshToken] gets a new classroom token; asked when the server takes the old one no more
 * @property {() => Promise<any[]>} [refreshIceServers] gets new servers for calls; asked when the credentials of those there are end soon
 * @property {KeyValueStorage} [storage] best `sessionStorage`: what was drawn and not acknowledged outlives a reload
 * @property {new (url: string, protocols: string[]) => WebSocket} [WebSocket]
 * @property {Timers} [timers]
 * @property {() => number} [random] 0 ≤ x < 1
 */

/** Milliseconds since 1970 that never go back. @type {Timers} */
const TIMERS = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};

/**
 * Opens the full socket of a lesson and keeps it open.
 * @param {ConnectOptions} options
 * @returns {Client}
 * @throws {LessonroomError} no_websocket
 */
export function connect(options) {
  const { url, session, token, refreshToken = null, refreshIceServers = null, storage = null } = options;
  const urls = Array.isArray(url) ? url : [url];
  const io = {
    WebSocket: options.WebSocket ?? nativeWebSocket(),
    timers: options.timers ?? TIMERS,
    random: options.random ?? Math.random,
  };
  const client = new Client({ urls, session, token, refreshToken, refreshIceServers, storage }, io);
  hurryWhenBack(client);
  return client;
}

function nativeWebSocket() {
  if (typeof globalThis.WebSocket === "function") return globalThis.WebSocket;
  throw new LessonroomError("no_websocket", "There is no WebSocket here: run Node.js 22, or give one as the option WebSocket.");
}

/** A browser knows when its network, or the person, is back, and nobody wants to wait then. @param {Client} client */
function hurryWhenBack(client) {
  if (typeof globalThis.addEventListener !== "function") return;
  const over = new AbortController();
  const hurry = () => void (globalThis.document?.hidden || client.reconnect());
  globalThis.addEventListener("online", hurry, { signal: over.signal });
  globalThis.document?.addEventListener("visibilitychange", hurry, { signal: over.signal }); // timers of hidden pages are slow
  client.on("state", ({ state }) => state === "ended" && over.abort());
}
