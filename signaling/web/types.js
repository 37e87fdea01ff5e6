// The shapes that pages speak of. Those that cross the WebSocket are made from the service's models (wire.d.ts); here they get the names
// that pages use. What only REST gives is written down here. Types only: nothing here runs.

/** @typedef {"vi" | "en"} Language */
/** @typedef {import("./wire.js").Bilingual} Words */
/** @typedef {import("./wire.js").ErrorBody} WireError */
/** @typedef {import("./wire.js").Report} Report */
/** @typedef {import("./wire.js").TrailEntry} TrailEntry */
/** @typedef {import("./wire.js").Evidence} Evidence */
/** @typedef {import("./wire.js").CallView} CallView */
/** @typedef {import("./wire.js").StepView} LadderStep */
/** @typedef {import("./wire.js").LadderView} LadderView */
/** @typedef {import("./wire.js").ItemView} ListItem */
/** @typedef {import("./wire.js").CallListView} CallListView */
/** @typedef {import("./wire.js").MissedView} MissedView */
/** @typedef {import("./wire.js").AlertView} AlertView */
/** @typedef {import("./wire.js").ShiftView} RosterShift */
/** @typedef {import("./wire.js").QuestionView} Question */
/** @typedef {import("./wire.js").TallyView} Tally */
/** @typedef {import("./wire.js").BoardView} Board */
/** @typedef {import("./wire.js").RequestView} FloorRequest */
/** @typedef {import("./wire.js").OnAir} OnAir */
/** @typedef {import("./wire.js").Stage} Stage */
/** @typedef {import("./wire.js").AgendaItemView} AgendaItem */
/** @typedef {import("./wire.js").NoticeView} Notice */
/** @typedef {import("./wire.js").DirectiveTally} DirectiveTally */
/** @typedef {import("./wire.js").DirectiveBoardView} DirectiveBoard */
/** @typedef {import("./wire.js").ProposalRow} ProposalRow */
/** @typedef {import("./wire.js").DrawView} Draw */
/** @typedef {import("./wire.js").AttendingMessage} Attending */
/** @typedef {import("./wire.js").MediaState} MediaStatus */
/** @typedef {import("./wire.js").PointRef} PointView */
/** @typedef {import("./wire.js").Welcome} Welcome */
/** @typedef {import("./wire.js").ServerMessage} ServerMessage */
/** @typedef {import("./wire.js").ClientMessage} ClientMessage */
/** @typedef {import("./wire.js").Command} Command */
/** @typedef {import("./wire.js").Hello} Hello */
/** @typedef {Report["camera"]} DeviceState */
/** @typedef {Welcome["role"]} Role */
/** @typedef {CallView["state"]} CallState */
/** @typedef {import("./wire.js").MarkContactOrder["outcome"]} Mark */
/** @typedef {Question["presence"]} Presence */
/** @typedef {Attending["kind"]} SessionKind */
/** The best layer of the pictures, the middle one, the lowest one, or only sound. @typedef {import("./wire.js").PictureMessage["level"]} PictureLevel */
/** @typedef {Hello["credential"]} Credential */

/** @typedef {{ at: number, about: string, what: string, by: string, note: string }} RecordLine */
/** One point in the list of a roll call. @typedef {{ point: string, point_name: string, presence: Presence, cause: string | null, confirmed_at: number | null, name: string | null, function: string | null }} Attendance */
/** @typedef {{ point: string, point_name: string, answer: string, cause: string | null, acknowledged_at: number | null, name: string | null, function: string | null }} DirectivePoint */
/** A session as GET /api/sessions tells it. @typedef {{ id: string, title: string, kind: SessionKind, state: "prepared" | "open" | "closed", units: string[], center: string | null, center_name: string, level: number, points: number, live: number, by: string | null, opened_at: number | null, opened_by: string | null, closed_at: number | null, closed_by: string | null }} SessionView */
/**
 * GET /api/directory.
 * @typedef {{ version: string, units: [string, string, string | null, string][], points: [string, string, string][] }} DirectoryJson
 */
/** @typedef {{ name: string, kind: "number" | "category", units: number, first_date: string, last_date: string, last_import: number, categories: string[] }} IndicatorView */
/** @typedef {{ name: string, kind: "number" | "category", date: string, total: number, has_more: boolean, units: { unit: string, value: number | string | null }[] }} IndicatorAnswer */
/** A slot of the programme or of the monitors. @typedef {string} Slot */

export {};
