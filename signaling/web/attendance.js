/** What a point takes part in, as its page tells it: pure. */

/** @import { Attending } from "./types.js" */

/** @typedef {"called_above" | "given_back" | null} AttendingNotice */

/**
 * What to say of a change: a center above takes the point out of what it took part in, or gives it back.
 * @param {Attending | null} before  what it took part in until now @param {Attending} now
 * @param {Attending | null} interrupted  what a call from above interrupted, while it lasts
 * @returns {{ notice: AttendingNotice, interrupted: Attending | null }}
 */
export function changeOf(before, now, interrupted) {
  if (before !== null && before.session.id !== now.session.id && now.reason === "call" && before.reason !== "standing" && now.level < before.level) {
    return { notice: "called_above", interrupted: interrupted ?? before };
  }
  if (interrupted !== null && now.reason !== "call") {
    return { notice: now.session.id === interrupted.session.id ? "given_back" : null, interrupted: null };
  }
  return { notice: null, interrupted };
}
