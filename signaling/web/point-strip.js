/** The strip above the programme: how good the line is, what happens next, who watches along, the time. */

import { hourOf } from "./country-time.js";
import { t } from "./i18n.js";
import { IconBars, IconNext, IconRecord, IconStill } from "./icons.js";
import { nextOf, qualityOf } from "./point-status.js";
import { WaitingBar } from "./point-sheet.js";
import { clock, html } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {Desk} desk */
export function qualityNow(desk) {
  const { level, is_wish: isWish } = desk.media.picture.value;
  return qualityOf({
    line: desk.line.value.state,
    told: desk.line.value.told,
    viewer: desk.media.viewer.value,
    viewerTold: desk.media.viewerRetry.value?.told ?? false,
    nodeReady: desk.media.ready.value,
    level,
    isWish,
    isSending: desk.call.value.phase === "sending",
    uplink: desk.media.uplink.value,
  });
}

/** @param {{ desk: Desk }} props */
export function Strip({ desk }) {
  const quality = qualityNow(desk);
  const { phase, call } = desk.call.value;
  const next = nextOf({
    isLive: desk.line.value.state === "live",
    stage: desk.stage.value,
    phase,
    call,
    request: desk.request.value,
    mine: desk.point.value?.code ?? "",
  });
  return html`<section class="strip" aria-label=${t("strip")}>
    <p class="strip-item tone-${quality.tone}" id="quality" data-quality=${quality.key} role="status"><${IconBars} tone=${quality.tone} /><span>${t(quality.key)}</span></p>
    <p class="strip-item strip-next tone-${next.tone}" id="next" data-next=${next.key} role="status"><${IconNext} /><span>${t(next.key, next.values)}</span></p>
    ${desk.stage.value.recording && html`<p class="strip-item recording" id="recording" role="status"><${IconRecord} /><span>${t("recording")}</span></p>`}
    <${WaitingBar} desk=${desk} />
    <${StillsNote} desk=${desk} />
    <${Now} />
  </section>`;
}

/** While stills are sent it is said here, and can be stopped here. @param {{ desk: Desk }} props */
function StillsNote({ desk }) {
  const state = desk.stills.state.value;
  if (state === "off") return null;
  return html`<p class="strip-item stills-note" id="stills-note" data-stills=${state}><${IconStill} /><span role="status">${t(`stills_${state}`)}</span>
    <button type="button" id="stills-stop" class="button small" onClick=${() => desk.stills.agree(false)}>${t("stills_stop")}</button></p>`;
}

function Now() {
  return html`<time class="strip-clock">${hourOf(clock.value)}</time>`;
}
