/**
 * Who was removed from the lesson, and the way back for them. The log knows those who were removed before this page came.
 * @module
 */

import { h, show } from "../dom.js";
import { note, tell } from "../feedback.js";
import { t } from "../i18n.js";
import { logged } from "./logged.js";

/** @typedef {import("../../lib/types.js").UserId} UserId */
/** @typedef {{user_id: UserId, name: string}} Removed */

/** What the log says about removals: the first takes somebody out, the second lets them back in. */
const REMOVING = Object.freeze(["participant_kick", "participant_invite"]);

/**
 * Who is out, by their id. Pure.
 * @param {{id: number, event_type: string, data: any}[]} events of the types in `REMOVING`, in any order
 * @returns {Map<string, Removed>}
 */
export function removedIn(events) {
  /** @type {Map<string, Removed>} */
  const removed = new Map();
  for (const { event_type, data } of [...events].sort((one, other) => one.id - other.id)) {
    const { user_id, name = String(user_id) } = data;
    if (event_type === "participant_kick") removed.set(String(user_id), { user_id, name });
    else removed.delete(String(user_id));
  }
  return removed;
}

export class RemovedPeople {
  #client;
  #api;
  #uuid;
  #list = h("ul", { class: "removed" });
  element = h("section", { "aria-labelledby": "removed-title" }, h("h3", { id: "removed-title" }, t("people.removed")), this.#list);
  /** @type {Map<string, string>} */
  #names = new Map();
  /** @type {Map<string, Removed>} */
  #removed = new Map();

  /** @param {import("../../client.js").Client} client @param {import("../../api.js").Api} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#api = api;
    this.#uuid = uuid;
    client.on("participants", () => this.#look());
    client.on("permissions", () => this.update());
    client.on("participant_left", ({ user_id, reason }) => reason === "kicked" && this.#add(user_id));
    this.#look();
  }

  /** Asks the log: somebody may have been removed, or let in, elsewhere. */
  async refresh() {
    if (!this.#client.may("can_invite")) return;
    const { events, isWhole } = await logged(this.#api, this.#uuid, REMOVING);
    if (!isWhole) return;
    this.#removed = removedIn(events);
    this.#look();
  }

  /** Shows them to those who may let somebody in. */
  update() {
    show(this.element, this.#removed.size > 0 && this.#client.may("can_invite"));
    this.#list.replaceChildren(...[...this.#removed.values()].map((person) => this.#row(person)));
  }

  #look() {
    for (const [key, { name }] of this.#client.participants) {
      this.#names.set(key, name);
      this.#removed.delete(key);
    }
    this.update();
  }

  /** @param {UserId} user_id */
  #add(user_id) {
    this.#removed.set(String(user_id), { user_id, name: this.#names.get(String(user_id)) ?? String(user_id) });
    this.update();
  }

  /** @param {Removed} person */
  #row(person) {
    const readmit = h("button", { type: "button", class: "button quiet", onclick: () => void this.#readmit(person) }, t("people.readmit"));
    readmit.setAttribute("aria-label", t("people.readmit_name", { name: person.name }));
    return h("li", {}, h("span", { class: "person-name" }, person.name), readmit);
  }

  /** @param {Removed} person */
  async #readmit({ user_id, name }) {
    const done = await tell(() => this.#api.invite(this.#uuid, { user_id, name }));
    if (done === undefined) return;
    this.#removed.delete(String(user_id));
    this.update();
    note(t("people.readmitted", { name }));
  }
}
