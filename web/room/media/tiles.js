/**
 * One tile for each person in the lesson: their camera, or their initials, with their name and what is on; and one for
 * each screen that is shown.
 * @module
 */

import { h, hueOf, icon, iconButton, initials, show } from "../dom.js";
import { t } from "../i18n.js";
import { isHere } from "../standing.js";
import { attach } from "./playback.js";

/** @typedef {import("../../lib/types.js").Participant} Participant */

export class Tiles {
  element = h("section", { class: "tiles", "aria-label": t("tiles.title") });
  #client;
  #local;
  /** @type {import("./mesh.js").Mesh | null} */
  #mesh = null;
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {Map<string, ScreenTile>} */
  #screens = new Map();

  /** @param {import("../../client.js").Client} client @param {import("./local.js").LocalMedia} local */
  constructor(client, local) {
    this.#client = client;
    this.#local = local;
    client.on("participants", () => this.update());
    client.on("media", () => this.update());
    local.onChange(() => this.update());
  }

  /** Whose streams are shown. @param {import("./mesh.js").Mesh} mesh */
  showStreamsOf(mesh) {
    this.#mesh = mesh;
    this.update();
  }

  /** Makes the tiles what they should be now. */
  update() {
    const people = [...this.#client.participants.values()].filter((person) => isHere(person) || this.#isMe(person));
    const keys = new Set(people.map((person) => String(person.user_id)));
    for (const person of people) this.#updatePerson(person);
    for (const tiles of [this.#tiles, this.#screens]) {
      for (const key of tiles.keys()) if (!keys.has(key)) drop(tiles, key);
    }
    this.element.dataset.count = String(this.#tiles.size);
    this.element.classList.toggle("with-screen", this.#screens.size > 0);
  }

  /** @param {Participant} person */
  #isMe(person) {
    return String(person.user_id) === String(this.#client.userId);
  }

  /** @param {Participant} person */
  #updatePerson(person) {
    const [key, isMine] = [String(person.user_id), this.#isMe(person)];
    const tile = this.#tiles.get(key) ?? new Tile(person, isMine);
    if (!this.#tiles.has(key)) this.element.append(tile.element);
    this.#tiles.set(key, tile);
    const { video, audio, screen } = this.#streams(person);
    const isAwaited = !isMine && hasSomethingOn(person) && this.#mesh?.awaits(person.user_id) === true;
    tile.update(person, person.video_enabled ? video : null, isMine ? null : audio, isAwaited);
    this.#updateScreen(key, person, person.screen_sharing ? screen : null);
  }

  /** @param {string} key @param {Participant} person @param {MediaStream | null} stream */
  #updateScreen(key, person, stream) {
    if (!stream) return drop(this.#screens, key);
    const tile = this.#screens.get(key) ?? new ScreenTile(person);
    if (!this.#screens.has(key)) this.element.prepend(tile.element);
    this.#screens.set(key, tile);
    tile.update(stream);
  }

  /** @param {Participant} person @returns {{audio: MediaStream | null, video: MediaStream | null, screen: MediaStream | null}} */
  #streams(person) {
    if (this.#isMe(person)) return { audio: null, video: this.#local.streamOf("video"), screen: this.#local.streamOf("screen") };
    const { audio = null, video = null, screen = null } = this.#mesh?.streamsOf(person.user_id) ?? {};
    return { audio, video, screen };
  }
}

/** @param {Participant} person */
function hasSomethingOn({ video_enabled, audio_enabled, screen_sharing }) {
  return video_enabled || audio_enabled || screen_sharing;
}

/** @param {Map<string, {element: HTMLElement}>} tiles @param {string} key */
function drop(tiles, key) {
  tiles.get(key)?.element.remove();
  tiles.delete(key);
}

class Tile {
  #video = h("video", { autoplay: true, playsinline: true, muted: true, tabindex: "-1" });
  #audio = h("audio", { autoplay: true });
  #face;
  #name = h("span", { class: "tile-name" });
  #muted = icon("mic_off");
  #hand = h("span", { class: "tile-hand", role: "img", "aria-label": t("people.hand") }, icon("hand"));
  #state = h("span", { class: "tile-state" });
  #isMine;

  /** @param {Participant} person @param {boolean} isMine */
  constructor(person, isMine) {
    this.#isMine = isMine;
    this.#face = h("span", { class: "face", "aria-hidden": "true" }, initials(person.name));
    this.element = h(
      "figure",
      { class: `tile${isMine ? " mine" : ""}`, "data-user": String(person.user_id) },
      this.#video,
      this.#audio,
      this.#face,
      this.#hand,
      this.#state,
      h("figcaption", {}, this.#muted, this.#name),
    );
    this.element.style.setProperty("--hue", String(hueOf(person.user_id)));
    // Until the first picture is there, and without one, a tile shows who it is.
    this.#video.addEventListener("playing", () => this.element.classList.add("moving"));
    this.#video.addEventListener("emptied", () => this.element.classList.remove("moving"));
  }

  /** @param {Participant} person @param {MediaStream | null} video @param {MediaStream | null} audio @param {boolean} isAwaited */
  update(person, video, audio, isAwaited) {
    attach(this.#video, video);
    attach(this.#audio, audio);
    this.#name.textContent = this.#isMine ? t("people.you", { name: person.name }) : person.name;
    this.#face.textContent = initials(person.name);
    show(this.#video, Boolean(video));
    this.#muted.classList.toggle("gone", Boolean(person.audio_enabled));
    show(this.#hand, Boolean(person.hand_raised));
    const isAway = person.status === "reconnecting";
    this.#state.textContent = isAway ? t("people.reconnecting") : isAwaited ? t("tiles.connecting") : "";
    this.element.classList.toggle("away", isAway);
  }
}

class ScreenTile {
  #video = h("video", { autoplay: true, playsinline: true, muted: true, tabindex: "-1" });

  /** @param {Participant} person */
  constructor(person) {
    const enlarge = iconButton("enlarge", t("tiles.enlarge", { name: person.name }), () => void this.#turnFull(), { class: "icon-button tile-enlarge" });
    this.element = h(
      "figure",
      { class: "tile screen" },
      this.#video,
      enlarge,
      h("figcaption", {}, icon("screen"), h("span", { class: "tile-name" }, t("tiles.screen", { name: person.name }))),
    );
  }

  /** @param {MediaStream} stream */
  update(stream) {
    attach(this.#video, stream);
  }

  #turnFull() {
    const done = document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen?.();
    return done?.catch(() => undefined); // the browser may refuse; the picture stays as it is
  }
}
