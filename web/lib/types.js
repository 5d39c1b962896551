/**
 * The shapes that go over the wire and come out of the client. Types only.
 * @module
 */

/** @typedef {string | number} UserId Opaque; 7 and "7" are one person. */

/**
 * @typedef {object} Participant Somebody in the session.
 * @property {UserId} user_id
 * @property {string} name
 * @property {string | null} avatar
 * @property {string} role host, student, viewer, solo
 * @property {string} status invited, joining, connected, reconnecting, disconnected, left, kicked
 * @property {boolean} video_enabled
 * @property {boolean} audio_enabled
 * @property {boolean} screen_sharing
 * @property {string} connection_quality
 * @property {boolean} [hand_raised]
 * @property {string | null} joined_at
 * @property {string | null} left_at
 */

/**
 * @typedef {object} MediaState What somebody has switched on.
 * @property {UserId} user_id
 * @property {boolean} video_enabled
 * @property {boolean} audio_enabled
 * @property {boolean} screen_sharing
 * @property {string | null} updated_at
 */

/** @typedef {{video_enabled?: boolean, audio_enabled?: boolean, screen_sharing?: boolean}} MediaChanges */
/** @typedef {Record<string, boolean>} Permissions All fifteen, by name. */

/**
 * @typedef {object} Session A session, as the REST calls answer it.
 * @property {string} uuid
 * @property {string} session_type
 * @property {string} status
 * @property {{id: UserId, name: string, avatar: string | null}} host
 * @property {Participant[]} participants
 * @property {string | null} scheduled_start
 * @property {string | null} scheduled_end
 * @property {string | null} actual_start
 * @property {string | null} actual_end
 * @property {number} total_duration_seconds
 * @property {number} board_version
 * @property {UserId | null} booking_id
 * @property {string} join_url
 * @property {number} max_participants
 * @property {Record<string, any>} settings
 * @property {string | null} [access_code] shown to the host alone
 */

/** @typedef {Record<string, any>} Element Something on the board; its `id` names it within its list. */
/** @typedef {"strokes" | "objects" | "assets" | "layers"} ListName */

/**
 * @typedef {object} BoardState The board at one version; elements in the order of their first version.
 * @property {Element[]} strokes
 * @property {Element[]} objects
 * @property {Element[]} assets
 * @property {Element[]} layers
 * @property {any} background
 */

/**
 * @typedef {object} BoardEvent What happened on the board. `version` is the server's, and absent until it gave one.
 * @property {string} event_type
 * @property {any} data
 * @property {string | number} [id] names the event, so that it counts once
 * @property {number} [version]
 * @property {UserId} [user_id]
 */

/** @typedef {{type: string, [field: string]: any}} Message A message on the socket. */
/** @typedef {"connecting" | "open" | "reconnecting" | "ended"} State */
/** @typedef {{code: number, name: string, reason: string}} Ending Why a client is at its end. */

/**
 * @typedef {object} StateChange
 * @property {State} state
 * @property {State} previous
 * @property {number} [code] the close code that led here
 * @property {string} [name] and what it is called in `closes.js`
 * @property {string} [reason]
 * @property {number} [retryInMs] when the next attempt is made
 * @property {number} [attempt] how many there were since the connection was last good
 */

/**
 * @typedef {object} BoardChange `client.board` has changed already when this is told.
 * @property {"local" | "applied" | "confirmed" | "undone" | "replaced"} change
 * @property {BoardEvent} [event] absent where the whole board is another one
 * @property {boolean} own it is this client's own event
 * @property {number} version of the board that the server has confirmed
 */

/**
 * @typedef {object} ClientEvents Every event of a client, with its detail.
 * @property {StateChange} state
 * @property {{recovered: boolean}} ready
 * @property {{session: Session}} session
 * @property {{participants: Map<string, Participant>}} participants
 * @property {{participant: Participant}} participant_joined
 * @property {{user_id: UserId, reason: string}} participant_left
 * @property {{participant: Participant}} participant_updated
 * @property {{user_id: UserId, media_state: MediaState}} media
 * @property {{role: string, permissions: Permissions}} permissions
 * @property {{reason: string}} kicked
 * @property {{level: string, message: string, code?: string}} notification
 * @property {{readOnly: boolean}} read_only
 * @property {BoardChange} board
 * @property {{pending: number}} pending
 * @property {{id: string | number, event_type: string, data: any, code: string, message: string}} rejected
 * @property {{id: string | number, local_version: number, server_version: number}} conflict
 * @property {{user_id: UserId, x: number, y: number, tool?: string, color?: string}} pointer
 * @property {{peers: UserId[]}} peers
 * @property {{user_id: UserId}} peer_joined
 * @property {{user_id: UserId}} peer_left
 * @property {{iceServers: any[]}} ice_servers
 * @property {{kind: string, from_user_id: UserId, [field: string]: any}} signal
 * @property {{token: string, expires_at: string}} token
 * @property {{code: string, message: string, for: string | null, id?: string | number}} error
 * @property {Message} message
 */

/**
 * @typedef {object} Timers The clock; a test brings its own.
 * @property {() => number} now milliseconds
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

/** @typedef {{length: number, key(index: number): string | null, getItem(key: string): string | null, setItem(key: string, value: string): void, removeItem(key: string): void}} KeyValueStorage Like `sessionStorage`. */

/**
 * @typedef {object} Settings What a client is made with.
 * @property {string[]} urls where the server is; tried in turn
 * @property {string} session uuid
 * @property {string} token the classroom token
 * @property {(() => Promise<string>) | null} refreshToken
 * @property {(() => Promise<any[]>) | null} refreshIceServers
 * @property {KeyValueStorage | null} storage
 */

export {};
