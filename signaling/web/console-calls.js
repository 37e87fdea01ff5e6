/** The calls as the console keeps them: pure. */

/** @import { CallState, CallView } from "./types.js" */

/** What `calls` brings at most, and what is kept. */
const KEPT = 100;

/** @type {ReadonlySet<CallState>} */
const OVER = new Set(["ended", "failed"]);

/** @param {CallView} call */
export function isOver(call) {
  return OVER.has(call.state);
}

/**
 * @param {readonly CallView[]} calls  newest first @param {CallView} call  news of one
 * @returns {CallView[]} newest first, the oldest that are over dropped beyond the limit
 */
export function withCall(calls, call) {
  const known = calls.findIndex((each) => each.id === call.id);
  if (known >= 0) return calls.map((held, place) => (place === known ? call : held));
  const all = [call, ...calls];
  if (all.length <= KEPT) return all;
  const last = all.map(isOver).lastIndexOf(true);
  return all.filter((_, place) => place !== last);
}

/**
 * The four places of the monitor wall; a call keeps its place. One that failed stays where it was, with its cause, until
 * it is put away or the place is taken.
 * @param {readonly CallView[]} calls @param {ReadonlyMap<number, string>} left  place → id of the call that failed there
 * @returns {(CallView | null)[]}
 */
export function wall(calls, left = new Map()) {
  const active = calls.filter((call) => !isOver(call));
  return [1, 2, 3, 4].map(
    (place) => active.find((call) => call.monitor === place) ?? calls.find((call) => call.id === left.get(place)) ?? null,
  );
}

/** @typedef {"preview" | "take" | "off_air" | "end_call" | "cancel_call"} CallCommand */

/** What an operator may do to a call in its state, in the order of the buttons. @type {Readonly<Record<CallState, readonly CallCommand[]>>} */
export const POSSIBLE = {
  queued: ["cancel_call"],
  ringing: ["cancel_call"],
  delivered: ["cancel_call"],
  answered: ["end_call"],
  connected: ["preview", "take", "end_call"],
  preview: ["take", "end_call"],
  on_air: ["off_air", "end_call"],
  ended: [],
  failed: [],
};

/** How the call is ended in its state, if it can be. @param {CallView} call @returns {CallCommand | undefined} */
export function ending(call) {
  return POSSIBLE[call.state].find((kind) => kind === "end_call" || kind === "cancel_call");
}

/**
 * The clock that matters now.
 * @param {CallView} call
 * @returns {{ word: "clock_deliver" | "clock_answer" | "clock_on_air" | "clock_since", at: number, down: boolean } | null}
 */
export function clockOf(call) {
  if (call.deliver_deadline !== null) return { word: "clock_deliver", at: call.deliver_deadline, down: true };
  if (call.answer_deadline !== null) return { word: "clock_answer", at: call.answer_deadline, down: true };
  if (call.state === "on_air" && call.on_air_at !== null) return { word: "clock_on_air", at: call.on_air_at, down: false };
  if (!isOver(call) && call.answered_at !== null) return { word: "clock_since", at: call.answered_at, down: false };
  return null;
}
