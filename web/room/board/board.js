/**
 * The board of the lesson: what is drawn here goes to everybody, what others draw appears.
 * @module
 */

import { h } from "../dom.js";
import { confirm, note, problemText, tell } from "../feedback.js";
import { t } from "../i18n.js";
import { Gestures } from "./gestures.js";
import { adding, History, isAnotherBoard } from "./history.js";
import { letterOf, onSingleKeys, singleKeysAreOn } from "./keys.js";
import { showShortcuts } from "./shortcuts.js";
import { Surface } from "./surface.js";
import { COLOURS, SIZES, Toolbar } from "./toolbar.js";
import { toolOfKey, TOOLS } from "./tools.js";
import { drawingWith, Trails } from "./trails.js";
import { writeOn } from "./writing.js";

const PAGE = Math.random().toString(36).slice(2, 8); // two windows of one person never make the same id

/** @typedef {import("../../lib/types.js").BoardChange} BoardChange */
/** @typedef {import("./elements.js").Point} Point */

export class BoardView {
  #client;
  #surface;
  #toolbar;
  #trails;
  #history;
  #gestures;
  /** @type {import("./tools.js").Settings} */
  #settings = { tool: "pen", colour: COLOURS.ink, size: SIZES[1] };
  #count = 0;
  #refusedAt = 0;

  /** @param {import("../../client.js").Client} client */
  constructor(client) {
    this.#client = client;
    this.#surface = new Surface(client.board, () => this.#viewChanged());
    this.#history = new History((type, data) => this.#draw(type, data), () => this.update());
    this.#trails = new Trails(this.#surface, (id) => client.participants.get(String(id))?.name ?? "");
    this.#gestures = new Gestures(this.#surface, {
      begin: () => this.#begin(),
      hover: (point, isDrawing) => this.#hover(point, isDrawing),
      mayDraw: () => this.mayDraw,
    });
    this.#toolbar = new Toolbar(this.#settings, this.#actions(), () => this.update());
    this.#surface.element.append(this.#trails.element);
    this.element = h(
      "section",
      { class: "board", "aria-label": t("board.title") },
      this.#surface.element,
      this.#toolbar.element,
      this.#toolbar.view,
    );
    this.#listen();
    this.update();
  }

  /** The lesson is over: nothing is listened to any more. */
  close() {
    this.#gestures.close();
  }

  /** Whether this person may draw now. */
  get mayDraw() {
    const isPaused = this.#client.session?.status === "paused" && this.#client.role !== "host";
    return this.#client.may("can_draw") && !isPaused && this.#client.ended === null;
  }

  /** Shows what may be done now. */
  update() {
    this.#toolbar.update({
      may: (permission) => this.mayDraw && this.#client.may(permission),
      canUndo: this.mayDraw && this.#history.canUndo,
      canRedo: this.mayDraw && this.#history.canRedo,
    });
    this.#surface.element.dataset.tool = this.#settings.tool;
  }

  /** A key was pressed outside of any field; whether it was for the board. @param {KeyboardEvent} event */
  key(event) {
    const key = letterOf(event);
    if (event.ctrlKey || event.metaKey) return this.#command(key, event.shiftKey);
    if (event.altKey) return false;
    if (event.target === this.#surface.element && this.#surface.key(key)) return true;
    if (!singleKeysAreOn()) return false;
    const tool = toolOfKey(key);
    if (key === "?") showShortcuts();
    else if (tool === undefined) return false;
    else {
      this.#toolbar.take(tool);
      this.update();
    }
    return true;
  }

  /** @param {string} key with Ctrl @param {boolean} isShifted */
  #command(key, isShifted) {
    const isRedo = key === "y" || (key === "z" && isShifted);
    if (!isRedo && key !== "z") return false;
    if (this.mayDraw) isRedo ? this.#history.redo() : this.#history.undo();
    return true;
  }

  #actions() {
    return {
      undo: () => this.#history.undo(),
      redo: () => this.#history.redo(),
      clear: () => this.#clear(),
      fit: () => this.#surface.fitContent(),
      zoom: (/** @type {number} */ factor) => this.#surface.zoom(factor),
    };
  }

  #listen() {
    const client = this.#client;
    client.on("board", (change) => this.#changed(change));
    client.on("pointer", (pointer) => this.#trails.move(pointer));
    client.on("peer_left", ({ user_id }) => this.#trails.forget(user_id));
    client.on("permissions", () => this.update());
    client.on("session", () => this.update());
    client.on("rejected", (refused) => this.#rejected(refused));
    onSingleKeys(() => this.#toolbar.showKeys());
  }

  /** @param {BoardChange} changed */
  #changed(changed) {
    const { change, event, own } = changed;
    if (change === "confirmed" && this.#client.pending === 0) return;
    if (!own && event?.user_id !== undefined) this.#trails.finished(event.user_id);
    if (isAnotherBoard(changed)) this.#history.forget();
    this.#surface.repaint();
  }

  /** @param {string} type @param {any} data */
  #draw(type, data) {
    try {
      this.#client.draw(type, data);
    } catch (problem) {
      note(problemText(problem), "problem");
    }
  }

  #begin() {
    const { Gesture, permission } = TOOLS[this.#settings.tool];
    if (Gesture === null || permission === null) return null;
    if (!this.mayDraw || !this.#client.may(permission)) return null;
    return new Gesture({
      surface: this.#surface,
      history: this.#history,
      settings: this.#settings,
      state: () => this.#client.board.state(),
      write: (point) => this.#write(point),
      newId: () => this.#newId(),
    });
  }

  /** @param {Point} point */
  #write(point) {
    writeOn(this.#surface, point, this.#settings, (element) => {
      this.#history.act(adding("objects", { id: this.#newId(), ...element }));
    });
  }

  /** @param {Point} point @param {boolean} isDrawing */
  #hover(point, isDrawing) {
    const { tool, colour } = this.#settings;
    const shown = isDrawing && (tool === "pen" || tool === "highlighter") ? drawingWith(tool) : tool;
    this.#client.pointer(Math.round(point.x * 10) / 10, Math.round(point.y * 10) / 10, { tool: shown, color: colour });
  }

  async #clear() {
    const question = { title: t("clear.title"), text: t("clear.text"), action: t("board.clear") };
    if (await confirm(question)) this.#draw("board_clear", {});
  }

  #viewChanged() {
    this.#toolbar.showZoom(this.#surface.viewport.scale);
    this.#trails.viewChanged();
  }

  /** One word for a whole burst of refusals. @param {import("../../lib/types.js").ClientEvents["rejected"]} refused */
  #rejected(refused) {
    if (performance.now() - this.#refusedAt > 3_000) void tell(() => Promise.reject(refused));
    this.#refusedAt = performance.now();
  }

  #newId() {
    this.#count += 1;
    return `${PAGE}-${Date.now().toString(36)}-${this.#count}`;
  }
}
