/** The thin shell around `PointStills`: a small camera picture, a canvas, one timer. */

import { stopStream } from "./devices.js";
import { HEIGHT, MAX_BYTES, PointStills, QUALITIES, WIDTH } from "./point-stills.js";
import { recall, remember, signal } from "./ui.js";

/** @import { Devices } from "./devices.js" */
/** @import { StillState } from "./point-stills.js" */

/** What is enough for a still; a camera that runs for nothing else shall warm no old laptop. */
const SMALL = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 5 } };

export class StillSender {
  /** @type {import("@preact/signals").Signal<StillState>} */
  state = signal("off");
  /** How many left this page. */
  sent = signal(0);
  #logic;
  #devices;
  #say;
  #send;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<HTMLVideoElement | null> | null} */
  #video = null;

  /**
   * @param {object} options
   * @param {Devices} options.devices
   * @param {(on: boolean) => void} options.say  `stills`
   * @param {(bytes: ArrayBuffer) => boolean} options.send  one binary message; whether it left
   */
  constructor({ devices, say, send }) {
    this.#devices = devices;
    this.#say = say;
    this.#send = send;
    this.#logic = new PointStills(recall("stills") === "yes");
    this.state.value = this.#logic.state;
  }

  get isAgreed() {
    return this.state.value !== "off";
  }

  /** @param {boolean} on */
  agree(on) {
    remember("stills", on ? "yes" : "no");
    this.#run((now) => this.#logic.agree(on, now));
  }

  /** @param {boolean} live */
  lineChanged(live) {
    this.#run((now) => this.#logic.lineChanged(live, now));
  }

  /** @param {boolean} free */
  setFree(free) {
    this.#run((now) => this.#logic.setFree(free, now));
  }

  /** The server's error `bad_still`. */
  refuse() {
    this.#run((now) => this.#logic.refuse(now));
  }

  /** @param {(now: number) => void} change */
  #run(change) {
    change(performance.now());
    for (const order of this.#logic.orders()) {
      if (order.kind === "say") this.#say(order.on);
      else if (order.kind === "camera") this.#turn(order.on);
      else void this.#capture();
    }
    this.state.value = this.#logic.state;
    clearTimeout(this.#timer);
    const due = this.#logic.nextTimeout();
    if (due !== null) this.#timer = setTimeout(() => this.#run((now) => this.#logic.handleTimeout(now)), Math.max(0, due - performance.now()));
  }

  /** @param {boolean} on */
  #turn(on) {
    void this.#video?.then((video) => stopStream(/** @type {MediaStream | null} */ (video?.srcObject ?? null)));
    this.#video = on ? this.#openCamera() : null;
  }

  /** @returns {Promise<HTMLVideoElement | null>} */
  async #openCamera() {
    try {
      const chosen = this.#devices.chosenCamera.value;
      const stream = await navigator.mediaDevices.getUserMedia({ video: { ...SMALL, ...(chosen ? { deviceId: { ideal: chosen } } : {}) } });
      const video = document.createElement("video");
      video.muted = video.playsInline = true;
      video.srcObject = stream;
      await video.play().catch(() => {});
      return video;
    } catch {
      return null;
    }
  }

  async #capture() {
    const opened = this.#video;
    const video = await opened;
    const bytes = video === null || video === undefined ? null : await jpegOf(video);
    if (this.#video !== opened) return; // the camera was turned off meanwhile
    this.#run((now) => this.#logic.cameraWorks(bytes !== null, now));
    if (bytes !== null && this.#send(bytes)) this.sent.value += 1;
  }
}

/**
 * The present picture, cut to 16 : 9, as a JPEG of at most MAX_BYTES.
 * @param {HTMLVideoElement} video @returns {Promise<ArrayBuffer | null>} null while there is no picture, or where none is small enough
 */
async function jpegOf(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  const scale = Math.max(WIDTH / width, HEIGHT / height);
  const [drawnWidth, drawnHeight] = [width * scale, height * scale];
  canvas.getContext("2d")?.drawImage(video, (WIDTH - drawnWidth) / 2, (HEIGHT - drawnHeight) / 2, drawnWidth, drawnHeight);
  for (const quality of QUALITIES) {
    const blob = /** @type {Blob | null} */ (await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality)));
    if (blob !== null && blob.type === "image/jpeg" && blob.size <= MAX_BYTES) return blob.arrayBuffer();
  }
  return null;
}
