/**
 * What is counted by unit, and who is missing: roll calls, directives and duty, each told to one board in the same words. Pure.
 *
 * A source knows the counters, where the service tells of a unit and its points, and how to read that.
 */

/** @import { Board, DirectiveBoard, Tally, DirectiveTally } from "./types.js" */

/** @typedef {"check" | "clock" | "silence" | "ring" | "gap"} Mark */
/** @typedef {"ok" | "late" | "warn" | "off" | "quiet"} CounterTone */
/** A counter that is a filter. @typedef {{ status: string, word: string, mark: Mark, tone: CounterTone, of: (tally: any) => number, isMissing: boolean }} Counter */
/** @typedef {{ code: string, name: string, tally: any }} UnitRow */
/** @typedef {{ code: string, name: string, word: string, at: number | null, who: string }} PointRow */
/** A unit, or the whole scope, opened. @typedef {{ tally: any, units: UnitRow[], unitsLeftOut: number, points: PointRow[], hasMore: boolean }} Opened */
/**
 * @typedef {object} Source
 * @property {string} key  what is counted, "roll_call r3": another key is another board
 * @property {string} total  word for "so many of so many"
 * @property {readonly Counter[]} counters  good first
 * @property {(unit: string, status: string, limit: number) => string} path  unit "": the whole scope
 * @property {(body: any) => Opened} read
 */

