/**
 * What happened in the lesson, from its event log, newest first.
 * @module
 */

import { isAnotherBoard } from "../board/history.js";
import { textIn } from "../board/values.js";
import { h } from "../dom.js";
import { tell } from "../feedback.js";
import { clockTime, hasText, t } from "../i18n.js";

const PAGE = 40;
const WAIT_MS = 700;
/** @type {(keyof import("../../lib/types.js").ClientEvents)[]} */
const NEWS = ["participant_joined", "participant_left", "session", "media", "permissions", "participant_updated"];

export class ActivityPanel {
  #list = h("ol", { class: "activity" });
  #more = h("button", { type: "button", class: "button quiet", onclick: () => this.#loadMore() }, t("activity.more"));
  #client;
  #load;
  /** @type {number | undefined} */
  #next;
  /** @type {any} */
  #timer = null;
  #isShown = false;

  /** @param {import("../../client.js").Client} client @param {import("../../api.js").Api} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#load = (/** @type {{limit: number, before?: number}} */ query) => tell(() => api.events(uuid, query));
    this.element = h("div", {}, this.#list, this.#more);
    this.#more.hidden = true;
    for (const type of NEWS) client.on(type, () => this.#soon());
    client.on("board", (change) => isAnotherBoard(change) && this.#soon());
  }

  /** The panel is opened, or closed: a closed one asks for nothing. */
  set isShown(/** @type {boolean} */ isShown) {
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

  /** @param {number | null} next where the older ones begin */
  #turn(next) {
    this.#next = next ?? undefined;
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

  /** What a client logged may hold anything. @param {import("../../api.js").LoggedEvent} event */
  #row({ event_type, user_id, data, created_at }) {
    const who = this.#nameOf(user_id);
    const whom = this.#nameOf(textIn(data?.user_id));
    const key = `event.${event_type}`;
    const text = hasText(key) ? t(key, { who, whom, role: t(`role.${textIn(data?.to)}`) }) : `${who} · ${event_type}`;
    return h("li", {}, h("time", { datetime: created_at }, clockTime(created_at)), h("span", {}, text));
  }

  /** @param {import("../../lib/types.js").UserId | null} userId */
  #nameOf(userId) {
    if (userId === null) return t("activity.server");
    return this.#client.participants.get(String(userId))?.name ?? t("activity.somebody");
  }
}
