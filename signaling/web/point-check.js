/** The check: own picture, microphone level, speaker, line; what to use, and what may be sent. Opens the devices itself and stops them when it goes. */

import { stopStream } from "./devices.js";
import { t } from "./i18n.js";
import { IconCamera, IconCheck, IconMic, IconSound, IconStill, IconWarning } from "./icons.js";
import { Picture } from "./picture.js";
import { LineCheck } from "./point-line-check.js";
import { testTone, watchLevel } from "./sound.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */
/** @import { Devices } from "./devices.js" */
/** @import { DeviceState } from "./types.js" */

/** @param {{ desk: Desk }} props */
export function DeviceCheck({ desk }) {
  const { devices } = desk;
  const stream = useSignal(/** @type {MediaStream | null} */ (null));
  const busy = useSignal(false);
  const round = useSignal(0);
  const chosen = `${devices.chosenCamera.value} ${devices.chosenMicrophone.value} ${round.value}`;
  useEffect(() => {
    let gone = false;
    /** @type {MediaStream | null} */
    let opened = null;
    busy.value = true;
    void devices.open().then((result) => {
      if (gone) return stopStream(result.stream);
      opened = stream.value = result.stream;
      busy.value = false;
    });
    return () => {
      gone = true;
      stopStream(opened);
      stream.value = null;
    };
  }, [chosen]);
  const states = [devices.camera.value, devices.microphone.value];
  return html`<section class="check" aria-labelledby="check-title">
    <h2 id="check-title">${t("check_title")}</h2>
    <p class="muted">${t("check_text")}</p>
    <div class="check-body">
      <${Picture} id="check-picture" class="check-picture" mirror track=${stream.value?.getVideoTracks()[0] ?? null} label=${t("own_picture")}
        waiting=${html`<${IconCamera} /><span>${busy.value ? "…" : t(`device_${devices.camera.value}`)}</span>`} />
      <div class="check-devices">
        <${Chooser} devices=${devices} device="camera" />
        <${Chooser} devices=${devices} device="microphone" />
        <${Level} stream=${stream.value} />
        <div class="row">
          <button type="button" id="test-sound" class="button" onClick=${testTone}><${IconSound} />${t("test_sound")}</button>
          <button type="button" id="check-again" class="button" onClick=${() => (round.value += 1)}>${t("check_again")}</button>
        </div>
      </div>
    </div>
    ${!busy.value && states.includes("refused") && html`<p class="hint" role="alert"><${IconWarning} />${t("device_refused_help")}</p>`}
    ${!busy.value && !states.includes("refused") && states.includes("absent") && html`<p class="hint" role="alert"><${IconWarning} />${t("device_absent_help")}</p>`}
    <${LineCheck} />
    <${Choices} desk=${desk} />
  </section>`;
}

/** What the official decides here: sound alone, stills, a notification. @param {{ desk: Desk }} props */
function Choices({ desk }) {
  const agreed = desk.stills.state.value !== "off";
  return html`<div class="choices">
    <label class="choice"><input type="checkbox" id="choose-sound-only" checked=${desk.media.soundOnly.value} onChange=${() => desk.media.toggleSoundOnly()} />
      <span><strong><${IconSound} />${t("choose_sound_only")}</strong><span class="muted">${t("choose_sound_only_text")}</span></span></label>
    <label class="choice"><input type="checkbox" id="choose-stills" checked=${agreed} onChange=${(/** @type {any} */ event) => desk.stills.agree(event.currentTarget.checked)} />
      <span><strong><${IconStill} />${t("choose_stills")}</strong><span class="muted">${t("choose_stills_text")}</span></span></label>
    <${NotifyChoice} />
  </div>`;
}

/** A browser asks only once, and only after a press. */
function NotifyChoice() {
  const permission = useSignal("Notification" in globalThis ? Notification.permission : "denied");
  if (permission.value !== "default") return null;
  return html`<p class="choice choice-button"><button type="button" id="notify" class="button" onClick=${() => void Notification.requestPermission().then((answer) => (permission.value = answer))}>${t("notify_ask")}</button>
    <span class="muted">${t("notify_text")}</span></p>`;
}

/** @param {{ devices: Devices, device: "camera" | "microphone" }} props */
function Chooser({ devices, device }) {
  const kind = device === "camera" ? "videoinput" : "audioinput";
  const list = devices.list.value.filter((each) => each.kind === kind && each.deviceId !== "");
  const chosen = (device === "camera" ? devices.chosenCamera : devices.chosenMicrophone).value;
  const known = list.some((each) => each.deviceId === chosen);
  return html`<div class="field">
    <label for=${`choose-${device}`}>${device === "camera" ? html`<${IconCamera} />` : html`<${IconMic} />`}${t(device)}
      <${StateWord} state=${devices[device].value} /></label>
    <select id=${`choose-${device}`} value=${known ? chosen : ""}
      onChange=${(/** @type {any} */ event) => devices.choose(device, event.currentTarget.value)}>
      <option value="">${t("default_device")}</option>
      ${list.map((each, i) => html`<option value=${each.deviceId}>${each.label || `${t(device)} ${i + 1}`}</option>`)}
    </select>
  </div>`;
}

/** @param {{ state: DeviceState }} props */
function StateWord({ state }) {
  return html`<span class=${`device-state device-${state}`}>
    ${state === "ok" && html`<${IconCheck} />`}${(state === "absent" || state === "refused") && html`<${IconWarning} />`}
    ${t(`device_${state}`)}</span>`;
}

/** @param {{ stream: MediaStream | null }} props */
function Level({ stream }) {
  const level = useSignal(0);
  const heard = useRef(false);
  useEffect(() => {
    heard.current = false;
    if (stream === null) return undefined;
    return watchLevel(stream, (value) => {
      level.value = value;
      if (value > 0.45) heard.current = true;
    });
  }, [stream]);
  const silent = stream !== null && stream.getAudioTracks().length > 0;
  return html`<div class="field">
    <span id="level-label" class="level-label">${t("microphone_level")}
      ${silent && html`<span class=${`device-state ${heard.current ? "device-ok" : ""}`} id="level-heard" data-heard=${heard.current ? "yes" : "no"}>${heard.current ? html`<${IconCheck} />${t("level_heard")}` : t("level_speak")}</span>`}</span>
    <meter aria-labelledby="level-label" min="0" max="1" low="0.25" high="0.92" optimum="0.6" value=${level.value}></meter>
  </div>`;
}
