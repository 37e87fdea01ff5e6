/** What the strip of the point's page says: how good the line is, and what happens next. Pure. */

/** @import { CallView, FloorRequest, PictureLevel, Stage } from "./types.js" */
/** @import { LineState } from "./protocol.js" */
/** @import { MediaState } from "./media-peer.js" */
/** @import { Phase } from "./point-call.js" */

/** How it is shown besides its words: a tick, a bar less, a warning, or grey. @typedef {"ok" | "less" | "warn" | "off"} Tone */
/** @typedef {{ key: string, tone: Tone, values?: Record<string, string | number> }} Told */

/**
 * @typedef {object} LineFacts
 * @property {LineState} line
 * @property {boolean} told  the server is full and said when to come back
 * @property {MediaState} viewer
 * @property {boolean} viewerTold
 * @property {boolean} nodeReady
 * @property {PictureLevel} level
 * @property {boolean} isWish
 * @property {boolean} isSending  a call sends from here
 * @property {MediaState} uplink
 */

/** How good the line is, the worst first. @param {LineFacts} facts @returns {Told} */
export function qualityOf(facts) {
  if (facts.line !== "live") return { key: facts.told ? "line_full" : `line_${facts.line}`, tone: facts.line === "ended" ? "off" : "warn" };
  if (facts.isSending && facts.uplink === "broken") return { key: "uplink_trouble", tone: "warn" };
  if (facts.viewer !== "live") return { key: facts.viewerTold ? "media_full" : facts.nodeReady ? `media_${facts.viewer}` : "media_down", tone: "warn" };
  if (facts.level === "sound") return facts.isWish ? { key: "sound_only_wish", tone: "less" } : { key: "quality_sound", tone: "warn" };
  if (facts.level === "full" || facts.isWish) return { key: "quality_full", tone: "ok" };
  return { key: `quality_${facts.level}`, tone: facts.level === "half" ? "less" : "warn" };
}

/**
 * @typedef {object} NextFacts
 * @property {boolean} isLive
 * @property {Stage} stage
 * @property {Phase} phase
 * @property {CallView | null} call
 * @property {FloorRequest | null} request
 * @property {string} mine  the point's own code
 */

/** What happens next, as far as this page knows. @param {NextFacts} facts @returns {Told} */
export function nextOf(facts) {
  const { stage, request, call } = facts;
  if (!facts.isLive) return { key: "next_offline", tone: "warn" };
  if (stage.session_state !== "open") return { key: `session_${stage.session_state}`, tone: "off" };
  if (facts.phase === "sending" || facts.phase === "opening") {
    if (call?.state === "on_air") return { key: "next_on_air", tone: "ok" };
    return { key: airAtOf(call) === null ? "next_preview" : "next_countdown", tone: "ok" };
  }
  if (request?.state === "waiting") {
    const place = request.place ?? 0;
    return place === 1 ? { key: "next_first", tone: "ok" } : { key: "next_place", tone: "ok", values: { place } };
  }
  if (request?.state === "called") return { key: "next_called", tone: "ok" };
  const others = stage.on_air.filter((each) => each.point !== facts.mine);
  if (others[0] !== undefined) return { key: "next_listen", tone: "ok", values: { name: others[0].name } };
  return { key: "next_ready", tone: "ok" };
}

/** When a call that was taken with a countdown goes on air. @param {CallView | null} call @returns {number | null} server time, ms */
export function airAtOf(call) {
  const at = /** @type {{ air_at?: number | null } | null} */ (call)?.air_at ?? null;
  return call?.state === "on_air" ? null : at;
}

/** The page's clock is up to this old: a countdown of three seconds shall not begin with a 4. */
const CLOCK_LAG_MS = 250;

/** The digit of the countdown: 3, 2, 1; null before it and after it. @param {number | null} airAt @param {number} now @returns {number | null} */
export function digitOf(airAt, now) {
  if (airAt === null) return null;
  const seconds = Math.ceil((airAt - now - CLOCK_LAG_MS) / 1000);
  return seconds >= 1 && seconds <= 10 ? seconds : null;
}

/** Whether what everybody sees is kept. @param {Stage} stage */
export function isRecorded(stage) {
  return /** @type {{ recording?: boolean }} */ (stage).recording === true;
}
