/** The joined page: the programme, the frame around a call, and the buttons below. */

import { elapsed, t } from "./i18n.js";
import { IconCamera, IconExpand, IconHangUp, IconHelp, IconMic, IconMicOff, IconSound, IconSoundOff, IconWarning } from "./icons.js";
import { Picture, Sound } from "./picture.js";
import { SpeakerClock } from "./point-floor.js";
import { airAtOf, digitOf } from "./point-status.js";
import { RetryWait } from "./retry-wait.js";
import { TwicePressed } from "./twice-pressed.js";
import { clock, html, useRef, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */
/** @import { Panel } from "./point-panels.js" */

/** What the tally shows. @typedef {"none" | "opening" | "connecting" | "preview" | "countdown" | "on_air"} Tally */

/** @param {Desk} desk @returns {Tally} */
export function tallyOf(desk) {
  const { phase, call } = desk.call.value;
  if (phase === "opening") return "opening";
  if (phase !== "sending" || call === null) return "none";
  if (call.state === "on_air") return "on_air";
  if (airAtOf(call) !== null) return "countdown";
  return call.state === "preview" || call.state === "connected" ? "preview" : "connecting";
}

/** @param {{ desk: Desk, onPanel: (panel: Panel) => void }} props */
export function Live({ desk, onPanel }) {
  const tally = tallyOf(desk);
  const isInCall = tally !== "none";
  return html`<div class="live" data-call=${isInCall ? "yes" : "no"}>
    ${isInCall && html`<${TallyBar} desk=${desk} tally=${tally} />`}
    ${desk.talkback.value !== null && html`<p class="talkback" id="talkback" role="status"><${IconSound} />${t("talkback", { name: desk.talkback.value.by })}</p>`}
    <div class="programme-room"><${Programme} desk=${desk} tally=${tally} /></div>
    ${isInCall ? html`<${CallControls} desk=${desk} onPanel=${onPanel} />` : html`<${WaitingControls} desk=${desk} onPanel=${onPanel} />`}
  </div>`;
}

/** @param {{ desk: Desk, tally: Tally }} props */
function TallyBar({ desk, tally }) {
  const call = desk.call.value.call;
  const request = desk.request.value;
  const since = tally === "on_air" ? call?.on_air_at : null;
  const explained = tally === "on_air" || tally === "preview" || tally === "countdown" ? t(`tally_${tally}_text`) : "";
  return html`<div class=${`tally tally-${tally}`} id="tally" data-tally=${tally === "countdown" ? "preview" : tally} data-stage=${tally}>
    <strong role="status">${t(`tally_${tally}`)}</strong>
    ${since ? html`<${Elapsed} since=${since} />` : null}
    ${request?.state === "speaking" && html`<${SpeakerClock} request=${request} />`}
    <span class="tally-text">${explained}</span>
  </div>`;
}

/** @param {{ since: number }} props */
function Elapsed({ since }) {
  return html`<time class="elapsed">${elapsed(clock.value - since)}</time>`;
}

/** Whose pictures the two slots show: the node gives the first two of these that are not one's own. @param {Desk} desk */
function picturesOf(desk) {
  const { center_live: center, on_air: onAir } = desk.stage.value;
  const mine = desk.point.value?.code;
  const others = onAir.filter((each) => each.point !== mine).map((each) => each.name);
  const shown = [...others, ...(center ? [t("role_center")] : [])];
  return { main: shown[0], inset: onAir.length > 0 ? shown[1] : undefined };
}

/** Why there is no picture now. @param {Desk} desk */
function waitingFor(desk) {
  const { media } = desk;
  const state = media.viewer.value;
  if (state !== "live") return media.viewerRetry.value?.told ? "media_full" : media.ready.value ? `media_${state}` : "media_down";
  const { level, is_wish: isWish } = media.picture.value;
  return level !== "sound" ? "waiting_picture" : isWish ? "sound_only_wish" : "sound_only_line";
}

/** @param {{ desk: Desk, tally: Tally }} props */
function Programme({ desk, tally }) {
  const frame = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  const { phase, call } = desk.call.value;
  const tracks = desk.media.tracks.value;
  const { main, inset } = picturesOf(desk);
  const session = desk.stage.value.session_state;
  // The ring must be heard over the programme.
  const volume = phase === "ringing" ? desk.volume.value * 0.15 : desk.volume.value;
  const stream = desk.sending.own.value;
  return html`<section class="programme" ref=${frame} aria-label=${t("programme")}>
    ${main !== undefined
      ? html`<${Picture} id="programme-main" class="programme-main" track=${tracks["video main"]} label=${`${t("programme")}: ${main}`}
          waiting=${html`<${PictureWait} desk=${desk} />`} />`
      : html`<div class="programme-none"><p class="programme-none-title">${session === "open" ? t("waiting_programme") : t(`session_${session}`)}</p>
          <p>${session === "open" ? t("waiting_programme_text") : ""}</p></div>`}
    ${main !== undefined && inset !== undefined &&
    html`<${Picture} id="programme-inset" class="programme-inset" track=${tracks["video inset"]} label=${`${t("inset")}: ${inset}`} />`}
    ${stream !== null &&
    html`<div class="own" data-tally=${tally}>
      <${Picture} id="own-picture" class="own-picture" mirror track=${stream.getVideoTracks()[0] ?? null} label=${t("own_picture")} waiting=${html`<${IconCamera} />`} />
      <span class="own-name">${t("own_picture_short")}</span>
    </div>`}
    <${Countdown} airAt=${airAtOf(call)} />
    ${main !== undefined && html`<p class="programme-caption">${main}</p>`}
    <button type="button" class="button icon-only expand" aria-label=${t("fullscreen")} title=${t("fullscreen")} onClick=${() => {
      if (document.fullscreenElement) void document.exitFullscreen();
      else void frame.current?.requestFullscreen?.().catch(() => {});
    }}><${IconExpand} /></button>
    ${["center", "guest1", "guest2"].map((slot) => html`<${Sound} key=${slot} track=${tracks[`audio ${slot}`]} volume=${volume} />`)}
  </section>`;
}

/** 3, 2, 1: the moment before everybody sees this desk. @param {{ airAt: number | null }} props */
function Countdown({ airAt }) {
  const digit = digitOf(airAt, clock.value);
  return digit === null ? null : html`<strong class="countdown" id="countdown" role="timer" key=${digit}>${digit}</strong>`;
}

/** Why there is no picture yet, and when it is tried again. @param {{ desk: Desk }} props */
function PictureWait({ desk }) {
  const at = desk.media.viewerRetry.value?.at ?? null;
  return html`<span role="status" id="why-no-picture" data-level=${desk.media.picture.value.level}>${t(waitingFor(desk))}<${RetryWait} at=${at} /></span>`;
}

/** @param {{ desk: Desk, onPanel: (panel: Panel) => void }} props */
function CallControls({ desk, onPanel }) {
  const { sending } = desk;
  const on = sending.microphoneOn.value;
  const noCamera = sending.own.value !== null && sending.own.value.getVideoTracks().length === 0;
  return html`<div class="controls">
    ${!on && html`<p class="hint"><${IconMicOff} />${t("mic_is_muted")}</p>`}
    ${noCamera && html`<p class="hint" role="alert"><${IconWarning} />${t("no_camera_in_call")}</p>`}
    ${desk.media.uplink.value === "broken" && html`<p class="hint" role="alert"><${IconWarning} />${t("uplink_trouble")}</p>`}
    <div class="row">
      <button type="button" id="microphone" class="button large" aria-pressed=${!on} onClick=${() => sending.toggleMicrophone()}>
        ${on ? html`<${IconMic} />` : html`<${IconMicOff} />`}${on ? t("mic_mute") : t("mic_unmute")}</button>
      <${Volume} desk=${desk} />
      <${TwicePressed} id="hang-up" class="button large danger" label=${t("hang_up")} again=${t("hang_up_confirm")}
        icon=${html`<${IconHangUp} />`} onPress=${() => desk.hangUp()} />
      <${HelpButton} onPanel=${onPanel} />
    </div>
  </div>`;
}

/** @param {{ desk: Desk, onPanel: (panel: Panel) => void }} props */
function WaitingControls({ desk, onPanel }) {
  const soundOnly = desk.media.soundOnly.value;
  return html`<div class="controls">
    <div class="row">
      <${Volume} desk=${desk} />
      <button type="button" id="sound-only" class="button large" aria-pressed=${soundOnly} onClick=${() => desk.media.toggleSoundOnly()}>
        ${soundOnly ? html`<${IconCamera} />` : html`<${IconSound} />`}${t(soundOnly ? "with_picture" : "sound_only")}</button>
      <button type="button" id="check" class="button large" onClick=${() => onPanel("check")}><${IconCamera} />${t("check_title")}</button>
      <${HelpButton} onPanel=${onPanel} />
    </div>
  </div>`;
}

/** @param {{ onPanel: (panel: Panel) => void }} props */
function HelpButton({ onPanel }) {
  return html`<button type="button" id="help" class="button large" onClick=${() => onPanel("help")}><${IconHelp} />${t("help_open")}</button>`;
}

/** @param {{ desk: Desk }} props */
function Volume({ desk }) {
  const volume = desk.volume.value;
  const last = useSignal(1);
  return html`<div class="volume">
    <button type="button" id="mute" class="button icon-only" aria-label=${volume > 0 ? t("mute_programme") : t("unmute_programme")} onClick=${() => {
      if (volume > 0) last.value = volume;
      desk.setVolume(volume > 0 ? 0 : last.value);
    }}>${volume > 0 ? html`<${IconSound} />` : html`<${IconSoundOff} />`}</button>
    <input type="range" min="0" max="1" step="0.05" value=${volume} aria-label=${t("volume")}
      onInput=${(/** @type {any} */ event) => desk.setVolume(Number(event.currentTarget.value))} />
  </div>`;
}
