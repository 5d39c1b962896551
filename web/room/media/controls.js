/**
 * The bar below the lesson: camera, microphone, screen, hand, and the way out.
 * @module
 */

import { h, iconButton, press, reicon, rename } from "../dom.js";
import { note } from "../feedback.js";
import { t } from "../i18n.js";
import { SOURCES } from "./local.js";

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
    this.element = h("div", { class: "controls", role: "toolbar", "aria-label": t("controls.title") }, ...Object.values(this.#buttons), this.#hand, ...more);
    if (!navigator.mediaDevices?.getDisplayMedia) this.#buttons.screen.hidden = true;
    this.#listen();
    this.update();
  }

  /** @param {Source} source */
  #button(source) {
    return iconButton(CONTROLS[source].icon, "", () => void this.#toggle(source), { class: "icon-button round", "data-source": source });
  }

  /** Tells the server what is on. */
  announce() {
    this.#client.setMedia(Object.fromEntries(SOURCES.map((source) => [CONTROLS[source].field, this.#local.isOn(source)])));
  }

  /** Shows what is on, and what may be. */
  update() {
    for (const source of SOURCES) {
      const [{ icon, off, permission }, button, isOn] = [CONTROLS[source], this.#buttons[source], this.#local.isOn(source)];
      press(button, isOn);
      reicon(button, isOn ? icon : off);
      rename(button, t(`controls.${source}.${isOn ? "off" : "on"}`));
      button.disabled = !isOn && !this.#client.may(permission);
    }
    const isRaised = this.#client.me?.hand_raised === true;
    press(this.#hand, isRaised);
    rename(this.#hand, t(isRaised ? "controls.hand.off" : "controls.hand.on"));
    this.#hand.hidden = this.#client.role === "host" && !isRaised;
  }

  #listen() {
    this.#local.onChange((source) => {
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

  /** @param {Source} source */
  async #toggle(source) {
    try {
      await this.#local.set(source, !this.#local.isOn(source));
    } catch (problem) {
      const isDenied = problem instanceof DOMException && problem.name === "NotAllowedError";
      if (isDenied && source === "screen") return; // they closed the browser's own question
      note(t(isDenied ? "controls.denied" : "controls.missing"), "problem");
    }
  }

  /** What is not allowed any more goes off. */
  #obey() {
    for (const source of SOURCES) {
      if (!this.#client.may(CONTROLS[source].permission) && this.#local.isOn(source)) void this.#local.set(source, false);
    }
  }
}
