/** The console's state and doings: the line, the directory with its states, the calls, the viewer, the notices. */

import { Connection } from "./connection.js";
import { withBoard } from "./console-boards.js";
import { ending, isOver, wall, withCall } from "./console-calls.js";
import { ConsolePapers } from "./console-papers.js";
import { Directory } from "./directory.js";
import { say, t } from "./i18n.js";
import { NOTHING_KNOWN, consoleMatters, ladderOf } from "./matters.js";
import { PointStates } from "./points.js";
import { peersCreated } from "./media-peer.js";
import { Selection } from "./selection.js";
import { StillMarks } from "./stills.js";
import { Talks } from "./talkback.js";
import { transport } from "./transport.js";
import { batch, computed, effect, noteServerTime, recall, remember, serverNow, signal } from "./ui.js";
import { CONSOLE_SLOTS, WhepViewer } from "./whep.js";

/** @import { Board, CallView, Command, FloorRequest, Role, ServerMessage, Stage, WireError } from "./types.js" */
/** @import { EndReason, LineEvent, LineState } from "./protocol.js" */
/** @import { MediaState } from "./media-peer.js" */
/** @import { CallCommand } from "./console-calls.js" */

/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */
/** @typedef {{ id: number, text: string, tone: "error" | "warn", times: number }} Notice */

/**
 * What shows states follows them no more often than this; a change after a pause is shown at once. Ten thousand points are not
 * repainted for every change, and yet none waits for 200 ms.
 */
const REPAINT_MS = 150;
const EPOCH_SPREAD_MS = 1_000;
const NOTICES = 6;
const USUAL_DELAY_S = 3;
/** A call that failed stays on the wall this long, unless put away. */
const FAILED_SHOWN_MS = 60_000;
const DIRECTORY_RETRY_MS = 3_000;
/** What is wanted soon, but not now, waits for a quiet moment no longer than this. */
const IDLE_MS = 1_000;

export class Room {
  /** @type {Signal<{ state: LineState, retryAt: number | null, told: boolean, reason: EndReason | null, error: WireError | null }>} */
  line = signal({ state: "idle", retryAt: null, told: false, reason: null, error: null });
  /** @type {Signal<Role>} */
  role = signal("operator");
  subject = signal("");
  sessionTitle = signal("");
  /** @type {Signal<Stage>} */
  stage = signal({ session_state: "open", center_live: false, on_air: [], recording: false });
  mediaReady = signal(true);
  /** @type {Signal<MediaState>} */
  viewer = signal("idle");
  /** "video main" → track. @type {Signal<Record<string, MediaStreamTrack>>} */
  tracks = signal({});
  /** Newest first. @type {Signal<CallView[]>} */
  calls = signal([]);
  /** Place → the call that failed there. @type {Signal<ReadonlyMap<number, string>>} */
  left = signal(new Map());
  wall = computed(() => wall(this.calls.value, this.left.value));
  /** What each button means now. */
  transport = computed(() => transport(this.calls.value, this.chosenCall.value, this.chosenPoint.value, (record) => this.isEscalating(record)));
  /** How long a take counts down, seconds; 0: at once. */
  takeDelayS = signal(Number(recall("take-delay") ?? String(USUAL_DELAY_S)));
  /** The call whose end was asked for once by key: a second time within some seconds ends it. @type {Signal<string | null>} */
  armed = signal(null);
  /** Whether this account may do more than watch. */
  mayAct = computed(() => this.role.value === "center" || this.role.value === "operator");
  /** Whether the views take the room of the stage. */
  viewsWide = signal(false);
  /** The call whose incident is open: one of any session's. @type {Signal<{ session: string, call: string } | null>} */
  incident = signal(null);
  /** @type {Signal<string | null>} */
  chosenCall = signal(null);
  /** Roll calls, newest first. @type {Signal<Board[]>} */
  boards = signal([]);
  /** Ladders and lists of calls. */
  matters = signal(NOTHING_KNOWN);
  /** @type {Signal<{ holder: FloorRequest | null, queue: FloorRequest[], waiting: number }>} */
  floor = signal({ holder: null, queue: [], waiting: 0 });
  papers = new ConsolePapers();
  /** Who speaks to which point. */
  talks = new Talks();
  /** Call whose monitor is heard. @type {Signal<string | null>} */
  heard = signal(null);
  volume = signal(Number(recall("volume") ?? "1"));
  /** @type {Signal<Notice[]>} */
  notices = signal([]);
  /** For screen readers. */
  announcement = signal("");
  /** Calls with a command on its way. @type {Signal<ReadonlySet<string>>} */
  busy = signal(new Set());

