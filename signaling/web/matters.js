/** What the pages keep of ladders, lists, missed calls, alerts and rosters: pure. */

/** @import { AlertView, CallListView, LadderView, MissedView, RosterShift, ServerMessage } from "./types.js" */

const KEPT = 10;

/** @template {{ id: string, state: string, started_at: number }} T
 * @param {readonly T[]} all @param {T} news  of one @returns {T[]} newest first; older ones that are over are dropped */
export function withNews(all, news) {
  const sorted = [...all.filter((each) => each.id !== news.id), news].sort((a, b) => b.started_at - a.started_at || numberOf(b.id) - numberOf(a.id));
  return sorted.filter((each, place) => each.state === "running" || place < KEPT);
}

/** @param {string} id  "e12", "s7-e12" */
function numberOf(id) {
  return Number(/\d+$/.exec(id)?.[0] ?? 0);
}

/** What a console knows. @typedef {{ ladders: LadderView[], lists: CallListView[] }} ConsoleMatters */

/** @type {ConsoleMatters} */
export const NOTHING_KNOWN = { ladders: [], lists: [] };

/** @param {ConsoleMatters} known @param {ServerMessage} message @returns {ConsoleMatters} the same object when it is no news */
export function consoleMatters(known, message) {
  if (message.type === "escalation") return { ...known, ladders: withNews(known.ladders, message.escalation) };
  if (message.type === "call_list") return { ...known, lists: withNews(known.lists, message.call_list) };
  return known;
}

/** The newest ladder on the record of a call. @param {ConsoleMatters} known @param {string} record @returns {LadderView | undefined} */
export function ladderOf(known, record) {
  return known.ladders.find((each) => each.record === record);
}

/**
 * What a point knows: missed calls by session, alerts by record, its shifts.
 * @typedef {{ missed: Readonly<Record<string, MissedView[]>>, alerts: AlertView[], shifts: RosterShift[], earlyMs: number, names: { name: string, function: string }[] }} PointMatters
 */

/** @type {PointMatters} */
export const NOTHING_WAITS = { missed: {}, alerts: [], shifts: [], earlyMs: 0, names: [] };

/** @param {PointMatters} known @param {ServerMessage} message @returns {PointMatters} the same object when it is no news */
export function pointMatters(known, message) {
  switch (message.type) {
    case "welcome":
      return NOTHING_WAITS; // what still waits follows
    case "missed":
      return { ...known, missed: { ...known.missed, [message.session]: message.calls } };
    case "alert":
      return { ...known, alerts: [...known.alerts.filter((each) => each.record !== message.alert.record), message.alert] };
    case "alert_over":
      return { ...known, alerts: known.alerts.filter((each) => each.record !== message.record) };
    case "roster":
      return { ...known, shifts: message.shifts, earlyMs: message.confirm_early_s * 1000, names: message.names };
    default:
      return known;
  }
}

/** The missed calls of all sessions, newest first. @param {PointMatters} known @returns {MissedView[]} */
export function missedCalls(known) {
  return Object.values(known.missed).flat().sort((a, b) => b.placed_at - a.placed_at);
}

/** The shift that can be confirmed now, the present one first. @param {PointMatters} known @param {number} now @returns {RosterShift | undefined} */
export function shiftToConfirm(known, now) {
  return known.shifts.find((each) => each.confirmed_at === null && each.end > now && each.start - known.earlyMs <= now);
}
