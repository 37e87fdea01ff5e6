/** Camera and microphone: which there are, which was chosen, whether they work, and opening them. */

import { recall, remember, signal } from "./ui.js";

/** @import { DeviceState } from "./types.js" */

/** @typedef {{ device: "camera" | "microphone", error: string }} DeviceFailure */
/** @typedef {{ stream: MediaStream | null, failures: DeviceFailure[] }} Opened */

const ABSENT = new Set(["NotFoundError", "DevicesNotFoundError", "OverconstrainedError"]);

export class Devices {
  /** @type {import("@preact/signals").Signal<DeviceState>} */
  camera = signal("unknown");
  /** @type {import("@preact/signals").Signal<DeviceState>} */
  microphone = signal("unknown");
  /** @type {import("@preact/signals").Signal<MediaDeviceInfo[]>} */
  list = signal([]);
  chosenCamera = signal(recall("camera") ?? "");
  chosenMicrophone = signal(recall("microphone") ?? "");

  constructor() {
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.look());
  }

  /** @param {"camera" | "microphone"} device @param {string} id  "" for the default */
  choose(device, id) {
    (device === "camera" ? this.chosenCamera : this.chosenMicrophone).value = id;
    remember(device, id);
  }

  /** Read the list anew; a kind of which none is left is `absent`, one that came back is `unknown` until it is tried. */
  async look() {
    if (!navigator.mediaDevices?.enumerateDevices) return;
    const list = await navigator.mediaDevices.enumerateDevices();
    this.list.value = list;
    for (const [state, kind] of /** @type {const} */ ([[this.camera, "videoinput"], [this.microphone, "audioinput"]])) {
      const any = list.some((device) => device.kind === kind);
      if (!any) state.value = "absent";
      else if (state.value === "absent") state.value = "unknown";
    }
  }

  /**
   * Open both; where both together fail, each alone, to know which one it is and to have the other.
   * @returns {Promise<Opened>}
   */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.camera.value = this.microphone.value = "absent";
      return { stream: null, failures: [{ device: "camera", error: "NotSupportedError" }] };
    }
    const video = {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 25, max: 30 },
      ...(this.chosenCamera.value ? { deviceId: { ideal: this.chosenCamera.value } } : {}),
    };
    const audio = {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(this.chosenMicrophone.value ? { deviceId: { ideal: this.chosenMicrophone.value } } : {}),
    };
    const both = await attempt({ video, audio });
    if (both.stream !== null) {
      this.camera.value = this.microphone.value = "ok";
      await this.look();
      return { stream: both.stream, failures: [] };
    }
    const [picture, sound] = [await attempt({ video }), await attempt({ audio })];
    this.camera.value = stateAfter(picture.error);
    this.microphone.value = stateAfter(sound.error);
    await this.look();
    /** @type {DeviceFailure[]} */
    const failures = [];
    if (picture.stream === null) failures.push({ device: "camera", error: picture.error });
    if (sound.stream === null) failures.push({ device: "microphone", error: sound.error });
    const tracks = [...(picture.stream?.getTracks() ?? []), ...(sound.stream?.getTracks() ?? [])];
    return { stream: tracks.length > 0 ? new MediaStream(tracks) : null, failures };
  }
}

/** Stop every track: the camera's light goes off. @param {MediaStream | null} stream */
export function stopStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** @param {MediaStreamConstraints} constraints @returns {Promise<{ stream: MediaStream | null, error: string }>} */
async function attempt(constraints) {
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(constraints), error: "" };
  } catch (error) {
    return { stream: null, error: error instanceof Error ? error.name : "Error" };
  }
}

/** @param {string} error @returns {DeviceState} */
function stateAfter(error) {
  if (error === "") return "ok";
  if (ABSENT.has(error)) return "absent";
  return error === "NotAllowedError" || error === "SecurityError" ? "refused" : "unknown";
}
