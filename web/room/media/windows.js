/**
 * Of a person's windows in a lesson one speaks and hears: the last one that came, or that switched something on. It tells
 * the others, over the server, and tells them when it goes; one that cannot do that any more is missed by whoever calls
 * in vain.
 * @module
 */

/** @typedef {import("../../lib/types.js").ClientEvents["signal"]} Signal */

/** So often somebody calls before a window that does not speak answers. */
const KNOCKS = 2;

export class Windows {
  /** Whether another window of this person speaks. */
  isElsewhere = false;
  /** How often somebody called while another one spoke. @type {Map<string, number>} */
  #knocks = new Map();
  #client;
  #name;
  #onChange;

  /**
   * @param {Pick<import("../../client.js").Client, "signal" | "userId">} client
   * @param {string} name of this window
   * @param {(isElsewhere: boolean) => void} onChange
   */
  constructor(client, name, onChange) {
    this.#client = client;
    this.#name = name;
    this.#onChange = onChange;
  }

  /** This one speaks from now on. */
  speak() {
    this.#tell("speaks");
    this.#become(false);
  }

  /** This one is closed. */
  go() {
    if (!this.isElsewhere) this.#tell("goes");
  }

  /** Takes what another window of this person says. @param {Signal} signal */
  take({ window, what }) {
    if (window === undefined || window === this.#name) return;
    if (what === "speaks") this.#become(true);
    if (what === "goes") this.#become(false);
  }

  /** Whether somebody's signal is for the window that speaks, as long as that answers. @param {Signal} signal */
  isForAnother({ kind, from_user_id }) {
    if (!this.isElsewhere || kind !== "offer") return this.isElsewhere;
    const knocks = (this.#knocks.get(String(from_user_id)) ?? 0) + 1;
    this.#knocks.set(String(from_user_id), knocks);
    if (knocks >= KNOCKS) this.#become(false);
    return this.isElsewhere;
  }

  /** @param {boolean} isElsewhere */
  #become(isElsewhere) {
    if (this.isElsewhere === isElsewhere) return;
    this.isElsewhere = isElsewhere;
    this.#knocks.clear();
    this.#onChange(isElsewhere);
  }

  /** @param {"speaks" | "goes"} what */
  #tell(what) {
    const { userId } = this.#client;
    if (userId !== null) this.#client.signal("ice_candidate", userId, { window: this.#name, what });
  }
}
