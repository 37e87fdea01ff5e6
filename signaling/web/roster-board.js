/** Who is on duty, and ladders that run, as the console tells them: pure. */

/** @import { LadderStep, LadderView, RosterShift } from "./types.js" */

/**
 * The shift of a moment, or the next one.
 * @param {readonly RosterShift[]} shifts @param {number} now
 * @returns {{ shift: RosterShift, isNow: boolean } | null} null: there is none any more
 */
export function shiftOf(shifts, now) {
  const present = shifts.find((each) => each.start <= now && now < each.end);
  if (present !== undefined) return { shift: present, isNow: true };
  const next = [...shifts].filter((each) => each.start > now).sort((a, b) => a.start - b.start)[0];
  return next === undefined ? null : { shift: next, isNow: false };
}

/** Where a telephone dials: digits and a leading plus alone. @param {string} number  as it was written @returns {string} empty: nothing to dial */
export function telOf(number) {
  const digits = number.replace(/[^\d+]/g, "").replace(/(?!^)\+/g, "");
  return /\d{3,}/.test(digits) ? `tel:${digits}` : "";
}

/** Those that run, the one whose clock ends first on top. @param {readonly LadderView[]} ladders @returns {LadderView[]} */
export function runningFirst(ladders) {
  const running = ladders.filter((each) => each.state === "running");
  return running.sort((a, b) => (a.deadline ?? Infinity) - (b.deadline ?? Infinity) || a.started_at - b.started_at);
}

/** @param {LadderView} ladder @returns {LadderStep | null} whom the ladder is trying now */
export function currentStep(ladder) {
  return ladder.current === null ? null : (ladder.steps[ladder.current] ?? null);
}

/** @param {LadderView} ladder @returns {LadderStep | null} who comes next */
export function nextStep(ladder) {
  return ladder.current === null ? null : (ladder.steps[ladder.current + 1] ?? null);
}

/** How a step may be marked now: what failed by its clock may still turn out to be reached. @param {LadderView} ladder @param {LadderStep} step @returns {readonly import("./types.js").Mark[]} */
export function marksFor(ladder, step) {
  if (ladder.state !== "running") return [];
  if (step.state === "current") return ["reached", "no_answer", "wrong_number", "refused"];
  return step.state === "failed" ? ["reached"] : [];
}
