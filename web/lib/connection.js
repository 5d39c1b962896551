/**
 * The socket, and the next one after it. What decides is in `reconnection.js` and `watchdog.js`; this opens, closes
 * and waits.
 * @module
 */

import { Reconnection } from "./reconnection.js";
import { Watchdog } from "./watchdog.js";
import { decode } from "./wire.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").StateChange} StateChange */
/** @typedef {import("./types.js").Timers} Timers */
/** @typedef {import("./reconnection.js").Decision} Decision */

/**
 * @typedef {object} Io What a connection does its work with; a test brings its own.
 * @property {new (url: string, protocols: string[]) => WebSocket} WebSocket
 * @property {Timers} timers
 * @property {() => number} random
 */

/**
 * @typedef {object} Handlers
 * @property {() => {url: string, protocols: string[]}} address asked for each attempt
 * @property {() => Promise<"ok" | "later" | "never">} renewToken
 * @property {(message: Message) => void} message
 * @property {(change: StateChange) => void} state
 */

/** The connection was closed by us: dead without a sound, or at the end. */
export const CLOSED_HERE = 4000;
const PING = '{"type":"ping"}';
const OPEN = 1;

export class Connection {
  /** @type {State} */
  #state = "connecting";
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {any} */
  #timer = null;
  /** The token was refused, and there is no other yet. */
  #needsToken = false;
  #reconnection;
  #watchdog;
  #io;
  #handlers;

  /** @param {Io} io @param {Handlers} handlers */
  constructor(io, handlers) {
    this.#io = io;
    this.#handlers = handlers;
    this.#reconnection = new Reconnection(io.random);
    this.#watchdog = new Watchdog(io.timers, () => this.send(PING), () => this.#drop());
  }

  get state() {
    return this.#state;
  }

  /** Opens the first socket. */
  open() {
    const { url, protocols } = this.#handlers.address();
    const socket = new this.#io.WebSocket(url, protocols);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#received(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#closed(code, reason);
    };
    this.#watchdog.start();
  }

  /** The welcome came. @param {number} heartbeatSeconds */
  welcomed(heartbeatSeconds) {
    this.#reconnection.welcomed(this.#io.timers.now());
    this.#watchdog.watch(heartbeatSeconds * 1000);
    this.#become({ state: "open" });
  }

  /** @param {string} text @returns {boolean} whether there was a socket to send it on */
  send(text) {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Now, not at the end of the wait; an open connection is asked whether it lives. */
  hurry() {
    if (this.#state === "open") this.#watchdog.check();
    else if (this.#timer !== null) {
      this.#reconnection.reset();
      this.#io.timers.clearTimeout(this.#timer);
      this.#again();
    }
  }

  /** @param {{code: number, name: string, reason: string}} ending */
  end(ending) {
    if (this.#state === "ended") return;
    this.#release()?.close(1000);
    this.#become({ state: "ended", ...ending });
  }

  /** @param {unknown} data */
  #received(data) {
    this.#watchdog.heard();
    const message = decode(data);
    if (message) this.#handlers.message(message);
  }

  #drop() {
    this.#socket?.close(CLOSED_HERE);
    this.#closed(CLOSED_HERE, "silent");
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    this.#release();
    const decision = this.#reconnection.after(code, this.#io.timers.now());
    if (decision.waitMs === null) {
      this.#become({ state: "ended", code, name: decision.name, reason });
      return;
    }
    const { name, attempt, waitMs: retryInMs } = decision;
    this.#become({ state: "reconnecting", code, name, reason, attempt, retryInMs });
    if (this.#state !== "reconnecting") return; // a listener had enough
    this.#needsToken ||= decision.needsToken;
    this.#timer = this.#io.timers.setTimeout(() => this.#again(), retryInMs);
  }

  #again() {
    this.#timer = null;
    if (this.#needsToken) void this.#renew();
    else this.open();
  }

  async #renew() {
    const outcome = await this.#handlers.renewToken();
    if (this.#state !== "reconnecting") return;
    if (outcome === "ok") {
      this.#needsToken = false;
      this.open();
    } else if (outcome === "later") this.#closed(1013, "no new token yet");
    else this.end({ code: 4401, name: "unauthorized", reason: "no new token" });
  }

  #release() {
    const socket = this.#socket;
    this.#socket = null;
    this.#watchdog.stop();
    this.#io.timers.clearTimeout(this.#timer);
    this.#timer = null;
    return socket;
  }

  /** @param {Omit<StateChange, "previous">} change */
  #become(change) {
    const previous = this.#state;
    if (previous === change.state && change.state !== "reconnecting") return;
    this.#state = change.state;
    this.#handlers.state({ ...change, previous });
  }
}
