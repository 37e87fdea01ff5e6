/**
 * A call as the called point lives it, without the DOM, devices or a socket.
 *
 * Theory of operation. Feed it what the server says (`receiveWelcome`, `receiveRing`, `receiveCall`) and what happens on the page
 * (`shown`, `answer`, `decline`, `devicesOpened`, `devicesFailed`, `hangUp`, `dismiss`); after each, drain `orders()` and do
 * them in order. The uplink is opened, silent, as soon as a call rings; the devices only on the answer.
 *
 * idle ── ring ──▶ ringing ── answer ──▶ opening ── devices ──▶ sending ──┐
 *   │                 └── decline ───────────┴── failed ───────────────────┴──▶ over ── dismiss ──▶ idle
 *   └── welcome with a call already answered (the page was loaded anew) ──▶ resuming ── answer ──▶ opening
 */

/** @import { CallView, CallState } from "./types.js" */

/** @typedef {"idle" | "ringing" | "resuming" | "opening" | "sending" | "over"} Phase */
/**
 * Why the call is over, as the words `over.<reason>` tell it: the server's cause, or what happened here.
 * @typedef {string} OverReason
 */
/**
 * @typedef {{ kind: "open_uplink" } | { kind: "close_uplink" } | { kind: "open_devices" } | { kind: "close_devices" }
 *   | { kind: "alert", on: boolean }
 *   | { kind: "say", type: "ringing" | "answer" | "hang_up", call: string }
 *   | { kind: "say_decline", call: string, reason: string }
 *   | { kind: "say_device_failed", call: string, device: "camera" | "microphone", error: string }} CallOrder
 */

/** @type {Record<Phase, Phase[]>} */
export const PHASES = {
  idle: ["ringing", "resuming"],
  ringing: ["opening", "over", "ringing", "resuming"],
  resuming: ["opening", "over", "ringing", "resuming"],
  opening: ["sending", "over", "ringing", "resuming"],
  sending: ["over", "ringing", "resuming"],
  over: ["idle", "ringing", "resuming"],
};

/** @type {ReadonlySet<CallState>} */
const ANSWERED = new Set(["answered", "connected", "preview", "on_air"]);
/** @type {ReadonlySet<CallState>} */
const FINAL = new Set(["ended", "failed"]);

export class PointCall {
  /** @type {Phase} */
  phase = "idle";
  /** The newest view of the call, kept while `over`. @type {CallView | null} */
  call = null;
  /** @type {OverReason | null} */
  over = null;
  #shown = false;
  #reason = "";
  /** @type {CallOrder[]} */
  #orders = [];

  /** A call is answered here and not over. */
  get isAnswered() {
    return this.phase === "opening" || this.phase === "sending";
  }

  /** @returns {CallOrder[]} to be done in order; the list is emptied */
  orders() {
    return this.#orders.splice(0);
  }

