/** The middle of the console: what the points receive, and the wall of up to four calls with their buttons. */

import { POSSIBLE, clockOf, isOver } from "./console-calls.js";
import { clockTime, elapsed, t } from "./i18n.js";
import { IconCall, IconSound, IconSoundOff, IconWarning } from "./icons.js";
import { Picture, Sound } from "./picture.js";
import { clock, html, useEffect, useSignal } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { CallCommand } from "./console-calls.js" */
/** @import { Room } from "./console-room.js" */
/** @import { Center } from "./console-center.js" */

/** @param {{ room: Room, center: Center | null }} props */
export function Stage({ room, center }) {
  return html`<section class="stage" aria-labelledby="stage-title">
      <h2 id="stage-title">${t("stage_title")}</h2>
      <${Programme} room=${room} center=${center} />
    </section>
    <section class="wall" aria-labelledby="calls-title">
      <h2 id="calls-title">${t("calls_title")}</h2>
      ${room.wall.value.every((call) => call === null) && html`<p class="muted">${t("no_calls")}</p>`}
      <div class="wall-grid">
        ${room.wall.value.map((call, i) =>
          call === null
            ? html`<div class="place" key=${`place-${i}`}><span>${i + 1}</span></div>`
            : isOver(call)
              ? html`<${FailedCard} key=${call.id} room=${room} call=${call} place=${i + 1} />`
              : html`<${CallCard} key=${call.id} room=${room} call=${call} place=${i + 1} />`)}
      </div>
    </section>`;
}

/** @param {{ room: Room, center: Center | null }} props */
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
  return html`<div class="programme" data-air=${onAir.length > 0 ? "yes" : "no"}>
    ${shows
      ? html`<${Picture} id="programme-main" class="programme-main" track=${main} mirror=${false} label=${`${t("programme")}: ${names || t("role_center")}`}
          waiting=${html`<span>${t(room.viewer.value === "live" ? "waiting_picture" : room.mediaReady.value ? `media_${room.viewer.value}` : "media_down")}</span>`} />`
      : html`<div class="programme-none"><p>${live ? t("stage_center_elsewhere") : t("stage_none")}</p></div>`}
    ${onAir.length > 0 && (live || onAir.length > 1) && html`<${Picture} id="programme-inset" class="programme-inset" track=${inset} label=${t("inset")} />`}
    <p class="programme-caption" id="programme-caption">${onAir.length > 0 ? html`<span class="air-dot" aria-hidden="true"></span>${t("on_air_now", { names })}` : live ? t("on_air_center") : ""}</p>
    ${["center", "guest1", "guest2"].map((slot) => html`<${Sound} key=${slot} track=${tracks[`audio ${slot}`]} volume=${room.volume.value} />`)}
  </div>`;
}

/** @type {Readonly<Record<CallCommand, string>>} */
const LOOKS = { preview: "preview", take: "take", off_air: "off-air", end_call: "danger", cancel_call: "danger" };

