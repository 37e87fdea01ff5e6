/** What the point takes part in: the session, its stage, and the point's own request to speak there. */

import { changeOf } from "./attendance.js";
import { chime } from "./sound.js";
import { signal } from "./ui.js";

/** @import { AttendingNotice } from "./attendance.js" */
/** @import { Attending, FloorRequest, Stage } from "./types.js" */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

export class Participation {
  /** @type {Signal<Attending | null>} */
  attending = signal(null);
  /** @type {Signal<AttendingNotice>} */
  notice = signal(null);
  /** @type {Signal<Stage>} */
  stage = signal({ session_state: "open", center_live: false, on_air: [], recording: false });
  /** Its own request to speak, in the session that it takes part in. @type {Signal<FloorRequest | null>} */
  request = signal(null);
  /** By session. @type {Map<string, FloorRequest>} */
  #requests = new Map();
  /** @type {Attending | null} */
  #interrupted = null;

  /** What the server still knows of requests follows a welcome. @param {Stage} stage */
  welcomed(stage) {
    this.stage.value = stage;
    this.#requests.clear();
    this.request.value = null;
  }

  /** @param {Attending} message */
  attend(message) {
    const { notice, interrupted } = changeOf(this.attending.value, message, this.#interrupted);
    this.#interrupted = interrupted;
    this.attending.value = message;
    this.notice.value = notice;
    this.stage.value = message.stage;
    this.request.value = this.#requests.get(message.session.id) ?? null;
  }

  /** @param {string} session @param {FloorRequest | null} request */
  floorMoved(session, request) {
    const before = this.#requests.get(session);
    if (request === null) this.#requests.delete(session);
    else this.#requests.set(session, request);
    if (request?.warned_at != null && before?.warned_at === null) chime();
    if (session === (this.attending.value?.session.id ?? "main")) this.request.value = request;
  }
}
