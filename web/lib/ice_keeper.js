/**
 * Keeps the servers for calls good: their TURN names end with time (`<unix seconds>:<user>`), and a call that begins, or
 * looks for another way, after that would have none. Each welcome brings new ones; between two, they are asked for.
 * @module
 */

/** @typedef {import("./types.js").Timers} Timers */

/** So long before the end the next are asked for, and so long it is until they are asked for again. */
export const MARGIN_MS = 300_000;
export const ASK_AGAIN_MS = 60_000;
const LONGEST_TIMER_MS = 3_600_000;

/**
 * When the first of the names ends; one that does not say, ends never.
 * @param {{username?: string}[]} servers
 * @returns {number} milliseconds since 1970
 */
export function endOf(servers) {
  const ends = servers.map(({ username }) => /^(\d+):/.exec(username ?? "")?.[1]);
  return Math.min(...ends.map((end) => (end === undefined ? Infinity : Number(end) * 1000)), Infinity);
}

export class IceKeeper {
  /** @type {any} */
  #timer = null;
  /** How often watching began or ended: who was asked before that is answered too late. */
  #turn = 0;
  #refresh;
  #timers;
  #room;

  /**
   * @param {(() => Promise<any[]>) | null} refresh gets them from the platform
   * @param {Timers} timers
   * @param {{now: () => number, servers: () => any[], take: (servers: any[]) => void}} room the server's clock, those there
   *   are, and what becomes of new ones
   */
  constructor(refresh, timers, room) {
    this.#refresh = refresh;
    this.#timers = timers;
    this.#room = room;
  }

  /** From now on, asks for the next when they are due, and again until they are here. */
  watch() {
    this.stop();
    const end = endOf(this.#room.servers());
    if (this.#refresh === null || end === Infinity) return;
    const waitMs = end - MARGIN_MS - this.#room.now();
    if (waitMs > 0) this.#wait(Math.min(LONGEST_TIMER_MS, waitMs));
    else void this.#renew();
  }

  stop() {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#turn += 1;
  }

  /** @param {number} ms */
  #wait(ms) {
    this.#timer = this.#timers.setTimeout(() => this.watch(), ms);
  }

  async #renew() {
    const turn = this.#turn;
    const servers = await this.#ask();
    if (turn !== this.#turn) return; // a welcome brought some meanwhile, or it is over
    if (servers) this.#room.take(servers);
    this.#wait(ASK_AGAIN_MS);
  }

  async #ask() {
    try {
      return await this.#refresh?.();
    } catch {
      return null; // asked again: until then the old ones have to do
    }
  }
}
