/**
 * Brings the stills of one view by long polling, one question at a time, and says what came. What is asked for can change at any
 * time: the running question is dropped. No picture is decoded here.
 */

import { parseStills } from "./stills.js";

/** @import { StillsAnswer } from "./stills.js" */

const SOON_MS = 1_000;
const FAILED_MS = 3_000;
/** The service has no stills, or not for this account: asked again, seldom. */
const NONE_MS = 30_000;

export class StillFeed {
  #path;
  #token;
  #onAnswer;
  #fetch;
  #wait;
  #now;
  /** @type {AbortController | null} */
  #running = null;
  #query = "";

  /**
   * @param {object} options
   * @param {string} options.path  of the stills of a session
   * @param {() => string} options.token
   * @param {(answer: StillsAnswer, isWhole: boolean) => Promise<boolean> | boolean} options.onAnswer  isWhole: everything there is, not only what is new;
   *   false: it could not be used (the directory is another one), ask for everything again later
   * @param {typeof fetch} [options.fetch] @param {(ms: number, signal: AbortSignal) => Promise<void>} [options.wait]
   * @param {() => number} [options.now]  monotonic, milliseconds
   */
  constructor({ path, token, onAnswer, fetch: ask = (...request) => fetch(...request), wait = pause, now = () => performance.now() }) {
    this.#path = path;
    this.#token = token;
    this.#onAnswer = onAnswer;
    this.#fetch = ask;
    this.#wait = wait;
    this.#now = now;
  }

  /** What is asked for, such as `size=small&unit=79`. @param {string} query  empty: nothing */
  show(query) {
    if (query === this.#query) return;
    this.#query = query;
    this.#running?.abort();
    this.#running = null;
    if (query === "") return;
    this.#running = new AbortController();
    void this.#follow(query, this.#running.signal);
  }

  get isRunning() {
    return this.#running !== null;
  }

  /** @param {string} query @param {AbortSignal} signal */
  async #follow(query, signal) {
    let after = 0;
    while (!signal.aborted) {
      const asked = this.#now();
      let waitMs = SOON_MS;
      try {
        const response = await this.#fetch(`${this.#path}?after=${after}&${query}`, { headers: { Authorization: `Bearer ${this.#token()}` }, signal });
        if (response.ok) {
          const answer = parseStills(await response.arrayBuffer());
          if (signal.aborted) return;
          const isUsed = await this.#onAnswer(answer, after === 0);
          after = isUsed ? answer.head.next : 0;
          // The service answers once a second at most; one that answers at once all the same is not asked faster.
          waitMs = Math.max(0, SOON_MS - (this.#now() - asked));
        } else {
          after = 0;
          waitMs = response.status === 404 || response.status === 403 ? NONE_MS : FAILED_MS;
        }
      } catch {
        if (signal.aborted) return;
        after = 0;
        waitMs = FAILED_MS;
      }
      await this.#wait(waitMs, signal);
    }
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} early when aborted */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