/** @param {{ room: Room, call: CallView, place: number }} props */
function CallCard({ room, call, place }) {
  const tracks = room.tracks.value;
  const chosen = room.chosenCall.value === call.id;
  const pictured = call.connected_at !== null;
  const heard = room.heard.value === call.id;
  const busy = room.busy.value.has(call.id);
  // On air the guest slot sounds already.
  const volume = heard && call.state !== "on_air" ? Math.max(0.2, room.volume.value) : 0;
  return html`<article class="card" id=${`call-${call.id}`} data-state=${call.state} data-chosen=${chosen ? "yes" : "no"} aria-label=${`${call.point_name}: ${t(`call_${call.state}`)}`}
    onClick=${() => room.chooseCall(call.id)}>
    <header class="card-head">
      <span class="card-place" aria-hidden="true">${place}</span>
      <button type="button" class="card-name" aria-pressed=${chosen} title=${call.point_name}>${call.point_name}</button>
    </header>
    <span class="card-state" role="status">${t(`call_${call.state}`)}</span>
    ${pictured
      ? html`<${Picture} class="card-picture" track=${tracks[`video monitor${place}`]} label=${call.point_name}
          waiting=${html`<${IconWarning} /><span>${t("no_picture_yet")}</span>`} />`
      : html`<div class="card-picture card-ringing"><${IconCall} /><${CardClock} call=${call} large /></div>`}
    ${pictured && html`<${Sound} track=${tracks[`audio monitor${place}`]} volume=${volume} />`}
    <div class="card-foot">
      ${pictured && html`<div class="card-line"><${CardClock} call=${call} />
        ${call.state !== "on_air" && html`<button type="button" class="button small listen" aria-pressed=${heard} onClick=${(/** @type {Event} */ event) => {
          event.stopPropagation();
          room.heard.value = heard ? null : call.id;
        }}>${heard ? html`<${IconSound} />` : html`<${IconSoundOff} />`}${heard ? t("listening") : t("listen")}</button>`}</div>`}
      ${call.interrupted_at != null && !isOver(call) && html`<span class="card-warn"><${IconWarning} />${t("trail_interrupted")}</span>`}
      <div class="card-buttons">
        ${POSSIBLE[call.state].map((kind) => html`<${CommandButton} key=${kind} room=${room} call=${call} kind=${kind} busy=${busy} />`)}
      </div>
    </div>
  </article>`;
}

/** A call that did not succeed: where it was, why, and how to try again. @param {{ room: Room, call: CallView, place: number }} props */
function FailedCard({ room, call, place }) {
  return html`<article class="card" data-state="failed" data-chosen=${room.chosenCall.value === call.id ? "yes" : "no"} aria-label=${`${call.point_name}: ${t("call_failed")}`}
    onClick=${() => room.chooseCall(call.id)}>
    <header class="card-head"><span class="card-place" aria-hidden="true">${place}</span>
      <button type="button" class="card-name" title=${call.point_name}>${call.point_name}</button></header>
    <span class="card-state">${t("call_failed")}</span>
    <div class="card-picture card-ringing card-failed"><${IconWarning} /><strong>${t(`cause_${call.cause}`)}</strong></div>
    <div class="card-foot"><div class="card-buttons">
      <button type="button" class="button small primary" disabled=${room.busy.value.has(call.point)} onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        room.place(call.point);
        room.putAway(call.id);
      }}><${IconCall} />${t("call_again")}</button>
      <button type="button" class="button small" onClick=${(/** @type {Event} */ event) => {
        event.stopPropagation();
        room.putAway(call.id);
      }}>${t("put_away")}</button>
    </div></div>
  </article>`;
}

/** @param {{ room: Room, call: CallView, kind: CallCommand, busy: boolean }} props */
function CommandButton({ room, call, kind, busy }) {
  const armed = useSignal(false);
  // Only what cannot be taken back asks twice.
  const asksTwice = kind === "end_call";
  useEffect(() => {
    if (!armed.value) return undefined;
    const timer = setTimeout(() => (armed.value = false), 3_000);
    return () => clearTimeout(timer);
  }, [armed.value]);
  return html`<button type="button" class=${`button small ${LOOKS[kind]}`} data-command=${kind} data-armed=${armed.value ? "yes" : "no"} disabled=${busy}
    aria-label=${`${armed.value ? t("end_confirm") : t(kind)}: ${call.point_name}`} onClick=${(/** @type {Event} */ event) => {
      event.stopPropagation();
      if (asksTwice && !armed.value) {
        armed.value = true;
        return;
      }
      armed.value = false;
      room.act(kind, call.id);
    }}>${armed.value ? t("end_confirm") : t(kind)}</button>`;
}

/** @param {{ call: CallView, large?: boolean }} props */
function CardClock({ call, large = false }) {
  const time = clockOf(call);
  if (time === null) return html`<span class="card-clock"></span>`;
  const left = Math.max(0, Math.ceil((time.at - clock.value) / 1000));
  const words = time.down
    ? t(time.word, { seconds: left })
    : t(time.word, { time: time.word === "clock_on_air" ? elapsed(clock.value - time.at) : clockTime(time.at) });
  return html`<span class=${`card-clock ${large ? "card-clock-large" : ""}`} role="timer">${words}</span>`;
}
