/**
 * When a point that agreed sends a still, without the DOM, a camera or a socket.
 *
 * Theory of operation. Nothing is sent before somebody here agreed (`agree`), nor after they took it back. While agreed, connected
 * (`lineChanged`) and not in a call (`setFree`), the camera is open and one still is taken every EVERY_MS, from a random first moment on:
 * ten thousand desks that a restart brings back together shall not send together. A refusal by the server ends it until
 * somebody agrees anew. After each call drain `orders()`; arm one timer for `nextTimeout()`.
 */

/** A still every so long. */
export const EVERY_MS = 10_000;
/** The camera gives no picture: look again after this long. */
export const CAMERA_AGAIN_MS = 60_000;
/** What the server takes at most. */
export const MAX_BYTES = 24 * 1024;
export const WIDTH = 320;
export const HEIGHT = 180;
/** JPEG qualities to try, best first, until a still is small enough. */
export const QUALITIES = [0.6, 0.45, 0.3, 0.2, 0.1];

/** `waiting`: agreed, and not to be sent now (no line, or a call runs). @typedef {"off" | "waiting" | "sending" | "no_camera" | "refused"} StillState */
/** @typedef {{ kind: "say", on: boolean } | { kind: "camera", on: boolean } | { kind: "capture" }} StillOrder */

export class PointStills {
  #random;
  #agreed;
  #live = false;
  #free = true;
  #refused = false;
  #noCamera = false;
  #open = false;
  /** @type {number | null} */
  #due = null;
  /** @type {StillOrder[]} */
  #orders = [];

  /** @param {boolean} agreed  as remembered @param {() => number} [random]  0 ≤ x < 1 */
  constructor(agreed, random = Math.random) {
    this.#agreed = agreed;
    this.#random = random;
  }

  /** @returns {StillState} */
  get state() {
    if (!this.#agreed) return "off";
    if (this.#refused) return "refused";
    if (!this.#open) return "waiting";
    return this.#noCamera ? "no_camera" : "sending";
  }

  /** Somebody here agreed, or took it back. @param {boolean} on @param {number} now  milliseconds of any monotonic clock */
  agree(on, now) {
    if (this.#agreed === on && !this.#refused) return;
    this.#agreed = on;
    this.#refused = false;
    if (this.#live) this.#orders.push({ kind: "say", on });
    this.#settle(now);
  }

  /** The line was welcomed, or lost; the server knows of no agreement after a welcome. @param {boolean} live @param {number} now */
  lineChanged(live, now) {
    this.#live = live;
    if (live && this.#agreed && !this.#refused) this.#orders.push({ kind: "say", on: true });
    this.#settle(now);
  }

  /** Whether there is no call here. @param {boolean} free @param {number} now */
  setFree(free, now) {
    if (this.#free === free) return;
    this.#free = free;
    this.#settle(now);
  }

  /** Whether the camera gave a picture. @param {boolean} is @param {number} now */
  cameraWorks(is, now) {
    if (!this.#open) return;
    this.#noCamera = !is;
    if (!is) this.#due = now + CAMERA_AGAIN_MS;
  }

  /** The server does not want what this page sends. @param {number} now */
  refuse(now) {
    this.#refused = true;
    this.#settle(now);
  }

  /** @param {number} now */
  handleTimeout(now) {
    if (this.#due === null || now < this.#due) return;
    this.#due = now + EVERY_MS;
    if (this.#noCamera) {
      this.#noCamera = false;
      this.#orders.push({ kind: "camera", on: false }, { kind: "camera", on: true });
    }
    this.#orders.push({ kind: "capture" });
  }

  /** @returns {number | null} when `handleTimeout` is due */
  nextTimeout() {
    return this.#due;
  }

  /** @returns {StillOrder[]} to be done in order; the list is emptied */
  orders() {
    return this.#orders.splice(0);
  }

  /** @param {number} now */
  #settle(now) {
    const wanted = this.#agreed && this.#live && this.#free && !this.#refused;
    if (wanted === this.#open) return;
    this.#open = wanted;
    this.#noCamera = false;
    this.#orders.push({ kind: "camera", on: wanted });
    // Not at once: a camera needs a moment for its light, and the country is not to send in step.
    this.#due = wanted ? now + 1_000 + this.#random() * (EVERY_MS - 1_000) : null;
  }
}
