/** What the center's screen shows, from what the room knows. Pure. */

/** @import { AgendaItem, Board, CallView, FloorRequest } from "./types.js" */

/** @typedef {"on_air" | "preview" | "calling" | "failed"} Tally */
/** @typedef {{ call: CallView, tally: Tally }} Shown */
/** @typedef {{ point: string, name: string, why: "preview" | "agenda" | "floor" | "calling", subject: string }} Next */

/** How long a call that failed is told of, when nothing else happens: long enough to be read from two metres. */
export const FAILED_SHOWN_MS = 30_000;
const NEXT = 3;

/** @param {CallView} call @returns {Tally | null} null: it is nothing to look at */
export function tallyOf(call) {
  switch (call.state) {
    case "on_air":
    case "failed":
    case "preview":
      return call.state;
    case "ended":
      return null;
    default:
      return "calling";
  }
}

/**
 * The calls that are large: those on air, the newest first; else the one in preview; else the one that is being called. One that fails
 * is no picture, so that it is told elsewhere (`failedOf`).
 * @param {readonly CallView[]} calls  newest first @param {readonly { call: string }[]} onAir  the newest first
 * @returns {Shown[]} at most two
 */
export function shownOf(calls, onAir) {
  const live = onAir.flatMap(({ call: id }) => calls.filter((call) => call.id === id && call.state === "on_air"));
  if (live.length > 0) return live.slice(0, 2).map((call) => ({ call, tally: /** @type {Tally} */ ("on_air") }));
  for (const tally of /** @type {const} */ (["preview", "calling"])) {
    const found = calls.find((call) => tallyOf(call) === tally);
    if (found !== undefined) return [{ call: found, tally }];
  }
  return [];
}

/**
 * The call that failed last, for a while, unless its point was called again.
 * @param {readonly CallView[]} calls  newest first @param {number} now
 * @returns {CallView | null}
 */
export function failedOf(calls, now) {
  const found = calls.find((call) => call.state === "failed" && call.cause !== "cancelled" && (call.ended_at ?? 0) > now - FAILED_SHOWN_MS);
  if (found === undefined) return null;
  const again = calls.some((call) => call.point === found.point && call.id !== found.id && (call.placed_at ?? 0) > (found.placed_at ?? 0));
  return again ? null : found;
}

/**
 * Who comes next, and why: whoever waits in preview, whom the agenda has next, who asked for the floor, who is being called. Nobody twice,
 * nobody who is large already.
 * @param {object} known
 * @param {readonly CallView[]} known.calls
 * @param {readonly Shown[]} known.shown
 * @param {{ items: readonly AgendaItem[], next: string | null }} known.agenda
 * @param {{ holder: FloorRequest | null, queue: readonly FloorRequest[] }} known.floor
 * @returns {Next[]} at most three
 */
export function nextOf({ calls, shown, agenda, floor }) {
  const seen = new Set(shown.map(({ call }) => call.point));
  /** @type {Next[]} */
  const next = [];
  /** @param {string} point @param {string} name @param {Next["why"]} why @param {string} subject */
  const add = (point, name, why, subject = "") => {
    if (seen.has(point)) return;
    seen.add(point);
    next.push({ point, name, why, subject });
  };
  const oldest = [...calls].reverse();
  for (const call of oldest) if (tallyOf(call) === "preview") add(call.point, call.point_name, "preview");
  const item = agenda.items.find((each) => each.id === agenda.next);
  if (item !== undefined) add(item.point, item.point_name, "agenda", item.subject);
  for (const request of floor.queue) add(request.point, request.point_name, "floor", request.subject);
  for (const call of oldest) if (tallyOf(call) === "calling") add(call.point, call.point_name, "calling");
  return next.slice(0, NEXT);
}

/**
 * How many said that they are there, of those asked by the newest roll call.
 * @param {readonly Board[]} boards  newest first
 * @returns {{ present: number, asked: number } | null} null: none was held
 */
export function presentOf(boards) {
  const total = boards[0]?.total;
  return total === undefined || total.asked === 0 ? null : { present: total.present + total.late, asked: total.asked };
}

/**
 * The clock of what is large.
 * @param {Shown} shown @param {FloorRequest | null} holder  who has the floor @param {number} now
 * @returns {{ word: "counting" | "elapsed" | "left" | "over" | "ringing" | "waiting", seconds: number } | null}  counting: to going on air
 */
export function clockOf({ call, tally }, holder, now) {
  const airAt = /** @type {{ air_at?: number | null }} */ (call).air_at ?? null;
  if (tally !== "on_air" && airAt !== null) return { word: "counting", seconds: Math.max(0, Math.ceil((airAt - now) / 1000)) };
  if (tally === "on_air" && holder !== null && holder.point === call.point && holder.deadline !== null) {
    const leftMs = holder.deadline - now;
    return leftMs > 0 ? { word: "left", seconds: Math.ceil(leftMs / 1000) } : { word: "over", seconds: Math.floor(-leftMs / 1000) };
  }
  if (tally === "on_air") return since("elapsed", call.on_air_at, now);
  if (tally === "preview") return since("waiting", call.preview_at, now);
  return tally === "calling" ? since("ringing", call.placed_at, now) : null;
}

/** @template {string} W @param {W} word @param {number | null} at @param {number} now */
function since(word, at, now) {
  return at === null ? null : { word, seconds: Math.max(0, Math.floor((now - at) / 1000)) };
}

/** @param {number} seconds @returns {string} 2:05, 1:02:05 */
export function minutes(seconds) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}
