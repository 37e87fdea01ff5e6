/** What waits for somebody at the point, as a queue of cards: which comes first, and what was put aside. Pure. */

import { missedCalls, shiftToConfirm } from "./matters.js";
import { toAcknowledge } from "./papers.js";

/** @import { AlertView, MissedView, Notice, Question, RosterShift } from "./types.js" */
/** @import { PointMatters } from "./matters.js" */
/** @import { AnswerPhase } from "./point-rollcall.js" */

/**
 * One card. `canWait`: it may be put aside, and then waits in the bar.
 * @typedef {{ key: string, canWait: boolean } & (
 *   { kind: "roll_call", phase: AnswerPhase, question: Question }
 *   | { kind: "alert", alert: AlertView }
 *   | { kind: "directive", notice: Notice }
 *   | { kind: "missed", call: MissedView }
 *   | { kind: "shift", shift: RosterShift })} Card
 */

/**
 * All cards, the most urgent first: a question with a clock, a point that nobody reaches, what is to be acknowledged, what was missed,
 * the shift.
 * @param {object} known
 * @param {AnswerPhase} known.phase  of the roll call
 * @param {Question | null} known.question
 * @param {PointMatters} known.matters
 * @param {readonly Notice[]} known.directives
 * @param {number} known.now  server time
 * @returns {Card[]}
 */
export function cardsOf({ phase, question, matters, directives, now }) {
  /** @type {Card[]} */
  const cards = [];
  if (question !== null && phase !== "idle") cards.push({ kind: "roll_call", key: `roll-call-${question.id}`, canWait: phase === "missed", phase, question });
  for (const alert of matters.alerts) cards.push({ kind: "alert", key: `alert-${alert.record}`, canWait: false, alert });
  for (const notice of toAcknowledge(directives)) cards.push({ kind: "directive", key: `directive-${notice.id}-${notice.answer}`, canWait: true, notice });
  for (const call of missedCalls(matters)) cards.push({ kind: "missed", key: `missed-${call.id}`, canWait: true, call });
  const shift = shiftToConfirm(matters, now);
  if (shift !== undefined) cards.push({ kind: "shift", key: `shift-${shift.start}`, canWait: true, shift });
  return cards;
}

/**
 * Which card lies over the programme now: the first that was not put aside; in a call none does.
 * @param {readonly Card[]} cards @param {ReadonlySet<string>} aside  keys of those put aside @param {boolean} isInCall
 * @returns {{ open: Card | null, place: number, waiting: number }}  `place` of the open one among all, from 1; `waiting`: how many the bar tells of
 */
export function sheetOf(cards, aside, isInCall) {
  const open = isInCall ? null : (cards.find((card) => !card.canWait || !aside.has(card.key)) ?? null);
  return { open, place: open === null ? 0 : cards.indexOf(open) + 1, waiting: open === null ? cards.length : 0 };
}

/** Of what was put aside, what still exists: the set shall not grow for weeks. @param {ReadonlySet<string>} aside @param {readonly Card[]} cards @returns {ReadonlySet<string>} */
export function stillAside(aside, cards) {
  const kept = [...aside].filter((key) => cards.some((card) => card.key === key));
  return kept.length === aside.size ? aside : new Set(kept);
}
