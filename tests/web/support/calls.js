/**
 * Connections between browsers without a browser: `RTCPeerConnection` as far as the room's calls go, with the rules of its
 * negotiation, and a server that hands signals on to every window of a person.
 */

import { Emitter } from "../../../web/lib/emitter.js";

/** Everything that was queued, promises and events, has run. */
export async function settle() {
  for (let turns = 0; turns < 20; turns += 1) await turn();
}

function turn() {
  return new Promise((resolve) => setImmediate(resolve));
}

const all = new Map();
let count = 0;

export class FakeTrack extends EventTarget {
  constructor(kind) {
    super();
    this.kind = kind;
    this.readyState = "live";
  }

  stop() {
    this.readyState = "ended";
  }
}

class FakeTransceiver {
  direction = "sendrecv";
  mid = null;

  constructor(kind) {
    this.receiver = { track: new FakeTrack(kind) };
    this.sender = { track: null, replaceTrack: async (track) => void (this.sender.track = track) };
  }
}

/** One end of a call. It is connected when both ends have the other's newest description and a candidate of it. */
export class FakeConnection {
  static get open() {
    return [...all.values()].filter(({ signalingState }) => signalingState !== "closed");
  }

  static reset() {
    all.clear();
  }

  name = `pc${(count += 1)}`;
  signalingState = "stable";
  connectionState = "new";
  localDescription = null;
  remoteDescription = null;
  heard = new Set();
  #transceivers = [];

  constructor(configuration) {
    this.setConfiguration(configuration);
    all.set(this.name, this);
  }

  setConfiguration({ iceServers }) {
    this.iceServers = iceServers;
  }

  getTransceivers() {
    return this.#transceivers;
  }

  addTransceiver(kind) {
    this.#transceivers.push(new FakeTransceiver(kind));
    if (this.asked) return;
    this.asked = true;
    setImmediate(() => this.signalingState === "stable" && this.onnegotiationneeded?.());
  }

  async setLocalDescription() {
    this.#mustBeOpen();
    const isAnswer = this.signalingState === "have-remote-offer";
    this.#transceivers.forEach((each, index) => (each.mid ??= String(index)));
    const slots = this.#transceivers.map(({ mid, receiver, direction }) => ({ mid, kind: receiver.track.kind, direction }));
    this.localDescription = { type: isAnswer ? "answer" : "offer", by: this.name, to: this.remoteDescription?.by ?? null, slots };
    this.signalingState = isAnswer ? "stable" : "have-local-offer";
    this.onicecandidate?.({ candidate: { by: this.name } }); // perhaps before whoever waits for the description has it
    await turn();
  }

  async setRemoteDescription(description) {
    this.#mustBeOpen();
    if (description?.type === "answer" && this.signalingState !== "have-local-offer") throw new Error("an answer to nothing");
    if (description?.type === "answer" && description.to !== this.name) throw new Error("an answer to somebody else");
    if (!description?.slots) throw new TypeError("no description");
    await turn();
    this.#mustBeOpen();
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    // Slots that were made here, and not offered yet, are never those of an offer from there.
    for (const { mid, kind } of description.slots) {
      let mine = this.#transceivers.find((each) => each.mid === mid);
      if (!mine) this.#transceivers.push((mine = Object.assign(new FakeTransceiver(kind), { mid, direction: "recvonly" })));
      this.ontrack?.({ transceiver: mine, track: mine.receiver.track });
    }
    link(this);
  }

  async addIceCandidate(candidate) {
    this.#mustBeOpen();
    if (!candidate?.by) throw new TypeError("no candidate");
    if (candidate.by !== this.remoteDescription?.by) throw new Error("a candidate of another connection");
    this.heard.add(candidate.by);
    link(this);
  }

  /** Tells how the network is. */
  become(state) {
    if (this.connectionState === state || this.signalingState === "closed") return;
    this.connectionState = state;
    setImmediate(() => this.onconnectionstatechange?.());
  }

  close() {
    const other = all.get(this.remoteDescription?.by);
    this.signalingState = "closed";
    this.connectionState = "closed";
    if (other?.connectionState === "connected") other.become("disconnected");
  }

  #mustBeOpen() {
    if (this.signalingState === "closed") throw new Error("the connection is closed");
  }
}

function link(one) {
  const other = all.get(one.remoteDescription?.by);
  if (other?.remoteDescription?.by !== one.name || !one.heard.has(other.name) || !other.heard.has(one.name)) return;
  if (one.signalingState !== "stable" || other.signalingState !== "stable") return;
  one.become("connected");
  other.become("connected");
}

/** The server's part: hands signals on, and tells who is there. */
export class Exchange {
  windows = new Set();
  /** What is under way, a queue for each pair of windows: `[message, window]`. */
  queues = new Map();
  lose = () => false;

  /** A window of somebody's; it hears nothing before `arrive`. */
  window(userId) {
    const exchange = this;
    const window = new Emitter();
    return Object.assign(window, {
      userId, name: `window${(count += 1)}`, peers: [], iceServers: [], isOpen: false,
      signal(kind, target, payload) {
        if (!window.isOpen) return false;
        exchange.send(window, { ...JSON.parse(JSON.stringify(payload)), kind, from_user_id: userId }, target);
        return true;
      },
    });
  }

  others(window) {
    return [...new Set([...this.windows].map(({ userId }) => userId))].filter((userId) => userId !== window.userId);
  }

  /** A window's connection opens: it is told who is there, and they are told of it. */
  arrive(window) {
    const isNew = ![...this.windows].some(({ userId }) => userId === window.userId);
    window.isOpen = true;
    this.windows.add(window);
    window.peers = this.others(window);
    window.emit("message", { type: "peers", peers: window.peers });
    for (const other of isNew ? this.windows : []) {
      if (other === window) continue;
      other.peers = this.others(other);
      other.emit("peer_joined", { user_id: window.userId });
    }
  }

  /** A window's connection is gone. */
  vanish(window) {
    window.isOpen = false;
    this.windows.delete(window);
    for (const other of this.windows) other.peers = this.others(other);
  }

  /** Somebody is out of the lesson. */
  left(userId) {
    for (const window of this.windows) window.emit("participant_left", { user_id: userId, reason: "left" });
  }

  send(from, message, target) {
    for (const window of this.windows) {
      if (String(window.userId) !== String(target) || this.lose(message)) continue;
      const key = `${from.name} ${window.name}`;
      this.queues.set(key, [...(this.queues.get(key) ?? []), [message, window]]);
    }
  }

  /** Delivers the next message of one of the queues; whether there was one. */
  deliver(random = () => 0) {
    const waiting = [...this.queues].filter(([, queue]) => queue.length > 0);
    if (waiting.length === 0) return false;
    const [, queue] = waiting[Math.floor(random() * waiting.length)];
    const [message, window] = queue.shift();
    if (window.isOpen) window.emit("signal", message);
    return true;
  }

  /** Delivers everything, and what it leads to. */
  async calm(random) {
    for (let idle = 0; idle < 2;) {
      await settle();
      idle = this.deliver(random) ? 0 : idle + 1;
    }
  }
}

globalThis.RTCPeerConnection = FakeConnection;
globalThis.MediaStream = class {
  constructor(tracks) {
    this.tracks = tracks;
  }

  getTracks() {
    return this.tracks;
  }
};
