/**
 * The calls with everybody else in the lesson: perfect negotiation. Who arrives calls those who are there; a call outlives
 * the loss of our own server's connection, and ends when the person has left.
 *
 * When two call each other at once, the impolite one's offer counts, and the polite one starts afresh from it, without
 * slots of its own that would stay unused. What belongs to an older connection is dropped by the ids in it.
 * @module
 */

import { Peer } from "./peer.js";

const CALL_BACK_MS = 2_000;
const RETRY_MS = 3_000;
const PAGE = Math.random().toString(36).slice(2, 10);

/** @typedef {import("./local.js").LocalMedia} LocalMedia */
/** @typedef {string | number} UserId */

export class Mesh {
  #client;
  #local;
  #onTrack;
  #peers = new Map();
  #streams = new Map();
  #made = 0;

  /**
   * @param {import("../../client.js").Client} client
   * @param {LocalMedia} local
   * @param {(userId: UserId) => void} onTrack somebody's streams are other ones
   */
  constructor(client, local, onTrack) {
    this.#client = client;
    this.#local = local;
    this.#onTrack = onTrack;
    local.onChange(() => this.#refresh());
    // Sent once for each connection of ours; whom we are told of later calls us.
    client.on("message", ({ type, peers }) => type === "peers" && this.#callAll(peers));
    client.on("peer_joined", ({ user_id }) => setTimeout(() => this.#callBack(user_id), CALL_BACK_MS));
    client.on("participant_left", ({ user_id }) => this.hangUp(user_id));
    client.on("signal", (signal) => void this.#take(signal));
  }

  /** What somebody sends: `{audio, video, screen}`, streams or undefined. @param {UserId} userId */
  streamsOf(userId) {
    return this.#streams.get(String(userId)) ?? {};
  }

  /** Ends one call. @param {UserId} userId */
  hangUp(userId) {
    this.#peers.get(String(userId))?.close();
    this.#peers.delete(String(userId));
    if (this.#streams.delete(String(userId))) this.#onTrack(userId);
  }

  /** Ends all calls. */
  close() {
    for (const userId of [...this.#peers.keys()]) this.hangUp(userId);
  }

  #isPresent(userId) {
    return this.#client.peers.some((peer) => String(peer) === String(userId));
  }

  #isPolite(userId) {
    return String(this.#client.userId) > String(userId);
  }

  #isMe(userId) {
    return String(userId) === String(this.#client.userId);
  }

  /** Calls those with whom we do not speak: we have just come, or come back. */
  #callAll(userIds) {
    for (const userId of userIds) {
      if (!this.#isMe(userId) && this.#peers.get(String(userId))?.state !== "connected") this.#make(userId, null).call();
    }
  }

  /** Who came calls first; if nothing comes, we do. */
  #callBack(userId) {
    if (!this.#peers.has(String(userId)) && this.#isPresent(userId) && !this.#isMe(userId)) this.#make(userId, null).call();
  }

  #refresh() {
    for (const peer of this.#peers.values()) peer.refresh();
  }

  #make(userId, remoteId) {
    this.#peers.get(String(userId))?.close();
    this.#made += 1;
    const peer = new Peer({
      id: `${PAGE}-${this.#made}`,
      remoteId,
      iceServers: this.#client.iceServers,
      local: this.#local,
      send: (kind, payload) => this.#client.signal(kind, userId, { ...payload, from: peer.id, to: peer.remoteId }),
      onTrack: (slot, track) => this.#keep(userId, slot, track),
      onState: (state) => this.#stateChanged(userId, peer, state),
    });
    this.#peers.set(String(userId), peer);
    return peer;
  }

  async #take(signal) {
    const userId = signal.from_user_id;
    if (this.#isMe(userId)) return;
    const peer = this.#peerFor(userId, signal);
    if (peer === null) return;
    try {
      await peer.take(signal);
    } catch (problem) {
      console.warn("a call could not be agreed on:", problem.message);
      this.#again(userId, peer);
    }
  }

  /** Whom the signal is for: a call of ours, a new one, or none that there is. */
  #peerFor(userId, { kind, from = null, to = null }) {
    const peer = this.#peers.get(String(userId)) ?? null;
    if (to !== null && to !== peer?.id) return null;
    const isTheirs = peer !== null && (peer.remoteId === null || peer.remoteId === from);
    if (kind !== "offer") return isTheirs ? peer : null;
    if (isTheirs && peer.isColliding && !this.#isPolite(userId)) return null;
    return isTheirs && !peer.isColliding ? peer : this.#make(userId, from);
  }

  #keep(userId, slot, track) {
    const streams = { ...this.streamsOf(userId), [slot]: new MediaStream([track]) };
    this.#streams.set(String(userId), streams);
    this.#onTrack(userId);
  }

  #stateChanged(userId, peer, state) {
    if (state === "failed") this.#again(userId, peer);
  }

  /** A call that failed is made anew; the polite one waits longer, so that not both do it. */
  #again(userId, peer) {
    const isStill = () => this.#peers.get(String(userId)) === peer && peer.state !== "connected" && this.#isPresent(userId);
    setTimeout(() => isStill() && this.#make(userId, null).call(), this.#isPolite(userId) ? 2 * RETRY_MS : RETRY_MS);
  }
}
