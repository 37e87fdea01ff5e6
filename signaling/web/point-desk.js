/**
 * The point page's state and doings: the line, the viewer, the call with its uplink, the devices. Components read its
 * signals and call its methods; what a call does is decided in point-call.js.
 */

import { changeOf } from "./attendance.js";
import { Connection } from "./connection.js";
import { Devices, stopStream } from "./devices.js";
import { t } from "./i18n.js";
import { NOTHING_WAITS, pointMatters } from "./matters.js";
import { peersCreated } from "./media-peer.js";
import { PointCall } from "./point-call.js";
import { PointPapers } from "./point-papers.js";
import { RollCallAnswer } from "./point-rollcall.js";
import { chime, startRinging, unlockSound } from "./sound.js";
import { batch, deviceName, effect, noteServerTime, recall, remember, serverNow, signal } from "./ui.js";
import { keepAwake } from "./wake-lock.js";
import { POINT_SLOTS, WhepViewer } from "./whep.js";
import { WhipPublisher } from "./whip.js";

/** @import { AttendingNotice } from "./attendance.js" */
/** @import { Attending, CallView, ClientMessage, FloorRequest, PictureLevel, PointView, Question, Report, ServerMessage, Stage, WireError } from "./types.js" */
/** @import { AnswerPhase } from "./point-rollcall.js" */
/** @import { EndReason, LineEvent, LineState } from "./protocol.js" */
/** @import { MediaState } from "./media-peer.js" */
/** @import { OverReason, Phase } from "./point-call.js" */

/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

/** A point's picture: enough for 720p of one person at a desk. */
const POINT_VIDEO_BPS = 1_500_000;
/** The media node came back under another epoch: pages come back to it spread over this long. */
const EPOCH_SPREAD_MS = 3_000;
const EPOCH_SPREAD_IN_CALL_MS = 300;

export class Desk {
  devices = new Devices();
  /** @type {Signal<boolean>} */
  joined = signal(false);
  /** @type {Signal<{ state: LineState, retryAt: number | null, told: boolean, reason: EndReason | null, error: WireError | null }>} */
  line = signal({ state: "idle", retryAt: null, told: false, reason: null, error: null });
  /** @type {Signal<PointView | null>} */
  point = signal(null);
  sessionTitle = signal("");
  /** @type {Signal<Stage>} */
  stage = signal({ session_state: "open", center_live: false, on_air: [], recording: false });
  mediaReady = signal(true);
  /** @type {Signal<MediaState>} */
  viewer = signal("idle");
  /** Of a broken viewer: when it tries again, and whether the server is full and said when. @type {Signal<{ at: number, told: boolean } | null>} */
  viewerRetry = signal(null);
  /** How much of the pictures comes. @type {Signal<{ level: PictureLevel, is_wish: boolean }>} */
  picture = signal({ level: "full", is_wish: false });
  /** Whether somebody here wants only the sound. */
  soundOnly = signal(recall("sound_only") === "yes");
  /** @type {Signal<MediaState>} */
  uplink = signal("idle");
  /** "video main" → track. @type {Signal<Record<string, MediaStreamTrack>>} */
  tracks = signal({});
  /** @type {Signal<{ phase: Phase, call: CallView | null, over: OverReason | null }>} */
  call = signal({ phase: "idle", call: null, over: null });
  /** @type {Signal<{ phase: AnswerPhase, question: Question | null, refusal: WireError | null }>} */
  rollCall = signal({ phase: "idle", question: null, refusal: null });
  /** What waits for somebody here: alerts, missed calls, the shift. */
  matters = signal(NOTHING_WAITS);
  /** Who is there, as typed in any of the cards. */
  personName = signal(recall("person_name") ?? "");
  /** Its own request to speak. @type {Signal<FloorRequest | null>} */
  request = signal(null);
  papers = new PointPapers();
  /** What it takes part in. @type {Signal<Attending | null>} */
  attending = signal(null);
  /** @type {Signal<AttendingNotice>} */
  attendingNotice = signal(null);
  /** Own camera and microphone while they run for a call. @type {Signal<MediaStream | null>} */
  own = signal(null);
  microphoneOn = signal(true);
  volume = signal(Number(recall("volume") ?? "1"));