/** @param {Record<string, string | number>} query  empty ones are left out */
function asked(query) {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

/** @type {readonly Counter[]} */
export const ROLL_CALL_COUNTERS = [
  { status: "present", word: "tally_present", mark: "check", tone: "ok", of: (/** @type {Tally} */ tally) => tally.present, isMissing: false },
  { status: "late", word: "tally_late", mark: "clock", tone: "late", of: (/** @type {Tally} */ tally) => tally.late, isMissing: false },
  { status: "no_answer", word: "tally_no_answer", mark: "silence", tone: "warn", of: (/** @type {Tally} */ tally) => tally.no_answer, isMissing: true },
  { status: "offline", word: "tally_offline", mark: "ring", tone: "off", of: (/** @type {Tally} */ tally) => tally.offline, isMissing: true },
];

/** @type {readonly Counter[]} */
export const DIRECTIVE_COUNTERS = [
  { status: "in_time", word: "tally_in_time", mark: "check", tone: "ok", of: (/** @type {DirectiveTally} */ tally) => tally.in_time, isMissing: false },
  { status: "late", word: "tally_late", mark: "clock", tone: "late", of: (/** @type {DirectiveTally} */ tally) => tally.late, isMissing: false },
  { status: "silent", word: "tally_silent", mark: "silence", tone: "warn", of: (/** @type {DirectiveTally} */ tally) => tally.silent, isMissing: true },
  { status: "offline", word: "tally_offline", mark: "ring", tone: "off", of: (/** @type {DirectiveTally} */ tally) => tally.offline, isMissing: true },
];

/** @typedef {{ unconfirmed: number, no_roster: number, waiting: number, confirmed: number }} DutyTally */
/** @type {readonly Counter[]} */
export const DUTY_COUNTERS = [
  { status: "confirmed", word: "tally_confirmed", mark: "check", tone: "ok", of: (/** @type {DutyTally} */ tally) => tally.confirmed, isMissing: false },
  { status: "waiting", word: "tally_shift_ahead", mark: "clock", tone: "late", of: (/** @type {DutyTally} */ tally) => tally.waiting, isMissing: false },
  { status: "unconfirmed", word: "tally_unconfirmed", mark: "silence", tone: "warn", of: (/** @type {DutyTally} */ tally) => tally.unconfirmed, isMissing: true },
  { status: "no_roster", word: "tally_no_roster", mark: "gap", tone: "quiet", of: (/** @type {DutyTally} */ tally) => tally.no_roster, isMissing: true },
];

/** @param {any} row  counters with `unit` and `name` @returns {UnitRow} */
const unitRow = (row) => ({ code: row.unit, name: row.name, tally: row });

/** What a board that was pushed says of the whole scope: no points. @param {Board | DirectiveBoard} board @returns {Opened} */
export function openedOf(board) {
  return { tally: board.total, units: board.units.map(unitRow), unitsLeftOut: board.units_left_out, points: [], hasMore: false };
}

/** @param {string} session @param {string} rollCall @returns {Source} */
export function rollCallSource(session, rollCall) {
  return {
    key: `roll_call ${rollCall}`,
    total: "roll_call_done",
    counters: ROLL_CALL_COUNTERS,
    path: (unit, status, limit) => `/api/sessions/${session}/roll-calls/${rollCall}?${asked({ unit, status, limit })}`,
    read: (body) => ({
      ...openedOf(body.roll_call),
      points: body.points.map((/** @type {import("./types.js").Attendance} */ row) => ({
        code: row.point, name: row.point_name, at: row.confirmed_at, who: person(row),
        word: row.cause === null ? `presence_${row.presence}` : `presence_absent_${row.cause}`,
      })),
      hasMore: body.has_more,
    }),
  };
}

/** @param {string} directive @returns {Source} */
export function directiveSource(directive) {
  return {
    key: `directive ${directive}`,
    total: "directive_done",
    counters: DIRECTIVE_COUNTERS,
    path: (unit, status, limit) => `/api/directives/${directive}/points?${asked({ unit, status, limit })}`,
    read: (body) => ({
      ...openedOf(body.directive),
      points: body.points.map((/** @type {import("./types.js").DirectivePoint} */ row) => ({
        code: row.point, name: row.point_name, at: row.acknowledged_at, who: person(row),
        word: row.cause === "offline" ? "directive_answer_offline" : `directive_answer_${row.answer}`,
      })),
      hasMore: body.has_more,
    }),
  };
}

/** @returns {Source} */
export function dutySource() {
  return {
    key: "duty",
    total: "onduty_done",
    counters: DUTY_COUNTERS,
    path: (unit, status, limit) => `/api/rosters?${asked({ unit, status, limit })}`,
    read: (body) => ({
      tally: body.total,
      units: body.units.map(unitRow),
      unitsLeftOut: 0,
      points: body.points.map((/** @type {{ point: string, point_name: string, duty: string, shift_start: number | null }} */ row) => ({
        code: row.point, name: row.point_name, at: row.shift_start, who: "", word: `onduty_${row.duty}`,
      })),
      hasMore: body.has_more,
    }),
  };
}

/** @param {{ name: string | null, function: string | null }} row */
function person(row) {
  return [row.name, row.function].filter(Boolean).join(", ");
}

/** @param {Source} source @param {any} tally @returns {number} all points counted */
export function allOf(source, tally) {
  return source.counters.reduce((sum, each) => sum + each.of(tally), 0);
}

/** @param {Source} source @param {any} tally @returns {number} points that are missing, for whatever reason */
export function missingIn(source, tally) {
  return source.counters.reduce((sum, each) => sum + (each.isMissing ? each.of(tally) : 0), 0);
}

/** The statuses of those who are missing, the ones that can be reached first. @param {Source} source @returns {string[]} */
export function missingStatuses(source) {
  return source.counters.filter((each) => each.isMissing).map((each) => each.status);
}

/** Parts of a whole in percent for a bar: what is there is seen, however little. @param {readonly number[]} counts @returns {number[]} */
export function shares(counts) {
  const all = counts.reduce((sum, each) => sum + each, 0);
  if (all === 0) return counts.map(() => 0);
  const least = 1;
  const raised = counts.map((each) => (each === 0 ? 0 : Math.max(least, (each / all) * 100)));
  const sum = raised.reduce((total, each) => total + each, 0);
  return raised.map((each) => (each / sum) * 100);
}
