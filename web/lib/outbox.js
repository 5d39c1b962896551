/**
 * One's own board events until the server acknowledges them. They leave in order, and again in order after a
 * reconnect; the server applies each id once. Pure but for the storage it is given.
 * @module
 */

/** @typedef {import("./types.js").BoardEvent} BoardEvent */
/** @typedef {import("./types.js").KeyValueStorage} KeyValueStorage */
/** @typedef {{id: string, event: BoardEvent, text: string}} Entry `text` is the message as it is sent. */

/** The entries in storage, one under each key, so that a stroke more costs a stroke. */
class Shelf {
  #storage;
  #prefix;

  /** @param {KeyValueStorage} storage @param {string} prefix */
  constructor(storage, prefix) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /** In the order of their keys. @returns {Entry[]} */
  load() {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    const mine = keys.filter((key) => key.startsWith(this.#prefix)).sort();
    return mine.flatMap((key) => {
      const entry = parse(this.#storage.getItem(key));
      return entry ? [entry] : [];
    });
  }

  /** @param {Entry} entry */
  put(entry) {
    try {
      this.#storage.setItem(this.#prefix + entry.id, JSON.stringify(entry));
    } catch {
      return; // full or forbidden: it is kept in memory all the same, and only a reload would lose it
    }
  }

  /** @param {string} id */
  remove(id) {
    this.#storage.removeItem(this.#prefix + id);
  }
}

/** @param {string | null} text @returns {Entry | null} */
function parse(text) {
  try {
    const entry = JSON.parse(text ?? "null");
    return typeof entry?.id === "string" && typeof entry.text === "string" && entry.event ? entry : null;
  } catch {
    return null; // not ours
  }
}

export class Outbox {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Set<string>} */
  #sent = new Set();
  /** @type {Shelf | null} */
  #shelf;

  /** @param {KeyValueStorage | null} storage @param {string} prefix of this person's events in this session */
  constructor(storage, prefix) {
    this.#shelf = storage && new Shelf(storage, prefix);
    for (const entry of this.#shelf?.load() ?? []) this.#entries.set(entry.id, entry);
  }

  /** How many the server has not acknowledged. */
  get size() {
    return this.#entries.size;
  }

  /** @returns {Entry[]} in order */
  get entries() {
    return [...this.#entries.values()];
  }

  /** @param {unknown} id */
  has(id) {
    return typeof id === "string" && this.#entries.has(id);
  }

  /** @param {Entry} entry */
  add(entry) {
    this.#entries.set(entry.id, entry);
    this.#shelf?.put(entry);
  }

  /** The next to send. @returns {Entry | null} */
  next() {
    for (const entry of this.#entries.values()) if (!this.#sent.has(entry.id)) return entry;
    return null;
  }

  /** @param {string} id */
  sent(id) {
    this.#sent.add(id);
  }

  /** All that is here goes again: on a new connection, or after a refusal that passes. */
  again() {
    this.#sent.clear();
  }

  /** It was acknowledged, or refused for good. @param {unknown} id @returns {Entry | null} */
  remove(id) {
    const entry = typeof id === "string" ? this.#entries.get(id) : undefined;
    if (!entry) return null;
    this.#entries.delete(entry.id);
    this.#sent.delete(entry.id);
    this.#shelf?.remove(entry.id);
    return entry;
  }
}