  /** `ring`: the server wants this call shown, for the first time or again after a reconnect. @param {CallView} call */
  receiveRing(call) {
    const same = this.call?.id === call.id;
    if (same && this.phase === "over" && this.over === "declined_here") {
      this.#orders.push({ kind: "say_decline", call: call.id, reason: this.#reason });
    } else if (same && this.phase === "ringing") {
      this.call = call;
      if (this.#shown) this.#orders.push({ kind: "say", type: "ringing", call: call.id });
    } else if (same && this.isAnswered) {
      this.call = call;
      this.#orders.push({ kind: "say", type: "ringing", call: call.id }, { kind: "say", type: "answer", call: call.id });
    } else {
      this.#release();
      this.#ring(call);
    }
  }

  /** `call`: the point's call moved. @param {CallView} call */
  receiveCall(call) {
    if (this.call?.id !== call.id) return;
    this.call = call;
    if (this.phase === "over") {
      if (this.over === "lost" && FINAL.has(call.state)) this.over = reasonOf(call);
    } else if (FINAL.has(call.state)) {
      this.#finish(reasonOf(call));
    } else if (ANSWERED.has(call.state) && this.phase === "ringing") {
      this.#resume(call);
    }
  }

  /**
   * After every `welcome`: the point's call that is not over, or null. One that still rings comes again as `ring`.
   * @param {CallView | null} call
   */
  receiveWelcome(call) {
    if (call === null) {
      if (this.phase !== "idle" && this.phase !== "over") this.#finish("lost");
    } else if (ANSWERED.has(call.state)) {
      const ours = this.call?.id === call.id && (this.isAnswered || this.phase === "resuming");
      if (ours) this.call = call;
      else this.#resume(call);
    }
  }

  /** The page really shows the ring. */
  shown() {
    if (this.phase !== "ringing" || this.#shown || this.call === null) return;
    this.#shown = true;
    this.#orders.push({ kind: "say", type: "ringing", call: this.call.id });
  }

  /** The button TRẢ LỜI, or TRỞ LẠI for a call that the server holds as answered. */
  answer() {
    if (this.call === null || (this.phase !== "ringing" && this.phase !== "resuming")) return;
    if (this.phase === "ringing") {
      this.shown();
      this.#orders.push({ kind: "say", type: "answer", call: this.call.id });
    }
    this.#advance("opening");
    this.#orders.push({ kind: "alert", on: false }, { kind: "open_devices" });
  }

  /** @param {string} reason  free text, may be empty */
  decline(reason) {
    if (this.call === null || this.phase !== "ringing") return;
    this.#reason = reason;
    this.#orders.push({ kind: "say_decline", call: this.call.id, reason });
    this.#finish("declined_here");
  }

  /**
   * The microphone is on the uplink, and the camera unless it failed: a voice alone is still an answer.
   * @param {string | null} [cameraError]  the DOMException's name
   */
  devicesOpened(cameraError = null) {
    if (this.call === null || !this.isAnswered) return;
    if (cameraError !== null) {
      this.#orders.push({ kind: "say_device_failed", call: this.call.id, device: "camera", error: cameraError });
    }
    if (this.phase === "opening") this.#advance("sending");
  }

  /** @param {"camera" | "microphone"} device @param {string} error  the DOMException's name */
  devicesFailed(device, error) {
    if (this.call === null || !this.isAnswered) return;
    this.#orders.push({ kind: "say_device_failed", call: this.call.id, device, error });
    // While talking the server lets the call live: its own media clock decides, and the device may come back.
    if (this.phase === "sending") return;
    this.#finish(device === "camera" ? "camera_failed" : "microphone_failed");
  }

  /** The button KẾT THÚC. */
  hangUp() {
    if (this.call === null || !(this.isAnswered || this.phase === "resuming")) return;
    this.#orders.push({ kind: "say", type: "hang_up", call: this.call.id });
    this.#finish("hung_up");
  }

  /** This page is no longer the point's page. */
  abandon() {
    if (this.phase !== "idle" && this.phase !== "over") this.#finish("replaced");
  }

  /** The notice of the end was read. */
  dismiss() {
    if (this.phase !== "over") return;
    this.#advance("idle");
    this.call = null;
    this.over = null;
  }

  /** @param {CallView} call */
  #ring(call) {
    this.#advance("ringing");
    this.call = call;
    this.over = null;
    this.#shown = false;
    this.#orders.push({ kind: "open_uplink" }, { kind: "alert", on: true });
  }

  /** The server holds the call as answered; this page has no devices open. @param {CallView} call */
  #resume(call) {
    this.#release();
    this.#advance("resuming");
    this.call = call;
    this.over = null;
    this.#shown = true;
    this.#orders.push({ kind: "open_uplink" });
  }

  /** @param {OverReason} reason */
  #finish(reason) {
    this.#release();
    this.#advance("over");
    this.over = reason;
  }

  #release() {
    if (this.phase === "idle" || this.phase === "over") return;
    this.#orders.push({ kind: "alert", on: false }, { kind: "close_uplink" }, { kind: "close_devices" });
  }

  /** @param {Phase} next */
  #advance(next) {
    if (!PHASES[this.phase].includes(next)) throw new Error(`illegal move ${this.phase} → ${next}`);
    this.phase = next;
  }
}

/** @param {CallView} call @returns {OverReason} */
function reasonOf(call) {
  return call.state === "failed" && call.cause !== null ? call.cause : "ended";
}
