/**
 * The calls with everybody else in the lesson: perfect negotiation. Who arrives calls those who are there; a call outlives
 * the loss of our own server's connection, and ends when the person has left.
 *
 * When two call each other at once, the impolite one's offer counts, and the polite one starts afresh from it, without
 * slots of its own that would stay unused. What belongs to an older connection is dropped by the ids in it. A signal may
 * get lost: a call that nobody answers is made again, later each time. Of a person's windows one speaks (`windows.js`).
 * @module
 */

import { SOURCES } from "./local.js";
import { Peer } from "./peer.js";
import { Windows } from "./windows.js";

const CALL_BACK_MS = 2_000;
const RETRY_MS = 3_000;
const MOST_DOUBLINGS = 4;
/** A way that is gone often comes back by itself, and so gets a moment; a browser gives it up only after half a minute. */
const LOST = new Set(["disconnected", "failed"]);
const PAGE = Math.random().toString(36).slice(2, 10);

/** @typedef {import("./local.js").LocalMedia} LocalMedia */
/** @typedef {import("./local.js").Source} Source */
/** @typedef {import("../../lib/types.js").UserId} UserId */
/** @typedef {import("../../lib/types.js").ClientEvents["signal"]} Signal */
/** @typedef {Partial<Record<Source, MediaStream>>} Streams */

/** @typedef {Pick<import("../../client.js").Client, "on" | "signal" | "peers" | "iceServers" | "userId">} Line What a mesh needs of its client. */

export class Mesh {
  #client;
  #local;
  #onTrack;
  #page;
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  /** @type {Map<string, Streams>} */
  #streams = new Map();
  /** How often somebody was called in vain. @type {Map<string, number>} */
  #attempts = new Map();
  #made = 0;
  #isOver = typeof RTCPeerConnection !== "function"; // a person can forbid it: the rest of the lesson goes on without calls
  #windows;
  /** Told when another window of ours begins to speak, and when this one does again. @type {(isElsewhere: boolean) => void} */
  onElsewhere = () => {};
  #stopListening;

