/** Own camera and microphone while they run for a call: opened on the answer, opened again when one is pulled out, off with the call. */

import { stopStream } from "./devices.js";
import { signal } from "./ui.js";

/** @import { Devices } from "./devices.js" */
/** @import { WhipPublisher } from "./whip.js" */

export class Sending {
  /** @type {import("@preact/signals").Signal<MediaStream | null>} */
  own = signal(null);
  microphoneOn = signal(true);
  #devices;
  #whip;
  #onOpened;
  #onFailed;
  #round = 0;

  /**
   * @param {object} options
   * @param {Devices} options.devices
   * @param {WhipPublisher} options.whip
   * @param {(cameraError: string | null) => void} options.onOpened  the microphone is on the line, and the camera unless it failed
   * @param {(device: "camera" | "microphone", error: string) => void} options.onFailed
   */
  constructor({ devices, whip, onOpened, onFailed }) {
    this.#devices = devices;
    this.#whip = whip;
    this.#onOpened = onOpened;
    this.#onFailed = onFailed;
  }

  async open() {
    const round = ++this.#round;
    this.microphoneOn.value = true;
    const { stream, failures } = await this.#devices.open();
    if (round !== this.#round) return stopStream(stream);
    const silent = failures.find((failure) => failure.device === "microphone") ?? (stream === null ? failures[0] : undefined);
    if (silent !== undefined || stream === null) {
      stopStream(stream);
      this.#onFailed(silent?.device ?? "camera", silent?.error ?? "Error");
      return;
    }
    this.own.value = stream;
    for (const track of stream.getTracks()) {
      // Unplugged or taken away: open again, with whatever there is now.
      track.onended = () => {
        if (round !== this.#round) return;
        stopStream(stream);
        void this.open();
      };
    }
    await this.#whip.send(stream);
    if (round === this.#round) this.#onOpened(failures[0]?.error ?? null);
  }

  /** The camera's light goes off. */
  close() {
    this.#round += 1;
    stopStream(this.own.value);
    this.own.value = null;
    this.#whip.forget();
  }

  toggleMicrophone() {
    this.microphoneOn.value = !this.microphoneOn.value;
    for (const track of this.own.value?.getAudioTracks() ?? []) track.enabled = this.microphoneOn.value;
  }
}
