/**
 * The waiting room: how one looks and sounds, who is there, and the way in.
 * @module
 */

import { h, hueOf, icon, iconButton, initials, press, reicon, rename, show } from "./dom.js";
import { problemText } from "./feedback.js";
import { brand, lookButtons, titleOf } from "./header.js";
import { dateTime, t } from "./i18n.js";
import { tellLost, toggle } from "./media/problems.js";
import { isHere, isOver } from "./standing.js";

/** @typedef {import("../lib/types.js").Session} Session */
/** @typedef {import("./media/local.js").LocalMedia} LocalMedia */
/** @typedef {import("./media/local.js").Source} Source */

const LOOK_MS = 5_000;
const MOST_FACES = 5;
const MOST_NAMES = 3;

/**
 * @param {{api: import("../api.js").Api, uuid: string, session: Session | null, userId: string, local: LocalMedia}} lesson
 *   `session` is null where only an access code lets one in
 * @returns {{element: HTMLElement, entered: Promise<import("../api.js").Joined>}} what `join` answers, once the person is in
 */
export function showLobby({ api, uuid, session, userId, local }) {
  const shown = preview(local);
  /** @type {(joined: import("../api.js").Joined) => void} */
  let enter = () => {};
  /** @type {Promise<import("../api.js").Joined>} */
  const entered = new Promise((resolve) => (enter = resolve));
  const code = h("input", { type: "password", autocomplete: "off", id: "access-code", required: true });
  const join = h("button", { type: "submit", class: "button primary large" }, t("lobby.join"));
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    join.disabled = true;
    try {
      enter(await api.join(uuid, session ? {} : { access_code: code.value }));
      shown.close();
      news?.close();
    } catch (refused) {
      problem.textContent = problemText(refused);
      join.disabled = false;
      (session ? join : code).focus(); // a button that is disabled loses it
    }
  };
  const form = h(
    "form",
    { onsubmit: submit },
    session ? null : h("label", { class: "field", for: "access-code" }, t("lobby.code"), code),
    problem,
    join,
  );
  const title = h("h1", {}, session ? titleOf(session, userId) : t("title.lesson"));
  const news = session && waiting(session, () => api.session(uuid));
  const words = news ? news.elements : [h("p", { class: "hint" }, t("lobby.code_needed"))];
  const element = h(
    "div",
    { class: "entrance", "data-screen": "lobby" },
    h("header", { class: "look" }, ...lookButtons()),
    h("main", { class: "card lobby" }, shown.element, h("div", { class: "lobby-words" }, brand(), title, ...words, form)),
  );
  return { element, entered };
}

/**
 * How the lesson stands and who is there, looked at again and again: who waits here has no socket yet.
 * @param {Session} session
 * @param {() => Promise<Session>} look
 */
function waiting(session, look) {
  const when = h("p", { class: "hint" });
  const people = h("div", { class: "present", role: "status" });
  const update = (/** @type {Session} */ now) => {
    when.textContent = whenOf(now);
    const shown = presence(now);
    if (people.textContent !== shown.map(({ textContent }) => textContent).join("")) people.replaceChildren(...shown);
  };
  const again = async () => {
    if (document.hidden) return;
    const now = await look().catch(() => null); // the next look, or the way in, tells
    if (now === null) return;
    if (isOver(now)) location.reload(); // which says so
    else update(now);
  };
  update(session);
  const timer = setInterval(() => void again(), LOOK_MS);
  return { elements: [when, people], close: () => clearInterval(timer) };
}

/** @param {LocalMedia} local */
function preview(local) {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, class: "mirrored", tabindex: "-1", "aria-label": t("lobby.preview") });
  const off = h("span", { class: "preview-off" }, icon("camera_off"), h("span", {}, t("lobby.camera_off")));
  const controls = [control(local, "audio", ["mic", "mic_off"]), control(local, "video", ["camera", "camera_off"])];
  const update = (/** @type {Source} */ source, isLost = false) => {
    if (isLost) tellLost(source);
    video.srcObject = local.streamOf("video");
    show(video, local.isOn("video"));
    show(off, !local.isOn("video"));
    for (const each of controls) each.update();
  };
  update("video");
  const buttons = h("div", { class: "preview-controls" }, ...controls.map(({ button }) => button));
  return { element: h("div", { class: "preview" }, video, off, buttons), close: local.onChange(update) };
}

/** @param {LocalMedia} local @param {Source} source @param {import("./dom.js").IconName[]} icons while it is on, and off */
function control(local, source, [on, off]) {
  const button = iconButton(off, "", () => void toggle(local, source), { class: "icon-button round", "data-source": source });
  const update = () => {
    const isOn = local.isOn(source);
    press(button, isOn);
    reicon(button, isOn ? on : off);
    rename(button, t(`controls.${source}`), t(`controls.${source}.${isOn ? "off" : "on"}`));
  };
  return { button, update };
}

/** @param {Session} session @returns {HTMLElement[]} */
function presence(session) {
  const here = session.participants.filter(isHere);
  if (here.length === 0) return [h("span", { class: "hint" }, t("lobby.nobody"))];
  const faces = here.slice(0, MOST_FACES).map((person) => {
    const face = h("span", { class: "face small", "aria-hidden": "true" }, initials(person.name));
    face.style.setProperty("--hue", String(hueOf(person.user_id)));
    return face;
  });
  return [...faces, h("span", {}, namesOf(here.map((person) => person.name)))];
}

/** @param {Session} session */
function whenOf(session) {
  if (session.scheduled_start && session.status === "scheduled") return t("lobby.scheduled", { time: dateTime(session.scheduled_start) });
  return t(`session.${session.status}`);
}

/** Who is there, by name as long as that can be read. Pure. @param {string[]} names */
export function namesOf(names) {
  const more = names.length - MOST_NAMES;
  if (more <= 1) return t("lobby.here", { names: names.join(", ") });
  return t("lobby.here_more", { names: names.slice(0, MOST_NAMES).join(", "), more });
}
