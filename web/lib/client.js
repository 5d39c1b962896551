/**
 * A live lesson as its user sees it. Made by `connect` in `client.js`.
 * @module
 */

import { Emitter } from "./emitter.js";
import { LessonroomError } from "./errors.js";
import { Lesson } from "./lesson.js";
import { NewestOnly, POINTERS_PER_SECOND } from "./rates.js";
import { POINTER_BYTES, encode } from "./wire.js";

/** @typedef {import("./connection.js").Io} Io */
/** @typedef {import("./types.js").ClientEvents} ClientEvents */
/** @typedef {import("./types.js").MediaChanges} MediaChanges */
/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./types.js").UserId} UserId */

/**
 * What it keeps is for reading. Each change makes new values, but for the board.
 * @extends {Emitter<ClientEvents>}
 */
export class Client extends Emitter {
  /** Settled when the first welcome and the board are here; rejected when the lesson ends before. @type {Promise<void>} */
  ready;
  #lesson;
  #pointers;

  /** @param {Settings} settings @param {Io} io */
  constructor(settings, io) {
    super();
    this.#lesson = new Lesson(settings, io, (type, detail) => this.emit(type, detail));
    this.#pointers = new NewestOnly(io.timers, POINTERS_PER_SECOND, (text) => void this.#lesson.connection.send(text));
    this.ready = this.#whenReady();
    this.ready.catch(() => undefined); // also told as `state`; nobody has to wait for it
    this.#lesson.connection.open();
  }

  get state() { return this.#lesson.connection.state; }

  /** Why it is at its end; null before. */
  get ended() { return this.#lesson.ended; }

  /** The server cannot reach its store: what is drawn is kept, and sent later. */
  get readOnly() { return this.#lesson.readOnly; }

  get connectionId() { return this.#lesson.connectionId; }

  get board() { return this.#lesson.desk.board; }

  /** How many board events are not acknowledged. */
  get pending() { return this.#lesson.desk.pending; }

  get session() { return this.#lesson.room.session; }

  get participants() { return this.#lesson.room.participants; }

  get mediaStates() { return this.#lesson.room.mediaStates; }

  get role() { return this.#lesson.room.role; }

  get permissions() { return this.#lesson.room.permissions; }

  /** The others with a socket for calls. */
  get peers() { return this.#lesson.room.peers; }

  get iceServers() { return this.#lesson.room.iceServers; }

  get me() { return this.#lesson.me; }

  get userId() { return this.#lesson.tokens.userId; }

  get token() { return this.#lesson.tokens.token; }

  /** Milliseconds since 1970. */
  get tokenExpiresAt() { return this.#lesson.tokens.expiresAt; }

  /** The server's clock, in milliseconds since 1970. */
  serverNow() {
    return this.#lesson.serverNow();
  }

  /** @param {string} permission one of the fifteen */
  may(permission) {
    return this.permissions[permission] === true;
  }

  /**
   * Draws: shown at once, sent when it can be, kept until it is acknowledged.
   * @param {string} eventType
   * @param {any} [data] is copied
   * @returns {string} the event's id
   * @throws {LessonroomError} too_large, bad_event, bad_message, ended
   */
  draw(eventType, data) {
    if (this.ended) throw new LessonroomError("ended", "The lesson is over here.");
    return this.#lesson.desk.draw(eventType, data);
  }

  /** @param {number} x @param {number} y @param {{tool?: string, color?: string}} [more] */
  pointer(x, y, more = {}) {
    if (this.state === "open") this.#pointers.push(encode({ type: "pointer_move", x, y, ...more }, POINTER_BYTES));
  }

  /** Said again after a reconnect, if need be. @param {MediaChanges} changes */
  setMedia(changes) {
    this.#lesson.say(this.#lesson.wishes.wantMedia(changes));
  }

  /** @param {boolean} raised */
  raiseHand(raised) {
    this.#lesson.say(this.#lesson.wishes.wantHand(raised));
  }

  /**
   * @param {"offer" | "answer" | "ice_candidate"} kind
   * @param {UserId} userId whom it is for
   * @param {Record<string, any>} payload
   * @returns {boolean} whether there was a connection to send it on
   */
  signal(kind, userId, payload) {
    return this.#lesson.say({ ...payload, type: kind, target_user_id: userId });
  }

  /** Asks for the whole board. */
  sync() {
    if (this.state === "open") this.#lesson.desk.sync();
  }

  /** @returns {Promise<void>} when all that was drawn is acknowledged or refused */
  flushed() {
    return new Promise((resolve) => {
      if (this.pending === 0) return resolve();
      const off = this.on("pending", ({ pending }) => {
        if (pending > 0) return;
        off();
        resolve();
      });
    });
  }

  /** Now, instead of at the end of the wait; an open connection is asked whether it lives. */
  reconnect() {
    this.#lesson.connection.hurry();
  }

  /** Ends this client. The person's seat is the business of the REST call `leave`. */
  close() {
    this.#pointers.clear();
    this.#lesson.connection.end({ code: 1000, name: "closed", reason: "" });
  }

  /** @returns {Promise<void>} */
  #whenReady() {
    return new Promise((resolve, reject) => {
      this.once("ready", () => resolve());
      this.on("state", ({ state, name, reason }) => {
        if (state === "ended") reject(new LessonroomError(name ?? "ended", reason || "The lesson ended."));
      });
    });
  }
}
