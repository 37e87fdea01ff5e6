/**
 * When to try again: jittered, growing, bounded, and never before the server said. No DOM, no clock, no timer.
 *
 * Ten thousand pages lose the same server at the same moment. Each waits for a time of its own, longer with every failure in
 * a row; one that the server told when to come back (`Retry-After`, `retry_after_s`) comes then and up to a second later, since
 * the server gave everybody another time.
 */

/** Told times are whole seconds in a header: whoever was told the same one comes back within this long. */
export const TOLD_SPREAD_MS = 1_000;
/** No server means more than this: the page would seem dead. */
export const TOLD_MOST_MS = 120_000;

/**
 * @param {number} toldMs  what the server said @param {number} luck  0 ≤ luck < 1, random
 * @returns {number} how long to wait, in milliseconds
 */
export function waitAsTold(toldMs, luck) {
  return Math.min(Math.max(0, toldMs), TOLD_MOST_MS) + luck * TOLD_SPREAD_MS;
}

/** The waits between tries of one thing. */
export class Backoff {
  #leastMs;
  #firstMs;
  #lastMs;
  #lostMs;
  #random;
  #failures = 0;

  /**
   * @param {object} options
   * @param {number} options.leastMs  no wait is shorter, unless it was told
   * @param {number} options.firstMs  the first wait is at most this; each further one twice as long
   * @param {number} options.lastMs  no wait is longer, unless it was told
   * @param {number} options.lostMs  the first wait after what was good for a while broke: many may have lost the same at once
   * @param {() => number} [options.random]  0 ≤ x < 1
   */
  constructor({ leastMs, firstMs, lastMs, lostMs, random = Math.random }) {
    this.#leastMs = leastMs;
    this.#firstMs = firstMs;
    this.#lastMs = lastMs;
    this.#lostMs = lostMs;
    this.#random = random;
  }

  /** It works, or the user begins anew: the next failure is the first. */
  reset() {
    this.#failures = 0;
  }

  /**
   * A try failed, or what worked broke.
   * @param {object} [why]
   * @param {number | null} [why.toldMs]  what the server said, null where it said nothing
   * @param {boolean} [why.isLost]  it worked before
   * @param {boolean} [why.hurries]  somebody is speaking over it: as soon as politeness allows
   * @returns {number} how long to wait before the next try, in milliseconds
   */
  next({ toldMs = null, isLost = false, hurries = false } = {}) {
    const growing = this.#firstMs * 2 ** (hurries ? 0 : this.#failures);
    const mostMs = Math.min(this.#lastMs, isLost && !hurries ? Math.max(this.#lostMs, growing) : growing);
    if (!hurries) this.#failures += 1;
    if (toldMs !== null) return waitAsTold(toldMs, this.#random());
    return this.#leastMs + this.#random() * Math.max(0, mostMs - this.#leastMs);
  }
}
