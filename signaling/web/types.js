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
 * @property {number | null} air_at  when it goes on air by its countdown; null when none runs
 * @property {number | null} ended_at
 * @property {number | null} deliver_deadline
 * @property {number | null} answer_deadline
 * @property {number | null} interrupted_at
 * @property {"video" | "audio" | null} connected_by
 * @property {number | null} monitor  which monitor slot shows it, 1 to 4
 * @property {Evidence | null} evidence
 * @property {TrailEntry[]} trail
 * @property {string} record  the first call of the matter
 * @property {string | null} together
 * @property {number | null} called_back_at
 * @property {number | null} explained_at
 */

/** @typedef {"reached" | "no_answer" | "wrong_number" | "refused"} Mark */

/**
 * One step of an escalation.
 * @typedef {object} LadderStep
 * @property {number} step
 * @property {"phone" | "point" | "above"} kind
 * @property {string} name
 * @property {string} function
 * @property {string} target
 * @property {string} contact_note
 * @property {"waiting" | "current" | "reached" | "failed" | "left"} state
 * @property {number | null} started_at
 * @property {number | null} deadline
 * @property {number | null} ended_at
 * @property {Mark | "timeout" | "not_placed" | null} outcome
 * @property {string} note
 * @property {string | null} by
 * @property {string | null} ring
 * @property {number | null} confirmed_at
 * @property {string} confirmed_name
 * @property {string} confirmed_text
 */

/** @typedef {{ id: string, record: string, point: string, point_name: string, cause: string | null, by: string, state: "running" | "reached" | "exhausted" | "stopped", current: number | null, deadline: number | null, started_at: number, ended_at: number | null, ended_by: string | null, steps: LadderStep[] }} LadderView */
/** @typedef {{ point: string, point_name: string, state: "waiting" | "current" | "done" | "failed" | "skipped", call: string | null, reason: string | null }} ListItem */
/** @typedef {{ id: string, by: string, auto: boolean, state: "running" | "done" | "stopped", current: number | null, started_at: number, ended_at: number | null, items: ListItem[] }} CallListView */
/** @typedef {{ id: string, record: string, by: string, state: string, cause: string | null, placed_at: number, ended_at: number | null, called_back_at: number | null, explained_at: number | null }} MissedView */
/** @typedef {{ record: string, escalation: string, point: string, name: string, cause: string | null, text: Words, at: number, deadline: number | null }} AlertView */
/** @typedef {{ start: number, end: number, contacts: { name: string, function: string, kind: "point" | "phone", target: string, note: string }[], confirmed_at: number | null, confirmed_by: string | null }} RosterShift */
/** @typedef {{ at: number, about: string, what: string, by: string, note: string }} RecordLine */

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
/**
 * An item of the agenda.
 * @typedef {object} AgendaItem
 * @property {string} id
 * @property {number} place
 * @property {string} point
 * @property {string} point_name
 * @property {string} subject
 * @property {number} duration_ms  0: the usual time
 * @property {"waiting" | "called" | "speaking" | "done" | "missed" | "skipped"} state
 * @property {number} tries
 * @property {number | null} called_at
 * @property {number | null} started_at
 * @property {number | null} ended_at
 * @property {number} spoken_ms
 */

