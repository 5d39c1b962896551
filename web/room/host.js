/**
 * The buttons that move the lesson: start, pause, resume, end; and the one that leaves it.
 * @module
 */

import { h, icon } from "./dom.js";
import { confirm, tell } from "./feedback.js";
import { t } from "./i18n.js";

/** @typedef {import("./room.js").Lesson} Lesson */

const GOODBYE_MS = 2_000;

/**
 * @param {Lesson} lesson
 * @returns {{elements: HTMLElement[], update: () => void}}
 */
export function hostButtons({ client, api, uuid }) {
  const call = (/** @type {"start" | "pause" | "resume"} */ action) => () => void tell(() => api[action](uuid));
  const start = button("start", "play", call("start"), "primary");
  const pause = button("pause", "pause", call("pause"), "quiet");
  const resume = button("resume", "play", call("resume"), "primary");
  const end = button("end", "close", () => void endLesson(client, api, uuid), "quiet danger-text");
  const update = () => {
    const status = client.session?.status;
    const isWaiting = status === "waiting" || status === "scheduled";
    start.hidden = !(isWaiting && client.role === "host");
    pause.hidden = !(status === "active" && client.may("can_pause"));
    resume.hidden = !(status === "paused" && client.may("can_pause"));
    end.hidden = !client.may("can_terminate");
  };
  return { elements: [start, pause, resume, end], update };
}

/** Whoever wants to go goes, whether or not the server hears of it in time. @param {Lesson} lesson */
export function leaveButton({ client, api, uuid, local }) {
  const leave = async () => {
    local.stop();
    const told = api.leave(uuid).catch(() => undefined); // their seat becomes free by itself, a little later
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    client.close();
  };
  return h("button", { type: "button", class: "button danger", "data-action": "leave", onclick: leave }, icon("leave"), h("span", {}, t("action.leave")));
}

/** @param {string} action @param {import("./dom.js").IconName} name @param {() => void} run @param {string} kind */
function button(action, name, run, kind) {
  return h("button", { type: "button", class: `button ${kind}`, "data-action": action, onclick: run }, icon(name), h("span", {}, t(`action.${action}`)));
}

/** @param {Lesson["client"]} client @param {Lesson["api"]} api @param {string} uuid */
async function endLesson(client, api, uuid) {
  const question = { title: t("end.title"), text: t("end.text"), action: t("action.end") };
  if (!(await confirm(question))) return;
  const hasBegun = ["active", "paused"].includes(client.session?.status ?? "");
  await tell(() => (hasBegun ? api.complete(uuid) : api.terminate(uuid)));
}
