/**
 * The table of board events and the fold that turns them into a state: the server's rules, again. Pure.
 * @module
 */

import { Board, LISTS, elementKey, isObject } from "./board_state.js";

/** @typedef {import("./types.js").BoardEvent} BoardEvent */
/** @typedef {import("./types.js").BoardState} BoardState */
/** @typedef {import("./types.js").ListName} ListName */
/** @typedef {Record<string, any>} Data */
/** @typedef {(board: Board) => void} Change */
/** @typedef {(data: Data) => Change | null} Reader Answers the change to make; null where there is none to read. */
/** @typedef {"applied" | "relayed" | "pointer" | "silent" | "signalling"} Kind */
/** @typedef {{kind: Kind, permission?: string, read?: Reader}} Rule */

/**
 * Reads the element from `data[wrapper]`, or, where `bare` allows it, from `data` itself.
 * @param {ListName} where
 * @param {string} wrapper
 * @param {{bare?: boolean}} [options]
 * @returns {Reader}
 */
function put(where, wrapper, { bare = false } = {}) {
  return (data) => {
    for (const element of [data[wrapper], bare ? data : null]) {
      const key = isObject(element) ? elementKey(element.id) : null;
      if (key !== null) return (board) => board.put(where, key, element);
    }
    return null;
  };
}

/**
 * @param {Data} data
 * @param {string[]} names the first valid one counts
 * @returns {{key: string, given: any} | null}
 */
function named(data, names) {
  for (const name of names) {
    const key = elementKey(data[name]);
    if (key !== null) return { key, given: data[name] };
  }
  return null;
}

/** @param {ListName} where @param {...string} names @returns {Reader} */
function remove(where, ...names) {
  return (data) => {
    const found = named(data, names);
    return found && ((board) => board.remove(where, found.key));
  };
}

/** @type {Reader} */
function mergeObject(data) {
  const found = named(data, ["objectId", "id"]);
  const { objectId: _, changes: given, ...rest } = data;
  const changes = given ?? rest;
  if (found === null || !isObject(changes)) return null;
  return (board) => board.merge("objects", found.key, { ...changes, id: found.given });
}

/** @type {Reader} */
const clear = () => (board) => board.clear();

/** @type {Reader} */
function replace(data) {
  const { state } = data;
  if (!isObject(state)) return null;
  const isGood = LISTS.every((name) => (state[name] ?? null) === null || isListOfObjects(state[name]));
  return isGood ? (board) => board.replace(state) : null;
}

/** @param {unknown} value */
function isListOfObjects(value) {
  return Array.isArray(value) && value.every(isObject);
}

/** @param {string} permission @param {Reader} read @returns {Rule} */
function applied(permission, read) {
  return { kind: "applied", permission, read };
}

const addStroke = applied("can_draw", put("strokes", "stroke", { bare: true }));
const eraseStroke = applied("can_erase", remove("strokes", "strokeId", "id"));
const putAsset = applied("can_draw", put("assets", "asset"));
const clearBoard = applied("can_clear_board", clear);
/** @type {Rule} */
const image = { kind: "relayed", permission: "can_upload_images" };
/** @type {Rule} */
const silent = { kind: "silent" };
/** @type {Rule} */
const signalling = { kind: "signalling" };
/** @type {Rule} */
const unknown = { kind: "relayed", permission: "can_draw" };

/** Every type with a meaning of its own. @type {ReadonlyMap<string, Rule>} */
export const EVENTS = new Map([
  ["stroke:add", addStroke],
  ["stroke_add", addStroke],
  ["stroke_update", applied("can_draw", put("strokes", "stroke"))],
  ["stroke:remove", eraseStroke],
  ["stroke_delete", eraseStroke],
  ["erase_stroke", eraseStroke],
  ["asset_add", putAsset],
  ["asset_update", putAsset],
  ["asset_delete", applied("can_erase", remove("assets", "assetId"))],
  ["object:add", applied("can_draw", put("objects", "object", { bare: true }))],
  ["object:update", applied("can_draw", mergeObject)],
  ["object:remove", applied("can_erase", remove("objects", "objectId", "id"))],
  ["layer_add", applied("can_add_layers", put("layers", "layer", { bare: true }))],
  ["layer_delete", applied("can_delete_layers", remove("layers", "layerId", "id"))],
  ["canvas:clear", clearBoard],
  ["board_clear", clearBoard],
  ["clear_all", clearBoard],
  ["state:full", applied("can_clear_board", replace)],
  ["image_add", image],
  ["image_upload", image],
  ["cursor_move", { kind: "pointer" }],
  ["tool_change", silent],
  ["color_change", silent],
  ["size_change", silent],
  ["select", silent],
  ["undo", silent],
  ["redo", silent],
  ["webrtc:offer", signalling],
  ["webrtc:answer", signalling],
]);

/**
 * The rule for a type; unknown ones are relayed, get a version, and need `can_draw`.
 * @param {string} eventType
 * @returns {Rule}
 */
export function ruleOf(eventType) {
  return EVENTS.get(eventType) ?? (eventType.startsWith("webrtc:ice") ? signalling : unknown);
}

/**
 * Whether the event gets a version of the board: it is of such a type, and, where it is applied, can be.
 * @param {string} eventType
 * @param {unknown} data
 */
export function isAcceptable(eventType, data) {
  const { kind, read } = ruleOf(eventType);
  if (kind !== "applied" && kind !== "relayed") return false;
  const given = data ?? {};
  return !read || (isObject(given) && read(given) !== null);
}

/**
 * Folds one event into `board`; what changes no state, or cannot be applied, is ignored.
 * @param {Board} board
 * @param {{event_type: string, data?: any}} event
 */
export function apply(board, { event_type, data }) {
  const given = data ?? {};
  const change = isObject(given) ? ruleOf(event_type).read?.(given) : null;
  if (change) change(board);
}

/**
 * @param {unknown} state null: an empty board
 * @param {Iterable<{event_type: string, data?: any}>} events in version order
 * @returns {BoardState}
 */
export function fold(state, events) {
  const board = new Board(state);
  for (const event of events) apply(board, event);
  return board.state();
}
