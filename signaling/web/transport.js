/**
 * Which call each button of the console means, as on a vision mixer: what is chosen stands in preview, TAKE brings preview to
 * the programme, OFF AIR takes away what is there. Pure.
 */

import { ending, isOver } from "./console-calls.js";

/** @import { CallView } from "./types.js" */
/** @import { CallCommand } from "./console-calls.js" */

/** States in which a call can be shown before the air. @type {ReadonlySet<string>} */
const BEFORE_AIR = new Set(["connected", "preview"]);

/**
 * @typedef {object} Transport
 * @property {CallView | null} preview  stands in the green frame
 * @property {string | null} call  code of the point that CALL rings
 * @property {CallView | null} toPreview
 * @property {CallView | null} toTake
 * @property {CallView | null} counting  goes on air by its countdown
 * @property {CallView | null} toTakeOff  taken off air, or its countdown stopped
 * @property {CallView | null} toEnd
 * @property {CallCommand} ending  how `toEnd` is ended
 * @property {CallView | null} toEscalate
 * @property {CallView | null} toTalk  who hears the operator alone
 */

/**
 * @param {readonly CallView[]} calls  newest first
 * @param {string | null} chosenCall @param {string | null} chosenPoint
 * @param {(record: string) => boolean} isEscalating  whether others are tried already for this matter
 * @returns {Transport}
 */
export function transport(calls, chosenCall, chosenPoint, isEscalating = () => false) {
  const chosen = calls.find((call) => call.id === chosenCall) ?? null;
  const running = chosen !== null && !isOver(chosen) ? chosen : null;
  const preview = running !== null && running.state !== "on_air" ? running : (calls.find((call) => BEFORE_AIR.has(call.state)) ?? null);
  const counting = running?.air_at != null ? running : (calls.find((call) => call.air_at != null && !isOver(call)) ?? null);
  const onAir = running?.state === "on_air" ? running : (calls.filter((call) => call.state === "on_air").sort((a, b) => (b.on_air_at ?? 0) - (a.on_air_at ?? 0))[0] ?? null);
  const again = chosen !== null && isOver(chosen) && !calls.some((call) => call.point === chosen.point && !isOver(call));
  return {
    preview,
    call: chosenPoint !== null && !calls.some((call) => call.point === chosenPoint && !isOver(call)) ? chosenPoint : null,
    toPreview: preview?.state === "connected" ? preview : null,
    toTake: preview !== null && BEFORE_AIR.has(preview.state) ? preview : null,
    counting,
    toTakeOff: running?.state === "on_air" ? running : (counting ?? onAir),
    toEnd: running,
    ending: (running === null ? undefined : ending(running)) ?? "end_call",
    toEscalate: again && chosen.state === "failed" && !isEscalating(chosen.record) ? chosen : null,
    toTalk: running !== null && (running.state === "answered" || BEFORE_AIR.has(running.state) || running.state === "on_air") ? running : preview !== null && BEFORE_AIR.has(preview.state) ? preview : null,
  };
}
