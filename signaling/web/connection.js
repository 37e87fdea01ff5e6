/** The thin shell around `Line`: one WebSocket, one timer. All decisions are in protocol.js. */

import { Line } from "./protocol.js";

/** @import { ClientMessage, Command, Hello } from "./types.js" */
/** @import { LineEvent } from "./protocol.js" */

/** More than this has not left the machine yet: bytes that can wait for another time do. */
const MOST_WAITING_BYTES = 32 * 1024;

export class Connection {
  #line;
  #url;
  #onEvent;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} options
   * @param {string} options.url  ws: or wss:
   * @param {() => Hello} options.hello
   * @param {(event: LineEvent) => void} options.onEvent
   */
  constructor({ url, hello, onEvent }) {
    this.#url = url;
    this.#onEvent = onEvent;
    this.#line = new Line({ hello });
    addEventListener("online", () => this.#run(() => this.#line.nudge(performance.now())));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#run(() => this.#line.nudge(performance.now()));
    });
    addEventListener("pagehide", (event) => {
      if (!event.persisted) this.stop();
    });
  }

  get state() {
    return this.#line.state;
  }

  start() {
    this.#run(() => this.#line.start(performance.now()));
  }

  stop() {
    this.#run(() => this.#line.stop());
  }

  /** @param {boolean} inCall  then the line hurries back when it is lost */
  setInCall(inCall) {
    this.#line.setInCall(inCall);
  }

  /** Reconnect for a fresh token. */
  renew() {
    this.#run(() => this.#line.renew(performance.now()));
  }

  /** The user asks to try now. */
  retry() {
    this.#run(() => {
      if (this.#line.state === "ended") this.#line.start(performance.now());
      else this.#line.nudge(performance.now());
    });
  }

  /** @param {ClientMessage} message @returns {boolean} */
  send(message) {
    return this.#run(() => this.#line.send(message));
  }

  /**
   * Send bytes as one binary message, when live and nothing piles up before them.
   * @param {ArrayBuffer} bytes @returns {boolean} whether they left
   */
  sendBytes(bytes) {
    const socket = this.#socket;
    if (this.#line.state !== "live" || socket === null || socket.bufferedAmount > MOST_WAITING_BYTES) return false;
    socket.send(bytes);
    return true;
  }

  /** @param {Command} command @returns {number | null} */
  command(command) {
    return this.#run(() => this.#line.command(command));
  }

  /** @template T @param {() => T} change @returns {T} */
  #run(change) {
    const result = change();
    for (const order of this.#line.orders()) {
      if (order.kind === "open") this.#open();
      else if (order.kind === "send") this.#socket?.send(order.text);
      else this.#close(order.code);
    }
    clearTimeout(this.#timer);
    const due = this.#line.nextTimeout();
    if (due !== null) {
      this.#timer = setTimeout(
        () => this.#run(() => this.#line.handleTimeout(performance.now())),
        Math.max(0, due - performance.now()),
      );
    }
    for (const event of this.#line.events()) this.#onEvent(event);
    return result;
  }

  #open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#socket === socket && this.#run(() => this.#line.socketOpened(performance.now()));
    socket.onmessage = (event) => {
      if (this.#socket !== socket || typeof event.data !== "string") return;
      this.#run(() => this.#line.receiveText(event.data, performance.now()));
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#run(() => this.#line.socketClosed(event.code, performance.now()));
    };
  }

  /** @param {number} code */
  #close(code) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
  }
}
