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

/**
 * How far a speaker is: what has passed, what was given in all.
 * @param {FloorRequest} request @param {number} now  server time
 * @returns {{ elapsedMs: number, share: number } | null} share 0 … 1 of the time; null while nobody speaks
 */
export function floorProgress(request, now) {
  if (request.started_at === null || request.deadline === null) return null;
  const elapsedMs = Math.max(0, now - request.started_at);
  const given = request.deadline - request.started_at;
  return { elapsedMs, share: given <= 0 ? 1 : Math.min(1, elapsedMs / given) };
}
