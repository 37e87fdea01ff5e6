/**
 * Talkback on a page: hold the button, or the key that the page binds, and speak to one point alone.
 *
 * `Talkback({ room, call })` is the button with what belongs to it; `press(room, call)` and `release(room)` are for keys.
 */

import "./words-center-console.js";
import { t } from "./i18n.js";
import { IconMicOff, IconTalk, IconWarning } from "./icons.js";
import { watchLevel } from "./sound.js";
import { TalkKey, canBeSpokenTo } from "./talkback.js";
import { effect, html, recall, remember, signal, useEffect, useRef, useSignal } from "./ui.js";
import { WhipPublisher } from "./whip.js";

/** @import { CallView } from "./types.js" */
/** @import { Talks } from "./talkback.js" */
/** @import { Command } from "./types.js" */

/**
 * What is needed of a console's room.
 * @typedef {object} TalkRoom
 * @property {string} session
 * @property {string} token
 * @property {Talks} talks
 * @property {{ value: string }} subject
 * @property {((spreadMs: number) => void)[]} onEpoch
 * @property {() => void} renew
 * @property {(order: Command) => void} order
 */

/** Remembered for every page of this browser, with the choice of the desk's camera and microphone. */
const CHOSEN = "microphone";

/** @type {WeakMap<TalkRoom, Talkline>} */
const lines = new WeakMap();

/** The key of a room, with its line to the server; one a room. @param {TalkRoom} room @returns {Talkline} */
export function talkline(room) {
  let line = lines.get(room);
  if (line === undefined) lines.set(room, (line = new Talkline(room)));
  return line;
}

/** The key went down. @param {TalkRoom} room @param {CallView | null | undefined} call */
export function press(room, call) {
  if (call && canBeSpokenTo(call) && !isTaken(room, call)) talkline(room).key.press(call.id);
}

/** The key went up. @param {TalkRoom} room */
export function release(room) {
  talkline(room).key.release();
}

/** @param {TalkRoom} room @param {CallView} call */
function isTaken(room, call) {
  const by = room.talks.all.value.get(call.id);
  return by !== undefined && by !== room.subject.value;
}

/** The microphone and the connection behind the key. */
export class Talkline {
  key;
  whip;
  /** @type {import("@preact/signals").Signal<MediaDeviceInfo[]>} */
  microphones = signal([]);
  chosen = signal(recall(CHOSEN) ?? "");

  /** @param {TalkRoom} room */
  constructor(room) {
    this.whip = new WhipPublisher({
      url: `/whip/${room.session}?feed=talk`,
      token: () => room.token,
      maxVideoBps: 0,
      isVoice: true,
      hurries: () => true,
      onUnauthorized: () => room.renew(),
      isFinal: (error) => {
        if (error.status !== 400 && error.status !== 403) return false;
        this.key.failure.value = String(error.status);
        this.key.disable();
        return true;
      },
      onState: () => {},
    });
    this.key = new TalkKey({
      talks: room.talks,
      subject: () => room.subject.value,
      open: () => this.#open(),
      close: () => {
        this.whip.leave();
        this.whip.forget();
      },
      send: (stream) => void (stream === null ? this.whip.pause() : this.whip.send(stream)),
      order: (kind, call) => room.order({ kind, call }),
      now: () => performance.now(),
    });
    room.onEpoch.push((spreadMs) => this.whip.rejoin(spreadMs));
    const up = () => this.key.release();
    addEventListener("blur", up);
    document.addEventListener("visibilitychange", () => document.hidden && up());
    addEventListener("pagehide", (event) => !event.persisted && this.key.disable());
  }

  /** @param {string} id  "" for the default */
  async choose(id) {
    this.chosen.value = id;
    remember(CHOSEN, id);
    if (this.key.microphone.value !== "ready") return;
    this.key.disable();
    await this.key.enable();
  }

  async #open() {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(this.chosen.value ? { deviceId: { ideal: this.chosen.value } } : {}) },
    });
    this.whip.join();
    this.microphones.value = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "audioinput");
    return stream;
  }
}

/**
 * @param {object} props
 * @param {TalkRoom} props.room
 * @param {CallView | null} props.call  whose point is spoken to
 * @param {boolean} [props.settings]  whether the microphone can be chosen and switched off here
 */
