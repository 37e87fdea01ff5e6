/** Directives, proposals, draws and the agenda as the pages keep them: pure. */

/** @import { AgendaItem, Notice, ProposalRow } from "./types.js" */

export const KEPT = 50;

/** The number in an id, "s7-d12" being 12. @param {string} id */
export function numberOf(id) {
  return Number(/(\d+)$/.exec(id)?.[1] ?? 0);
}

/**
 * A list with news of one of its things, the newest first, so many at most.
 * @template {{ id: string }} T @param {readonly T[]} list @param {T} thing @param {number} [kept] @returns {T[]}
 */
export function withNews(list, thing, kept = KEPT) {
  const others = list.filter((each) => each.id !== thing.id);
  return [...others, thing].sort((a, b) => numberOf(b.id) - numberOf(a.id)).slice(0, kept);
}

/** Points that have not acknowledged. @param {{ addressed: number, in_time: number, late: number }} tally */
export function unacknowledged(tally) {
  return tally.addressed - tally.in_time - tally.late;
}

/** What a desk has yet to acknowledge, the most urgent first. @param {readonly Notice[]} notices @returns {Notice[]} */
export function toAcknowledge(notices) {
  const open = notices.filter((each) => each.state !== "withdrawn" && (each.answer === "waiting" || each.answer === "overdue"));
  return open.sort((a, b) => a.deadline - b.deadline || numberOf(a.id) - numberOf(b.id));
}

/** @param {ProposalRow} row */
export function isOpen(row) {
  return row.state === "sent" || row.state === "forwarded";
}

/**
 * The agenda as `set_agenda` takes it, every item keeping what became of it.
 * @param {readonly AgendaItem[]} items
 */
export function entriesOf(items) {
  return items.map((item) => ({
    point: item.point,
    subject: item.subject,
    seconds: item.duration_ms === 0 ? null : Math.round(item.duration_ms / 1000),
    item: /** @type {string | null} */ (item.id),
  }));
}

/** A list with the thing at `place` one place up. @template T @param {readonly T[]} list @param {number} place @returns {T[]} */
export function movedUp(list, place) {
  const moved = [...list];
  const thing = moved[place];
  const before = moved[place - 1];
  if (thing === undefined || before === undefined) return moved;
  moved[place - 1] = thing;
  moved[place] = before;
  return moved;
}

/** Refusals that are about something a desk asked, by what that was. @type {Readonly<Record<string, string[]>>} */
const ABOUT = {
  floor: ["floor_full", "outside_session", "session_state", "unavailable", "forbidden"],
  proposal: ["proposals_full", "proposal_text", "session_state", "unavailable", "forbidden"],
  directive: ["directive_withdrawn", "not_addressed", "unknown_directive", "name_missing", "session_state", "unavailable", "forbidden"],
};

/** What a refusal without a number is about, when that was asked last. @param {string | null} asked @param {string} code */
export function isAbout(asked, code) {
  return asked !== null && (ABOUT[asked]?.includes(code) ?? false);
}
