/**
 * The kept states of the board: to look at, to restore, to take away as a file.
 * @module
 */

import { isAnotherBoard } from "../board/history.js";
import { contentBox } from "../board/hit.js";
import { paperColour } from "../board/paper.js";
import { drawBoard, stackOf } from "../board/stack.js";
import { SHEET, Viewport } from "../board/viewport.js";
import { contextOf, h, icon } from "../dom.js";
import { confirm, note, tell } from "../feedback.js";
import { dateTime, t } from "../i18n.js";

const SHOWN = 30;
const SIZE = { width: 152, height: 95 };
const RATIO = 2;

/** @typedef {import("../../api.js").Api} Api */
/** @typedef {import("../../api.js").ExportFormat} ExportFormat */
/** @typedef {import("../../api.js").Snapshot} Snapshot */

/** @type {ExportFormat[]} */
const FORMATS = ["png", "svg", "json"];

export class SnapshotsPanel {
  #list = h("ul", { class: "snapshots" });
  #empty = h("p", { class: "hint" }, t("snapshots.none"));
  #save = h("button", { type: "button", class: "button", onclick: () => this.#saveNow() }, icon("save"), t("snapshots.save"));
  #export;
  #client;
  #api;
  #uuid;
  #isShown = false;
  /** A picture is drawn when it is seen: each takes the whole board. @type {Map<Element, number>} */
  #undrawn = new Map();
  #observer = new IntersectionObserver((entries) => entries.forEach((entry) => entry.isIntersecting && this.#seen(entry.target)));
  /** A kept board never changes, and its picture is asked for once. @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /** @param {import("../../client.js").Client} client @param {Api} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#api = api;
    this.#uuid = uuid;
    const buttons = FORMATS.map((format) =>
      h("button", { type: "button", class: "button quiet", onclick: () => this.#download(format) }, format.toUpperCase()),
    );
    this.#export = h("div", { class: "export", role: "group", "aria-label": t("snapshots.export") }, h("span", {}, icon("export"), t("snapshots.export")), ...buttons);
    this.element = h("div", {}, h("div", { class: "snapshot-actions" }, this.#save, this.#export), this.#list, this.#empty);
    client.on("board", (change) => change.change !== "local" && isAnotherBoard(change) && this.#isShown && void this.refresh());
    client.on("permissions", () => this.#update());
    this.#update();
  }

  /** The panel is opened, or closed. */
  set isShown(/** @type {boolean} */ isShown) {
    this.#isShown = isShown;
    if (isShown) void this.refresh();
  }

  /** Asks for what is kept. */
  async refresh() {
    const answer = await tell(() => this.#api.snapshots(this.#uuid));
    if (!answer) return;
    const newest = answer.snapshots.slice(0, SHOWN);
    this.#rows = new Map(newest.map((snapshot) => this.#entry(snapshot)));
    this.#list.replaceChildren(...this.#rows.values());
    this.#empty.hidden = newest.length > 0;
    this.#update();
  }

  #update() {
    this.#save.disabled = !this.#client.may("can_draw");
    this.#export.hidden = !this.#client.may("can_export");
    for (const button of this.#list.querySelectorAll("button")) button.hidden = !this.#client.may("can_clear_board");
  }

  /** @param {Snapshot} snapshot @returns {[string, HTMLElement]} */
  #entry(snapshot) {
    const key = `${snapshot.version} ${snapshot.created_at}`;
    return [key, this.#rows.get(key) ?? this.#row(snapshot)];
  }

  /** @param {Snapshot} snapshot */
  #row(snapshot) {
    const label = t("snapshots.picture", { version: snapshot.version });
    const picture = h("canvas", { width: SIZE.width * RATIO, height: SIZE.height * RATIO, role: "img", "aria-label": label });
    this.#undrawn.set(picture, snapshot.version);
    this.#observer.observe(picture);
    const restore = () => this.#restore(snapshot.version);
    const by = snapshot.created_by?.name ?? "";
    return h(
      "li",
      {},
      picture,
      h("div", {}, h("strong", {}, t(`snapshots.${snapshot.snapshot_type}`)), h("span", {}, dateTime(snapshot.created_at)), h("span", {}, by)),
      h("button", { type: "button", class: "button quiet", onclick: restore, "aria-label": t("snapshots.restore_version", { version: snapshot.version }) }, icon("restore"), t("snapshots.restore")),
    );
  }

  /** @param {Element} picture */
  #seen(picture) {
    const version = this.#undrawn.get(picture);
    this.#observer.unobserve(picture);
    this.#undrawn.delete(picture);
    if (version !== undefined) void this.#draw(/** @type {HTMLCanvasElement} */ (picture), version);
  }

  /** @param {HTMLCanvasElement} canvas @param {number} version */
  async #draw(canvas, version) {
    const found = await tell(() => this.#api.snapshot(this.#uuid, version));
    if (!found) return;
    const state = found.board_state;
    const viewport = new Viewport();
    viewport.resize(SIZE.width, SIZE.height);
    viewport.fit(contentBox(stackOf(state).elements) ?? SHEET);
    canvas.style.backgroundColor = paperColour(state.background);
    const context = contextOf(canvas);
    viewport.applyTo(context, RATIO);
    drawBoard(context, state);
  }

  /** @param {ExportFormat} format */
  async #download(format) {
    const done = await saveBoard(this.#api, this.#uuid, format);
    if (done) void this.#api.logEvent(this.#uuid, "export_board", { format }).catch(() => undefined); // for statistics only
  }

  async #saveNow() {
    const saved = await tell(() => this.#api.save(this.#uuid));
    if (!saved) return;
    note(t("snapshots.saved"));
    await this.refresh();
  }

  /** @param {number} version */
  async #restore(version) {
    const question = { title: t("restore.title"), text: t("restore.text"), action: t("snapshots.restore"), danger: false };
    if (!(await confirm(question))) return;
    if (await tell(() => this.#api.restore(this.#uuid, version))) note(t("snapshots.restored"));
  }
}

/** Saves the board as a file on this person's device; whether it was had. @param {Api} api @param {string} uuid @param {ExportFormat} format */
export async function saveBoard(api, uuid, format) {
  const file = await tell(() => api.exportBoard(uuid, format));
  if (!file) return false;
  const url = URL.createObjectURL(file.blob);
  h("a", { href: url, download: file.filename }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return true;
}
