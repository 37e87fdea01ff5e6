/** A speaker's clock: pure. */

/** @import { FloorRequest } from "./types.js" */

/**
 * @param {FloorRequest} request @param {number} now  server time
 * @returns {{ seconds: number, tone: "ok" | "warn" | "over" } | null} seconds left, or over the time; null while nobody speaks
 */
export function floorClock(request, now) {
  if (request.deadline === null) return null;
  const leftMs = request.deadline - now;
  if (leftMs <= 0) return { seconds: Math.floor((now - request.deadline) / 1000), tone: "over" };
  return { seconds: Math.ceil(leftMs / 1000), tone: request.warned_at === null ? "ok" : "warn" };
}
