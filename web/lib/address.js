/**
 * Where the sockets are: one of several servers, the next of them at each attempt. Pure.
 * @module
 */

export class Address {
  #bases;
  #path;
  #attempts = 0;

  /** @param {string[]} urls `https://host` or `wss://host` @param {string} session uuid */
  constructor(urls, session) {
    this.#bases = urls.map((url) => url.replace(/^http/, "ws").replace(/\/+$/, ""));
    this.#path = `/ws/classroom/${encodeURIComponent(session)}/`;
  }

  /** @param {string} query @returns {string} */
  next(query) {
    const base = this.#bases[this.#attempts % this.#bases.length];
    this.#attempts += 1;
    return base + this.#path + query;
  }
}
