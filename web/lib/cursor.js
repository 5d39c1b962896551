/**
 * Where this client is in the session's one sequence of broadcasts: what to resume from, and what it has seen. Pure.
 * @module
 */

/** @typedef {import("./types.js").Message} Message */

/** The position `(epoch, seq)`. */
export class Cursor {
  /** @type {string | null} */
  #epoch = null;
  #seq = 0;
  /** The welcome's own position: what comes up to it is older than the state in the welcome. */
  #welcome = 0;
  #missed = 0;

  /** The number of the last broadcast that was seen. */
  get seq() {
    return this.#seq;
  }

  /** Some of what was missed has yet to come. */
  get isBehind() {
    return this.#missed > 0;
  }

  /** The query to resume with; empty at the very first. */
  get query() {
    return this.#epoch === null ? "" : `?since=${this.#seq}&epoch=${encodeURIComponent(this.#epoch)}`;
  }

  /**
   * After a recovery the missed broadcasts follow, so the position moves on with them.
   * @param {Message} welcome
   */
  welcome(welcome) {
    this.#epoch = welcome.epoch;
    this.#welcome = welcome.seq;
    this.#missed = welcome.recovered ? welcome.missed : 0;
    if (!welcome.recovered || this.#missed === 0) this.#seq = welcome.seq;
  }

  /**
   * Steps over a message.
   * @param {Message} message
   * @returns {"new" | "replayed" | "seen"} replayed: new here, but older than the welcome's state
   */
  take(message) {
    const seq = typeof message.seq === "number" ? message.seq : null;
    const isSeen = seq !== null && seq <= this.#seq;
    const isReplayed = this.#missed > 0;
    if (seq !== null && !isSeen) this.#seq = seq;
    if (this.#missed > 0) {
      this.#missed -= 1;
      if (this.#missed === 0) this.#seq = Math.max(this.#seq, this.#welcome);
    }
    return isSeen ? "seen" : isReplayed ? "replayed" : "new";
  }
}
