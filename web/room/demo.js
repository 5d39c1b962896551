/**
 * The door for visitors: in development the server offers a lesson and the people who may enter it.
 * @module
 */

import { showCard } from "./cards.js";
import { h, hueOf, icon, initials } from "./dom.js";
import { brand, lookButtons } from "./header.js";
import { t } from "./i18n.js";

/** @typedef {{name: string, role: string, token: string}} Visitor */

/**
 * @param {string | null} uuid the lesson the address names
 * @returns {Promise<HTMLElement>}
 */
export async function showDemo(uuid) {
  const demo = uuid === null ? await offered() : null;
  if (demo === null) return showCard("gate.no_token");
  return h(
    "div",
    { class: "entrance" },
    h("header", { class: "look" }, ...lookButtons()),
    h(
      "main",
      { class: "card door" },
      brand(),
      h("h1", {}, t("demo.title")),
      h("p", {}, t("demo.text")),
      h("div", { class: "doors" }, ...demo.people.map((person) => door(demo.session, person))),
      h("p", { class: "hint" }, t("demo.hint")),
    ),
  );
}

/** @returns {Promise<{session: string, people: Visitor[]} | null>} */
async function offered() {
  try {
    const answer = await fetch("/demo/", { method: "POST" });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the server is away; the card says what to do
  }
}

/** @param {string} session @param {Visitor} visitor */
function door(session, { name, role, token }) {
  const face = h("span", { class: "face", "aria-hidden": "true" }, initials(name));
  face.style.setProperty("--hue", String(hueOf(name)));
  return h(
    "a",
    { class: "door-way", href: `/classroom/${session}#token=${token}`, target: "_blank", rel: "noopener" },
    face,
    h("span", {}, h("strong", {}, name), h("span", {}, t(`demo.${role}`))),
    icon("chevron"),
  );
}
