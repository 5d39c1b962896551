/**
 * What the person wants switched on, and their hand: said again after a reconnect, where the server may have
 * switched it off meanwhile. Pure.
 * @module
 */

/** @typedef {import("./types.js").MediaChanges} MediaChanges */
/** @typedef {import("./types.js").MediaState} MediaState */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Participant} Participant */
/** @typedef {keyof MediaChanges} Switch */

/** @type {Switch[]} */
const SWITCHES = ["video_enabled", "audio_enabled", "screen_sharing"];

export class Wishes {
  /** @type {MediaChanges} */
  #media = {};
  /** @type {boolean | null} */
  #hand = null;

  /** @param {MediaChanges} changes @returns {Message} */
  wantMedia(changes) {
    this.#media = { ...this.#media, ...changes };
    return { type: "media_state", ...changes };
  }

  /** @param {boolean} raised @returns {Message} */
  wantHand(raised) {
    this.#hand = raised;
    return { type: "raise_hand", raised };
  }

  /** The server's word, which may come from another tab of the same person, is what is wanted from now on. @param {MediaState} state */
  mediaIs(state) {
    for (const name of SWITCHES) if (name in this.#media) this.#media[name] = state[name];
  }

  /** @param {boolean} raised */
  handIs(raised) {
    if (this.#hand !== null) this.#hand = raised;
  }

  /** It was refused, and is not asked for again. @param {string | null} type of the message */
  refused(type) {
    if (type === "media_state") this.#media = {};
    if (type === "raise_hand") this.#hand = null;
  }

  /**
   * What has to be said so that the server has it as it is wanted.
   * @param {MediaState | undefined} media as the server has it
   * @param {Participant | undefined} me
   * @returns {Message[]}
   */
  missing(media, me) {
    /** @type {MediaChanges} */
    const changes = {};
    for (const name of SWITCHES) {
      if (name in this.#media && this.#media[name] !== (media?.[name] ?? false)) changes[name] = this.#media[name];
    }
    /** @type {Message[]} */
    const messages = Object.keys(changes).length > 0 ? [{ type: "media_state", ...changes }] : [];
    const isUp = me?.hand_raised ?? false;
    return this.#hand === null || this.#hand === isUp ? messages : [...messages, { type: "raise_hand", raised: this.#hand }];
  }
}
