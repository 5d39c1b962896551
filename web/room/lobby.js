/**
 * The waiting room: how one looks and sounds, who is there, and the way in.
 * @module
 */

import { h, hueOf, icon, iconButton, initials, press, reicon, rename, show } from "./dom.js";
import { note, problemText } from "./feedback.js";
import { brand, lookButtons, titleOf } from "./header.js";
import { dateTime, t } from "./i18n.js";

const HERE = new Set(["connected", "reconnecting"]);

/**
 * @param {{api: any, uuid: string, session: any, userId: string, local: import("./media/local.js").LocalMedia}} lesson
 *   `session` is null where only an access code lets one in
 * @returns {{element: HTMLElement, entered: Promise<any>}} what `join` answers, once the person is in
 */
export function showLobby({ api, uuid, session, userId, local }) {
  let enter;
  const entered = new Promise((resolve) => (enter = resolve));
  const code = h("input", { type: "password", autocomplete: "off", id: "access-code", required: true });
  const join = h("button", { type: "submit", class: "button primary large" }, t("lobby.join"));
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    join.disabled = true;
    try {
      enter(await api.join(uuid, session ? {} : { access_code: code.value }));
    } catch (refused) {
      problem.textContent = problemText(refused);
      join.disabled = false;
    }
  };
  const form = h(
    "form",
    { onsubmit: submit },
    session ? null : h("label", { class: "field", for: "access-code" }, t("lobby.code"), code),
    problem,
    join,
  );
  const words = [h("h1", {}, session ? titleOf(session, userId) : t("title.lesson")), h("p", { class: "hint" }, session ? whenOf(session) : t("lobby.code_needed"))];
  const element = h(
    "div",
    { class: "entrance", "data-screen": "lobby" },
    h("div", { class: "look" }, ...lookButtons()),
    h("main", { class: "card lobby" }, preview(local), h("div", { class: "lobby-words" }, brand(), ...words, session && presence(session), form)),
  );
  return { element, entered };
}

function preview(local) {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, class: "mirrored", tabindex: "-1", "aria-label": t("lobby.preview") });
  const off = h("span", { class: "preview-off" }, icon("camera_off"), h("span", {}, t("lobby.camera_off")));
  const buttons = { audio: "mic", video: "camera" };
  const controls = Object.entries(buttons).map(([source, name]) => {
    const button = iconButton(`${name}_off`, "", () => void toggle(local, source), { class: "icon-button round", "data-source": source });
    const update = () => {
      const isOn = local.isOn(source);
      press(button, isOn);
      reicon(button, isOn ? name : `${name}_off`);
      rename(button, t(`controls.${source}.${isOn ? "off" : "on"}`));
    };
    local.onChange(update);
    update();
    return button;
  });
  local.onChange(() => {
    video.srcObject = local.streamOf("video");
    show(video, local.isOn("video"));
    show(off, !local.isOn("video"));
  });
  show(video, false);
  return h("div", { class: "preview" }, video, off, h("div", { class: "preview-controls" }, ...controls));
}

async function toggle(local, source) {
  try {
    await local.set(source, !local.isOn(source));
  } catch (problem) {
    note(t(problem.name === "NotAllowedError" ? "controls.denied" : "controls.missing"), "problem");
  }
}

function presence(session) {
  const here = session.participants.filter((person) => HERE.has(person.status));
  if (here.length === 0) return h("p", { class: "hint" }, t("lobby.nobody"));
  const faces = here.slice(0, 5).map((person) => {
    const face = h("span", { class: "face small", "aria-hidden": "true" }, initials(person.name));
    face.style.setProperty("--hue", String(hueOf(person.user_id)));
    return face;
  });
  return h("div", { class: "present" }, ...faces, h("span", {}, t("lobby.here", { names: here.map((person) => person.name).join(", ") })));
}

function whenOf(session) {
  if (session.scheduled_start && session.status === "scheduled") return t("lobby.scheduled", { time: dateTime(session.scheduled_start) });
  return t(`session.${session.status}`);
}