export function Talkback({ room, call, settings = true }) {
  const line = talkline(room);
  const { key } = line;
  const id = call?.id ?? null;
  // Another call is chosen, or the page puts this away: whoever was spoken to is spoken to no more.
  useEffect(() => () => key.release(), [id]);
  const other = call !== null && isTaken(room, call) ? (room.talks.all.value.get(call.id) ?? "") : null;
  const can = call !== null && canBeSpokenTo(call) && other === null;
  const name = call?.point_name ?? "";
  const isHeld = key.held.value !== null && key.held.value === id;
  const state = other !== null ? "other" : !isHeld ? "idle" : key.isHeard.value && key.microphone.value === "ready" ? "on" : key.isRefused.value ? "unheard" : "starting";
  return html`<div class="talkback" data-talk=${state} data-microphone=${key.microphone.value}>
    <${HoldButton} line=${line} call=${can ? call : null} label=${can ? t("talk_hold_label", { name }) : t("talk_nobody")} isHeld=${isHeld} />
    ${key.microphone.value === "ready" && html`<${Level} stream=${key.stream} />`}
    <p class="talk-state" role="status" aria-live="polite">${words(state, key.microphone.value, other, name)}</p>
    ${key.failure.value !== "" && html`<p class="notice-item" role="alert"><${IconWarning} />${t("talk_failed", { why: key.failure.value })}</p>`}
    ${settings && key.microphone.value === "ready" && html`<${Settings} line=${line} />`}
  </div>`;
}

/** @param {string} state @param {string} microphone @param {string | null} other @param {string} name */
function words(state, microphone, other, name) {
  if (state === "other") return t("talk_other", { who: other?.split(":")[1] ?? other ?? "", name });
  if (state === "on") return t("talk_on", { name });
  if (state === "unheard") return t("talk_unheard", { name });
  if (microphone === "opening") return t("talk_opening");
  return state === "starting" ? t("talk_starting") : "";
}

/** Held by pointer or key; a click without either (a screen reader's) presses and releases in turn. @param {{ line: Talkline, call: CallView | null, label: string, isHeld: boolean }} props */
function HoldButton({ line, call, label, isHeld }) {
  const { key } = line;
  const touched = useRef(false);
  const down = () => {
    touched.current = true;
    if (call !== null) key.press(call.id);
  };
  const up = () => key.release();
  return html`<button type="button" class="button talk-button" aria-label=${label} title=${label} aria-pressed=${isHeld} aria-keyshortcuts="T" aria-disabled=${call === null}
    onPointerDown=${(/** @type {any} */ event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      down();
    }}
    onPointerUp=${up} onPointerCancel=${up} onLostPointerCapture=${up}
    onContextMenu=${(/** @type {Event} */ event) => event.preventDefault()}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat) down();
    }}
    onKeyUp=${(/** @type {KeyboardEvent} */ event) => (event.key === " " || event.key === "Enter") && up()}
    onBlur=${up}
    onClick=${() => {
      const byHand = touched.current;
      touched.current = false;
      if (!byHand && call !== null) isHeld ? up() : key.press(call.id);
    }}><${IconTalk} /><span>${t("talk_hold")}</span><kbd aria-hidden="true" data-key="T"></kbd></button>`;
}

/** @param {{ stream: MediaStream | null }} props */
function Level({ stream }) {
  const level = useSignal(0);
  useEffect(() => (stream === null ? undefined : watchLevel(stream, (now) => (level.value = now))), [stream]);
  return html`<meter class="talk-level" min="0" max="1" value=${level.value} aria-label=${t("talk_level")}></meter>`;
}

/** @param {{ line: Talkline }} props */
function Settings({ line }) {
  const list = line.microphones.value;
  return html`<div class="talk-settings">
    ${list.length > 1 && html`<select aria-label=${t("talk_microphone")} value=${line.chosen.value} onChange=${(/** @type {any} */ event) => void line.choose(event.currentTarget.value)}>
      <option value="">${t("talk_default")}</option>
      ${list.map((device) => html`<option key=${device.deviceId} value=${device.deviceId}>${device.label}</option>`)}
    </select>`}
    <button type="button" class="button icon-only quiet" aria-label=${t("talk_off")} title=${t("talk_off")} onClick=${() => line.key.disable()}><${IconMicOff} /></button>
  </div>`;
}

/** Call it while one's own voice goes to all: it is muted there as long as one speaks to one point. @param {TalkRoom} room @param {(isTalking: boolean) => void} mute */
export function muteWhileTalking(room, mute) {
  const { key } = talkline(room);
  effect(() => mute(key.held.value !== null));
}
