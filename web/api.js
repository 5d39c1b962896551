/**
 * The REST calls, as functions. An error is an `ApiError` with the server's own words.
 *
 *     const api = createApi({ url: location.origin, token: platformToken });
 *     const joined = await api.join(uuid);
 * @module
 */

import { ApiError, Caller } from "./lib/caller.js";

export { ApiError };

/** @typedef {ReturnType<typeof createApi>} Api */
/** @typedef {import("./lib/caller.js").CallerOptions} CallerOptions */
/** @typedef {import("./lib/types.js").BoardState} BoardState */
/** @typedef {import("./lib/types.js").MediaChanges} MediaChanges */
/** @typedef {import("./lib/types.js").MediaState} MediaState */
/** @typedef {import("./lib/types.js").Participant} Participant */
/** @typedef {import("./lib/types.js").Permissions} Permissions */
/** @typedef {import("./lib/types.js").Session} Session */
/** @typedef {import("./lib/types.js").UserId} UserId */
/** @typedef {{token: string, expires_at: string, permissions: Permissions, session: Session}} Token */
/** @typedef {Token & {participant: Participant, board_state: BoardState, ice_servers: any[]}} Joined */
/** @typedef {{version: number, snapshot_type: string, created_at: string, created_by: {id: UserId, name: string}, size_bytes: number, participant_count: number, thumbnail_url: string | null}} Snapshot */
/** @typedef {{id: number, event_type: string, user_id: UserId | null, data: any, created_at: string}} LoggedEvent */
/** @typedef {"json" | "svg" | "png"} ExportFormat */
/** @typedef {Record<string, string | number | undefined>} Query */

/**
 * @param {CallerOptions} options
 */
