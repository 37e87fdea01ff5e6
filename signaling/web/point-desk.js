/**
 * The point page's state and doings. Components read its signals and call its methods. What a call does is decided in point-call.js;
 * the peers are in point-media.js, the devices of a call in point-sending.js, the session in point-participation.js, presence in
 * point-presence.js, stills in point-still-camera.js.
 */

import { Connection } from "./connection.js";
import { Devices } from "./devices.js";
import { t } from "./i18n.js";
import { NOTHING_WAITS, pointMatters } from "./matters.js";
import { PointCall } from "./point-call.js";
import { PointMedia } from "./point-media.js";
import { PointPapers } from "./point-papers.js";
import { Participation } from "./point-participation.js";
import { Presence } from "./point-presence.js";
import { Sending } from "./point-sending.js";
import { StillSender } from "./point-still-camera.js";
import { notify, startRinging, unlockSound } from "./sound.js";
import { batch, deviceName, effect, noteServerTime, recall, remember, serverNow, signal } from "./ui.js";
import { keepAwake } from "./wake-lock.js";

/** @import { CallView, ClientMessage, PointView, Report, ServerMessage, WireError } from "./types.js" */
/** @import { CallOrder, OverReason, Phase } from "./point-call.js" */
/** @import { EndReason, LineEvent, LineState } from "./protocol.js" */

/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/** A notice of the end that nobody reads goes by itself: the desk is ready for the next call either way. */
const OVER_SHOWN_MS = 120_000;

export class Desk {
  devices = new Devices();
  /** @type {Signal<boolean>} */
  joined = signal(false);
  /** @type {Signal<{ state: LineState, retryAt: number | null, told: boolean, reason: EndReason | null, error: WireError | null }>} */
  line = signal({ state: "idle", retryAt: null, told: false, reason: null, error: null });
  /** @type {Signal<PointView | null>} */
  point = signal(null);
  /** @type {Signal<{ phase: Phase, call: CallView | null, over: OverReason | null }>} */
  call = signal({ phase: "idle", call: null, over: null });
  /** Who of the center speaks to this point alone, now. @type {Signal<{ by: string } | null>} */
  talkback = signal(null);
  /** What waits for somebody here: alerts, missed calls, the shift. */
  matters = signal(NOTHING_WAITS);
  /** Who is there, as typed in any of the cards. */
  personName = signal(recall("person_name") ?? "");
  personFunction = signal(recall("person_function") ?? "");
  papers = new PointPapers();
  part = new Participation();
  stage = this.part.stage;
  request = this.part.request;
  volume = signal(Number(recall("volume") ?? "1"));
  media;
  sending;
  presence;
  stills;

  #token = "";
  #call = new PointCall();
  #connection;
  /** @type {() => void} */
  #stopRinging = () => {};
  #lastReport = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #dismissTimer;

