/** The middle of the console: preview and programme side by side, the transport below them, then the calls. */

import { CallClock, FloorClock } from "./console-clocks.js";
import { isOver } from "./console-calls.js";
import { Queue } from "./console-queue.js";
import { Recent } from "./console-trail.js";
import { TransportBar } from "./console-transport.js";
import { whyWords } from "./happenings.js";
import { t } from "./i18n.js";
import { IconCall, IconClock, IconLadder, IconSound, IconSoundOff, IconWarning, TallyShape } from "./icons.js";
import { Picture, Sound } from "./picture.js";
import { clock, html } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Room } from "./console-room.js" */
/** @import { Center } from "./console-center.js" */

/** @param {{ room: Room, center: Center | null }} props */
export function Stage({ room, center }) {
  return html`<div class="stage">
    <div class="monitors">
      <${Preview} room=${room} />
      <${Programme} room=${room} center=${center} />
    </div>
    ${room.mayAct.value && html`<${TransportBar} room=${room} />`}
    <${Queue} room=${room} />
    <${Recent} room=${room} />
  </div>`;
}

/** What would go on air next. @param {{ room: Room }} props */
function Preview({ room }) {
  const call = room.transport.value.preview;
  const tracks = room.tracks.value;
  const pictured = call !== null && call.connected_at !== null;
  return html`<section class="monitor monitor-preview" id="preview" aria-labelledby="preview-title" data-call=${call?.id ?? ""} data-state=${call?.state ?? "none"}>
    <header class="monitor-head">
      <h2 id="preview-title" class="tally tally-preview"><${TallyShape} tally="preview" />${t("preview")}</h2>
      <span class="monitor-name" id="preview-name">${call?.point_name ?? ""}</span>
    </header>
    <div class="monitor-box"><div class="frame frame-preview" data-lit=${call !== null && (call.state === "connected" || call.state === "preview") ? "yes" : "no"}>
      ${call === null
        ? html`<${NothingPrepared} room=${room} />`
        : pictured
          ? html`<${Picture} id="preview-picture" class="frame-picture" track=${tracks[`video monitor${call.monitor}`]} label=${`${t("preview")}: ${call.point_name}`}
              waiting=${html`<${IconWarning} /><span>${t("no_picture_yet")}</span>`} />`
          : html`<div class="frame-ringing"><${IconCall} /><strong>${t(`call_${call.state}`)}</strong></div>`}
      ${call !== null && html`<div class="frame-foot"><${CallClock} call=${call} />${pictured && html`<${ListenButton} room=${room} call=${call} />`}</div>`}
      ${call?.air_at != null && html`<${Countdown} at=${call.air_at} />`}
    </div></div>
  </section>`;
}

/** Why the chosen call failed and what to do about it; else what to do at all. @param {{ room: Room }} props */
function NothingPrepared({ room }) {
  const chosen = room.chosenCall.value === null ? undefined : room.call(room.chosenCall.value);
  const { toEscalate } = room.transport.value;
  if (chosen?.state !== "failed") return html`<p class="frame-none">${t("preview_none")}</p>`;
  return html`<div class="frame-failed" id="preview-failed" data-cause=${chosen.cause}><${IconWarning} /><strong>${chosen.point_name}</strong><p>${whyWords(chosen)[0] ?? t(`cause_${chosen.cause}`)}</p>
    <div class="card-buttons"><button type="button" class="button small primary" disabled=${room.callOf(chosen.point) !== undefined || room.busy.value.has(chosen.point)} onClick=${() => room.order({ kind: "retry_call", call: chosen.id })}><${IconCall} />${t("call_again")}</button>
      ${toEscalate !== null && html`<button type="button" class="button small" title=${`${t("matter_escalate")} (E)`} onClick=${() => room.order({ kind: "escalate", call: toEscalate.id })}><${IconLadder} />${t("matter_escalate")}</button>`}
      <button type="button" class="button small" title=${`${t("incident_open")} (I)`} onClick=${() => room.openIncident(chosen.id)}><${IconClock} />${t("incident_open")}</button></div></div>`;
}

/** 3, 2, 1 over the picture that is about to go on air. @param {{ at: number }} props */
function Countdown({ at }) {
  const left = Math.max(0, Math.ceil((at - clock.value) / 1000));
  return html`<p class="countdown" id="countdown" role="timer" aria-label=${t("countdown_left", { seconds: left })}>${left}</p>`;
}

/** @param {{ room: Room, call: CallView }} props */
function ListenButton({ room, call }) {
  const heard = room.heard.value === call.id;
  return html`<button type="button" class="button icon-only listen" aria-pressed=${heard} aria-label=${`${t("listen")}: ${call.point_name}`} title=${t(heard ? "listening" : "listen")}
    onClick=${() => (room.heard.value = heard ? null : call.id)}>${heard ? html`<${IconSound} />` : html`<${IconSoundOff} />`}</button>`;
}

/** What every point receives now. @param {{ room: Room, center: Center | null }} props */
function Programme({ room, center }) {
  const { on_air: onAir, center_live: live } = room.stage.value;
  const tracks = room.tracks.value;
  // The center never receives its own picture: where the points see it, it sees its camera.
  const isCenter = room.role.value === "center";
  const self = center?.own.value?.getVideoTracks()[0] ?? null;
  const main = onAir.length > 0 ? tracks["video main"] : isCenter ? self : tracks["video main"];
  const inset = onAir.length > 1 ? tracks["video inset"] : isCenter ? self : tracks["video inset"];
  const shows = onAir.length > 0 || (live && (!isCenter || self !== null));
  const names = onAir.map((each) => each.name).join(" · ");
  const newest = onAir[0] === undefined ? undefined : room.call(onAir[0].call);
  return html`<section class="monitor monitor-programme" id="programme" aria-labelledby="programme-title" data-air=${onAir.length > 0 ? "yes" : live ? "center" : "no"}>
    <header class="monitor-head">
      <h2 id="programme-title" class="tally tally-air"><${TallyShape} tally="air" />${t("programme")}</h2>
      <span class="monitor-name" id="programme-caption">${onAir.length > 0 ? names : live ? t("role_center") : ""}</span>
    </header>
    <div class="monitor-box"><div class="frame frame-air" data-lit=${onAir.length > 0 || live ? "yes" : "no"}>
      ${shows
        ? html`<${Picture} id="programme-main" class="frame-picture" track=${main} label=${`${t("programme")}: ${names || t("role_center")}`}
            waiting=${html`<span>${t(room.viewer.value === "live" ? "waiting_picture" : room.mediaReady.value ? `media_${room.viewer.value}` : "media_down")}</span>`} />`
        : html`<p class="frame-none">${live ? t("stage_center_elsewhere") : t("stage_none")}</p>`}
      ${onAir.length > 0 && (live || onAir.length > 1) && html`<${Picture} id="programme-inset" class="frame-inset" track=${inset} label=${t("inset")} />`}
      ${newest !== undefined && !isOver(newest) && html`<div class="frame-foot"><${CallClock} call=${newest} /><${FloorClock} room=${room} /></div>`}
    </div></div>
    ${["center", "guest1", "guest2"].map((slot) => html`<${Sound} key=${slot} track=${tracks[`audio ${slot}`]} volume=${room.volume.value} />`)}
  </section>`;
}
