/**
 * The center's own camera and microphone, published by WHIP; instead of the camera, while it shares one, a screen.
 *
 * A screen takes the camera's place on the same lines: nothing is negotiated, and the layers stay (a screen is the taller picture, so that
 * its top layer is sharp). Its text is what counts: `detail` keeps the size and lets frames go.
 */

import "./words-center-console.js";
import { muteWhileTalking } from "./console-talkback.js";
import { Devices, stopStream } from "./devices.js";
import { t } from "./i18n.js";
import { IconCamera, IconCameraOff, IconMic, IconMicOff, IconScreen, IconWarning } from "./icons.js";
import { Picture } from "./picture.js";
import { TwicePressed } from "./twice-pressed.js";
import { html, signal } from "./ui.js";
import { WhipPublisher } from "./whip.js";

/** @import { Room } from "./console-room.js" */
/** @import { MediaState } from "./media-peer.js" */

/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/** The picture of ten thousand desks: 720p with room for motion, below the node's default limit for a publisher. */
const CENTER_VIDEO_BPS = 2_200_000;
/** A presentation, with the odd film in it. */
const SCREEN = { video: { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 25 } }, audio: false };

export class Center {
  devices = new Devices();
  /** @type {Signal<MediaStream | null>} */
  own = signal(null);
  /** @type {Signal<"off" | "opening" | "on">} */
  phase = signal("off");
  /** @type {Signal<MediaState>} */
  media = signal("idle");
  failure = signal("");
  microphoneOn = signal(true);
  cameraOn = signal(true);
  /** The screen that is shared. @type {Signal<MediaStreamTrack | null>} */
  screen = signal(null);
  /** Whether one speaks to a single point just now: the programme does not hear it. */
  isTalking = signal(false);
  whip;

  /** @param {Room} room */
  constructor(room) {
    this.whip = new WhipPublisher({
      url: `/whip/${room.session}`,
      token: () => room.token,
      maxVideoBps: CENTER_VIDEO_BPS,
      hasLayers: true,
      hurries: () => true,
      onUnauthorized: () => room.renew(),
      isFinal: (error) => {
        if (error.status !== 403) return false;
        this.stop();
        this.failure.value = "403";
        return true;
      },
      onState: (state) => (this.media.value = state),
    });
    room.onEpoch.push((spreadMs) => this.whip.rejoin(spreadMs));
    muteWhileTalking(room, (isTalking) => {
      this.isTalking.value = isTalking;
      this.#mute();
    });
    addEventListener("pagehide", (event) => !event.persisted && this.whip.leave());
  }

  /** The button LÊN SÓNG TRUNG TÂM. */
  async start() {
    if (this.phase.value !== "off") return;
    this.phase.value = "opening";
    this.failure.value = "";
    this.microphoneOn.value = this.cameraOn.value = true;
    const { stream, failures } = await this.devices.open();
    const [failure] = failures;
    if (failure !== undefined || stream === null) {
      stopStream(stream);
      this.failure.value = failure === undefined ? "" : `${t(failure.device)} (${failure.error})`;
      this.phase.value = "off";
      return;
    }
    for (const track of stream.getTracks()) track.onended = () => this.own.value === stream && this.stop();
    this.own.value = stream;
    this.phase.value = "on";
    this.#mute();
    await this.whip.send(stream);
    this.whip.join();
  }

  stop() {
    this.whip.leave();
    this.whip.forget();
    this.screen.peek()?.stop();
    this.screen.value = null;
    stopStream(this.own.value);
    this.own.value = null;
    this.phase.value = "off";
  }

  toggleMicrophone() {
    this.microphoneOn.value = !this.microphoneOn.value;
    this.#mute();
  }

