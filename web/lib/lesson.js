/**
 * A live lesson inside: puts the parts together, and sends each message to its part.
 * @module
 */

import { Address } from "./address.js";
import { BoardDesk } from "./board_desk.js";
import { PASSING } from "./board_sender.js";
import { FINAL } from "./closes.js";
import { Connection } from "./connection.js";
import { Cursor } from "./cursor.js";
import { IceKeeper } from "./ice_keeper.js";
import { OTHERS_PER_SECOND, PacedQueue } from "./rates.js";
import { Room } from "./room.js";
import { TokenKeeper } from "./token_keeper.js";
import { Wishes } from "./wishes.js";
import { encode } from "./wire.js";

/** @typedef {import("./connection.js").Io} Io */
/** @typedef {import("./types.js").ClientEvents} ClientEvents */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Settings} Settings */

export class Lesson {
  room = new Room();
  wishes = new Wishes();
  /** @type {import("./types.js").Ending | null} */
  ended = null;
  readOnly = false;
  /** @type {string | null} */
  connectionId = null;
  tokens;
  ice;
  connection;
  desk;
  #cursor = new Cursor();
  #serverAheadMs = 0;
  #timers;
  #emit;
  #others;

  /** @param {Settings} settings @param {Io} io @param {import("./emitter.js").Emitter<ClientEvents>["emit"]} emit */
  constructor(settings, io, emit) {
    this.#timers = io.timers;
    this.#emit = emit;
    this.tokens = new TokenKeeper(settings.token, settings.refreshToken, io.timers, {
      now: () => this.serverNow(),
      ask: () => void this.say({ type: "token_refresh" }),
    });
    this.ice = new IceKeeper(settings.refreshIceServers, io.timers, {
      now: () => this.serverNow(),
      servers: () => this.room.iceServers,
      take: (servers) => this.room.useIceServers(servers).forEach(([type, detail]) => emit(type, detail)),
    });
    const address = new Address(settings.urls, settings.session);
    this.connection = new Connection(io, {
      address: () => ({ url: address.next(this.#cursor.query), protocols: ["access_token", this.tokens.token] }),
      renewToken: () => this.tokens.renew(),
      message: (message) => this.#receive(message),
      state: (change) => this.#become(change),
    });
    const send = (/** @type {string} */ text) => void this.connection.send(text);
    this.#others = new PacedQueue(io.timers, OTHERS_PER_SECOND, send);
    this.desk = new BoardDesk({
      timers: io.timers,
      random: io.random,
      storage: settings.storage,
      prefix: `lessonroom.outbox.${settings.session}.${this.tokens.userId}.`,
      send,
      ask: () => void this.say({ type: "sync_request" }),
      emit,
      isMe: (user) => this.tokens.isFor(user),
    });
  }

  get me() {
    return this.room.participants.get(String(this.tokens.userId));
  }

  serverNow() {
    return this.#timers.now() + this.#serverAheadMs;
  }

  /** @param {Message} message @returns {boolean} whether there is a connection to send it on */
  say(message) {
    const text = encode(message);
    if (this.connection.state !== "open") return false;
    this.#others.push(text);
    return true;
  }

  /** @param {import("./types.js").StateChange} change */
  #become(change) {
    if (change.state !== "open") {
      this.#others.clear();
      this.tokens.stop();
      this.ice.stop();
      this.desk.close();
    }
    if (change.state === "ended") {
      const { code = 1000, name = "closed", reason = "" } = change;
      this.ended = { code, name, reason };
      if (FINAL.has(name)) this.desk.forget();
    }
    this.#emit("state", change);
  }

  /** @param {Message} message */
  #receive(message) {
    if (message.type === "welcome") {
      this.#emit("message", message);
      this.#welcome(message);
      return;
    }
    const news = this.#cursor.take(message);
    if (news === "seen") return;
    this.#emit("message", message);
    if (news === "replayed") this.#catchUp(message);
    else this.#handle(message);
  }

  /** @param {Message} welcome */
  #welcome(welcome) {
    this.#cursor.welcome(welcome);
    this.connectionId = welcome.connection_id;
    this.#serverAheadMs = Date.parse(welcome.server_time) - this.#timers.now();
    this.connection.welcomed(welcome.heartbeat_seconds);
    for (const [type, detail] of this.room.welcome(welcome)) this.#emit(type, detail);
    this.tokens.watch();
    this.ice.watch();
    this.desk.open(welcome.recovered);
    this.#becomeReadOnly(false);
    this.#sayWishes();
    this.#readyIfCurrent();
  }

  /** What was missed is older than the lists of the welcome, but not than the board. @param {Message} message */
  #catchUp(message) {
    const { type, participant, user_id, reason } = message;
    if (type === "board_update") this.desk.update(message);
    if (type === "participant_joined") this.#emit(type, { participant });
    if (type === "participant_left") this.#emit(type, { user_id, reason });
    this.#readyIfCurrent();
  }

  #readyIfCurrent() {
    if (!this.#cursor.isBehind && this.desk.board.ready) this.#emit("ready", { recovered: true });
  }

  /** @param {Message} message */
  #handle(message) {
    for (const [type, detail] of this.room.apply(message)) this.#emit(type, detail);
    if (Object.hasOwn(this.#routes, message.type)) this.#routes[message.type](message);
  }

  /** What each message does, besides changing the room. @type {Record<string, (message: Message) => void>} */
  #routes = {
    board_update: (message) => this.desk.update(message),
    ack: (message) => this.desk.acknowledged(message),
    conflict: (message) => this.desk.conflicted(message),
    sync_response: ({ version, state }) => {
      const wasReady = this.desk.board.ready;
      this.desk.replaced(version, state);
      if (!wasReady && this.desk.board.ready) this.#emit("ready", { recovered: false });
    },
    token: ({ token, expires_at }) => {
      this.tokens.take(token);
      this.#emit("token", { token, expires_at });
    },
    notification: ({ level, message, code }) => {
      if (code === "read_only" || code === "recovered") this.#becomeReadOnly(code === "read_only");
      this.#emit("notification", { level, message, code });
    },
    error: (message) => {
      if (!PASSING.has(message.code)) this.wishes.refused(message.for);
      if (!this.desk.refused(message)) this.#emit("error", /** @type {any} */ (message));
    },
    media_state_update: ({ user_id, media_state }) => {
      if (this.tokens.isFor(user_id)) this.wishes.mediaIs(media_state);
    },
    participant_updated: ({ participant }) => {
      if (this.tokens.isFor(participant.user_id)) this.wishes.handIs(participant.hand_raised);
    },
    kicked: ({ reason }) => this.#emit("kicked", { reason }),
    pointer_move: ({ type: _, ...pointer }) => this.#emit("pointer", /** @type {ClientEvents["pointer"]} */ (pointer)),
    offer: (message) => this.#signal(message),
    answer: (message) => this.#signal(message),
    ice_candidate: (message) => this.#signal(message),
  };

  /** @param {Message} message */
  #signal({ type: kind, from_user_id, ...payload }) {
    this.#emit("signal", { ...payload, kind, from_user_id });
  }

  /** @param {boolean} readOnly */
  #becomeReadOnly(readOnly) {
    if (this.readOnly === readOnly) return;
    this.readOnly = readOnly;
    this.#emit("read_only", { readOnly });
    if (readOnly) return;
    this.desk.recovered();
    this.#sayWishes();
  }

  #sayWishes() {
    for (const wish of this.wishes.missing(this.room.mediaOf(this.tokens.userId), this.me)) this.say(wish);
  }
}
