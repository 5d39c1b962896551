/**
 * What happened in the lesson, from its event log, newest first.
 * @module
 */

import { isAnotherBoard } from "../board/history.js";
import { h } from "../dom.js";
import { tell } from "../feedback.js";
import { clockTime, t } from "../i18n.js";
import { wordsFor } from "./activity_words.js";

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
  /** What is shown, by its id: an event never changes. @type {Set<number>} */
  #shown = new Set();
  /** Of everybody who was ever in the list. @type {Map<string, string>} */
  #names = new Map();

  /** @param {import("../../client.js").Client} client @param {import("../../api.js").Api} api @param {string} uuid */
  constructor(client, api, uuid) {
    this.#client = client;
    this.#load = (/** @type {{limit: number, before?: number}} */ query) => tell(() => api.events(uuid, query));
    this.element = h("div", {}, this.#list, this.#more);
    this.#more.hidden = true;
    this.#learnNames();
    client.on("participants", () => this.#learnNames());
    for (const type of NEWS) client.on(type, () => this.#soon());
    client.on("board", (change) => isAnotherBoard(change) && this.#soon());
  }

  /** The panel is opened, or closed: a closed one asks for nothing. */
  set isShown(/** @type {boolean} */ isShown) {
    this.#isShown = isShown;
    if (isShown) void this.refresh();
  }

  /** Asks for the newest events, and puts them above those that are shown. */
  async refresh() {
    const page = await this.#load({ limit: PAGE });
    if (!page) return;
    const isJoined = page.events.some(({ id }) => this.#shown.has(id));
    if (!isJoined) {
      this.#shown.clear();
      this.#list.replaceChildren();
      this.#turn(page.next);
    }
    this.#list.prepend(...this.#rows(page.events));
  }

  async #loadMore() {
    const page = await this.#load({ limit: PAGE, before: this.#next });
    if (!page) return;
    this.#list.append(...this.#rows(page.events));
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

  /** Those that are not shown yet. @param {import("../../api.js").LoggedEvent[]} events */
  #rows(events) {
    const fresh = events.filter(({ id }) => !this.#shown.has(id));
    for (const { id } of fresh) this.#shown.add(id);
    return fresh.map((event) => {
      const text = wordsFor(event, (userId) => this.#names.get(String(userId)) ?? t("activity.somebody"));
      return h("li", {}, h("time", { datetime: event.created_at }, clockTime(event.created_at)), h("span", {}, text));
    });
  }

  #learnNames() {
    for (const [key, { name }] of this.#client.participants) this.#names.set(key, name);
  }
}