  /**
   * @param {Line} client that is ready: those who are there already are called
   * @param {LocalMedia} local
   * @param {(userId: UserId) => void} onTrack somebody's streams are other ones, or come through or not
   * @param {string} [page] names this window among the person's
   */
  constructor(client, local, onTrack, page = PAGE) {
    this.#client = client;
    this.#local = local;
    this.#onTrack = onTrack;
    this.#page = page;
    this.#stopListening = local.onChange(() => this.#refresh());
    // Told once for each connection of ours, of the first before we listen; whom we are told of later calls us.
    client.on("message", ({ type, peers }) => type === "peers" && this.#callAll(peers));
    client.on("peer_joined", ({ user_id }) => void setTimeout(() => this.#callBack(user_id), CALL_BACK_MS));
    client.on("ice_servers", ({ iceServers }) => this.#peers.forEach((peer) => peer.useIceServers(iceServers)));
    client.on("participant_left", ({ user_id }) => this.hangUp(user_id));
    client.on("signal", (signal) => void this.#take(signal));
    this.#windows = new Windows(client, page, (isElsewhere) => this.#windowChanged(isElsewhere));
    this.#windows.speak();
    this.#callAll(client.peers);
  }

  /** What somebody sends. @param {UserId} userId @returns {Streams} */
  streamsOf(userId) {
    return this.#streams.get(String(userId)) ?? {};
  }

  /** Whether what somebody sends does not come through, and should. @param {UserId} userId */
  awaits(userId) {
    return this.#isSpeaking && this.#peers.get(String(userId))?.state !== "connected";
  }

  /** Ends one call. @param {UserId} userId */
  hangUp(userId) {
    const key = String(userId);
    this.#peers.get(key)?.close();
    this.#peers.delete(key);
    this.#attempts.delete(key);
    if (this.#streams.delete(key)) this.#onTrack(userId);
  }

  /** Ends all calls, and takes no more. */
  close() {
    this.#windows.go();
    this.#isOver = true;
    this.#stopListening();
    this.#hangUpAll();
  }

  #hangUpAll() {
    for (const userId of [...this.#peers.keys()]) this.hangUp(userId);
  }

  /** @param {UserId} userId */
  #isPresent(userId) {
    return this.#isSpeaking && this.#client.peers.some((peer) => String(peer) === String(userId));
  }

  get #isSpeaking() {
    return !this.#isOver && !this.#windows.isElsewhere;
  }

  /** @param {boolean} isElsewhere */
  #windowChanged(isElsewhere) {
    if (isElsewhere) this.#hangUpAll();
    this.onElsewhere(isElsewhere);
    this.#callAll(this.#client.peers);
  }

  /** @param {UserId} userId */
  #isPolite(userId) {
    return String(this.#client.userId) > String(userId);
  }

  /** @param {UserId} userId */
  #isMe(userId) {
    return String(userId) === String(this.#client.userId);
  }

  /** Calls those with whom we do not speak: we have just come, or come back. @param {readonly UserId[]} userIds */
  #callAll(userIds) {
    for (const userId of userIds) {
      if (this.#isSpeaking && !this.#isMe(userId) && this.#peers.get(String(userId))?.state !== "connected") this.#call(userId);
    }
  }

  /** Who came calls first; if nothing comes, we do. @param {UserId} userId */
  #callBack(userId) {
    if (!this.#peers.has(String(userId)) && this.#isPresent(userId) && !this.#isMe(userId)) this.#call(userId);
  }

  /** @param {UserId} userId */
  #call(userId) {
    const peer = this.#make(userId, null);
    peer.call();
    this.#again(userId, peer, () => peer.isOffering);
  }

  #refresh() {
    if (this.#windows.isElsewhere && SOURCES.some((source) => this.#local.isOn(source))) this.#windows.speak();
    for (const peer of this.#peers.values()) peer.refresh();
  }

  /** @param {UserId} userId @param {string | null} remoteId @returns {Peer} */
  #make(userId, remoteId) {
    this.#peers.get(String(userId))?.close();
    this.#made += 1;
    /** @type {Peer} */
    const peer = new Peer({
      id: `${this.#page}-${this.#made}`,
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

  /** @param {Signal} signal */
  async #take(signal) {
    const userId = signal.from_user_id;
    if (this.#isOver) return;
    if (this.#isMe(userId)) return this.#windows.take(signal);
    if (this.#windows.isForAnother(signal)) return;
    const peer = this.#peerFor(userId, signal);
    if (peer === null) return;
    try {
      await peer.take(signal);
    } catch (problem) {
      if (this.#peers.get(String(userId)) !== peer) return; // it was given up meanwhile
      console.warn("a call could not be agreed on:", problem);
      this.#again(userId, peer, () => peer.state !== "connected");
    }
  }

  /** Whom the signal is for: a call of ours, a new one, or none that there is. @param {UserId} userId @param {Signal} signal */
  #peerFor(userId, { kind, from = null, to = null }) {
    const peer = this.#peers.get(String(userId)) ?? null;
    if (to !== null && to !== peer?.id) {
      if (kind === "answer" && !this.#isOfThisWindow(to)) this.hangUp(userId); // another window of ours has called
      return null;
    }
    const isTheirs = peer !== null && (peer.remoteId === null || peer.remoteId === from);
    if (kind !== "offer") return isTheirs ? peer : null;
    if (isTheirs && peer.isOffering && !this.#isPolite(userId)) return null;
    return isTheirs && !peer.isOffering ? peer : this.#make(userId, from);
  }

  /** @param {unknown} id of a call of this person's */
  #isOfThisWindow(id) {
    return String(id).startsWith(`${this.#page}-`);
  }

  /** @param {UserId} userId @param {Source} slot @param {MediaStreamTrack} track */
  #keep(userId, slot, track) {
    this.#streams.set(String(userId), { ...this.streamsOf(userId), [slot]: new MediaStream([track]) });
    this.#onTrack(userId);
  }

  /** @param {UserId} userId @param {Peer} peer @param {RTCPeerConnectionState} state */
  #stateChanged(userId, peer, state) {
    this.#onTrack(userId);
    if (state === "connected") this.#attempts.delete(String(userId));
    if (LOST.has(state)) this.#again(userId, peer, () => peer.state !== "connected");
  }

  /**
   * Calls again, if it is still needed by then; the polite one waits longer, so that not both do it.
   * @param {UserId} userId
   * @param {Peer} peer
   * @param {() => boolean} isNeeded
   */
  #again(userId, peer, isNeeded) {
    const key = String(userId);
    const attempt = this.#attempts.get(key) ?? 0;
    const waitMs = RETRY_MS * 2 ** Math.min(attempt, MOST_DOUBLINGS) * (this.#isPolite(userId) ? 2 : 1);
    setTimeout(() => {
      if (this.#peers.get(key) !== peer || !this.#isPresent(userId) || !isNeeded()) return;
      this.#attempts.set(key, attempt + 1);
      this.#call(userId);
    }, waitMs);
  }
}
