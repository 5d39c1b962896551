/**
 * The line at the top: what lesson this is, how it stands, how the connection is, and how the page looks.
 * @module
 */

import { h, iconButton, press, reicon } from "./dom.js";
import { LANGUAGES, language, speak, t } from "./i18n.js";
import { menuFor, menuItem } from "./menu.js";
import { isDark, onTheme, switchTheme } from "./theme.js";

const SECOND_MS = 1_000;

export class Header {
  #client;
  #chip = h("span", { class: "chip" });
  #title = h("h1", {});
  #link = h("span", { class: "link" });
  #clock;

  /** @param {import("../client.js").Client} client @param {HTMLElement[]} more at the end */
  constructor(client, more) {
    this.#client = client;
    this.element = h(
      "header",
      { class: "top" },
      h("img", { src: "/web/styles/mark.svg", alt: "", width: "28", height: "28" }),
      this.#title,
      this.#chip,
      this.#link,
      h("span", { class: "spring" }),
      ...more,
      ...lookButtons(),
    );
    this.#clock = setInterval(() => this.#showTime(), SECOND_MS);
    this.update();
  }

  /** The lesson is over: no time passes in it. */
  close() {
    clearInterval(this.#clock);
  }

  /** Shows how the lesson stands. */
  update() {
    const { session, state } = this.#client;
    if (!session) return;
    this.#title.textContent = titleOf(session, this.#client.userId, this.#client.participants.values());
    document.title = `${this.#title.textContent} · Lessonroom`;
    this.#chip.dataset.status = session.status;
    this.#link.dataset.state = state;
    this.#link.replaceChildren(h("span", { class: "sr-only" }, t(`connection.${state}`)));
    this.#link.title = t(`connection.${state}`);
    this.#showTime();
  }

  #showTime() {
    const { session } = this.#client;
    if (!session) return;
    const since = session.status === "active" && session.actual_start ? this.#client.serverNow() - Date.parse(session.actual_start) : null;
    const text = t(`session.${session.status}`) + (since === null ? "" : ` · ${duration(since)}`);
    if (this.#chip.textContent !== text) this.#chip.textContent = text;
  }
}

/**
 * The lesson's name from where one sits: with the tutor, with one's only student, or just one's lesson.
 * @param {import("../lib/types.js").Session} session
 * @param {unknown} userId
 * @param {Iterable<import("../lib/types.js").Participant>} [people] who takes part now
 */
export function titleOf(session, userId, people = session.participants) {
  const [other, ...more] = [...people].filter((person) => String(person.user_id) !== String(userId) && person.role === "student");
  const isHost = String(session.host.id) === String(userId);
  if (session.session_type === "solo") return t("title.solo");
  if (!isHost) return t("title.with", { name: session.host.name });
  return other && more.length === 0 ? t("title.with", { name: other.name }) : t("title.lesson");
}

/** Buttons for theme and language, on every screen of the page. */
export function lookButtons() {
  const theme = iconButton(isDark() ? "sun" : "moon", t("look.theme"), switchTheme);
  press(theme, isDark());
  onTheme(() => {
    reicon(theme, isDark() ? "sun" : "moon");
    press(theme, isDark());
  });
  const tongue = iconButton("language", t("look.language"), undefined);
  menuFor(tongue, (menu) => {
    for (const [tag, { name }] of Object.entries(LANGUAGES)) {
      menu.append(menuItem(name, () => speak(tag), { lang: tag, "aria-current": tag === language ? "true" : null }));
    }
  });
  return [tongue, theme];
}

/** Hours, minutes and seconds of a time span. @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3_600);
  return [...(hours > 0 ? [String(hours)] : []), ...parts].join(":");
}

/** The name and the mark, for screens without a lesson. */
export function brand() {
  return h("div", { class: "brand" }, h("img", { src: "/web/styles/mark.svg", alt: "", width: "36", height: "36" }), h("span", {}, "Lessonroom"));
}
