/**
 * The lesson itself: header, board, tiles, controls and panels around one live client.
 * @module
 */

import { Banner, bannerFor } from "./banner.js";
import { BoardView } from "./board/board.js";
import { h } from "./dom.js";
import { note, tell } from "./feedback.js";
import { Header } from "./header.js";
import { hostButtons, leaveButton } from "./host.js";
import { t } from "./i18n.js";
import { Layouts } from "./layouts.js";
import { Controls } from "./media/controls.js";
import { Mesh } from "./media/mesh.js";
import { Tiles } from "./media/tiles.js";
import { ActivityPanel } from "./panels/activity.js";
import { PeoplePanel } from "./panels/people.js";
import { SnapshotsPanel } from "./panels/snapshots.js";
import { Sidebar } from "./sidebar.js";

const FIELDS = "input, textarea, select, [contenteditable]";

/**
 * @typedef {object} Lesson
 * @property {import("../client.js").Client} client
 * @property {any} api
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
  #keys = (event) => this.#key(event);

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
    this.#board = new BoardView(client);
    this.#tiles = new Tiles(client, local);
    this.#mesh = new Mesh(client, local, () => this.#tiles.update());
    this.#sidebar = new Sidebar(panels);
    this.#header = new Header(client, [layouts.element, this.#sidebar.buttons]);
    this.#host = hostButtons(lesson);
    const controls = new Controls(client, local, [...this.#host.elements, leaveButton(lesson)]);
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
    this.#header.close();
    this.#board.close();
    this.#mesh.close();
    this.#lesson.local.stop();
    this.element.remove();
  }

  /** Shows what holds now. */
  update() {
    const { client } = this.#lesson;
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
    this.#sidebar.count(...this.#counts());
  }

  #counts() {
    const people = [...this.#lesson.client.participants.values()];
    const here = people.filter((person) => person.status === "connected" || person.status === "reconnecting");
    return [here.length, here.filter((person) => person.hand_raised).length];
  }

  #compose(controls) {
    const stage = h("div", { class: "stage" }, this.#board.element, this.#tiles.element);
    const main = h("main", {}, stage, this.#sidebar.element);
    this.element.append(this.#header.element, this.#banner.element, main, h("footer", {}, controls.element));
  }

  #listen() {
    const { client } = this.#lesson;
    for (const type of ["state", "session", "participants", "permissions", "read_only", "pending", "ready"]) client.on(type, () => this.update());
    client.on("participant_joined", ({ participant }) => note(t("note.joined", { name: participant.name })));
    client.on("participant_left", ({ user_id, reason }) => this.#saidGoodbye(user_id, reason));
    client.on("participant_updated", ({ participant }) => this.#handNote(participant));
    client.on("permissions", () => note(t("note.permissions")));
    addEventListener("keydown", this.#keys);
  }

  #raised = new Set();

  #handNote(person) {
    const key = String(person.user_id);
    const wasRaised = this.#raised.has(key);
    if (!person.hand_raised) this.#raised.delete(key);
    else if (!wasRaised) {
      this.#raised.add(key);
      if (key !== String(this.#lesson.client.userId)) note(t("note.hand", { name: person.name }));
    }
  }

  #saidGoodbye(userId, reason) {
    const name = this.#lesson.client.session?.participants.find((person) => String(person.user_id) === String(userId))?.name;
    if (name) note(t(`note.left.${reason}`, { name }));
  }

  #key(event) {
    if (event.target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    if (this.#board.key(event)) event.preventDefault();
  }

  #log(type, data) {
    const { api, uuid } = this.#lesson;
    void api.logEvent(uuid, type, data).catch(() => undefined); // for statistics only: not worth a word
  }
}