export function createApi(options) {
  const caller = new Caller(options);
  /** @param {string} path @param {Query} [query] @returns {Promise<any>} */
  const get = (path, query) => caller.call("GET", path, { query });
  /** @param {string} path @param {any} [body] @returns {Promise<any>} */
  const post = (path, body) => caller.call("POST", path, { body });
  /** The same once, however often it is sent. @param {string} path @param {any} [body] @returns {Promise<any>} */
  const once = (path, body) => caller.call("POST", path, { body, idempotencyKey: crypto.randomUUID() });
  /** @param {string} uuid @param {string} [rest] */
  const at = (uuid, rest = "") => `classroom/sessions/${encodeURIComponent(uuid)}/${rest}`;
  /** @param {string} uuid @param {ExportFormat} format @param {number} [version] */
  const exportPath = (uuid, format, version) =>
    `${at(uuid, version === undefined ? "" : `snapshots/${version}/`)}export/?format=${format}`;

  return {
    call: caller.call.bind(caller),

    /** @param {string} uuid @param {{access_code?: string}} [body] @returns {Promise<Joined>} */
    join: (uuid, body) => post(at(uuid, "join/"), body),
    /** A classroom token. @param {string} uuid @returns {Promise<Token>} */
    token: (uuid) => post(at(uuid, "jwt/")),
    /** @param {string} uuid @returns {Promise<{success: true}>} */
    leave: (uuid) => post(at(uuid, "leave/")),

    /** @param {string} uuid @returns {Promise<Session>} */
    session: (uuid) => get(at(uuid)),
    /** @param {{status?: string, page?: number, page_size?: number}} [query] @returns {Promise<{count: number, next: string | null, results: Session[]}>} */
    mySessions: (query) => get("classroom/sessions/my/", query),
    /** @param {{session_type: string, [field: string]: any}} body @returns {Promise<Session>} */
    createSession: (body) => once("classroom/sessions/", body),
    /** @param {Record<string, any>} [body] @returns {Promise<Session>} */
    createSolo: (body) => once("classroom/sessions/solo/", body),
    /** @param {string} uuid @returns {Promise<Session>} */
    start: (uuid) => once(at(uuid, "start/")),
    /** @param {string} uuid @returns {Promise<Session>} */
    pause: (uuid) => once(at(uuid, "pause/")),
    /** @param {string} uuid @returns {Promise<Session>} */
    resume: (uuid) => once(at(uuid, "resume/")),
    /** @param {string} uuid @param {string} [reason] @returns {Promise<Session>} */
    complete: (uuid, reason) => once(at(uuid, "complete/"), { reason }),
    /** @param {string} uuid @param {string} [reason] @returns {Promise<Session>} */
    terminate: (uuid, reason) => once(at(uuid, "terminate/"), { reason }),
    /** @param {string} uuid @returns {Promise<Record<string, any>>} */
    stats: (uuid) => get(at(uuid, "stats/")),

    /** @param {string} uuid @returns {Promise<{participants: Participant[]}>} */
    participants: (uuid) => get(at(uuid, "participants/")),
    /** @param {string} uuid @param {UserId} user_id @param {string} [reason] @returns {Promise<{success: true}>} */
    kick: (uuid, user_id, reason) => post(at(uuid, `kick/${encodeURIComponent(user_id)}/`), { reason }),
    /** @param {string} uuid @param {{user_id: UserId, name?: string, role?: string}} person @returns {Promise<Participant>} */
    invite: (uuid, person) => once(at(uuid, "invite/"), person),
    /** @param {string} uuid @param {UserId} user_id @param {string} role @returns {Promise<Participant & {permissions: Permissions}>} */
    setRole: (uuid, user_id, role) => post(at(uuid, "role/"), { user_id, role }),
    /** One's own. @param {string} uuid @returns {Promise<{role: string, permissions: Permissions}>} */
    permissions: (uuid) => get(at(uuid, "permissions/")),
    /** `null` takes one back to the role's. @param {string} uuid @param {UserId} user_id @param {Record<string, boolean | null>} permissions @returns {Promise<Participant & {permissions: Permissions}>} */
    setPermissions: (uuid, user_id, permissions) => post(at(uuid, "permissions/"), { user_id, permissions }),
    /** @param {string} uuid @returns {Promise<{media_states: MediaState[]}>} */
    mediaStates: (uuid) => get(at(uuid, "media-state/")),
    /** @param {string} uuid @param {MediaChanges} changes @returns {Promise<{success: true, media_state: MediaState}>} */
    setMediaState: (uuid, changes) => post(at(uuid, "media-state/"), changes),

    /** @param {string} uuid @param {string} event_type @param {Record<string, any>} [data] @returns {Promise<{success: true, event_id: number}>} */
    logEvent: (uuid, event_type, data) => once(at(uuid, "event/"), { event_type, data }),
    /** @param {string} uuid @param {{event_type?: string, limit?: number, before?: number}} [query] @returns {Promise<{events: LoggedEvent[], next: number | null}>} */
    events: (uuid, query) => get(at(uuid, "events/"), query),
    /** @param {string} uuid @returns {Promise<{total: number, by_type: Record<string, number>, by_user: Record<string, number>}>} */
    eventStats: (uuid) => get(at(uuid, "events/stats/")),
    /** @param {string} uuid @param {{limit?: number}} [query] @returns {Promise<{errors: LoggedEvent[]}>} */
    recentErrors: (uuid, query) => get(at(uuid, "events/errors/"), query),

    /** @param {string} uuid @returns {Promise<Snapshot>} */
    save: (uuid) => once(at(uuid, "save/")),
    /** @param {string} uuid @param {BoardState} board_state @param {number} version @returns {Promise<{version: number, stale: boolean}>} */
    autosave: (uuid, board_state, version) => post(at(uuid, "autosave/"), { board_state, version }),
    /** @param {string} uuid @param {{type?: string}} [query] @returns {Promise<{snapshots: Snapshot[]}>} */
    snapshots: (uuid, query) => get(at(uuid, "snapshots/"), query),
    /** @param {string} uuid @param {number} version @returns {Promise<Snapshot & {board_state: BoardState}>} */
    snapshot: (uuid, version) => get(at(uuid, `snapshots/${version}/`)),
    /** @param {string} uuid @param {number} version @returns {Promise<{version: number, board_state: BoardState}>} */
    restore: (uuid, version) => once(at(uuid, `snapshots/${version}/restore/`)),
    /** @param {string} uuid @param {{limit?: number}} [query] @returns {Promise<{id: number, version: number, state: BoardState, created_at: string, created_by: {id: UserId, name: string}}[]>} */
    history: (uuid, query) => get(`classroom/history/${encodeURIComponent(uuid)}/`, query),
    /** Its fetch needs the token, so for a link use `exportBoard`. @type {(uuid: string, format: ExportFormat, version?: number) => string} */
    exportUrl: (uuid, format, version) => caller.url(exportPath(uuid, format, version)),
    /** @type {(uuid: string, format: ExportFormat, version?: number) => Promise<{blob: Blob, filename: string}>} */
    exportBoard: (uuid, format, version) => caller.download(exportPath(uuid, format, version), `board.${format}`),

    /** @param {string} id @returns {Promise<Record<string, any>>} */
    booking: (id) => get(`booking/bookings/${encodeURIComponent(id)}/`),
    /** @param {{status?: string, role?: string, page?: number}} [query] @returns {Promise<{count: number, next: string | null, previous: string | null, results: Record<string, any>[]}>} */
    bookings: (query) => get("booking/bookings/", query),
    /** @param {string} id @returns {Promise<Record<string, any>>} */
    confirmBooking: (id) => post(`booking/bookings/${encodeURIComponent(id)}/confirm/`),
    /** @param {string} id @param {string} [reason] @returns {Promise<Record<string, any>>} */
    cancelBooking: (id, reason) => post(`booking/bookings/${encodeURIComponent(id)}/cancel/`, { reason }),
    /** @param {string} id @returns {Promise<Record<string, any>>} */
    bookingClassroom: (id) => get(`booking/bookings/${encodeURIComponent(id)}/classroom/`),
  };
}
