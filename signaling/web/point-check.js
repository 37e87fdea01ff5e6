/** The device check: own picture, microphone level, choice of both. Opens the devices itself and stops them when it goes. */

import { stopStream, Devices } from "./devices.js";
import { t } from "./i18n.js";
import { IconCamera, IconCheck, IconMic, IconSound, IconWarning } from "./icons.js";
import { Picture } from "./picture.js";
import { testTone, watchLevel } from "./sound.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { DeviceState } from "./types.js" */

/** @param {{ devices: Devices }} props */
export function DeviceCheck({ devices }) {
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
          <button type="button" class="button" onClick=${() => (round.value += 1)}>${t("check_again")}</button>
          <button type="button" class="button" onClick=${testTone}><${IconSound} />${t("test_sound")}</button>
        </div>
      </div>
    </div>
    ${!busy.value && states.includes("refused") && html`<p class="hint" role="alert"><${IconWarning} />${t("device_refused_help")}</p>`}
    ${!busy.value && !states.includes("refused") && states.includes("absent") && html`<p class="hint" role="alert"><${IconWarning} />${t("device_absent_help")}</p>`}
  </section>`;
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
  useEffect(() => (stream === null ? undefined : watchLevel(stream, (value) => (level.value = value))), [stream]);
  return html`<div class="field">
    <span id="level-label">${t("microphone_level")}</span>
    <meter aria-labelledby="level-label" min="0" max="1" low="0.25" high="0.92" optimum="0.6" value=${level.value}></meter>
  </div>`;
}
