/**
 * One tile for each person in the lesson: their camera, or their initials, with their name and what is on; and one for
 * each screen that is shown.
 * @module
 */

import { h, hueOf, icon, iconButton, initials, show } from "../dom.js";
import { t } from "../i18n.js";

const HERE = new Set(["connected", "reconnecting"]);

export class Tiles {
  element = h("section", { class: "tiles", "aria-label": t("tiles.title") });
  #client;
  #local;
  #mesh;
  #tiles = new Map();
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
    const people = [...this.#client.participants.values()].filter((person) => HERE.has(person.status) || this.#isMe(person));
    const keys = new Set(people.map((person) => String(person.user_id)));
    for (const person of people) this.#updatePerson(person);
    for (const tiles of [this.#tiles, this.#screens]) {
      for (const [key, tile] of tiles) if (!keys.has(key)) this.#drop(tiles, key, tile);
    }
    this.element.dataset.count = String(Math.min(this.#tiles.size, 9));
    this.element.classList.toggle("with-screen", this.#screens.size > 0);
  }

  #drop(tiles, key, tile) {
    tile.element.remove();
    tiles.delete(key);
  }

  #isMe(person) {
    return String(person.user_id) === String(this.#client.userId);
  }

  #updatePerson(person) {
    const key = String(person.user_id);
    if (!this.#tiles.has(key)) this.#tiles.set(key, this.#put(new Tile(person, this.#isMe(person))));
    const { video, audio, screen } = this.#streams(person);
    this.#tiles.get(key).update(person, person.video_enabled ? video : null, this.#isMe(person) ? null : audio);
    this.#updateScreen(key, person, person.screen_sharing ? screen : null);
  }

  #updateScreen(key, person, stream) {
    const shown = this.#screens.get(key);
    if (!stream && shown) this.#drop(this.#screens, key, shown);
    if (!stream) return;
    if (!shown) this.#screens.set(key, this.#put(new ScreenTile(person)));
    this.#screens.get(key).update(stream);
  }

  #put(tile) {
    if (tile instanceof ScreenTile) this.element.prepend(tile.element);
    else this.element.append(tile.element);
    return tile;
  }

  #streams(person) {
    if (!this.#isMe(person)) return this.#mesh?.streamsOf(person.user_id) ?? {};
    return { video: this.#local.streamOf("video"), screen: this.#local.streamOf("screen") };
  }
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
  }

  update(person, video, audio) {
    attach(this.#video, video ?? null);
    attach(this.#audio, audio ?? null);
    this.#name.textContent = this.#isMine ? t("people.you", { name: person.name }) : person.name;
    this.#face.textContent = initials(person.name);
    show(this.#video, Boolean(video));
    show(this.#face, !video);
    this.#muted.classList.toggle("gone", Boolean(person.audio_enabled));
    show(this.#hand, Boolean(person.hand_raised));
    const isAway = person.status === "reconnecting";
    this.#state.textContent = isAway ? t("people.reconnecting") : "";
    this.element.classList.toggle("away", isAway);
  }
}

class ScreenTile {
  #video = h("video", { autoplay: true, playsinline: true, muted: true, tabindex: "-1" });

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

  update(stream) {
    attach(this.#video, stream);
  }

  #turnFull() {
    const done = document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen?.();
    return done?.catch(() => undefined); // the browser may refuse; the picture stays as it is
  }
}

/** Shows a stream, unless its track is what is shown already: putting it in again would flicker. */
function attach(element, stream) {
  if (element.srcObject?.getTracks()[0] === stream?.getTracks()[0]) return;
  element.srcObject = stream;
}
