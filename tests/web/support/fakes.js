/** A clock, sockets and a token that a test moves by hand. */

import { connect } from "../../../web/client.js";

export const SESSION = "00000000-0000-4000-8000-000000000001";
export const START_MS = Date.parse("2026-01-01T10:00:00Z");

/** Timers that run when the test says so. */
export class FakeTimers {
  #now = START_MS;
  #timers = new Map();
  #last = 0;

  now = () => this.#now;

  setTimeout = (run, ms) => {
    this.#timers.set((this.#last += 1), { at: this.#now + ms, run });
    return this.#last;
  };

  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** Everything that is due within `ms`, in its order. */
  advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0]);
      if (due.length === 0) break;
      const [id, { at, run }] = due[0];
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      run();
    }
    this.#now = end;
  }
}

/** The sockets a client opened, newest last. Each is driven from the server's side. */
export function fakeSockets() {
  const opened = [];
  class FakeWebSocket {
    readyState = 0;
    closedWith = null;
    sent = [];

    constructor(url, protocols) {
      this.url = url;
      this.protocols = protocols;
      opened.push(this);
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close(code) {
      this.readyState = 3;
      this.closedWith = code;
    }

    /** A message from the server. */
    tell(message) {
      this.readyState = 1;
      this.onmessage({ data: JSON.stringify(message) });
    }

    /** The server, or the network, closes it. */
    drop(code, reason = "") {
      this.readyState = 3;
      this.onclose({ code, reason });
    }

    /** What the client sent of one type. */
    of(type) {
      return this.sent.filter((message) => message.type === type);
    }
  }
  return { opened, FakeWebSocket };
}

/** A classroom token of user 7 that ends so many seconds after the start. */
export function token(seconds = 7200, mark = "") {
  const iat = START_MS / 1000;
  const payload = Buffer.from(JSON.stringify({ user_id: 7, iat, exp: iat + seconds })).toString("base64url");
  return `e30.${payload}.sig${mark}`;
}

export const ADA = {
  user_id: 7, name: "Ada", avatar: null, role: "host", status: "connected", video_enabled: false, audio_enabled: false,
  screen_sharing: false, connection_quality: "good", hand_raised: false, joined_at: null, left_at: null,
};
export const BEN = { ...ADA, user_id: "8", name: "Ben", role: "student" };

export function welcome(fields = {}) {
  return {
    type: "welcome", protocol: 1, connection_id: "c1", epoch: "e1", seq: 10, recovered: false, missed: 0,
    server_time: "2026-01-01T10:00:00.000Z", heartbeat_seconds: 20, session: { uuid: SESSION, status: "active", participants: [ADA, BEN] },
    participant: ADA, role: "host", permissions: { can_draw: true }, participants: [ADA, BEN],
    media_states: [], board: { version: 0 }, ice_servers: [], ...fields,
  };
}

export const EMPTY = { strokes: [], objects: [], assets: [], layers: [], background: null };

/** A client on fakes, and what it told. */
export function lesson(options = {}) {
  const timers = new FakeTimers();
  const { opened, FakeWebSocket } = fakeSockets();
  const client = connect({
    url: "http://one.test", session: SESSION, token: token(), WebSocket: FakeWebSocket, timers, random: () => 0.5, ...options,
  });
  const told = [];
  for (const type of ["state", "ready", "board", "rejected", "conflict", "read_only", "token", "error", "signal",
    "participant_joined", "participant_left", "media", "permissions", "pointer", "peers", "message"]) {
    client.on(type, (detail) => told.push([type, detail]));
  }
  return {
    client, timers, opened, told,
    get socket() { return opened.at(-1); },
    of: (type) => told.filter(([name]) => name === type).map(([, detail]) => detail),
  };
}

/** A client that is welcome and has the board. */
export function openLesson(options = {}, state = EMPTY, version = 0) {
  const made = lesson(options);
  made.socket.tell(welcome({ board: { version } }));
  made.socket.tell({ type: "sync_response", version, state });
  return made;
}

export function strokes(client) {
  return client.board.elements("strokes").map(({ id }) => id);
}

export function update(seq, version, id, more = {}) {
  return { type: "board_update", seq, version, event_type: "stroke_add", data: { id }, user_id: "8", ...more };
}
