/** What each tab of the boards says about itself: a number, whether it is urgent, and when something in it happened last. Pure. */

import { isOver } from "./console-calls.js";
import { isOpen, unacknowledged } from "./papers.js";

/** @import { AgendaItem, Board, CallView, DirectiveBoard, Draw, FloorRequest, LadderView, ProposalRow } from "./types.js" */

export const TABS = /** @type {const} */ (["record", "floor", "rollcall", "directives", "draw", "roster", "proposals", "agenda"]);
/** @typedef {typeof TABS[number]} Tab */
/**
 * `count` 0 is not shown; `urgent` asks for attention for as long as it lasts; `stamp` is when the newest thing worth a look happened,
 * in milliseconds since the epoch: a tab that was looked at since then has nothing new.
 * @typedef {{ count: number, urgent: boolean, stamp: number }} Mark
 */
/**
 * @typedef {object} Facts
 * @property {readonly CallView[]} calls
 * @property {{ holder: FloorRequest | null, queue: readonly FloorRequest[], waiting: number }} floor
 * @property {readonly Board[]} boards
 * @property {readonly DirectiveBoard[]} directives
 * @property {Draw | null} draw
 * @property {readonly LadderView[]} ladders
 * @property {readonly ProposalRow[]} proposals
 * @property {{ items: readonly AgendaItem[], next: string | null }} agenda
 */

/** @param {readonly number[]} times */
const newest = (times) => times.reduce((latest, each) => Math.max(latest, each), 0);

/** Failed calls about which nothing has come since: nobody called back, explained or was reached on the same record. @param {readonly CallView[]} calls @returns {CallView[]} */
export function unsettled(calls) {
  const settled = new Set(calls.filter((each) => each.state !== "failed" && each.answered_at !== null).map((each) => each.record));
  return calls.filter((each) => each.state === "failed" && each.cause !== "cancelled" && each.called_back_at === null && each.explained_at === null
    && !settled.has(each.record) && each.record === each.id);
}

/** @param {Facts} facts @returns {Readonly<Record<Tab, Mark>>} */
export function marksOf(facts) {
  const { holder, queue, waiting } = facts.floor;
  const asking = facts.boards.filter((each) => each.state === "asking");
  const due = facts.directives.filter((each) => each.state === "due" && unacknowledged(each.total) > 0);
  const running = facts.ladders.filter((each) => each.state === "running");
  const open = facts.proposals.filter(isOpen);
  const missed = facts.agenda.items.filter((each) => each.state === "missed");
  const left = facts.agenda.items.filter((each) => each.state === "waiting" || each.state === "missed");
  return {
    record: {
      count: unsettled(facts.calls).length,
      urgent: false,
      stamp: newest(facts.calls.filter(isOver).flatMap((each) => [each.called_back_at ?? 0, each.explained_at ?? 0])),
    },
    floor: { count: waiting, urgent: holder?.warned_at != null, stamp: newest(queue.map((each) => each.asked_at)) },
    rollcall: {
      count: newest(asking.map((each) => each.total.asked - each.total.present - each.total.late)),
      urgent: false,
      stamp: newest(facts.boards.map((each) => each.closed_at ?? 0)),
    },
    directives: { count: due.length, urgent: false, stamp: newest(due.map((each) => each.deadline)) },
    draw: { count: 0, urgent: false, stamp: facts.draw?.at ?? 0 },
    roster: {
      count: running.length,
      urgent: running.some((each) => each.current !== null && each.steps[each.current]?.kind === "phone"),
      stamp: newest(facts.ladders.map((each) => each.ended_at ?? each.started_at)),
    },
    proposals: { count: open.length, urgent: false, stamp: newest(open.map((each) => each.moved_at ?? each.sent_at)) },
    agenda: { count: left.length, urgent: false, stamp: newest(missed.map((each) => each.called_at ?? 0)) },
  };
}

/**
 * The tab that a key moves the focus to; null for other keys.
 * @template T @param {readonly T[]} tabs @param {T} from @param {string} key @returns {T | null}
 */
export function movedTab(tabs, from, key) {
  const at = tabs.indexOf(from);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  if (step !== undefined) return tabs[(at + step + tabs.length) % tabs.length] ?? null;
  if (key === "Home") return tabs[0] ?? null;
  if (key === "End") return tabs[tabs.length - 1] ?? null;
  return null;
}

/** A count as a badge has room for it: the whole number is in the tab's words. @param {number} count @returns {string} 999, 9.8k, 11k */
export function shortCount(count) {
  if (count < 1000) return String(count);
  const thousands = count / 1000;
  return `${thousands < 10 ? Math.floor(thousands * 10) / 10 : Math.floor(thousands)}k`;
}
