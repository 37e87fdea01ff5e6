/** The roll calls as the console keeps them: pure. */

/** @import { Board, Tally } from "./types.js" */

/** @param {Tally} tally */
export function missingOf(tally) {
  return tally.asked - tally.present - tally.late;
}

/**
 * The boards with news of one, the newest first; older closed ones beyond the limit are dropped.
 * @param {readonly Board[]} boards @param {Board} board @param {number} [kept] @returns {Board[]}
 */
export function withBoard(boards, board, kept = 10) {
  const others = boards.filter((each) => each.id !== board.id);
  const all = [...others, board].sort((a, b) => b.started_at - a.started_at || Number(b.id.slice(1)) - Number(a.id.slice(1)));
  return all.filter((each, place) => each.state === "asking" || place < kept);
}
