/**
 * The kept states of the board: to look at, to restore, to take away as a file.
 * @module
 */

import { contentBox } from "../board/hit.js";
import { drawBoard } from "../board/stack.js";
import { Viewport } from "../board/viewport.js";
import { h, icon } from "../dom.js";
import { confirm, note, tell } from "../feedback.js";
import { dateTime, t } from "../i18n.js";

const FORMATS = ["png", "svg", "json"];
const SHOWN = 30;
const SIZE = [152, 95];

export class SnapshotsPanel {
  #list = h("ul", { class: "snapshots" });
  #empty = h("p", { class: "hint" }, t("snapshots.none"));
  #save = h("button", { type: "button", class: "button", onclick: () => this.#saveNow() }, icon("save"), t("snapshots.save"));
  #export;
  #client;
  #api;
  #uuid;
  #isShown = false;

  /** @param {import("../../client.js").Client} client @param {any} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#api = api;
    this.#uuid = uuid;
    const buttons = FORMATS.map((format) =>
      h("button", { type: "button", class: "button quiet", onclick: () => this.#download(format) }, format.toUpperCase()),
    );
    this.#export = h("div", { class: "export", role: "group", "aria-label": t("snapshots.export") }, h("span", {}, icon("export"), t("snapshots.export")), ...buttons);
    this.element = h("div", {}, h("div", { class: "snapshot-actions" }, this.#save, this.#export), this.#list, this.#empty);
    client.on("board", ({ change }) => change === "replaced" && this.#isShown && void this.refresh());
    client.on("permissions", () => this.#update());
    this.#update();
  }

  /** The panel is opened, or closed. */
  set isShown(isShown) {
    this.#isShown = isShown;
    if (isShown) void this.refresh();
  }

  /** Asks for what is kept. */
  async refresh() {
    const answer = await tell(() => this.#api.snapshots(this.#uuid));
    if (!answer) return;
    const newest = answer.snapshots.slice(0, SHOWN);
    this.#list.replaceChildren(...newest.map((snapshot) => this.#row(snapshot)));
    this.#empty.hidden = newest.length > 0;
    this.#update();
  }

  #update() {
    this.#save.disabled = !this.#client.may("can_draw");
    this.#export.hidden = !this.#client.may("can_export");
    for (const button of this.#list.querySelectorAll("button")) button.hidden = !this.#client.may("can_clear_board");
  }

  #row(snapshot) {
    const picture = h("canvas", { width: SIZE[0] * 2, height: SIZE[1] * 2, role: "img", "aria-label": t("snapshots.picture", { version: snapshot.version }) });
    void this.#draw(picture, snapshot.version);
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

  async #draw(canvas, version) {
    const found = await tell(() => this.#api.snapshot(this.#uuid, version));
    if (!found) return;
    const state = found.board_state;
    const box = contentBox([...state.strokes, ...state.objects]) ?? { left: 0, top: 0, right: 1280, bottom: 800 };
    const viewport = new Viewport();
    viewport.resize(...SIZE);
    viewport.fit(box);
    const context = canvas.getContext("2d");
    viewport.applyTo(context, 2);
    drawBoard(context, state);
  }

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

  async #restore(version) {
    const question = { title: t("restore.title"), text: t("restore.text"), action: t("snapshots.restore"), danger: false };
    if (!(await confirm(question))) return;
    if (await tell(() => this.#api.restore(this.#uuid, version))) note(t("snapshots.restored"));
  }
}

/** Saves the board as a file on this person's device; whether it was had. */
export async function saveBoard(api, uuid, format) {
  const file = await tell(() => api.exportBoard(uuid, format));
  if (!file) return false;
  const url = URL.createObjectURL(file.blob);
  h("a", { href: url, download: file.filename }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return true;
}
