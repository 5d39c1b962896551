/**
 * The local copies of everything but the board: session, participants, media states, permissions, peers. Folds the
 * server's messages; each change makes a new value. Pure.
 * @module
 */

/** @typedef {import("./types.js").ClientEvents} ClientEvents */
/** @typedef {import("./types.js").MediaState} MediaState */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Participant} Participant */
/** @typedef {import("./types.js").Permissions} Permissions */
/** @typedef {import("./types.js").Session} Session */
/** @typedef {import("./types.js").UserId} UserId */
/** @typedef {{[K in keyof ClientEvents]: [K, ClientEvents[K]]}[keyof ClientEvents]} Told An event to emit, and its detail. */

/** How a participant who left is shown; who was kicked is not in the list. @type {Record<string, string>} */
const STATUS_AFTER = { left: "left", timeout: "disconnected" };
const ALL_OFF = { video_enabled: false, audio_enabled: false, screen_sharing: false };

/** @template {{user_id: UserId}} T @param {T[]} list @returns {Map<string, T>} */
function byUser(list) {
  return new Map(list.map((item) => [String(item.user_id), item]));
}

export class Room {
  /** @type {Session | null} */
  session = null;
  /** @type {ReadonlyMap<string, Participant>} by `String(user_id)` */
  participants = new Map();
  /** @type {ReadonlyMap<string, MediaState>} by `String(user_id)` */
  mediaStates = new Map();
  /** @type {string} */
  role = "viewer";
  /** @type {Permissions} */
  permissions = {};
  /** @type {readonly UserId[]} the others with a socket for calls */
  peers = [];
  /** @type {any[]} */
  iceServers = [];

  /** @param {unknown} user */
  mediaOf(user) {
    return this.mediaStates.get(String(user));
  }

  /** Everything anew. @param {Message} welcome @returns {Told[]} */
  welcome(welcome) {
    this.mediaStates = byUser(welcome.media_states ?? []);
    return [
      ...this.useIceServers(welcome.ice_servers ?? []),
      ...this.#grant(welcome.role ?? welcome.participant?.role ?? this.role, welcome.permissions),
      ...this.#list(welcome.participants ?? []),
      ...this.#take(welcome.session),
    ];
  }

  /** @param {any[]} iceServers @returns {Told[]} */
  useIceServers(iceServers) {
    this.iceServers = iceServers;
    return [["ice_servers", { iceServers }]];
  }

  /** Folds a message; what is none of ours is nothing. @param {Message} message @returns {Told[]} */
  apply(message) {
    switch (message.type) {
      case "participant_joined":
      case "participant_updated":
        return this.#person(message.type, message.participant);
      case "participant_left":
        return this.#left(message.user_id, message.reason);
      case "session_updated":
        return [...this.#list(message.session.participants), ...this.#take(message.session)];
      case "media_state_update":
        return this.#media(message.user_id, message.media_state);
      case "permissions_updated":
        return this.#grant(message.role, message.permissions);
      case "peers":
        return this.#peers(message.peers);
      case "peer_joined":
        return [...this.#peers([...this.#without(message.user_id), message.user_id]), [message.type, { user_id: message.user_id }]];
      case "peer_left":
        return [...this.#peers(this.#without(message.user_id)), [message.type, { user_id: message.user_id }]];
      default:
        return [];
    }
  }

  /** @param {string} role @param {Permissions} permissions @returns {Told[]} */
  #grant(role, permissions) {
    const isSame = role === this.role && JSON.stringify(permissions) === JSON.stringify(this.permissions);
    this.role = role;
    this.permissions = permissions;
    return isSame ? [] : [["permissions", { role, permissions }]];
  }

  /** @param {Session} session @returns {Told[]} */
  #take(session) {
    this.session = session;
    return [["session", { session }]];
  }

  /** @param {Participant[]} list @returns {Told[]} */
  #list(list) {
    this.participants = byUser(list);
    return [["participants", { participants: new Map(this.participants) }]];
  }

  /** @param {"participant_joined" | "participant_updated"} type @param {Participant} participant @returns {Told[]} */
  #person(type, participant) {
    const told = this.#list([...new Map(this.participants).set(String(participant.user_id), participant).values()]);
    const { user_id, video_enabled, audio_enabled, screen_sharing } = participant;
    this.#keepMedia({ ...this.#mediaOrOff(user_id), user_id, video_enabled, audio_enabled, screen_sharing });
    return [...told, [type, { participant }]];
  }

  /** @param {UserId} user_id @param {string} reason @returns {Told[]} */
  #left(user_id, reason) {
    const people = new Map(this.participants);
    const person = people.get(String(user_id));
    const status = STATUS_AFTER[reason];
    if (person && status) people.set(String(user_id), { ...person, ...ALL_OFF, hand_raised: false, status });
    else people.delete(String(user_id));
    this.#keepMedia({ ...this.#mediaOrOff(user_id), ...ALL_OFF });
    return [...this.#list([...people.values()]), ["participant_left", { user_id, reason }]];
  }

  /** @param {UserId} user_id @param {MediaState} media_state @returns {Told[]} */
  #media(user_id, media_state) {
    this.#keepMedia({ ...media_state, user_id });
    const person = this.participants.get(String(user_id));
    const { video_enabled, audio_enabled, screen_sharing } = media_state;
    const people = new Map(this.participants);
    if (person) people.set(String(user_id), { ...person, video_enabled, audio_enabled, screen_sharing });
    return [...this.#list([...people.values()]), ["media", { user_id, media_state }]];
  }

  /** @param {MediaState} state */
  #keepMedia(state) {
    this.mediaStates = new Map(this.mediaStates).set(String(state.user_id), state);
  }

  /** @param {UserId} user_id @returns {MediaState} */
  #mediaOrOff(user_id) {
    return this.mediaOf(user_id) ?? { user_id, ...ALL_OFF, updated_at: null };
  }

  /** @param {UserId} user_id @returns {UserId[]} */
  #without(user_id) {
    return this.peers.filter((peer) => String(peer) !== String(user_id));
  }

  /** @param {UserId[]} peers @returns {Told[]} */
  #peers(peers) {
    this.peers = peers;
    return [["peers", { peers }]];
  }
}
