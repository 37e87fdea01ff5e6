/** Deadlines that one gives mostly: pure, in the country's time. */

import { dayOf } from "./country-time.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Offices report until then, and begin then. */
const EVENING_H = 17;
const MORNING_H = 8;

/**
 * @param {"hour" | "evening" | "morning"} which  in an hour; at the next 17:00; tomorrow at 8:00 @param {number} now
 * @returns {number} milliseconds since the epoch
 */
export function deadlineIn(which, now) {
  if (which === "hour") return now + HOUR_MS;
  if (which === "morning") return dayOf(now) + DAY_MS + MORNING_H * HOUR_MS;
  const evening = dayOf(now) + EVENING_H * HOUR_MS;
  return evening > now ? evening : evening + DAY_MS;
}