  #secret;
  #code;
  #token = "";
  #epoch = "";
  #call = new PointCall();
  #rollCall = new RollCallAnswer();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rollCallTimer;
  #connection;
  #whep;
  #whip;
  /** @type {() => void} */
  #stopRinging = () => {};
  #opening = 0;
  #lastReport = "";
  /** Own requests to speak, by session. @type {Map<string, FloorRequest>} */
  #requests = new Map();
  /** @type {Attending | null} */
  #interrupted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #dismissTimer;

  /** @param {{ code: string, secret: string, session: string }} who */
  constructor({ code, secret, session }) {
    this.#code = code;
    this.#secret = secret;
    const socketUrl = new URL("/ws", location.href);
    socketUrl.protocol = socketUrl.protocol === "https:" ? "wss:" : "ws:";
    socketUrl.hash = "";
    this.#connection = new Connection({
      url: socketUrl.href,
      hello: () => ({
        type: "hello",
        protocol: 1,
        credential: { kind: "point", code: this.#code, secret: this.#secret },
        session,
        report: this.report(),
      }),
      onEvent: (event) => this.#onLine(event),
    });
    const shared = { token: () => this.#token, onUnauthorized: () => this.#connection.renew() };
    this.#whep = new WhepViewer({
      ...shared,
      url: `/whep/${session}`,
      slots: POINT_SLOTS,
      hurries: () => this.#isBusy,
      onState: (state, retryInMs, told) =>
        batch(() => {
          this.viewer.value = state;
          this.viewerRetry.value = retryInMs === null ? null : { at: serverNow() + retryInMs, told };
          if (state === "joining") this.picture.value = { level: "full", is_wish: false };
          if (state === "live" && this.soundOnly.value) this.#connection.send({ type: "limit_picture", level: "sound" });
        }),
      onTrack: (kind, slot, track) => (this.tracks.value = { ...this.tracks.value, [`${kind} ${slot}`]: track }),
    });
    this.#whip = new WhipPublisher({
      ...shared,
      url: `/whip/${session}`,
      maxVideoBps: POINT_VIDEO_BPS,
      hurries: () => true,
      onState: (state) => {
        this.uplink.value = state;
      },
    });
    document.addEventListener("visibilitychange", () => this.#tellReport());
    effect(() => {
      void this.devices.camera.value;
      void this.devices.microphone.value;
      this.#tellReport();
    });
    addEventListener("pagehide", (event) => {
      if (event.persisted) return;
      this.#whep.leave();
      this.#whip.leave();
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
    this.#call.abandon();
    this.#obey();
    this.#whep.leave();
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
      rtt_ms: this.#rttMs,
      device: deviceName(),
    };
  }

  shown() {
    this.#call.shown();
    this.#obey();
  }

  answer() {
    unlockSound();
    this.#call.answer();
    this.#obey();
  }

  /** @param {string} reason */
  decline(reason) {
    this.#call.decline(reason);
    this.#obey();
  }

  hangUp() {
    this.#call.hangUp();
    this.#obey();
  }

  dismiss() {
    this.#call.dismiss();
    this.#obey();
  }

  /** CÓ MẶT. @param {string} name @param {string} occupation */
  confirmPresence(name, occupation) {
    unlockSound();
    this.#rollCall.confirm(name, occupation, performance.now());
    this.#answerRollCall();
  }

  /** @param {ClientMessage} message  one that wants no answer of its own */
  say(message) {
    this.#connection.send(message);
  }

  /** @param {string} subject */
  askFloor(subject) {
    this.papers.ask("floor");
    this.#connection.send({ type: "ask_floor", subject: subject.trim().slice(0, 200) });
  }

  /** "I have read it." @param {string} directive @param {string} name @param {string} occupation */
  acknowledge(directive, name, occupation) {
    this.papers.ask("directive");
    this.#connection.send({ type: "acknowledge_directive", directive, name: name.trim().slice(0, 100), function: occupation.trim().slice(0, 100) });
  }

  /** @param {string} text @returns {boolean} whether it left this page */
  sendProposal(text) {
    this.papers.ask("proposal");
    return this.#connection.send({ type: "send_proposal", text: text.trim().slice(0, 4000) });
  }

  /** Bearer of this point for REST, WHIP and WHEP. */
  get token() {
    return this.#token;
  }

  withdrawFloor() {
    this.#connection.send({ type: "withdraw_floor" });
  }

  dismissRollCall() {
    this.#rollCall.dismiss();
    this.#answerRollCall();
  }

  toggleMicrophone() {
    this.microphoneOn.value = !this.microphoneOn.value;
    for (const track of this.own.value?.getAudioTracks() ?? []) track.enabled = this.microphoneOn.value;
  }

  /** Only the sound of the programme, or the picture too. */
  toggleSoundOnly() {
    this.soundOnly.value = !this.soundOnly.value;
    remember("sound_only", this.soundOnly.value ? "yes" : "no");
    this.#connection.send({ type: "limit_picture", level: this.soundOnly.value ? "sound" : "full" });
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
      rollCall: this.rollCall.value,
      stage: this.stage.value,
      media: { whep: this.#whep.state, whip: this.#whip.state },
      peers: { whep: this.#whep.peer === null ? 0 : 1, whip: this.#whip.peer === null ? 0 : 1 },
      peerNames: { whep: this.#whep.peerName, whip: this.#whip.peerName },
      peersCreated: peersCreated(),
      epoch: this.#epoch,
    };
  }

  stats() {
    return this.#whep.stats();
  }

  /** @type {number | null} */
  #rttMs = null;

  /** @param {LineEvent} event */
  #onLine(event) {
    if (event.kind === "message") {
      batch(() => this.#receive(event.message));
    } else if (event.kind === "state") {
      const retryAt = event.retryInMs === null ? null : serverNow() + event.retryInMs;
      this.line.value = { state: event.state, retryAt, told: event.told, reason: event.reason, error: event.error };
      if (event.state === "ended" && event.reason !== "left") {
        this.#call.abandon();
        this.#obey();
        this.#whep.leave();
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
        this.sessionTitle.value = message.session.title;
        this.stage.value = message.stage;
        this.#lastReport = "";
        keepAwake(true);
        this.#mediaChanged(message.media.ready, message.media.epoch);
        this.#call.receiveWelcome(message.call);
        this.#obey();
        this.#requests.clear();
        this.request.value = null;
        this.#rollCall.lineChanged(performance.now());
        this.#answerRollCall();
        break;
      case "media":
        this.#mediaChanged(message.ready, message.epoch);
        break;
      case "picture":
        this.picture.value = { level: message.level, is_wish: message.is_wish };
        break;
      case "stage":
        this.stage.value = message.stage;
        break;
      case "ring":
        this.#call.receiveRing(message.call);
        this.#obey();
        void this.#measure();
        break;
      case "call":
        this.#call.receiveCall(message.call);
        this.#obey();
        break;
      case "floor":
        this.#floorMoved(message.session, message.request);
        break;
      case "attending":
        this.#attend(message);
        break;
      case "roll_call": {
        const before = this.#rollCall.question?.id;
        this.#rollCall.receive(message.roll_call, performance.now());
        this.#answerRollCall();
        if (message.roll_call.id !== before && this.#rollCall.phase === "asked") chime();
        break;
      }
      case "error":
        if (message.id === null) this.#rollCall.receiveError(message.error, performance.now());
        this.#answerRollCall();
        break;
      case "tick":
        noteServerTime(message.at);
        break;
      default:
        break;
    }
    this.matters.value = pointMatters(this.matters.value, message);
  }

  /** Of the session it takes part in, the request is shown. @param {string} session @param {FloorRequest | null} request */
  #floorMoved(session, request) {
    const before = this.#requests.get(session);
    if (request === null) this.#requests.delete(session);
    else this.#requests.set(session, request);
    if (request?.warned_at != null && before?.warned_at === null) chime();
    if (session === (this.attending.value?.session.id ?? "main")) this.request.value = request;
  }

  /** @param {Attending} message */
  #attend(message) {
    const { notice, interrupted } = changeOf(this.attending.value, message, this.#interrupted);
    this.#interrupted = interrupted;
    this.attending.value = message;
    this.attendingNotice.value = notice;
    this.sessionTitle.value = message.session.title;
    this.stage.value = message.stage;
    this.request.value = this.#requests.get(message.session.id) ?? null;
  }

  /** @param {boolean} ready @param {string} epoch */
  #mediaChanged(ready, epoch) {
    this.mediaReady.value = ready;
    if (!ready) return;
    const changed = this.#epoch !== "" && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (changed) {
      const spreadMs = this.#isBusy ? EPOCH_SPREAD_IN_CALL_MS : EPOCH_SPREAD_MS;
      this.#whep.rejoin(spreadMs);
      this.#whip.rejoin(EPOCH_SPREAD_IN_CALL_MS);
    }
    this.#whep.join();
  }

  /** Whether there is a call here. */
  get #isBusy() {
    return this.#call.phase !== "idle" && this.#call.phase !== "over";
  }

  /** Send what the answer to a roll call orders, show where it stands, and wake it when it wants to be woken. */
  #answerRollCall() {
    for (const answer of this.#rollCall.orders()) this.#connection.send({ type: "present", ...answer, report: this.report() });
    const { phase, question, refusal } = this.#rollCall;
    this.rollCall.value = { phase, question, refusal };
    clearTimeout(this.#rollCallTimer);
    const due = this.#rollCall.nextTimeout();
    if (due === null) return;
    this.#rollCallTimer = setTimeout(() => {
      this.#rollCall.handleTimeout(performance.now());
      this.#answerRollCall();
    }, Math.max(0, due - performance.now()) + 1);
  }

  /** Do what the call orders, then show where it stands. */
  #obey() {
    for (const order of this.#call.orders()) {
      switch (order.kind) {
        case "open_uplink":
          this.#whip.join();
          break;
        case "close_uplink":
          this.#whip.leave();
          break;
        case "open_devices":
          void this.#openDevices();
          break;
        case "close_devices":
          this.#opening += 1;
          stopStream(this.own.value);
          this.own.value = null;
          this.#whip.forget();
          break;
        case "alert":
          this.#stopRinging();
          this.#stopRinging = order.on ? startRinging(t("ring_title")) : () => {};
          break;
        case "say":
          this.#connection.send(
            order.type === "hang_up"
              ? { type: "hang_up", call: order.call }
              : { type: order.type, call: order.call, report: this.report() },
          );
          break;
        case "say_decline":
          this.#connection.send({
            type: "decline",
            call: order.call,
            ...(order.reason ? { reason: order.reason.slice(0, 200) } : {}),
            report: this.report(),
          });
          break;
        case "say_device_failed":
          this.#connection.send({
            type: "device_failed",
            call: order.call,
            device: order.device,
            error: order.error.slice(0, 100),
            report: this.report(),
          });
          break;
      }
    }
    const { phase, call, over } = this.#call;
    this.#connection.setInCall(this.#call.isAnswered);
    this.call.value = { phase, call, over };
    clearTimeout(this.#dismissTimer);
    // A notice nobody reads goes by itself: the desk is ready for the next call either way.
    if (phase === "over") this.#dismissTimer = setTimeout(() => this.dismiss(), 120_000);
  }

  async #openDevices() {
    const round = ++this.#opening;
    this.microphoneOn.value = true;
    const { stream, failures } = await this.devices.open();
    if (round !== this.#opening) {
      stopStream(stream);
      return;
    }
    const silent = failures.find((failure) => failure.device === "microphone") ?? (stream === null ? failures[0] : undefined);
    if (silent !== undefined || stream === null) {
      stopStream(stream);
      this.#call.devicesFailed(silent?.device ?? "camera", silent?.error ?? "Error");
      this.#obey();
      return;
    }
    this.own.value = stream;
    for (const track of stream.getTracks()) {
      // Unplugged or taken away: open again, with whatever there is now.
      track.onended = () => {
        if (round !== this.#opening) return;
        stopStream(stream);
        void this.#openDevices();
      };
    }
    await this.#whip.send(stream);
    if (round !== this.#opening) return;
    this.#call.devicesOpened(failures[0]?.error ?? null);
    this.#obey();
  }

  async #measure() {
    this.#rttMs = (await this.#whep.stats()).rtt_ms;
  }

  /** Tell the report when it changed in a way that matters to who calls. */
  #tellReport() {
    const report = this.report();
    const gist = `${report.visible} ${report.camera} ${report.microphone}`;
    if (gist === this.#lastReport || this.line.peek().state !== "live") return;
    if (this.#connection.send({ type: "report", report })) this.#lastReport = gist;
  }
}
