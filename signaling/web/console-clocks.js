/** The clocks of the stage: small components, so that four times a second only they are drawn again. */

import { clockOf } from "./console-calls.js";
import { elapsed, t } from "./i18n.js";
import { clock, html } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** What runs now for a call, in words. @param {{ call: CallView }} props */
export function CallClock({ call }) {
  const time = clockOf(call);
  if (time === null) return html`<span class="call-clock"></span>`;
  const words = time.down
    ? t(time.word, { seconds: Math.max(0, Math.ceil((time.at - clock.value) / 1000)) })
    : t(time.word, { time: elapsed(clock.value - time.at) });
  return html`<span class="call-clock" role="timer" data-clock=${time.word}>${words}</span>`;
}

/** What is left to whoever has the floor. @param {{ room: Room }} props */
export function FloorClock({ room }) {
  const holder = room.floor.value.holder;
  if (holder === null || holder.deadline === null) return null;
  const left = Math.ceil((holder.deadline - clock.value) / 1000);
  const tone = left < 0 ? "over" : holder.warned_at === null ? "" : "warn";
  return html`<span class="call-clock floor-left" role="timer" data-tone=${tone}>${left < 0 ? t("stage_floor_over", { time: elapsed(-left * 1000) }) : t("stage_floor_left", { time: elapsed(left * 1000) })}</span>`;
}
