/**
 * The bar below the lesson: camera, microphone, screen, hand, and the way out.
 * @module
 */

import { h, iconButton, press, reicon, rename } from "../dom.js";
import { note } from "../feedback.js";
import { t } from "../i18n.js";

const SOURCES = Object.freeze({
  audio: { icon: "mic", field: "audio_enabled", permission: "can_toggle_audio" },
  video: { icon: "camera", field: "video_enabled", permission: "can_toggle_video" },
  screen: { icon: "screen", field: "screen_sharing", permission: "can_share_screen" },
});

export class Controls {
  #client;
  #local;
  #buttons = {};
  #hand;

  /**
   * @param {import("../../client.js").Client} client
   * @param {import("./local.js").LocalMedia} local
   * @param {HTMLElement[]} more buttons at the end
   */
  constructor(client, local, more) {
    this.#client = client;
    this.#local = local;
    for (const source of Object.keys(SOURCES)) {
      const button = iconButton(SOURCES[source].icon, "", () => this.#toggle(source), { class: "icon-button round", "data-source": source });
      this.#buttons[source] = button;
    }
    this.#hand = iconButton("hand", "", () => client.raiseHand(!client.me?.hand_raised), { class: "icon-button round" });
    this.element = h("div", { class: "controls", role: "toolbar", "aria-label": t("controls.title") }, ...Object.values(this.#buttons), this.#hand, ...more);
    if (!navigator.mediaDevices?.getDisplayMedia) this.#buttons.screen.hidden = true;
    this.#listen();
    this.update();
  }

  /** Tells the server what is on. */
  announce() {
    this.#client.setMedia(
      Object.fromEntries(Object.entries(SOURCES).map(([source, { field }]) => [field, this.#local.isOn(source)])),
    );
  }

  /** Shows what is on, and what may be. */
  update() {
    for (const [source, { icon, permission }] of Object.entries(SOURCES)) {
      const [button, isOn] = [this.#buttons[source], this.#local.isOn(source)];
      press(button, isOn);
      reicon(button, isOn || source === "screen" ? icon : `${icon}_off`);
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
      this.#client.setMedia({ [SOURCES[source].field]: this.#local.isOn(source) });
      this.update();
    });
    for (const type of ["permissions", "participants", "media"]) this.#client.on(type, () => this.update());
    this.#client.on("permissions", () => this.#obey());
    this.#client.on("error", ({ for: type }) => type === "media_state" && this.#obey());
  }

  async #toggle(source) {
    try {
      await this.#local.set(source, !this.#local.isOn(source));
    } catch (problem) {
      const isDenied = problem.name === "NotAllowedError";
      if (isDenied && source === "screen") return; // they closed the browser's own question
      note(t(isDenied ? "controls.denied" : "controls.missing"), "problem");
    }
  }

  /** What is not allowed any more goes off. */
  #obey() {
    for (const [source, { permission }] of Object.entries(SOURCES)) {
      if (!this.#client.may(permission) && this.#local.isOn(source)) void this.#local.set(source, false);
    }
  }
}