/** @typedef {{ id: string, title: string, by: string, session: string, state: "running" | "due" | "withdrawn", issued_at: number, deadline: number, withdrawn_at: number | null }} DirectiveHead */
/** A directive as a desk hears of it. @typedef {DirectiveHead & { answer: "waiting" | "in_time" | "late" | "overdue", acknowledged_at: number | null, name: string | null, function: string | null }} Notice */
/** @typedef {{ addressed: number, in_time: number, late: number, silent: number, offline: number }} DirectiveTally */
/** A directive as a console sees it. @typedef {DirectiveHead & { total: DirectiveTally, units: (DirectiveTally & { unit: string, name: string })[], units_left_out: number }} DirectiveBoard */
/** @typedef {{ point: string, point_name: string, answer: string, cause: string | null, acknowledged_at: number | null, name: string | null, function: string | null }} DirectivePoint */
/** @typedef {{ id: string, point: string, point_name: string, session: string, state: "sent" | "forwarded" | "accepted" | "declined" | "noted", unit: string, unit_name: string, sent_at: number, moved_at: number | null, excerpt: string, reply: string }} ProposalRow */
/** @typedef {{ id: string, at: number, by: string, k: number, units: string[], filter: string, seed: string, candidates: number, left_out: number, started_over: boolean, drawn: { place: number, point: string, point_name: string, last_called: number | null }[] }} Draw */

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
 *   | { type: "picture", level: PictureLevel, is_wish: boolean }
 *   | { type: "floor_queue", holder: FloorRequest | null, queue: FloorRequest[], waiting: number }
 *   | { type: "agenda", items: AgendaItem[], next: string | null }
 *   | { type: "directive", directive: Notice }
 *   | { type: "directive_board", directive: DirectiveBoard }
 *   | { type: "proposals", proposals: ProposalRow[], open: number }
 *   | { type: "proposal", proposal: ProposalRow }
 *   | { type: "draw", draw: Draw }
 *   | { type: "ack", id: number, at: number, call: string | null, roll_call: string | null }
 *   | { type: "error", id: number | null, error: WireError }
 *   | { type: "escalation", escalation: LadderView }
 *   | { type: "call_list", call_list: CallListView }
 *   | { type: "missed", session: string, calls: MissedView[] }
 *   | { type: "alert", alert: AlertView }
 *   | { type: "alert_over", record: string }
 *   | { type: "roster", shifts: RosterShift[], confirm_early_s: number, names: { name: string, function: string }[] }
 *   | { type: "tick", at: number }} ServerMessage
 */

/** The best layer of the pictures, the middle one, the lowest one, or only sound. @typedef {"full" | "half" | "quarter" | "sound"} PictureLevel */

/** @typedef {{ kind: "point", code: string, secret: string } | { kind: "token", token: string }} Credential */

/**
 * @typedef {{ kind: "place_call", point: string }
 *   | { kind: "preview" | "off_air" | "end_call" | "cancel_call", call: string }
 *   | { kind: "take", call: string, delay_s?: number }
 *   | { kind: "start_roll_call", seconds: number, units?: string[] | null }
 *   | { kind: "give_floor", point: string, seconds?: number | null }
 *   | { kind: "extend_floor", point: string, seconds: number }
 *   | { kind: "take_back_floor" | "withdraw_floor", point: string }
 *   | { kind: "close_roll_call", roll_call: string }
 *   | { kind: "retry_call" | "escalate" | "stop_escalation", call: string }
 *   | { kind: "place_calls", points: string[], together?: boolean }
 *   | { kind: "start_call_list", points: string[], auto?: boolean }
 *   | { kind: "next_call" | "stop_call_list", list: string }
 *   | { kind: "mark_contact", call: string, step: number, outcome: Mark, note?: string }
 *   | { kind: "set_agenda", items: { point: string, subject: string, seconds: number | null, item: string | null }[] }
 *   | { kind: "next_speaker" }
 *   | { kind: "skip_speaker", item: string }
 *   | { kind: "issue_directive", title: string, text: string, deadline: number, units: string[] | null }
 *   | { kind: "withdraw_directive", directive: string }
 *   | { kind: "answer_proposal", proposal: string, outcome: "accepted" | "declined" | "noted" | "forwarded", text: string }
 *   | { kind: "forward_proposal", proposal: string, unit: string, text: string }
 *   | { kind: "draw_points", count: number, units: string[] | null, only: "ready" | "live" | "all", filter: string }} Command
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
 *   | { type: "acknowledge_directive", directive: string, name: string, function: string }
 *   | { type: "send_proposal", text: string }
 *   | { type: "call_back", call: string, note?: string }
 *   | { type: "explain", call: string, name: string, text: string }
 *   | { type: "confirm_alert", record: string, reached: boolean, name: string, text?: string }
 *   | { type: "confirm_shift", name: string }
 *   | { type: "limit_picture", level: PictureLevel }
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
