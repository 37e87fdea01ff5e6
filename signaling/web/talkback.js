/**
 * Talkback without its page: who speaks to the point of which call, and the key that is held while one speaks oneself.
 *
 * The microphone is open and the line connected before anybody presses the key, so that the first word is heard: pressing it puts the
 * track on the line and says to whom, at the same time. What leaves before the server has said yes reaches nobody.
 */

import { signal } from "@preact/signals-core";

/** @import { ServerMessage } from "./types.js" */

/** @template T @typedef {import("@preact/signals-core").Signal<T>} Signal */

/** The server ends a talk that was not renewed for 120 s. */
export const RENEW_MS = 40_000;
/** After this long without the server's yes, one is told that nobody hears. */
export const CONFIRM_MS = 3_000;
/** An end that comes so soon after the key was pressed may be the end of the press before. */
export const CROSSING_MS = 1_500;

/** As the server tells it. */
export class Talks {
  /** Call → the account that speaks. @type {Signal<ReadonlyMap<string, string>>} */
  all = signal(new Map());
  /** Told of a welcome, and of every beginning and end. @type {((what: "welcome" | "began" | "ended", call: string, by: string) => void)[]} */
  listeners = [];

  /** @param {ServerMessage} message  any; others than these are left alone */
  receive(message) {
    if (message.type === "welcome") {
      this.all.value = new Map();
      this.#tell("welcome", "", "");
    } else if (message.type === "talkback") {
      const next = new Map(this.all.value);
      if (message.on) next.set(message.call, message.by);
      else next.delete(message.call);
      this.all.value = next;
      this.#tell(message.on ? "began" : "ended", message.call, message.by);
    }
  }

  /** @param {"welcome" | "began" | "ended"} what @param {string} call @param {string} by */
  #tell(what, call, by) {
    for (const listener of this.listeners) listener(what, call, by);
  }
}

/**
 * @typedef {object} TalkKeyOptions
 * @property {Talks} talks
 * @property {() => string} subject  one's own account
 * @property {() => Promise<MediaStream>} open  the microphone, and join the line
 * @property {() => void} close  both
 * @property {(stream: MediaStream | null) => void} send  the voice from now on; null: silence
 * @property {(kind: "start_talkback" | "stop_talkback", call: string) => void} order
 * @property {() => number} now  milliseconds, monotonic
 */

/** The key. Press and release it however often; it opens the microphone when it is first pressed. */
export class TalkKey {
  /** @type {Signal<"off" | "opening" | "ready">} */
  microphone = signal("off");
  /** The DOMException's name of a microphone that did not open. */
  failure = signal("");
  /** The call that the key is held for. @type {Signal<string | null>} */
  held = signal(null);
  /** Whether the server said that the point hears. */
  isHeard = signal(false);
  /** Whether it has not said so for too long. */
  isRefused = signal(false);
  #options;
  /** @type {MediaStream | null} */
  #stream = null;
  #pressedAt = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #renewal;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #doubt;

  /** @param {TalkKeyOptions} options */
  constructor(options) {
    this.#options = options;
    options.talks.listeners.push((what, call, by) => this.#heardOf(what, call, by));
  }

  /** Open the microphone and connect, silent. */
  async enable() {
    if (this.microphone.value !== "off") return;
    this.microphone.value = "opening";
    this.failure.value = "";
    try {
      const stream = await this.#options.open();
      if (/** @type {string} */ (this.microphone.value) !== "opening") {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.#stream = stream;
      this.microphone.value = "ready";
      for (const track of stream.getTracks()) track.onended = () => this.#stream === stream && this.disable();
      if (this.held.value !== null) this.#options.send(stream);
    } catch (error) {
      this.failure.value = error instanceof Error ? error.name : "Error";
      this.release();
      this.disable();
    }
  }

  /** Let the microphone go: its light goes off. */
  disable() {
    this.release();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.microphone.value = "off";
    this.#options.close();
  }

  /** The open microphone, for its level. */
  get stream() {
    return this.#stream;
  }

  /** The key went down for this call. Again for the same: nothing. @param {string} call */
  press(call) {
    if (this.held.value === call) return;
    this.release();
    this.held.value = call;
    this.#pressedAt = this.#options.now();
    this.#order(call);
    if (this.#stream !== null) this.#options.send(this.#stream);
    else void this.enable();
    this.#renewal = setInterval(() => this.#options.order("start_talkback", call), RENEW_MS);
  }

  /** The key went up. */
  release() {
    const call = this.held.value;
    if (call === null) return;
    this.#up();
    this.#options.order("stop_talkback", call);
  }

  #up() {
    this.#options.send(null);
    this.held.value = null;
    this.isHeard.value = this.isRefused.value = false;
    clearInterval(this.#renewal);
    clearTimeout(this.#doubt);
  }

  /** @param {string} call */
  #order(call) {
    this.#options.order("start_talkback", call);
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => (this.isRefused.value = !this.isHeard.value), CONFIRM_MS);
  }

  /** @param {"welcome" | "began" | "ended"} what @param {string} call @param {string} by */
  #heardOf(what, call, by) {
    const held = this.held.value;
    if (held === null) return;
    if (what === "welcome") {
      // The connection that began it is gone, and with it the talk: begin it anew.
      this.isHeard.value = false;
      this.#order(held);
    } else if (call === held && by === this.#options.subject()) {
      if (what === "began") {
        this.isHeard.value = true;
        this.isRefused.value = false;
      } else if (this.#options.now() - this.#pressedAt < CROSSING_MS) {
        this.#pressedAt = -Infinity; // once
        this.isHeard.value = false;
        this.#order(held);
      } else {
        this.#up();
      }
    }
  }
}

/** Whether its point can be spoken to. @param {{ state: string } | null | undefined} call */
export function canBeSpokenTo(call) {
  return call !== null && call !== undefined && ["answered", "connected", "preview", "on_air"].includes(call.state);
}
