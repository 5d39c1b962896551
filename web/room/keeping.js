/**
 * What the browser keeps of one's choices. Where it may keep nothing (a person can forbid it, and then even asking throws),
 * they hold until the page is left.
 * @module
 */

/** @typedef {import("../lib/types.js").KeyValueStorage} KeyValueStorage */

/** @implements {KeyValueStorage} */
class Memory {
  /** @type {Map<string, string>} */
  #kept = new Map();

  get length() {
    return this.#kept.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this.#kept.keys()][index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this.#kept.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    this.#kept.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.#kept.delete(key);
  }
}

/** @param {"localStorage" | "sessionStorage"} name @returns {KeyValueStorage} */
function storage(name) {
  try {
    return globalThis[name] ?? new Memory();
  } catch {
    return new Memory(); // forbidden
  }
}

export const forEver = storage("localStorage");
export const forThisTab = storage("sessionStorage");
