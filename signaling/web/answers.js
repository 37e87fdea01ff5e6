/** Questions to the service over HTTP as the boards ask them: the newest question counts, and what was known stays in sight until it is answered. */

import { say, t } from "./i18n.js";
import { signal } from "@preact/signals-core";

/** @import { Command } from "./types.js" */

/** Whoever asks: the console's room. @typedef {{ token: string, session: string }} Asker */
/** What is known of a question. `data` stays while the same thing is asked again. @typedef {{ path: string, data: any, isLoading: boolean, failure: string }} Known */

/** Nobody waits longer for a board. */
const PATIENCE_MS = 15_000;
/** By then a browser has begun to save a file. */
const SAVED_MS = 60_000;

/** The service refused or could not be reached; the message is for people and says what to do. */
export class Refusal extends Error {}

/** @param {Asker} asker @param {string} path @param {RequestInit} [init] @returns {Promise<Response>} a good one @throws {Refusal} */
async function request(asker, path, init = {}) {
  const headers = { Authorization: `Bearer ${asker.token}`, ...(init.body === undefined ? {} : { "Content-Type": "application/json" }) };
  let response;
  try {
    response = await fetch(path, { ...init, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Refusal(t("board_no_line"));
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  throw new Refusal(say(problem?.message) || t("board_refused", { status: response.status }));
}

/** @param {Asker} asker @param {string} path @param {RequestInit} [init] @returns {Promise<any>} the JSON of the answer @throws {Refusal} */
export async function ask(asker, path, init) {
  const response = await request(asker, path, init);
  try {
    return await response.json();
  } catch {
    throw new Refusal(t("board_no_line")); // it broke in the middle
  }
}

/** A file to keep. @param {Asker} asker @param {string} path @param {string} name  the file's @returns {Promise<void>} @throws {Refusal} */
export async function save(asker, path, name) {
  const response = await request(asker, path);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_MS);
}

/**
 * An order whose outcome stands beside its form: what was typed is kept until it is on disk.
 * @param {Asker} asker @param {Command} order
 * @returns {Promise<{ call: string | null, roll_call: string | null, made: string | null }>}
 * @throws {Refusal}
 */
export function orderOver(asker, order) {
  return ask(asker, `/api/sessions/${asker.session}/orders`, { method: "POST", body: JSON.stringify(order) });
}

/** What a person reads of a failure. @param {unknown} error @returns {string} */
export function failureOf(error) {
  return error instanceof Refusal ? error.message : t("board_refused", { status: "?" });
}

/** One question that may be asked again and again. */
export class Answer {
  /** @type {import("@preact/signals-core").Signal<Known>} */
  state = signal({ path: "", data: null, isLoading: false, failure: "" });
  #asked = 0;

  /**
   * Ask; an answer to an older question that comes later is dropped.
   * @param {Asker} asker @param {string} path  another path is another thing: what was known of the last one goes
   */
  async load(asker, path) {
    const question = (this.#asked += 1);
    const before = this.state.peek();
    const data = before.path === path ? before.data : null;
    this.state.value = { path, data, isLoading: true, failure: "" };
    let news = { data, failure: "" };
    try {
      news = { data: await ask(asker, path), failure: "" };
    } catch (error) {
      news.failure = failureOf(error);
    }
    if (question === this.#asked) this.state.value = { path, ...news, isLoading: false };
  }

  /** @param {Asker} asker */
  async again(asker) {
    const { path } = this.state.peek();
    if (path !== "") await this.load(asker, path);
  }

  /** Nothing is asked any more. */
  forget() {
    this.#asked += 1;
    this.state.value = { path: "", data: null, isLoading: false, failure: "" };
  }
}
