/** The state of the page of recordings: what there is, what is chosen, and the cookie that lets the player read it. */

import { elapsed } from "./i18n.js";
import { rowsOf } from "./recording-index.js";
import { signal } from "./ui.js";

/** @import { RecordingIndex, RecordingList, RecordingPart, Row } from "./recording-index.js" */
/** @typedef {{ id: string, title: string, opened_at: number | null }} SessionRef */

const LOOK_MS = 5_000;
/** The cookie is good for ten minutes; a player that reads on has a new one before. */
const RENEW_MS = 6 * 60_000;

export class Desk {
  #token;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #renewing;
  /** @type {import("@preact/signals").Signal<SessionRef[]>} */
  sessions = signal([]);
  session = signal("main");
  /** @type {import("@preact/signals").Signal<RecordingList | null>} */
  list = signal(null);
  /** @type {import("@preact/signals").Signal<"" | "forbidden" | "failed">} */
  trouble = signal("");
  /** @type {import("@preact/signals").Signal<RecordingPart | null>} */
  chosen = signal(null);
  /** @type {import("@preact/signals").Signal<Row[]>} */
  rows = signal([]);
  source = signal("");

  /** @param {{ token: () => string, session: string }} who  the newest access token; the session to begin with */
  constructor({ token, session }) {
    this.#token = token;
    this.session.value = session;
  }

  start() {
    void this.#sessions();
    void this.look();
    setInterval(() => document.visibilityState === "visible" && void this.look(), LOOK_MS);
  }

  /** @param {string} path @param {"GET" | "POST"} [method] */
  async #ask(path, method = "GET") {
    return fetch(`/api/sessions${path}`, { method, headers: { Authorization: `Bearer ${this.#token()}` }, signal: AbortSignal.timeout(10_000) });
  }

  async #sessions() {
    try {
      const response = await this.#ask("");
      if (response.ok) this.sessions.value = (await response.json()).sessions;
    } catch {
      // the list of recordings says that the line is broken
    }
  }

  /** @param {string} session */
  choose(session) {
    this.session.value = session;
    this.list.value = null;
    this.close();
    void this.look();
  }

  async look() {
    const session = this.session.value;
    try {
      const response = await this.#ask(`/${session}/recordings`);
      if (session !== this.session.value) return;
      this.trouble.value = response.ok ? "" : response.status === 403 ? "forbidden" : "failed";
      if (!response.ok) return;
      this.list.value = await response.json();
      const chosen = this.chosen.value;
      const now = this.list.value?.parts.find((part) => part.part === chosen?.part);
      if (chosen !== null && now !== undefined && (now.state !== chosen.state || now.has_index !== chosen.has_index)) {
        this.chosen.value = now;
        void this.#index(now);
      }
    } catch {
      this.trouble.value = "failed";
    }
  }

  close() {
    clearInterval(this.#renewing);
    this.chosen.value = null;
    this.rows.value = [];
    this.source.value = "";
  }

  /** @param {RecordingPart} part */
  async open(part) {
    this.close();
    this.chosen.value = part;
    void this.#index(part);
    const path = await this.#ticket(part);
    if (this.chosen.value?.part !== part.part) return;
    this.source.value = path;
    this.#renewing = setInterval(() => void this.#ticket(part), RENEW_MS);
  }

  /** @param {RecordingPart} part @returns {Promise<string>} where it can be read from now; empty where it cannot */
  async #ticket(part) {
    try {
      const response = await this.#ask(`/${this.session.value}/recordings/${part.part}/ticket`, "POST");
      return response.ok ? (await response.json()).path : "";
    } catch {
      return "";
    }
  }

  /** @param {RecordingPart} part */
  async #index(part) {
    try {
      const response = await this.#ask(`/${this.session.value}/recordings/${part.part}/index`);
      if (response.ok && this.chosen.value?.part === part.part) this.rows.value = rowsOf(/** @type {RecordingIndex} */ (await response.json()));
    } catch {
      this.rows.value = [];
    }
  }

  /** Hands a file of the part to the browser to keep. @param {RecordingPart} part @param {"index" | "trail" | "file"} what */
  async save(part, what) {
    const name = `${this.session.value}-${part.part}`;
    if (what === "file") {
      const path = await this.#ticket(part);
      if (path !== "") follow(`${path}?download`, `${name}.mkv`);
      return;
    }
    const response = await this.#ask(`/${this.session.value}/recordings/${part.part}/${what === "trail" ? "trail?format=html" : "index"}`);
    if (!response.ok) return;
    const url = URL.createObjectURL(await response.blob());
    follow(url, `${name}.${what === "trail" ? "trail.html" : "index.json"}`);
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}

/** @param {string} url @param {string} name */
function follow(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** @param {RecordingPart} part @returns {string} 1:02:05 */
export function lengthOf(part) {
  return elapsed(part.length_ms);
}
