/** Deadlines that one gives mostly: pure, in this machine's own time of day. */

const HOUR_MS = 3_600_000;
/** Offices report until then, and begin then. */
const EVENING_H = 17;
const MORNING_H = 8;

/**
 * @param {"hour" | "evening" | "morning"} which  in an hour; at the next 17:00; tomorrow at 8:00 @param {number} now
 * @returns {number} milliseconds since the epoch
 */
export function deadlineIn(which, now) {
  if (which === "hour") return now + HOUR_MS;
  const at = new Date(now);
  at.setHours(which === "evening" ? EVENING_H : MORNING_H, 0, 0, 0);
  if (which === "morning" || at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}

/** As a field for date and time holds it. @param {number} at @returns {string} 2021-09-02T17:00 */
export function fieldTime(at) {
  const local = new Date(at);
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${local.getFullYear()}-${two(local.getMonth() + 1)}-${two(local.getDate())}T${two(local.getHours())}:${two(local.getMinutes())}`;
}
