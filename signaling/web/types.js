// The shapes that cross the WebSocket, as PROTOCOL.md describes them. Types only: nothing here runs.

/** @typedef {"vi" | "en"} Language */
/** @typedef {{ vi: string, en: string }} Words */
/** @typedef {{ code: string, message: Words, retry_after_s: number | null }} WireError */
/** @typedef {"ok" | "absent" | "refused" | "unknown"} DeviceState */
/** @typedef {"center" | "operator" | "observer" | "viewer" | "point"} Role */

/**
 * What this machine says about itself; evidence on a call's trail.
 * @typedef {object} Report
 * @property {boolean | null} visible
 * @property {DeviceState} camera
 * @property {DeviceState} microphone
 * @property {number | null} rtt_ms
 * @property {string | null} device  at most 80 characters
 */

/**
 * @typedef {"queued" | "ringing" | "delivered" | "answered" | "connected" | "preview" | "on_air" | "ended" | "failed"} CallState
 */

/**
 * One line of a call's evidence.
 * @typedef {object} TrailEntry
 * @property {number} at
 * @property {string} what
 * @property {string | null} by
 * @property {string | null} note
 * @property {Report | null} report
 */

/**
 * What was known in the moment a call failed.
 * @typedef {object} Evidence
 * @property {boolean} point_live
 * @property {number | null} last_seen
 * @property {number | null} offline_since
 * @property {string | null} left_reason
 * @property {number} rings_sent
 * @property {number | null} rang_at
 * @property {number | null} delivered_at
 * @property {number | null} answered_at
 * @property {number | null} deadline
 * @property {boolean} video
 * @property {boolean} audio
 * @property {"camera" | "microphone" | null} device
 * @property {string} detail
 * @property {Report | null} report
 */

/**
 * A call as the server shows it; all times are milliseconds since the Unix epoch.
 * @typedef {object} CallView
 * @property {string} id
 * @property {string} point
 * @property {string} point_name
 * @property {CallState} state
 * @property {string | null} cause
 * @property {string | null} by
 * @property {number | null} placed_at
 * @property {number | null} ringing_at
 * @property {number | null} delivered_at
 * @property {number | null} answered_at
 * @property {number | null} connected_at
 * @property {number | null} preview_at
 * @property {number | null} on_air_at
 * @property {number | null} off_air_at
 * @property {number | null} ended_at
 * @property {number | null} deliver_deadline
 * @property {number | null} answer_deadline
 * @property {number | null} interrupted_at
 * @property {"video" | "audio" | null} connected_by
 * @property {number | null} monitor  which monitor slot shows it, 1 to 4
 * @property {Evidence | null} evidence
 * @property {TrailEntry[]} trail
 */

/** @typedef {"waiting" | "present" | "late" | "absent"} Presence */

/**
 * A roll call as one of its points sees it.
 * @typedef {object} Question
 * @property {string} id
 * @property {"asking" | "closed"} state
 * @property {number} started_at
 * @property {number} deadline
 * @property {Presence} presence
 * @property {"offline" | "no_answer" | null} cause
 * @property {number | null} confirmed_at
 * @property {string | null} name
 * @property {string | null} function
 */

/** @typedef {{ asked: number, present: number, late: number, no_answer: number, offline: number }} Tally */

/**
 * A roll call as a console sees it: counters of its scope.
 * @typedef {object} Board
 * @property {string} id
 * @property {string} by
 * @property {"asking" | "closed"} state
 * @property {number} started_at
 * @property {number} deadline
 * @property {number | null} closed_at
 * @property {Tally} total
 * @property {(Tally & { unit: string, name: string })[]} units  those with most missing first
 * @property {number} units_left_out
 */

/**
 * A request to speak.
 * @typedef {object} FloorRequest
 * @property {string} id
 * @property {string} point
 * @property {string} point_name
 * @property {string} subject
 * @property {"waiting" | "called" | "speaking"} state
 * @property {number | null} place
 * @property {number} asked_at
 * @property {number | null} started_at
 * @property {number | null} deadline
 * @property {number | null} warned_at
 */

/** One point in the list of a roll call. @typedef {{ point: string, point_name: string, presence: Presence, cause: string | null, confirmed_at: number | null, name: string | null, function: string | null }} Attendance */

