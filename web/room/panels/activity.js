/**
 * What happened in the lesson, from its event log, newest first.
 * @module
 */

import { h } from "../dom.js";
import { tell } from "../feedback.js";
import { clockTime, hasText, t } from "../i18n.js";

const PAGE = 40;
const WAIT_MS = 700;
const NEWS = ["participant_joined", "participant_left", "session", "media", "permissions", "participant_updated"];

export class ActivityPanel {
  #list = h("ol", { class: "activity" });
  #more = h("button", { type: "button", class: "button quiet", onclick: () => this.#loadMore() }, t("activity.more"));
  #client;
  #load;
  #next = null;
  #timer = null;
  #isShown = false;

  /** @param {import("../../client.js").Client} client @param {any} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#load = (query) => tell(() => api.events(uuid, query));
    this.element = h("div", {}, this.#list, this.#more);
    this.#more.hidden = true;
    for (const type of NEWS) client.on(type, () => this.#soon());
    client.on("board", ({ change }) => change === "replaced" && this.#soon());
  }

  /** The panel is opened, or closed: a closed one asks for nothing. */
  set isShown(isShown) {
    this.#isShown = isShown;
    if (isShown) void this.refresh();
  }

  /** Asks for the newest events. */
  async refresh() {
    const page = await this.#load({ limit: PAGE });
    if (!page) return;
    this.#list.replaceChildren(...page.events.map((event) => this.#row(event)));
    this.#turn(page.next);
  }

  async #loadMore() {
    const page = await this.#load({ limit: PAGE, before: this.#next });
    if (!page) return;
    this.#list.append(...page.events.map((event) => this.#row(event)));
    this.#turn(page.next);
  }

  #turn(next) {
    this.#next = next;
    this.#more.hidden = next === null;
  }

  /** What comes together is asked for together. */
  #soon() {
    if (!this.#isShown || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#isShown) void this.refresh();
    }, WAIT_MS);
  }

  #row({ event_type, user_id, data, created_at }) {
    const who = this.#nameOf(user_id);
    const whom = data?.user_id === undefined ? "" : this.#nameOf(data.user_id);
    const key = `event.${event_type}`;
    const text = hasText(key) ? t(key, { who, whom, version: data?.version ?? "", role: data?.to ? t(`role.${data.to}`) : "" }) : `${who} · ${event_type}`;
    return h("li", {}, h("time", { datetime: created_at }, clockTime(created_at)), h("span", {}, text));
  }

  #nameOf(userId) {
    if (userId === null || userId === undefined) return t("activity.server");
    return this.#client.participants.get(String(userId))?.name ?? t("activity.somebody");
  }
}
