/** Records found among past calls: pure. */

import { fold } from "./search.js";

/** @import { CallView } from "./types.js" */
/** Which calls. @typedef {"all" | "failed" | "answered"} Outcome */

/**
 * @param {readonly CallView[]} calls  newest first @param {string} query  of a name, a code or an id; no diacritics needed @param {Outcome} outcome
 * @returns {CallView[]} newest first
 */
export function foundCalls(calls, query, outcome) {
  const words = fold(query).split(" ").filter(Boolean);
  return calls.filter((call) => {
    if (outcome === "failed" && call.state !== "failed") return false;
    if (outcome === "answered" && call.answered_at === null) return false;
    const line = ` ${fold(`${call.point_name} ${call.point} ${call.id} ${call.record}`)}`;
    return words.every((word) => line.includes(` ${word}`));
  });
}
