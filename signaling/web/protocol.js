/**
 * The page's end of the WebSocket, without a socket, a clock or the DOM.
 *
 * Theory of operation. `Line` is told what happened (`start`, `socketOpened`, `receiveText`, `socketClosed`, `nudge`,
 * `handleTimeout`), each with `now` in milliseconds of any monotonic clock. After every such call the owner drains
 * `orders()` (what to do to the socket) and `events()` (what to tell the page) fully, and arms one timer for
 * `nextTimeout()`. `connection.js` is that owner in a browser.
 *
 * The states and every legal move are the table TRANSITIONS. A line that is `ended` never returns by itself: it was
 * replaced by a newer page of the same point, its credential is wrong, or the user left.
 */

import { Backoff, waitAsTold } from "./retry.js";

/** @import { Command, ClientMessage, Hello, ServerMessage, Welcome, WireError } from "./types.js" */

/** @typedef {"idle" | "connecting" | "greeting" | "live" | "waiting" | "ended"} LineState */
/** @typedef {"replaced" | "credential" | "forbidden" | "protocol" | "left"} EndReason */

/**
 * @typedef {{ kind: "open" } | { kind: "send", text: string } | { kind: "close", code: number }} Order
 * @typedef {{ kind: "state", state: LineState, retryInMs: number | null, told: boolean, reason: EndReason | null, error: WireError | null }
 *   | { kind: "message", message: ServerMessage }
 *   | { kind: "lost_command", id: number }} LineEvent
 */

/** @type {Record<LineState, LineState[]>} */
export const TRANSITIONS = {
  idle: ["connecting", "ended"],
  connecting: ["greeting", "waiting", "ended"],
  greeting: ["live", "waiting", "ended"],
  live: ["waiting", "ended"],
  waiting: ["connecting", "ended"],
  ended: ["connecting"],
};

/** The server says `tick` every 10 s; after two missed ticks and a half the line is dead, whatever the socket thinks. */
export const SILENCE_MS = 25_000;
/** A TCP connect, TLS handshake and HTTP upgrade that takes longer will not come. */
export const CONNECT_MS = 10_000;
/** From `hello` to `welcome`. */
export const GREETING_MS = 10_000;
/** A connection that lived this long after its welcome was a good one: the next loss starts from the shortest delay. */
export const GOOD_AFTER_MS = 30_000;
/**
 * Before try n the line waits a uniformly random time between BACKOFF_LEAST_MS and min(500 · 2ⁿ, BACKOFF_LAST_MS); the first
 * time after a line that was live, up to LOST_SPREAD_MS: a server that died lost everybody at once.
 */
export const BACKOFF_LEAST_MS = 200;
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_LAST_MS = 10_000;
export const LOST_SPREAD_MS = 2_000;
/** While a call is answered … on air the line is worth more than politeness: this long every delay is the shortest. */
export const CALL_GRACE_MS = 30_000;
/** The server restarts and did not say when to come back: spread over this long. */
export const RESTART_SPREAD_MS = 2_000;
/** Refused as too slow or too many, and the refusal does not say for how long. */
export const TOO_MANY_WAIT_MS = 10_000;
export const TOO_MANY_SPREAD_MS = 5_000;
/** A point's line is made anew this long before its token ends, spread, so that WHEP and WHIP always have a good one. */
export const RENEW_BEFORE_MS = 600_000;
/** Commands waiting for their `ack`; a further one is refused. */
export const MAX_PENDING_COMMANDS = 64;

export const CLOSE = {
  badMessage: 4400,
  badCredential: 4401,
  forbidden: 4403,
  helloTimeout: 4408,
  replaced: 4409,
  tooMany: 4429,
  restarting: 1012,
  unavailable: 4503,
  normal: 1000,
  /** Ours: the watchdog or a deadline closes. */
  silent: 4000,
};

/** After these the page says so and waits for its user. @type {ReadonlyMap<number, EndReason>} */
const FINAL = new Map([
  [CLOSE.replaced, "replaced"],
  [CLOSE.badCredential, "credential"],
  [CLOSE.forbidden, "forbidden"],
  [CLOSE.badMessage, "protocol"],
]);

export class Line {
  #hello;
  #random;
  /** @type {LineState} */
  #state = "idle";
  /** @type {Order[]} */
  #orders = [];
  /** @type {LineEvent[]} */
  #events = [];
  /** @type {number | null} */
  #deadline = null;
  #backoff;
  /** Whether the present wait is one that the server asked for. */
  #told = false;
  /** @type {number | null} */
  #liveSince = null;
  /** @type {number | null} */
  #renewAt = null;
  #inCall = false;
  /** @type {number | null} when the line was lost in a call */
  #lostInCallAt = null;
  /** @type {WireError | null} */
  #refusal = null;
  #commandId = 0;
  /** @type {Set<number>} */
  #pending = new Set();