/** @typedef {{ call: string, point: string, name: string }} OnAir */
/** @typedef {{ session_state: "prepared" | "open" | "closed", center_live: boolean, on_air: OnAir[] }} Stage */
/** @typedef {"standing" | "meeting" | "line"} SessionKind */
/** What a point takes part in. @typedef {{ type: "attending", session: { id: string, title: string }, kind: SessionKind, center: string, level: number, reason: "standing" | "meeting" | "call", stage: Stage }} Attending */
/** A session as GET /api/sessions tells it. @typedef {{ id: string, title: string, kind: SessionKind, state: "prepared" | "open" | "closed", units: string[], center: string | null, center_name: string, level: number, points: number, live: number, by: string | null, opened_at: number | null, opened_by: string | null, closed_at: number | null, closed_by: string | null }} SessionView */
/** @typedef {{ ready: boolean, epoch: string }} MediaStatus */
/** @typedef {{ code: string, name: string, path: string[] }} PointView */

/**
 * @typedef {object} Welcome
 * @property {"welcome"} type
 * @property {number} protocol
 * @property {{ id: string, title: string, state: string }} session
 * @property {Role} role
 * @property {PointView | null} point
 * @property {string} subject
 * @property {string} token
 * @property {number} token_expires_at
 * @property {MediaStatus} media
 * @property {Stage} stage
 * @property {CallView | null} call
 * @property {number} at
 */

/**
 * @typedef {Welcome
 *   | { type: "refused", error: WireError }
 *   | { type: "media", ready: boolean, epoch: string }
 *   | { type: "stage", stage: Stage }
 *   | { type: "ring", call: CallView }
 *   | { type: "call", call: CallView }
 *   | { type: "frame", version: number, directory: string, count: number, states: string }
 *   | { type: "changes", version: number, changes: [number, number][] }
 *   | { type: "calls", calls: CallView[] }
 *   | { type: "roll_call", roll_call: Question }
 *   | { type: "roll_call_board", roll_call: Board }
 *   | Attending
 *   | { type: "floor", session: string, request: FloorRequest | null }
 *   | { type: "floor_queue", holder: FloorRequest | null, queue: FloorRequest[], waiting: number }
 *   | { type: "ack", id: number, at: number, call: string | null, roll_call: string | null }
 *   | { type: "error", id: number | null, error: WireError }
 *   | { type: "tick", at: number }} ServerMessage
 */

/** @typedef {{ kind: "point", code: string, secret: string } | { kind: "token", token: string }} Credential */

/**
 * @typedef {{ kind: "place_call", point: string }
 *   | { kind: "preview" | "take" | "off_air" | "end_call" | "cancel_call", call: string }
 *   | { kind: "start_roll_call", seconds: number, units?: string[] | null }
 *   | { kind: "give_floor", point: string, seconds?: number | null }
 *   | { kind: "extend_floor", point: string, seconds: number }
 *   | { kind: "take_back_floor" | "withdraw_floor", point: string }
 *   | { kind: "close_roll_call", roll_call: string }} Command
 */

/**
 * @typedef {{ type: "report", report: Report }
 *   | { type: "ringing", call: string, report: Report }
 *   | { type: "answer", call: string, report: Report }
 *   | { type: "decline", call: string, reason?: string, report: Report }
 *   | { type: "device_failed", call: string, device: "camera" | "microphone", error: string, report: Report }
 *   | { type: "hang_up", call: string }
 *   | { type: "ask_floor", subject: string }
 *   | { type: "withdraw_floor" }
 *   | { type: "present", roll_call: string, name: string, function: string, report: Report }
 *   | { type: "command", id: number, command: Command }} ClientMessage
 */

/** @typedef {{ type: "hello", protocol: 1, credential: Credential, session: string, report?: Report }} Hello */

/**
 * GET /api/directory.
 * @typedef {{ version: string, units: [string, string, string | null, string][], points: [string, string, string][] }} DirectoryJson
 */

/** @typedef {{ name: string, kind: "number" | "category", units: number, first_date: string, last_date: string, last_import: number, categories: string[] }} IndicatorView */
/** @typedef {{ name: string, kind: "number" | "category", date: string, total: number, has_more: boolean, units: { unit: string, value: number | string | null }[] }} IndicatorAnswer */

/** A slot of the programme or of the monitors. @typedef {string} Slot */

export {};
