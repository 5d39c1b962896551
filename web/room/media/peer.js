/**
 * The connection to one other person, with three slots (audio, camera, screen) that are made once, so that switching
 * something on or off replaces a track and negotiates nothing. Each connection has an id, which signals name.
 * @module
 */

import { SOURCES } from "./local.js";

/** @typedef {import("./local.js").LocalMedia} LocalMedia */
/** @typedef {import("./local.js").Source} Source */
/** @typedef {{kind: string, from?: string, to?: string | null, description?: any, candidate?: any}} Signal */

const KIND_OF = Object.freeze({ audio: "audio", video: "video", screen: "video" });

export class Peer {
  #connection;
  #isMakingOffer = false;
  /** Candidates of a description that has not been sent yet: nobody would know what to do with them. @type {any[]} */
  #unsent = [];
  #isDescribed = false;
  /** What came before the description it belongs to. @type {{from: string | null, candidate: any}[]} */
  #candidates = [];
  #local;
  #send;
  #onTrack;
  #onState;

  /**
   * @param {object} settings
   * @param {string} settings.id of this connection
   * @param {string | null} settings.remoteId of theirs, once it is known
   * @param {any[]} settings.iceServers
   * @param {LocalMedia} settings.local
   * @param {(kind: "offer" | "answer" | "ice_candidate", payload: any) => boolean} settings.send
   * @param {(slot: Source, track: MediaStreamTrack) => void} settings.onTrack
   * @param {(state: RTCPeerConnectionState) => void} settings.onState
   */
  constructor({ id, remoteId, iceServers, local, send, onTrack, onState }) {
    this.id = id;
    this.remoteId = remoteId;
    this.#local = local;
    this.#send = send;
    this.#onTrack = onTrack;
    this.#onState = onState;
    this.#connection = new RTCPeerConnection({ iceServers });
    this.#listen();
  }

  /** How the connection is. */
  get state() {
    return this.#connection.connectionState;
  }

  /** Begins: makes the slots, from which the offer follows by itself. */
  call() {
    this.#isMakingOffer = true; // from now on: one that comes before the browser asks for ours would not use these slots
    for (const slot of SOURCES) this.#connection.addTransceiver(KIND_OF[slot], { direction: "sendrecv" });
    this.refresh();
  }

  /** Sends what is on now. */
  refresh() {
    this.#slots().forEach((transceiver, index) => {
      const track = this.#local.tracks[SOURCES[index]];
      if (transceiver.sender.track !== track) void transceiver.sender.replaceTrack(track).catch(() => this.#onState("failed"));
    });
  }

  /** Where ways to the other are looked for from now on. @param {any[]} iceServers */
  useIceServers(iceServers) {
    this.#connection.setConfiguration({ iceServers });
  }

  /** Whether an offer of ours is made or under way: one that comes now meets it. */
  get isOffering() {
    return this.#isMakingOffer || this.#connection.signalingState === "have-local-offer";
  }

  /** Takes a signal for this connection. @param {Signal} signal */
  async take({ kind, from = "", description, candidate }) {
    if (kind === "ice_candidate") return this.#takeCandidate(from, candidate);
    if (kind === "answer" && this.#connection.signalingState !== "have-local-offer") return; // to an offer that is no more
    this.remoteId = from;
    await this.#connection.setRemoteDescription(description);
    const waiting = this.#candidates.splice(0).filter((early) => early.from === from);
    for (const early of waiting) await this.#connection.addIceCandidate(early.candidate);
    if (kind !== "offer") return;
    for (const transceiver of this.#slots()) transceiver.direction = "sendrecv";
    this.refresh();
    await this.#describe("answer");
  }

  close() {
    this.#connection.onconnectionstatechange = null;
    this.#connection.onnegotiationneeded = null;
    this.#connection.onicecandidate = null;
    this.#connection.ontrack = null;
    this.#connection.close();
  }

  #listen() {
    const connection = this.#connection;
    connection.onnegotiationneeded = () => this.#offer();
    connection.onicecandidate = ({ candidate }) => candidate && this.#tell(candidate);
    connection.onconnectionstatechange = () => this.#onState(connection.connectionState);
    connection.ontrack = ({ transceiver, track }) => {
      const slot = SOURCES[this.#slots().indexOf(transceiver)];
      if (slot) this.#onTrack(slot, track);
    };
  }

  async #offer() {
    try {
      this.#isMakingOffer = true;
      await this.#describe("offer");
    } catch (problem) {
      if (this.#connection.signalingState !== "closed") throw problem;
    } finally {
      this.#isMakingOffer = false;
    }
  }

  /** @param {"offer" | "answer"} kind */
  async #describe(kind) {
    await this.#connection.setLocalDescription();
    this.#send(kind, { description: this.#connection.localDescription });
    this.#isDescribed = true;
    for (const candidate of this.#unsent.splice(0)) this.#tell(candidate);
  }

  /** @param {any} candidate */
  #tell(candidate) {
    if (this.#isDescribed) this.#send("ice_candidate", { candidate });
    else this.#unsent.push(candidate);
  }

  /** @param {string} from @param {any} candidate */
  async #takeCandidate(from, candidate) {
    if (this.#connection.remoteDescription === null) this.#candidates.push({ from, candidate });
    else if (from === this.remoteId) await this.#connection.addIceCandidate(candidate);
  }

  /** The transceivers of the slots, in their order: the first for audio, the first and the second for video. */
  #slots() {
    const all = this.#connection.getTransceivers();
    const [audio] = all.filter((transceiver) => transceiver.receiver.track.kind === "audio");
    const [video, screen] = all.filter((transceiver) => transceiver.receiver.track.kind === "video");
    return [audio, video, screen].filter(Boolean);
  }
}
