/**
 * The lesson itself: header, board, tiles, controls and panels around one live client.
 * @module
 */

import { announce } from "./announcements.js";
import { Banner, bannerFor } from "./banner.js";
import { BoardView } from "./board/board.js";
import { h } from "./dom.js";
import { note, tell } from "./feedback.js";
import { Header } from "./header.js";
import { hostButtons, leaveButton } from "./host.js";
import { t } from "./i18n.js";
import { Layouts } from "./layouts.js";
import { Controls, obey } from "./media/controls.js";
import { Mesh } from "./media/mesh.js";
import { Tiles } from "./media/tiles.js";
import { ActivityPanel } from "./panels/activity.js";
import { PeoplePanel } from "./panels/people.js";
import { SnapshotsPanel } from "./panels/snapshots.js";
import { Sidebar } from "./sidebar.js";
import { isHere } from "./standing.js";

/** @type {(keyof import("../lib/types.js").ClientEvents)[]} */
const NEWS = ["state", "session", "participants", "permissions", "read_only", "pending", "ready"];
const FIELDS = "input, textarea, select, [contenteditable]";

/**
 * @typedef {object} Lesson
 * @property {import("../client.js").Client} client
 * @property {import("../api.js").Api} api
 * @property {string} uuid
 * @property {import("./media/local.js").LocalMedia} local
 */

export class Room {
  #lesson;
  #board;
  #tiles;
  #header;
  #banner;
  #mesh;
  #host;
  #sidebar;
  #takeBack = () => {};
  #leaving = () => this.#mesh.close();
  #keys = (/** @type {KeyboardEvent} */ event) => this.#key(event);

  /** @param {Lesson} lesson */
  constructor(lesson) {
    const { client, api, uuid, local } = lesson;
    this.#lesson = lesson;
    this.element = h("div", { class: "room" });
    const panels = {
      people: new PeoplePanel(client, api, uuid),
      snapshots: new SnapshotsPanel(client, api, uuid),
      activity: new ActivityPanel(client, api, uuid),
    };
    const layouts = new Layouts(this.element, (layout) => this.#log("layout_change", { layout }));
    obey(client, local); // before anybody is sent anything
    this.#board = new BoardView(client);
    this.#tiles = new Tiles(client, local);
    this.#mesh = new Mesh(client, local, () => this.#tiles.update());
    this.#sidebar = new Sidebar(panels);
    this.#header = new Header(client, [layouts.element, this.#sidebar.buttons]);
    this.#host = hostButtons(lesson);
    const controls = new Controls(client, local, [...this.#host.elements, leaveButton(lesson)]);
    this.#mesh.onElsewhere = (isElsewhere) => this.#speakElsewhere(isElsewhere, controls);
    this.#banner = new Banner({
      retry: () => client.reconnect(),
      start: () => void tell(() => api.start(uuid)),
      resume: () => void tell(() => api.resume(uuid)),
    });
    this.#compose(controls);
    this.#listen();
    this.#tiles.showStreamsOf(this.#mesh);
    controls.announce();
    this.update();
  }

  /** Takes everything down: the lesson is over for this person. */
  close() {
    removeEventListener("keydown", this.#keys);
    removeEventListener("pagehide", this.#leaving);
    this.#header.close();
    this.#board.close();
    this.#mesh.close();
    this.#lesson.local.stop();
    this.element.remove();
  }

  /** Shows what holds now. */
  update() {
    const { client } = this.#lesson;
    if (client.state === "ended") return; // another screen is shown
    this.#header.update();
    this.#host.update();
    this.#board.update();
    this.#banner.show(
      bannerFor({
        state: client.state,
        readOnly: client.readOnly,
        status: client.session?.status,
        role: client.role,
        mayDraw: client.may("can_draw"),
        host: client.session?.host.name ?? "",
        pending: client.pending,
      }),
    );
    const here = [...client.participants.values()].filter(isHere);
    this.#sidebar.count(here.length, here.filter((person) => person.hand_raised).length);
  }

  /** @param {Controls} controls */
  #compose(controls) {
    const stage = h("div", { class: "stage" }, this.#board.element, this.#tiles.element);
    const main = h("main", {}, stage, this.#sidebar.element);
    this.element.append(this.#header.element, this.#banner.element, main, h("footer", {}, controls.element));
  }

  #listen() {
    const { client } = this.#lesson;
    for (const type of NEWS) client.on(type, () => this.update());
    announce(client, note);
    addEventListener("keydown", this.#keys);
    addEventListener("pagehide", this.#leaving);
  }

  /** Another window of this person's has camera and microphone, or this one again. @param {boolean} isElsewhere @param {Controls} controls */
  #speakElsewhere(isElsewhere, controls) {
    this.#takeBack();
    if (!isElsewhere) return controls.announce();
    this.#lesson.local.stop(); // without a word to the server: what is on is the other window's business now
    this.#takeBack = note(t("note.elsewhere"), "lasting");
    controls.update();
    this.#tiles.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.target instanceof Element && event.target.closest(FIELDS)) return;
    if (document.querySelector("dialog[open]")) return;
    if (this.#board.key(event)) event.preventDefault();
  }

  /** @param {string} type @param {Record<string, string>} data */
  #log(type, data) {
    const { api, uuid } = this.#lesson;
    void api.logEvent(uuid, type, data).catch(() => undefined); // for statistics only: not worth a word
  }
}
