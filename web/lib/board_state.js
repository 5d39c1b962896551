/**
 * The state of a board, and the class that holds one while it is folded. Pure. The rules are the server's, and
 * `tests/shared/board_fold_cases.json` holds them for both.
 *
 * Ids name an element within its list: non-empty strings or numbers, compared as the text JavaScript prints for
 * them. Elements are kept in a `Map`, which, unlike an object, has no names with a meaning of their own.
 * @module
 */

/** @typedef {import("./types.js").Element} Element */
/** @typedef {import("./types.js").ListName} ListName */
/** @typedef {import("./types.js").BoardState} BoardState */
/** @typedef {Map<string | number, Element>} Elements */

/** @type {readonly ListName[]} */
export const LISTS = Object.freeze(["strokes", "objects", "assets", "layers"]);

/** Below it numbers are printed with an exponent: no id anybody would make. */
const SMALLEST_FRACTION = 1e-6;

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The text by which an element's id is compared.
 * @param {unknown} id
 * @returns {string | null} null for what cannot be an id
 */
export function elementKey(id) {
  if (typeof id === "string") return id || null;
  if (typeof id !== "number") return null;
  const size = Math.abs(id);
  return id === 0 || (size >= SMALLEST_FRACTION && size <= Number.MAX_SAFE_INTEGER) ? String(id) : null;
}

/**
 * Elements by key, in order. One without an id stays, but nothing can name it: its key is its place.
 * @param {unknown} list
 * @returns {Elements}
 */
function byKey(list) {
  /** @type {Elements} */
  const known = new Map();
  const elements = Array.isArray(list) ? list : [];
  elements.forEach((element, place) => {
    if (isObject(element)) known.set(elementKey(element.id) ?? place, element);
  });
  return known;
}

/** A board that is being folded. It shares the elements it was given, and never changes one: a merge makes a new one. */
export class Board {
  /** @type {Record<ListName, Elements>} */
  #lists;
  /** @type {any} */
  #background;

  /** @param {unknown} [state] what is no object is an empty board */
  constructor(state) {
    const whole = isObject(state) ? state : {};
    this.#background = whole.background ?? null;
    this.#lists = {
      strokes: byKey(whole.strokes),
      objects: byKey(whole.objects),
      assets: byKey(whole.assets),
      layers: byKey(whole.layers),
    };
  }

  /** @returns {Board} one that can be changed without changing this one */
  copy() {
    const copy = new Board({ background: this.#background });
    for (const name of LISTS) copy.#lists[name] = new Map(this.#lists[name]);
    return copy;
  }

  /** @returns {BoardState} in new lists */
  state() {
    return {
      strokes: this.elements("strokes"),
      objects: this.elements("objects"),
      assets: this.elements("assets"),
      layers: this.elements("layers"),
      background: this.#background,
    };
  }

  /** @param {ListName} where @returns {Element[]} */
  elements(where) {
    return [...this.#lists[where].values()];
  }

  /** @param {ListName} where @param {unknown} id @returns {Element | undefined} */
  get(where, id) {
    const key = elementKey(id);
    return key === null ? undefined : this.#lists[where].get(key);
  }

  /** Takes `state` instead of what there is. @param {unknown} state */
  replace(state) {
    const other = new Board(state);
    this.#lists = other.#lists;
    this.#background = other.#background;
  }

  /** Adds `element`, or replaces the one of its id where it stands. @param {ListName} where @param {string} key @param {Element} element */
  put(where, key, element) {
    this.#lists[where].set(key, element);
  }

  /**
   * Merges `changes` into the element, whose id stays as it was written first; an unknown one is added.
   * @param {ListName} where
   * @param {string} key
   * @param {Element} changes with the id
   */
  merge(where, key, changes) {
    const old = this.#lists[where].get(key);
    this.#lists[where].set(key, old ? { ...old, ...changes, id: old.id } : changes);
  }

  /** @param {ListName} where @param {string} key */
  remove(where, key) {
    this.#lists[where].delete(key);
  }

  /** Strokes, objects and assets go; layers and background stay. */
  clear() {
    for (const name of LISTS) if (name !== "layers") this.#lists[name] = new Map();
  }
}