  directory = signal(new Directory());
  directoryFailed = signal(false);
  states = new PointStates();
  /** Grows when the states may be repainted. */
  painted = signal(0);
  /** Grows when the badges of the stills may be read anew. */
  badged = signal(0);
  stills = new StillMarks();
  /** What of the country is looked at, and the chosen point. */
  selection = new Selection({ directory: this.directory, states: this.states, painted: this.painted, badges: this.stills, badged: this.badged });
  /** Code of the chosen point. @type {Signal<string | null>} */
  chosenPoint = this.selection.chosen;
  state = this.selection.state;

  #token;
  #epoch = "";
  #connection;
  #whep;
  #noticeId = 0;
  /** id → what it was about. @type {Map<number, { call: string | null, kind: Command["kind"], point: string | null }>} */
  #commands = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #repaint;
  #paintedAt = Number.NEGATIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryDirectory;
  #wantedDirectory = "";
  /** The directory that was asked for before its version was known; null: it did not come. @type {Promise<Directory | null> | null} */
  #asked = null;
  /** Told when the media node changed. @type {((spreadMs: number) => void)[]} */
  onEpoch = [];

  /** @param {{ token: string, session: string }} who */
  constructor({ token, session }) {
    this.#token = token;
    this.session = session;
    const socketUrl = new URL("/ws", location.href);
    socketUrl.protocol = socketUrl.protocol === "https:" ? "wss:" : "ws:";
    socketUrl.hash = "";
    this.#connection = new Connection({
      url: socketUrl.href,
      hello: () => ({ type: "hello", protocol: 1, credential: { kind: "token", token: this.#token }, session }),
      onEvent: (event) => this.#onLine(event),
    });
    this.#whep = new WhepViewer({
      url: `/whep/${session}`,
      token: () => this.#token,
      slots: CONSOLE_SLOTS,
      onUnauthorized: () => this.#connection.renew(),
      hurries: () => true,
      onState: (state) => (this.viewer.value = state),
      onTrack: (kind, slot, track) => (this.tracks.value = { ...this.tracks.value, [`${kind} ${slot}`]: track }),
    });
    effect(() => this.#connection.setInCall(this.calls.value.some((call) => !isOver(call) && call.answered_at !== null)));
    addEventListener("pagehide", (event) => !event.persisted && this.#whep.leave());
  }

  get token() {
    return this.#token;
  }

  /** From now on this one: the login was renewed. @param {string} token */
  useToken(token) {
    this.#token = token;
  }

  start() {
    this.#connection.start();
    // Not only when the frame names its version: on the way together they are here in half the time.
    this.#asked = this.#askForDirectory().catch(() => null);
  }

  retry() {
    this.#connection.retry();
  }

  renew() {
    this.#connection.renew();
  }

  /** @param {string} id @returns {CallView | undefined} */
  call(id) {
    return this.calls.value.find((each) => each.id === id);
  }

  /** The call of this point that is not over. @param {string} point @returns {CallView | undefined} */
  callOf(point) {
    return this.calls.value.find((each) => each.point === point && !isOver(each));
  }

  /** @param {string} point  code */
  place(point) {
    this.#command({ kind: "place_call", point }, null, point);
  }

  /** @param {CallCommand} kind @param {string} call */
  act(kind, call) {
    this.#command({ kind, call }, call, null);
  }

  /** Take on air after the countdown that is set; a call that counts already at once. @param {CallView} call */
  take(call) {
    const delay = call.air_at == null ? this.takeDelayS.value : 0;
    this.#command({ kind: "take", call: call.id, ...(delay > 0 ? { delay_s: delay } : {}) }, call.id, null);
  }

  /** @param {number} seconds  0: at once */
  setTakeDelay(seconds) {
    this.takeDelayS.value = seconds;
    remember("take-delay", String(seconds));
  }

  /** Whether others are tried already for this matter. @param {string} record */
  isEscalating(record) {
    return ladderOf(this.matters.value, record)?.state === "running";
  }

  /** Show everything that happened about a call, in front of the rest. @param {string} call @param {string} [session] */
  openIncident(call, session = this.session) {
    this.incident.value = { session, call };
  }

  /** End or cancel, whichever is possible. @param {CallView} call */
  end(call) {
    const kind = ending(call);
    if (kind !== undefined) this.act(kind, call.id);
  }

  /** @param {number} seconds @param {string[] | null} units  null: the account's scope */
  startRollCall(seconds, units) {
    this.#command({ kind: "start_roll_call", seconds, units }, null, null);
  }

  /** @param {Extract<Command, { kind: "give_floor" | "extend_floor" | "take_back_floor" | "withdraw_floor" }>} order */
  floorOrder(order) {
    this.#command(order, null, order.point);
  }

  /** An order that is about neither a call nor a point. @param {Command} order */
  order(order) {
    this.#command(order, null, null);
  }

  /** @param {string} rollCall */
  closeRollCall(rollCall) {
    this.#command({ kind: "close_roll_call", roll_call: rollCall }, null, null);
  }

  /** @param {string | null} code */
  choosePoint(code) {
    this.chosenPoint.value = code;
    const call = code === null ? undefined : this.callOf(code);
    if (call !== undefined) this.chosenCall.value = call.id;
  }

  /** @param {string} id */
  chooseCall(id) {
    this.chosenCall.value = id;
    const call = this.call(id);
    if (call !== undefined) this.chosenPoint.value = call.point;
  }

  /** @param {number} volume  0 … 1 */
  setVolume(volume) {
    this.volume.value = volume;
    remember("volume", String(volume));
  }

  /** Clear a failed call from the wall; it stays among the recent ones. @param {string} call */
  putAway(call) {
    this.left.value = new Map([...this.left.value].filter(([, id]) => id !== call));
  }

  /** @param {string} text @param {"error" | "warn"} [tone] */
  notify(text, tone = "error") {
    const same = this.notices.value.find((each) => each.text === text);
    const rest = this.notices.value.filter((each) => each !== same);
    this.notices.value = [...rest, { id: ++this.#noticeId, text, tone, times: (same?.times ?? 0) + 1 }].slice(-NOTICES);
  }

  /** @param {number} id */
  dismiss(id) {
    this.notices.value = this.notices.value.filter((each) => each.id !== id);
  }

  /** Counters for tests and diagnosis; see diagnosis.js. @returns {Record<string, unknown>} */
  diagnosis() {
    return {
      role: this.role.value,
      line: this.line.value.state,
      call: this.chosenCall.value === null ? null : (this.call(this.chosenCall.value) ?? null),
      calls: this.calls.value,
      stage: this.stage.value,
      boards: this.boards.value,
      media: { whep: this.#whep.state, whip: "idle" },
      peers: { whep: this.#whep.peer === null ? 0 : 1, whip: 0 },
      peerNames: { whep: this.#whep.peerName, whip: "" },
      peersCreated: peersCreated(),
      epoch: this.#epoch,
      counts: { live: this.states.live, all: this.states.total, states: [...this.states.counts] },
    };
  }

  stats() {
    return this.#whep.stats();
  }

  /** @param {Command} command @param {string | null} call @param {string | null} point */
  #command(command, call, point) {
    const id = this.#connection.command(command);
    if (id === null) {
      this.notify(t("error_not_sent"));
      return;
    }
    this.#commands.set(id, { call, kind: command.kind, point });
    this.#markBusy();
  }

  #markBusy() {
    this.busy.value = new Set([...this.#commands.values()].map((each) => each.call ?? each.point ?? ""));
  }

  /** @param {LineEvent} event */
  #onLine(event) {
    if (event.kind === "message") {
      batch(() => this.#receive(event.message));
    } else if (event.kind === "lost_command") {
      this.#commands.delete(event.id);
      this.#markBusy();
      this.notify(t("error_lost"), "warn");
    } else {
      const retryAt = event.retryInMs === null ? null : serverNow() + event.retryInMs;
      this.line.value = { state: event.state, retryAt, told: event.told, reason: event.reason, error: event.error };
      if (event.state === "ended") this.#whep.leave();
    }
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    this.talks.receive(message);
    switch (message.type) {
      case "welcome":
        noteServerTime(message.at);
        this.role.value = message.role;
        this.subject.value = message.subject;
        this.sessionTitle.value = message.session.title;
        this.stage.value = message.stage;
        this.#mediaChanged(message.media.ready, message.media.epoch);
        break;
      case "media":
        this.#mediaChanged(message.ready, message.epoch);
        break;
      case "stage":
        this.stage.value = message.stage;
        break;
      case "frame":
        this.states.receiveFrame(message, serverNow());
        this.#paint();
        if (message.directory !== this.directory.peek().version) void this.#loadDirectory(message.directory);
        break;
      case "changes":
        if (this.states.receiveChanges(message, serverNow())) this.#paint();
        break;
      case "calls":
        this.calls.value = [...message.calls].sort((a, b) => (b.placed_at ?? 0) - (a.placed_at ?? 0));
        this.chosenCall.value ??= this.calls.value.find((call) => !isOver(call))?.id ?? null;
        break;
      case "call":
        this.#callMoved(message.call);
        break;
      case "floor_queue":
        this.floor.value = { holder: message.holder, queue: message.queue, waiting: message.waiting };
        break;
      case "roll_call_board":
        this.boards.value = withBoard(this.boards.value, message.roll_call);
        break;
      case "ack": {
        const about = this.#commands.get(message.id);
        this.#commands.delete(message.id);
        this.#markBusy();
        if ((about?.kind === "place_call" || about?.kind === "retry_call") && message.call !== null) this.chosenCall.value = message.call;
        break;
      }
      case "error":
        if (message.id !== null) {
          this.#commands.delete(message.id);
          this.#markBusy();
        }
        this.notify(say(message.error.message));
        break;
      case "tick":
        noteServerTime(message.at);
        break;
      default:
        this.matters.value = consoleMatters(this.matters.value, message);
        this.papers.receive(message);
        break;
    }
  }

  /** @param {CallView} call */
  #callMoved(call) {
    const before = this.call(call.id);
    this.calls.value = withCall(this.calls.value, call);
    if (before?.state === call.state) return;
    const name = call.point_name;
    if (call.state === "failed") this.#callFailed(call, before?.monitor ?? null);
    if (call.state === "failed") this.announcement.value = t("notice_call_failed", { name, cause: t(`cause_${call.cause}`) });
    else if (call.state === "preview") this.announcement.value = t("notice_preview", { name });
    else if (call.state === "on_air") this.announcement.value = t("notice_on_air", { name });
    else if (call.state === "ended") this.announcement.value = t("notice_ended", { name });
    if (isOver(call) && this.heard.value === call.id) this.heard.value = null;
    const chosen = this.chosenCall.value === null ? undefined : this.call(this.chosenCall.value);
    if (chosen === undefined && !isOver(call)) this.chosenCall.value = call.id;
  }

  /** @param {CallView} call @param {number | null} place  on the wall, where it was */
  #callFailed(call, place) {
    if (call.cause === "cancelled") return;
    if (place === null) {
      this.notify(t("notice_call_failed", { name: call.point_name, cause: t(`cause_${call.cause}`) }), "warn");
      return;
    }
    this.left.value = new Map(this.left.value).set(place, call.id);
    setTimeout(() => this.putAway(call.id), FAILED_SHOWN_MS);
  }

  /** @param {boolean} ready @param {string} epoch */
  #mediaChanged(ready, epoch) {
    this.mediaReady.value = ready;
    if (!ready) return;
    const changed = this.#epoch !== "" && epoch !== this.#epoch;
    this.#epoch = epoch;
    if (changed) {
      this.#whep.rejoin(EPOCH_SPREAD_MS);
      for (const tell of this.onEpoch) tell(EPOCH_SPREAD_MS);
    }
    this.#whep.join();
  }

  #paint() {
    this.#repaint ??= setTimeout(() => {
      this.#repaint = undefined;
      this.#paintedAt = performance.now();
      this.painted.value += 1;
    }, Math.max(0, this.#paintedAt + REPAINT_MS - performance.now()));
  }

  /** @param {string} version  as the frame names it */
  async #loadDirectory(version) {
    if (this.#wantedDirectory === version) return;
    this.#wantedDirectory = version;
    clearTimeout(this.#retryDirectory);
    try {
      const asked = (await this.#asked) ?? null;
      this.#asked = null;
      const directory = asked?.version === version ? asked : await this.#askForDirectory();
      batch(() => {
        this.directory.value = directory;
        this.directoryFailed.value = false;
        this.painted.value += 1;
      });
      whenIdle(() => this.selection.prepare());
    } catch {
      this.directoryFailed.value = true;
      this.#wantedDirectory = "";
      this.#retryDirectory = setTimeout(() => void this.#loadDirectory(version), DIRECTORY_RETRY_MS);
    }
  }

  async #askForDirectory() {
    const response = await fetch("/api/directory", { headers: { Authorization: `Bearer ${this.#token}` } });
    if (!response.ok) throw new Error(String(response.status));
    return new Directory(await response.json());
  }
}

/** After what is on the screen now has been drawn. @param {() => void} work */
function whenIdle(work) {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: IDLE_MS });
  else setTimeout(work, IDLE_MS);
}
