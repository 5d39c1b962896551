/**
 * This person's camera, microphone and screen. What is off is really off: its light goes out.
 * @module
 */

const CAMERA = Object.freeze({ width: { ideal: 960 }, height: { ideal: 540 }, frameRate: { ideal: 24, max: 30 } });
const MICROPHONE = Object.freeze({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });

/** @typedef {"audio" | "video" | "screen"} Source */

/** @type {readonly Source[]} */
export const SOURCES = Object.freeze(["audio", "video", "screen"]);

export class LocalMedia {
  /** @type {Record<Source, MediaStreamTrack | null>} */
  tracks = { audio: null, video: null, screen: null };
  /** How often each was switched: a device that opens after somebody thought better of it is closed again. */
  #turns = { audio: 0, video: 0, screen: 0 };
  /** @type {Set<(source: Source, isLost: boolean) => void>} */
  #listeners = new Set();

  /**
   * Calls `listener` with the source after each change, and with whether it was lost: nobody here switched it off.
   * @param {(source: Source, isLost: boolean) => void} listener
   * @returns {() => void} stops it
   */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether a source is on. @param {Source} source */
  isOn(source) {
    return this.tracks[source] !== null;
  }

  /**
   * Switches a source on or off. Rejects where the browser or the person refuses.
   * @param {Source} source
   * @param {boolean} isWanted
   */
  async set(source, isWanted) {
    const turn = (this.#turns[source] += 1);
    if (isWanted === this.isOn(source)) return;
    const track = isWanted ? await open(source) : null;
    if (turn !== this.#turns[source]) return track?.stop();
    this.#close(source);
    this.tracks[source] = track;
    track?.addEventListener("ended", () => this.#lost(source, track));
    this.#tell(source);
  }

  /** Switches everything off, what is still opening too. */
  stop() {
    for (const source of SOURCES) {
      this.#turns[source] += 1;
      this.#close(source);
    }
  }

  /** A stream to show oneself; null without a track. @param {Source} source */
  streamOf(source) {
    const track = this.tracks[source];
    return track && new MediaStream([track]);
  }

  /** The device was pulled out, or sharing was ended in the browser's own bar. @param {Source} source @param {MediaStreamTrack} track */
  #lost(source, track) {
    if (this.tracks[source] !== track) return;
    this.tracks[source] = null;
    this.#tell(source, true);
  }

  /** @param {Source} source */
  #close(source) {
    this.tracks[source]?.stop();
    this.tracks[source] = null;
  }

  /** @param {Source} source @param {boolean} [isLost] */
  #tell(source, isLost = false) {
    for (const listener of this.#listeners) listener(source, isLost);
  }
}

/** @param {Source} source */
async function open(source) {
  const { mediaDevices } = navigator;
  if (!mediaDevices) throw new DOMException("No devices on an insecure page", "NotSupportedError");
  if (source === "screen") return (await mediaDevices.getDisplayMedia({ video: true })).getVideoTracks()[0];
  if (source === "video") return (await mediaDevices.getUserMedia({ video: CAMERA })).getVideoTracks()[0];
  return (await mediaDevices.getUserMedia({ audio: MICROPHONE })).getAudioTracks()[0];
}