  /** @param {{ code: string, secret: string, session: string }} who */
  constructor({ code, secret, session }) {
    const socketUrl = new URL("/ws", location.href);
    socketUrl.protocol = socketUrl.protocol === "https:" ? "wss:" : "ws:";
    socketUrl.hash = "";
    this.#connection = new Connection({
      url: socketUrl.href,
      hello: () => ({ type: "hello", protocol: 1, credential: { kind: "point", code, secret }, session, report: this.report() }),
      onEvent: (event) => this.#onLine(event),
    });
    this.media = new PointMedia({
      session,
      token: () => this.#token,
      renew: () => this.#connection.renew(),
      say: (message) => this.say(message),
      isBusy: () => this.#isBusy,
    });
    this.sending = new Sending({
      devices: this.devices,
      whip: this.media.whip,
      onOpened: (cameraError) => this.#change((call) => call.devicesOpened(cameraError)),
      onFailed: (device, error) => this.#change((call) => call.devicesFailed(device, error)),
    });
    this.presence = new Presence({ say: (message) => this.say(message), report: () => this.report() });
    this.stills = new StillSender({
      devices: this.devices,
      say: (on) => this.#sayStills(on),
      send: (bytes) => this.#connection.sendBytes(bytes),
    });
    document.addEventListener("visibilitychange", () => this.#tellReport());
    effect(() => {
      void this.devices.camera.value;
      void this.devices.microphone.value;
      this.#tellReport();
    });
  }

  /** The button VÀO ĐIỂM CẦU: call it in the click, it unlocks the sound. */
  join() {
    unlockSound();
    keepAwake(true);
    this.joined.value = true;
    this.#connection.start();
  }

  /** Away from the point; the center cannot call until `join`. */
  leave() {
    this.#change((call) => call.abandon());
    this.media.leave();
    this.#connection.stop();
    keepAwake(false);
    this.joined.value = false;
  }

  /** Try now, or take the point back from where it was opened. */
  retry() {
    unlockSound();
    this.#connection.retry();
  }

  /** @returns {Report} what this machine says about itself now */
  report() {
    return {
      visible: document.visibilityState === "visible",
      camera: this.devices.camera.value,
      microphone: this.devices.microphone.value,
      rtt_ms: this.media.rttMs.value,
      device: deviceName(),
    };
  }

  shown() {
    this.#change((call) => call.shown());
  }

  answer() {
    unlockSound();
    this.#change((call) => call.answer());
  }

  /** @param {string} reason */
  decline(reason) {
    this.#change((call) => call.decline(reason));
  }

  hangUp() {
    this.#change((call) => call.hangUp());
  }

  dismiss() {
    this.#change((call) => call.dismiss());
  }

  /** CÓ MẶT, by whom `personName` says. */
  confirmPresence() {
    unlockSound();
    this.rememberPerson();
    this.presence.confirm(this.personName.value, this.personFunction.value);
  }

  /** What was typed in a card is there in the next one, and tomorrow. */
  rememberPerson() {
    remember("person_name", this.personName.value.trim());
    remember("person_function", this.personFunction.value.trim());
  }

  /** @param {ClientMessage} message  one that wants no answer of its own @returns {boolean} whether it left */
  say(message) {
    return this.#connection.send(message);
  }

  /** @param {string} subject */
  askFloor(subject) {
    this.papers.ask("floor");
    this.say({ type: "ask_floor", subject: subject.trim().slice(0, 200) });
  }

  withdrawFloor() {
    this.say({ type: "withdraw_floor" });
  }

  /** "I have read it." @param {string} directive */
  acknowledge(directive) {
    this.rememberPerson();
    this.papers.ask("directive");
    const [name, occupation] = [this.personName.value, this.personFunction.value];
    this.say({ type: "acknowledge_directive", directive, name: name.trim().slice(0, 100), function: occupation.trim().slice(0, 100) });
  }

  /** @param {string} text @returns {boolean} whether it left this page */
  sendProposal(text) {
    this.papers.ask("proposal");
    return this.say({ type: "send_proposal", text: text.trim().slice(0, 4000) });
  }

  /** Bearer of this point for REST, WHIP and WHEP. */
  get token() {
    return this.#token;
  }

  /** @param {number} volume  0 … 1 */
  setVolume(volume) {
    this.volume.value = volume;
    remember("volume", String(volume));
  }

  /** Counters for tests and diagnosis; see diagnosis.js. */
  diagnosis() {
    const { phase, call } = this.call.value;
    return {
      role: /** @type {const} */ ("point"),
      line: this.line.value.state,
      phase,
      call,
      rollCall: this.presence.shown.value,
      stage: this.stage.value,
      stills: { state: this.stills.state.value, sent: this.stills.sent.value },
      ...this.media.diagnosis(),
    };
  }

  stats() {
    return this.media.stats();
  }

  /** @param {LineEvent} event */
  #onLine(event) {
    if (event.kind === "message") {
      batch(() => this.#receive(event.message));
    } else if (event.kind === "state") {
      const retryAt = event.retryInMs === null ? null : serverNow() + event.retryInMs;
      this.line.value = { state: event.state, retryAt, told: event.told, reason: event.reason, error: event.error };
      if (event.state !== "live") {
        this.talkback.value = null;
        this.stills.lineChanged(false);
      }
      if (event.state === "ended" && event.reason !== "left") {
        this.#change((call) => call.abandon());
        this.media.leave();
        keepAwake(false);
      }
    }
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    this.papers.receive(message);
    switch (message.type) {
      case "welcome":
        noteServerTime(message.at);
        this.#token = message.token;
        this.point.value = message.point;
        this.part.welcomed(message.stage);
        this.#lastReport = "";
        keepAwake(true);
        this.media.nodeChanged(message.media.ready, message.media.epoch);
        this.#change((call) => call.receiveWelcome(message.call));
        this.presence.lineChanged();
        this.stills.lineChanged(true);
        break;
      case "media":
        this.media.nodeChanged(message.ready, message.epoch);
        break;
      case "picture":
        this.media.picture.value = { level: message.level, is_wish: message.is_wish };
        break;
      case "stage":
        this.stage.value = message.stage;
        break;
      case "ring":
        this.#change((call) => call.receiveRing(message.call));
        void this.media.look();
        break;
      case "call":
        this.#change((call) => call.receiveCall(message.call));
        break;
      case "floor":
        this.part.floorMoved(message.session, message.request);
        break;
      case "attending":
        this.part.attend(message);
        break;
      case "roll_call":
        this.presence.receive(message.roll_call);
        break;
      case "error":
        if (message.id === null) this.presence.receiveError(message.error);
        if (message.error.code === "bad_still") this.stills.refuse();
        break;
      case "tick":
        noteServerTime(message.at);
        break;
      case "talkback":
        this.talkback.value = message.on ? { by: message.by_name } : null;
        break;
      default:
        break;
    }
    this.matters.value = pointMatters(this.matters.value, message);
  }

  /** @param {boolean} on */
  #sayStills(on) {
    this.say(/** @type {any} */ ({ type: "stills", on }));
  }

  /** Whether there is a call here. */
  get #isBusy() {
    return this.#call.phase !== "idle" && this.#call.phase !== "over";
  }

  /** Change the call, do what it orders, then show where it stands. @param {(call: PointCall) => void} change */
  #change(change) {
    change(this.#call);
    for (const order of this.#call.orders()) this.#obey(order);
    const { phase, call, over } = this.#call;
    this.#connection.setInCall(this.#call.isAnswered);
    if (!this.#isBusy) this.talkback.value = null;
    this.call.value = { phase, call, over };
    this.stills.setFree(!this.#isBusy);
    clearTimeout(this.#dismissTimer);
    if (phase === "over") this.#dismissTimer = setTimeout(() => this.dismiss(), OVER_SHOWN_MS);
  }

  /** @param {CallOrder} order */
  #obey(order) {
    const report = this.report();
    switch (order.kind) {
      case "open_uplink":
        this.media.whip.join();
        break;
      case "close_uplink":
        this.media.whip.leave();
        break;
      case "open_devices":
        void this.sending.open();
        break;
      case "close_devices":
        this.sending.close();
        break;
      case "alert":
        this.#stopRinging();
        this.#stopRinging = order.on ? this.#ring() : () => {};
        break;
      case "say":
        this.say(order.type === "hang_up" ? { type: "hang_up", call: order.call } : { type: order.type, call: order.call, report });
        break;
      case "say_decline":
        this.say({ type: "decline", call: order.call, ...(order.reason ? { reason: order.reason.slice(0, 200) } : {}), report });
        break;
      case "say_device_failed":
        this.say({ type: "device_failed", call: order.call, device: order.device, error: order.error.slice(0, 100), report });
        break;
    }
  }

  /** @returns {() => void} stop */
  #ring() {
    const stop = startRinging(t("ring_title"));
    const away = notify(t("ring_title"), t("ring_for", { name: this.point.value?.name ?? "" }));
    return () => {
      stop();
      away();
    };
  }

  /** Tell the report when it changed in a way that matters to who calls. */
  #tellReport() {
    const report = this.report();
    const gist = `${report.visible} ${report.camera} ${report.microphone}`;
    if (gist === this.#lastReport || this.line.peek().state !== "live") return;
    if (this.say({ type: "report", report })) this.#lastReport = gist;
  }
}
