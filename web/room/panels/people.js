/**
 * Who is in the lesson, and what the host does about it.
 * @module
 */

import { h, hueOf, icon, iconButton, initials } from "../dom.js";
import { ask, tell } from "../feedback.js";
import { t } from "../i18n.js";
import { menuFor, menuItem } from "../menu.js";
import { GRANTING, grantsOf, OFFERED } from "./grants.js";
import { logged } from "./logged.js";
import { RemovedPeople } from "./removed.js";

const ORDER = ["host", "solo", "student", "viewer"];
const REASON_CHARS = 200;
const AWAY = new Set(["disconnected", "left", "joining"]);

/** @typedef {import("../../lib/types.js").Participant} Participant */
/** @typedef {{row: HTMLElement, name: HTMLElement, state: HTMLElement, marks: HTMLElement, dot: HTMLElement, more: HTMLElement}} Row */

export class PeoplePanel {
  #list = h("ul", { class: "people" });
  element = h("div", {}, this.#list);
  #client;
  #api;
  #uuid;
  #removed;
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** @param {import("../../client.js").Client} client @param {import("../../api.js").Api} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#api = api;
    this.#uuid = uuid;
    this.#removed = new RemovedPeople(client, api, uuid);
    this.element.append(this.#removed.element);
    client.on("participants", () => this.update());
    client.on("permissions", () => this.update());
    this.update();
  }

  /** The panel is opened, or closed. */
  set isShown(/** @type {boolean} */ isShown) {
    if (isShown) void this.#removed.refresh();
  }

  /** Shows who is here now. A row stays the same element, so that an open menu and the focus stay where they are. */
  update() {
    const people = [...this.#client.participants.values()];
    people.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
    const keys = new Set(people.map((person) => String(person.user_id)));
    for (const [key, { row }] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    people.forEach((person, index) => {
      const row = this.#row(person);
      if (this.#list.children[index] !== row) this.#list.insertBefore(row, this.#list.children[index] ?? null);
    });
  }

  /** @param {Participant} person */
  #row(person) {
    const key = String(person.user_id);
    const shown = this.#rows.get(key) ?? this.#newRow(person);
    const { row } = shown;
    this.#rows.set(key, shown);
    const isMe = key === String(this.#client.userId);
    row.classList.toggle("away", AWAY.has(person.status));
    shown.name.textContent = isMe ? t("people.you", { name: person.name }) : person.name;
    shown.state.textContent = `${t(`role.${person.role}`)} · ${t(`status.${person.status}`)}`;
    shown.marks.replaceChildren(...marksOf(person));
    shown.dot.dataset.status = person.status;
    const isManaged = !isMe && person.role !== "host" && (this.#client.role === "host" || this.#client.may("can_kick"));
    shown.more.hidden = !isManaged;
    return row;
  }

  /** @param {Participant} person @returns {Row} */
  #newRow(person) {
    const [name, state, marks, dot] = ["person-name", "person-state", "person-marks", "dot"].map((kind) => h("span", { class: kind }));
    const face = h("span", { class: "face", "aria-hidden": "true" }, initials(person.name), dot);
    face.style.setProperty("--hue", String(hueOf(person.user_id)));
    const more = iconButton("more", t("people.manage", { name: person.name }), undefined);
    menuFor(more, (menu, close) => this.#fillMenu(menu, close, this.#client.participants.get(String(person.user_id)) ?? person));
    const words = h("span", { class: "person" }, name, state);
    return { row: h("li", { "data-user": String(person.user_id) }, face, words, marks, more), name, state, marks, dot, more };
  }

  /** @param {HTMLElement} menu @param {() => void} close @param {Participant} person */
  #fillMenu(menu, close, person) {
    const isHost = this.#client.role === "host";
    if (isHost) menu.append(this.#roles(person, close), this.#permissions(person));
    if (!this.#client.may("can_kick")) return;
    menu.append(menuItem(t("people.kick"), () => (close(), this.#kick(person)), { class: "menu-item danger" }));
  }

  /** @param {Participant} person @param {() => void} close */
  #roles(person, close) {
    const choose = async () => {
      const role = list.value;
      close();
      await tell(() => this.#api.setRole(this.#uuid, person.user_id, role));
    };
    const options = ["student", "viewer"].map((role) => h("option", { value: role, selected: role === person.role }, t(`role.${role}`)));
    const list = h("select", { onchange: choose }, ...options);
    return h("label", { class: "menu-field" }, h("span", {}, t("people.role")), list);
  }

  /** @param {Participant} person */
  #permissions(person) {
    const list = h("fieldset", { class: "switches" }, h("legend", {}, t("people.permissions")));
    void this.#grants(person).then((grants) => {
      for (const name of OFFERED) list.append(this.#switch(person, name, grants[name]));
    });
    return list;
  }

  /** @param {Participant} person @param {string} name @param {boolean} isGranted */
  #switch(person, name, isGranted) {
    const change = async () => {
      const done = await tell(() => this.#api.setPermissions(this.#uuid, person.user_id, { [name]: box.checked }));
      if (done === undefined) box.checked = !box.checked;
    };
    const box = h("input", { type: "checkbox", class: "switch", name, checked: isGranted, onchange: change });
    return h("label", { class: "menu-field" }, h("span", {}, t(`permission.${name}`)), box);
  }

  /** @param {Participant} person */
  async #grants(person) {
    const { events } = await logged(this.#api, this.#uuid, GRANTING);
    return grantsOf(person.role, person.user_id, events);
  }

  /** @param {Participant} person */
  async #kick(person) {
    const field = { label: t("kick.reason"), maxlength: REASON_CHARS };
    const reason = await ask({ title: t("kick.title", { name: person.name }), text: t("kick.text"), action: t("people.kick"), field });
    if (reason !== null) await tell(() => this.#api.kick(this.#uuid, person.user_id, reason));
  }
}

/** Whoever waits with a raised hand stands above the others of their role. @param {Participant} person */
function rank({ role, hand_raised }) {
  return ORDER.indexOf(role) * 2 + (hand_raised ? 0 : 1);
}

/** @param {Participant} person */
function marksOf(person) {
  return [
    ...(person.hand_raised ? [mark("hand", t("people.hand"))] : []),
    ...(person.screen_sharing ? [mark("screen", t("people.screen"))] : []),
    ...(person.video_enabled ? [mark("camera", t("people.camera"))] : []),
    mark(person.audio_enabled ? "mic" : "mic_off", t(person.audio_enabled ? "people.mic" : "people.muted")),
  ];
}

/** @param {import("../dom.js").IconName} name @param {string} label */
function mark(name, label) {
  return h("span", { role: "img", "aria-label": label, title: label, class: `mark-${name}` }, icon(name));
}