  /**
   * @param {object} options
   * @param {() => Hello} options.hello  the first message, made anew for each connection (its report is fresh)
   * @param {() => number} [options.random]  0 ≤ x < 1
   */
  constructor({ hello, random = Math.random }) {
    this.#hello = hello;
    this.#random = random;
    this.#backoff = new Backoff({
      leastMs: BACKOFF_LEAST_MS, firstMs: BACKOFF_FIRST_MS, lastMs: BACKOFF_LAST_MS, lostMs: LOST_SPREAD_MS, random,
    });
  }

  /** @returns {LineState} */
  get state() {
    return this.#state;
  }

  /** Commands sent and not yet acknowledged. */
  get pendingCommands() {
    return this.#pending.size;
  }

  /** Connect, from `idle` or again after `ended`. @param {number} now */
  start(now) {
    if (this.#state !== "idle" && this.#state !== "ended") return;
    this.#backoff.reset();
    this.#open(now);
  }

  /** The user leaves. */
  stop() {
    if (this.#state === "ended") return;
    this.#closeSocket(CLOSE.normal);
    this.#end("left", null);
  }

  /** Whether a call is answered … on air: then the line hurries back. @param {boolean} inCall */
  setInCall(inCall) {
    this.#inCall = inCall;
  }

  /** @param {number} now */
  socketOpened(now) {
    if (this.#state !== "connecting") return;
    this.#advance("greeting");
    this.#deadline = now + GREETING_MS;
    this.#orders.push({ kind: "send", text: JSON.stringify(this.#hello()) });
  }

  /** @param {string} text @param {number} now */
  receiveText(text, now) {
    if (this.#state !== "greeting" && this.#state !== "live") return;
    const message = parse(text);
    if (message === null) {
      this.#closeSocket(CLOSE.badMessage);
      this.#wait(this.#growing(now), null, now);
      return;
    }
    if (message.type === "refused") {
      this.#refusal = message.error;
      this.#deadline = now + GREETING_MS;
      return;
    }
    if (message.type === "welcome") {
      if (this.#state === "greeting") this.#welcome(message, now);
    } else if (this.#state === "greeting") {
      return;
    }
    this.#deadline = now + SILENCE_MS;
    this.#lostInCallAt = null;
    if (message.type === "ack") this.#pending.delete(message.id);
    if (message.type === "error" && message.id !== null) this.#pending.delete(message.id);
    this.#events.push({ kind: "message", message });
  }

  /** @param {number} code  of the close event; 1006 where there was none @param {number} now */
  socketClosed(code, now) {
    if (this.#state === "idle" || this.#state === "waiting" || this.#state === "ended") return;
    const error = this.#refusal;
    const reason = FINAL.get(code);
    if (reason !== undefined) return this.#end(reason, error);
    this.#noteLoss(now);
    const told = this.#toldAfter(code);
    this.#wait(this.#delayAfter(code, told, now), error, now, told !== null);
  }

  /**
   * Something suggests that a connection would succeed now (the network came back, the page is visible again): a
   * waiting line tries at once, a live one is left alone. One that the server told when to come back keeps its place: who
   * comes earlier is sent to the end of the row. @param {number} now
   */
  nudge(now) {
    if (this.#state === "waiting" && !this.#told) this.#open(now);
  }

  /** Drop the connection and make another, for a fresh token. @param {number} now */
  renew(now) {
    if (this.#state !== "live") return;
    this.#closeSocket(CLOSE.normal);
    this.#wait(this.#random() * BACKOFF_FIRST_MS, null, now);
  }

  /** @param {number} now */
  handleTimeout(now) {
    const due = this.nextTimeout();
    if (due === null || now < due) return;
    if (this.#state === "waiting") {
      this.#open(now);
    } else if (this.#deadline !== null && now < this.#deadline) {
      this.renew(now);
    } else {
      this.#noteLoss(now);
      this.#closeSocket(CLOSE.silent);
      this.#wait(this.#growing(now), this.#refusal, now);
    }
  }

  /** @returns {number | null} when `handleTimeout` is due */
  nextTimeout() {
    if (this.#deadline === null || this.#renewAt === null) return this.#deadline;
    return Math.min(this.#deadline, this.#renewAt);
  }

  /** @returns {Order[]} what to do to the socket, in order; the list is emptied */
  orders() {
    return this.#orders.splice(0);
  }

  /** @returns {LineEvent[]} what happened, in order; the list is emptied */
  events() {
    return this.#events.splice(0);
  }

  /**
   * Send when live. A message that cannot be sent is not kept: after the next welcome the page says what still holds.
   * @param {ClientMessage} message @returns {boolean} whether it was ordered
   */
  send(message) {
    if (this.#state !== "live") return false;
    this.#orders.push({ kind: "send", text: JSON.stringify(message) });
    return true;
  }

  /**
   * Send a command; its `ack` or `error` carries the id returned here, or `lost_command` does when the line broke.
   * @param {Command} command @returns {number | null} null: not sent
   */
  command(command) {
    if (this.#state !== "live" || this.#pending.size >= MAX_PENDING_COMMANDS) return null;
    const id = ++this.#commandId;
    this.#pending.add(id);
    this.send({ type: "command", id, command });
    return id;
  }

  /** @param {number} now */
  #open(now) {
    this.#advance("connecting");
    this.#refusal = null;
    this.#liveSince = null;
    this.#deadline = now + CONNECT_MS;
    this.#orders.push({ kind: "open" });
    this.#tell(null, null, null);
  }

  /** @param {number} delayMs @param {WireError | null} error @param {number} now @param {boolean} [told] */
  #wait(delayMs, error, now, told = false) {
    this.#losePending();
    this.#told = told;
    this.#advance("waiting");
    this.#liveSince = this.#renewAt = null;
    this.#deadline = now + delayMs;
    this.#tell(delayMs, null, error);
  }

  /** @param {EndReason} reason @param {WireError | null} error */
  #end(reason, error) {
    this.#losePending();
    this.#advance("ended");
    this.#liveSince = this.#renewAt = this.#deadline = null;
    this.#tell(null, reason, error);
  }

  /** @param {Welcome} message @param {number} now */
  #welcome(message, now) {
    this.#advance("live");
    this.#liveSince = now;
    this.#refusal = null;
    if (message.role === "point") {
      const lifetimeMs = message.token_expires_at - message.at;
      this.#renewAt = now + Math.max(lifetimeMs / 2, lifetimeMs - RENEW_BEFORE_MS * (1 + this.#random()));
    }
    this.#tell(null, null, null);
  }

  /** @param {number} now */
  #noteLoss(now) {
    if (this.#liveSince !== null && now - this.#liveSince >= GOOD_AFTER_MS) this.#backoff.reset();
    if (this.#inCall && this.#lostInCallAt === null) this.#lostInCallAt = now;
  }

  /** @param {LineState} next */
  #advance(next) {
    if (!TRANSITIONS[this.#state].includes(next)) throw new Error(`illegal move ${this.#state} → ${next}`);
    this.#state = next;
  }

  /** @param {number | null} retryInMs @param {EndReason | null} reason @param {WireError | null} error */
  #tell(retryInMs, reason, error) {
    const told = this.#state === "waiting" && this.#told;
    this.#events.push({ kind: "state", state: this.#state, retryInMs, told, reason, error });
  }

  /** @param {number} code */
  #closeSocket(code) {
    this.#orders.push({ kind: "close", code });
  }

  #losePending() {
    for (const id of this.#pending) this.#events.push({ kind: "lost_command", id });
    this.#pending.clear();
  }

  /**
   * What the refusal said of when to come back; null where it said nothing. Who is in a call does not wait out a restart.
   * @param {number} code @returns {number | null} milliseconds
   */
  #toldAfter(code) {
    const seconds = this.#refusal?.retry_after_s;
    if (typeof seconds !== "number" || !(seconds >= 0) || (code === CLOSE.restarting && this.#inCall)) return null;
    return seconds * 1000;
  }

  /** @param {number} code @param {number | null} toldMs @param {number} now @returns {number} milliseconds */
  #delayAfter(code, toldMs, now) {
    if (toldMs !== null) return waitAsTold(toldMs, this.#random());
    if (code === CLOSE.restarting) return this.#random() * RESTART_SPREAD_MS;
    if (code === CLOSE.tooMany) return TOO_MANY_WAIT_MS + this.#random() * TOO_MANY_SPREAD_MS;
    return this.#growing(now);
  }

  /** @param {number} now @returns {number} milliseconds */
  #growing(now) {
    const hurries = this.#inCall && this.#lostInCallAt !== null && now - this.#lostInCallAt < CALL_GRACE_MS;
    return this.#backoff.next({ isLost: this.#liveSince !== null, hurries });
  }
}

/** @param {string} text @returns {ServerMessage | null} null where it is not an object with a type */
function parse(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && typeof value.type === "string" ? value : null;
  } catch {
    return null;
  }
}