  #mute() {
    const isOn = this.microphoneOn.peek() && !this.isTalking.peek();
    for (const track of this.own.peek()?.getAudioTracks() ?? []) track.enabled = isOn;
  }

  /** What is sent as picture now. @returns {MediaStreamTrack | null} */
  get picture() {
    return this.screen.value ?? this.own.value?.getVideoTracks()[0] ?? null;
  }

  /** Share a screen, or go back to the camera. Whoever presses cancel in the browser's own question shares nothing. */
  async toggleScreen() {
    if (this.screen.value !== null) return this.#endScreen(this.screen.value);
    if (this.phase.value !== "on") return;
    let shared;
    try {
      shared = await navigator.mediaDevices.getDisplayMedia(SCREEN);
    } catch (error) {
      const name = error instanceof Error ? error.name : "Error";
      this.failure.value = name === "NotAllowedError" ? "" : `${t("screen")} (${name})`;
      return;
    }
    const [track] = shared.getVideoTracks();
    if (track === undefined || /** @type {string} */ (this.phase.value) !== "on") return stopStream(shared);
    this.failure.value = "";
    track.contentHint = "detail";
    track.onended = () => void this.#endScreen(track);
    this.screen.value = track;
    await this.#send();
  }

  /** @param {MediaStreamTrack} track */
  async #endScreen(track) {
    track.stop();
    if (this.screen.value !== track) return;
    this.screen.value = null;
    await this.#send();
  }

  async #send() {
    const voice = this.own.value?.getAudioTracks() ?? [];
    const picture = this.picture;
    if (this.phase.value === "on") await this.whip.send(new MediaStream(picture === null ? voice : [...voice, picture]));
  }

  toggleCamera() {
    this.cameraOn.value = !this.cameraOn.value;
    for (const track of this.own.value?.getVideoTracks() ?? []) track.enabled = this.cameraOn.value;
  }
}

/** @param {{ center: Center }} props */
export function CenterPanel({ center }) {
  const phase = center.phase.value;
  const media = center.media.value;
  const words = phase === "off" ? "center_off" : phase === "opening" ? "center_opening" : media === "live" ? "center_live" : media === "broken" ? "center_rejoining" : "center_connecting";
  const [mic, camera] = [center.microphoneOn.value, center.cameraOn.value];
  return html`<section class="center" aria-labelledby="center-title" data-live=${phase === "on" && media === "live" ? "yes" : "no"}>
    <h2 id="center-title">${t("center_title")}</h2>
    ${phase === "on" && html`<${Picture} id="center-self" class="center-self" mirror=${center.screen.value === null} track=${center.picture} label=${t("stage_self")} />`}
    <p role="status" id="center-state" class="muted">${t(words)}</p>
    ${center.failure.value !== "" && html`<p class="notice-item" role="alert"><${IconWarning} />${t("center_failed", { why: center.failure.value })}</p>`}
    ${phase !== "on"
      ? html`<button type="button" id="center-start" class="button primary wide" disabled=${phase === "opening"} onClick=${() => void center.start()}><${IconCamera} />${t("center_publish")}</button>`
      : html`<div class="center-buttons">
          <button type="button" class="button small" aria-pressed=${!mic} onClick=${() => center.toggleMicrophone()}>${mic ? html`<${IconMic} />` : html`<${IconMicOff} />`}${t(mic ? "mic_mute" : "mic_unmute")}</button>
          <button type="button" class="button small" aria-pressed=${!camera} onClick=${() => center.toggleCamera()}>${camera ? html`<${IconCamera} />` : html`<${IconCameraOff} />`}${t(camera ? "camera_mute" : "camera_unmute")}</button>
          <button type="button" class="button small" aria-pressed=${center.screen.value !== null} onClick=${() => void center.toggleScreen()}><${IconScreen} />${t(center.screen.value === null ? "screen_share" : "screen_stop")}</button>
          <${TwicePressed} id="center-stop" class="button small danger" label=${t("center_stop")} again=${t("center_stop_confirm")} onPress=${() => center.stop()} />
        </div>`}
  </section>`;
}
