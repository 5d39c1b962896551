/**
 * Who is in the lesson, and what the host does about it.
 * @module
 */

import { h, hueOf, icon, iconButton, initials } from "../dom.js";
import { confirm, tell } from "../feedback.js";
import { t } from "../i18n.js";
import { menuFor, menuItem } from "../menu.js";
import { GRANTING, grantsOf, OFFERED } from "./grants.js";
import { RemovedPeople } from "./removed.js";

const ORDER = ["host", "solo", "student", "viewer"];
const AWAY = new Set(["disconnected", "left", "joining"]);

export class PeoplePanel {
  #list = h("ul", { class: "people" });
  element = h("div", {}, this.#list);
  #client;
  #api;
  #uuid;
  #rows = new Map();

  /** @param {import("../../client.js").Client} client @param {any} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#api = api;
    this.#uuid = uuid;
    this.element.append(new RemovedPeople(client, api, uuid).element);
    client.on("participants", () => this.update());
    client.on("permissions", () => this.update());
    this.update();
  }

  /** Shows who is here now. A row stays the same element, so that an open menu and the focus stay where they are. */
  update() {
    const people = [...this.#client.participants.values()];
    people.sort((one, other) => ORDER.indexOf(one.role) - ORDER.indexOf(other.role) || one.name.localeCompare(other.name));
    const keys = new Set(people.map((person) => String(person.user_id)));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    people.forEach((person, index) => {
      const row = this.#row(person);
      if (this.#list.children[index] !== row) this.#list.insertBefore(row, this.#list.children[index] ?? null);
    });
  }

  #row(person) {
    const key = String(person.user_id);
    if (!this.#rows.has(key)) this.#rows.set(key, this.#newRow(person));
    const row = this.#rows.get(key);
    const isMe = key === String(this.#client.userId);
    row.classList.toggle("away", AWAY.has(person.status));
    row.querySelector(".person-name").textContent = isMe ? t("people.you", { name: person.name }) : person.name;
    row.querySelector(".person-state").textContent = `${t(`role.${person.role}`)} · ${t(`status.${person.status}`)}`;
    row.querySelector(".person-marks").replaceChildren(...marks(person));
    row.querySelector(".dot").dataset.status = person.status;
    const isManaged = !isMe && person.role !== "host" && (this.#client.role === "host" || this.#client.may("can_kick"));
    row.querySelector("button").hidden = !isManaged;
    return row;
  }

  #newRow(person) {
    const face = h("span", { class: "face", "aria-hidden": "true" }, initials(person.name), h("span", { class: "dot" }));
    face.style.setProperty("--hue", String(hueOf(person.user_id)));
    const more = iconButton("more", t("people.manage", { name: person.name }), undefined);
    menuFor(more, (menu, close) => this.#fillMenu(menu, close, this.#client.participants.get(String(person.user_id)) ?? person));
    const words = h("span", { class: "person" }, h("span", { class: "person-name" }), h("span", { class: "person-state" }));
    return h("li", { "data-user": String(person.user_id) }, face, words, h("span", { class: "person-marks" }), more);
  }

  #fillMenu(menu, close, person) {
    const isHost = this.#client.role === "host";
    if (isHost) menu.append(this.#roles(person, close), this.#permissions(person));
    if (!this.#client.may("can_kick")) return;
    menu.append(menuItem(t("people.kick"), () => (close(), this.#kick(person)), { class: "menu-item danger" }));
  }

  #roles(person, close) {
    const choose = async (event) => {
      const role = event.target.value;
      close();
      await tell(() => this.#api.setRole(this.#uuid, person.user_id, role));
    };
    const options = ["student", "viewer"].map((role) => h("option", { value: role, selected: role === person.role }, t(`role.${role}`)));
    return h("label", { class: "menu-field" }, h("span", {}, t("people.role")), h("select", { onchange: choose }, ...options));
  }

  #permissions(person) {
    const list = h("fieldset", { class: "switches" }, h("legend", {}, t("people.permissions")));
    void this.#grants(person).then((grants) => {
      for (const name of OFFERED) list.append(this.#switch(person, name, grants[name]));
    });
    return list;
  }

  #switch(person, name, isGranted) {
    const change = async ({ target }) => {
      const done = await tell(() => this.#api.setPermissions(this.#uuid, person.user_id, { [name]: target.checked }));
      if (done === undefined) target.checked = !target.checked;
    };
    const box = h("input", { type: "checkbox", class: "switch", name, checked: isGranted, onchange: change });
    return h("label", { class: "menu-field" }, h("span", {}, t(`permission.${name}`)), box);
  }

  async #grants(person) {
    const pages = await Promise.all(GRANTING.map((event_type) => tell(() => this.#api.events(this.#uuid, { event_type, limit: 500 }))));
    return grantsOf(person.role, person.user_id, pages.flatMap((page) => page?.events ?? []));
  }

  async #kick(person) {
    const question = { title: t("kick.title", { name: person.name }), text: t("kick.text"), action: t("people.kick") };
    if (await confirm(question)) await tell(() => this.#api.kick(this.#uuid, person.user_id));
  }
}

function marks(person) {
  const mark = (name, label) => {
    const found = h("span", { role: "img", "aria-label": label, title: label, class: `mark-${name}` }, icon(name));
    return found;
  };
  return [
    person.hand_raised && mark("hand", t("people.hand")),
    person.screen_sharing && mark("screen", t("people.screen")),
    person.video_enabled && mark("camera", t("people.camera")),
    mark(person.audio_enabled ? "mic" : "mic_off", t(person.audio_enabled ? "people.mic" : "people.muted")),
  ].filter(Boolean);
}
