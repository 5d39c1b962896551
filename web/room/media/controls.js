/**
 * The bar below the lesson: camera, microphone, screen, hand, and the way out.
 * @module
 */

import { h, iconButton, press, reicon, rename } from "../dom.js";
import { t } from "../i18n.js";
import { SOURCES } from "./local.js";
import { tellLost, toggle } from "./problems.js";

/** @typedef {import("./local.js").Source} Source */
/** @typedef {{icon: import("../dom.js").IconName, off: import("../dom.js").IconName, field: string, permission: string}} Control */

/** @type {Readonly<Record<Source, Control>>} */
const CONTROLS = Object.freeze({
  audio: { icon: "mic", off: "mic_off", field: "audio_enabled", permission: "can_toggle_audio" },
  video: { icon: "camera", off: "camera_off", field: "video_enabled", permission: "can_toggle_video" },
  screen: { icon: "screen", off: "screen", field: "screen_sharing", permission: "can_share_screen" },
});

export class Controls {
  #client;
  #local;
  #buttons;
  #hand;

  /**
   * @param {import("../../client.js").Client} client
   * @param {import("./local.js").LocalMedia} local
   * @param {HTMLElement[]} more buttons at the end
   */
  constructor(client, local, more) {
    this.#client = client;
    this.#local = local;
    this.#buttons = { audio: this.#button("audio"), video: this.#button("video"), screen: this.#button("screen") };
    this.#hand = iconButton("hand", "", () => client.raiseHand(!client.me?.hand_raised), { class: "icon-button round" });
    this.element = h("div", { class: "controls", role: "group", "aria-label": t("controls.title") }, ...Object.values(this.#buttons), this.#hand, ...more);
    this.#listen();
    this.update();
  }

  /** @param {Source} source */
  #button(source) {
    return iconButton(CONTROLS[source].icon, "", () => void toggle(this.#local, source), { class: "icon-button round", "data-source": source });
  }

  /** Tells the server what is on. */
  announce() {
    this.#client.setMedia(Object.fromEntries(SOURCES.map((source) => [CONTROLS[source].field, this.#local.isOn(source)])));
  }

  /** Shows what is on, and what may be. */
  update() {
    const isAlone = this.#client.role === "solo";
    for (const source of SOURCES) {
      const [{ icon, off, permission }, button, isOn] = [CONTROLS[source], this.#buttons[source], this.#local.isOn(source)];
      press(button, isOn);
      reicon(button, isOn ? icon : off);
      rename(button, t(`controls.${source}`), t(`controls.${source}.${isOn ? "off" : "on"}`));
      button.disabled = !isOn && !this.#client.may(permission);
      button.hidden = isAlone || (source === "screen" && !navigator.mediaDevices?.getDisplayMedia);
    }
    const isRaised = this.#client.me?.hand_raised === true;
    press(this.#hand, isRaised);
    rename(this.#hand, t("controls.hand.on"), t(isRaised ? "controls.hand.off" : "controls.hand.on"));
    this.#hand.hidden = isAlone || (this.#client.role === "host" && !isRaised);
  }

  #listen() {
    this.#local.onChange((source, isLost) => {
      if (isLost) tellLost(source);
      this.#client.setMedia({ [CONTROLS[source].field]: this.#local.isOn(source) });
      this.update();
    });
    const update = () => this.update();
    this.#client.on("permissions", update);
    this.#client.on("participants", update);
    this.#client.on("media", update);
    this.#client.on("permissions", () => this.#obey());
    this.#client.on("error", ({ for: type }) => type === "media_state" && this.#obey());
  }

  #obey() {
    obey(this.#client, this.#local);
  }
}

/**
 * What is not allowed goes off; what is still opening too.
 * @param {Pick<import("../../client.js").Client, "may">} client
 * @param {Pick<import("./local.js").LocalMedia, "set">} local
 */
export function obey(client, local) {
  for (const source of SOURCES) if (!client.may(CONTROLS[source].permission)) void local.set(source, false);
}
