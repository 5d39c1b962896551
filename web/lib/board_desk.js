/**
 * The board's side of a client: one's own events out, everybody's in, the whole board when it is needed.
 * @module
 */

import { isAcceptable } from "./board_events.js";
import { BoardSender, PASSING } from "./board_sender.js";
import { LessonroomError } from "./errors.js";
import { LiveBoard } from "./live_board.js";
import { Outbox } from "./outbox.js";
import { MESSAGE_BYTES, STATE_BYTES, encode } from "./wire.js";

/** @typedef {import("./types.js").BoardChange} BoardChange */
/** @typedef {import("./types.js").BoardEvent} BoardEvent */
/** @typedef {import("./types.js").ClientEvents} ClientEvents */
/** @typedef {import("./types.js").KeyValueStorage} KeyValueStorage */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Timers} Timers */

/**
 * @typedef {object} Desk What the desk needs of its client.
 * @property {Timers} timers
 * @property {() => number} random
 * @property {KeyValueStorage | null} storage
 * @property {string} prefix of what is kept there
 * @property {(text: string) => void} send a board event
 * @property {() => void} ask for the whole board
 * @property {import("./emitter.js").Emitter<ClientEvents>["emit"]} emit
 * @property {(user: unknown) => boolean} isMe
 */

const ASK_AGAIN_MS = 2_000;

export class BoardDesk {
  board = new LiveBoard();
  #outbox;
  #sender;
  #ids;
  #desk;
  /** @type {any} */
  #asking = null;

  /** @param {Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#ids = idsOf(desk.timers.now(), desk.random);
    this.#outbox = new Outbox(desk.storage, desk.prefix);
    this.#sender = new BoardSender(this.#outbox, desk.timers, desk.send);
    for (const { id, event } of this.#outbox.entries) this.board.show(id, event);
  }

  /** How many events are not acknowledged. */
  get pending() {
    return this.#outbox.size;
  }

  /**
   * @param {string} event_type
   * @param {any} data
   * @returns {string} the event's id
   * @throws {LessonroomError} too_large, bad_event, bad_message
   */
  draw(event_type, data) {
    if (!isAcceptable(event_type, data)) {
      throw new LessonroomError("bad_event", `This is no event of the board: ${event_type}.`);
    }
    const id = this.#ids();
    const isFull = event_type === "state:full";
    const version = this.board.ready ? { version: this.board.version } : {};
    const message = { type: "board_event", event_type, data: data ?? {}, id, ...version };
    const text = encode(message, isFull ? STATE_BYTES : MESSAGE_BYTES);
    const event = { event_type, data: JSON.parse(text).data, id };
    this.#outbox.add({ id, event, text });
    this.#tell(this.board.show(id, event));
    this.#count();
    this.#sender.pump();
    return id;
  }

  /** A welcome came. @param {boolean} isCurrent nothing was missed, or what was follows */
  open(isCurrent) {
    if (!isCurrent || !this.board.ready) this.sync();
    this.#sender.open();
  }

  close() {
    this.#sender.close();
    this.#desk.timers.clearTimeout(this.#asking);
  }

  /** Nothing will be sent any more. */
  forget() {
    this.close();
    for (const { id } of this.#outbox.entries) this.#outbox.remove(id);
  }

  /** Asks for the whole board, until it is here. */
  sync() {
    this.board.begin();
    this.#desk.ask();
    this.#desk.timers.clearTimeout(this.#asking);
    this.#asking = this.#desk.timers.setTimeout(() => this.sync(), ASK_AGAIN_MS * 5);
  }

  /** The server can write again. */
  recovered() {
    this.#sender.retry(0);
    if (!this.board.ready) this.sync();
  }

  /** @param {Message} update */
  update({ event_type, data, version, user_id, id }) {
    const isOwn = this.#desk.isMe(user_id) && this.#outbox.has(id);
    const isShown = this.#desk.isMe(user_id) && id !== undefined && this.board.hasPending(id);
    if (isOwn) this.#settle(id);
    this.#took(this.board.take({ version, own: isShown ? id : null, event: { event_type, data, version, user_id, id } }));
  }

  /** @param {Message} ack */
  acknowledged({ id, version, duplicate }) {
    this.#settle(id);
    if (duplicate) this.#tell(this.board.landed(id, version));
    else this.#took(this.board.take({ version, own: id ?? null, event: null }));
  }

  /** @param {Message} error about a board event or the request for the board @returns {boolean} whether it was ours */
  refused({ code, message, id, for: type, retry_after_seconds }) {
    if (type === "sync_request") return this.#askLater();
    if (!this.#outbox.has(id)) return false;
    if (PASSING.has(code)) {
      this.#sender.retry((retry_after_seconds ?? 1) * 1000);
      return true;
    }
    const entry = this.#settle(id);
    this.#tell(this.board.undo(id));
    if (entry) this.#desk.emit("rejected", { ...entry.event, id, code, message });
    return true;
  }

  /** @param {Message} conflict */
  conflicted({ id, local_version, server_version, server_state }) {
    this.#settle(id);
    this.#tell(this.board.undo(id));
    if (this.board.ready && server_version > this.board.version) this.replaced(server_version, server_state);
    this.#desk.emit("conflict", { id, local_version, server_version });
  }

  /** @param {number} version @param {unknown} state */
  replaced(version, state) {
    this.#desk.timers.clearTimeout(this.#asking);
    const changes = this.board.replaced(version, state);
    if (changes === "hole") this.#askLater();
    else for (const change of changes) this.#tell(change);
  }

  #askLater() {
    this.#desk.timers.clearTimeout(this.#asking);
    this.board.begin();
    this.#asking = this.#desk.timers.setTimeout(() => this.sync(), ASK_AGAIN_MS);
    return true;
  }

  /** @param {unknown} id */
  #settle(id) {
    const entry = this.#outbox.remove(id);
    if (entry) this.#count();
    return entry;
  }

  /** @param {BoardChange | "hole" | null} taken */
  #took(taken) {
    if (taken === "hole") this.sync();
    else this.#tell(taken);
  }

  /** @param {BoardChange | null} change */
  #tell(change) {
    if (change) this.#desk.emit("board", change);
  }

  #count() {
    this.#desk.emit("pending", { pending: this.pending });
  }
}

/**
 * Ids that no other tab makes, and that sort in the order in which they were made.
 * @param {number} now
 * @param {() => number} random
 */
function idsOf(now, random) {
  const began = Math.floor(now).toString(36).padStart(9, "0");
  const mark = Math.floor(random() * 36 ** 8).toString(36).padStart(8, "0");
  let count = 0;
  return () => `${began}.${mark}.${String((count += 1)).padStart(7, "0")}`;
}
