/**
 * The point's answer to a roll call, without a socket, a clock or the DOM.
 *
 * Theory of operation. `RollCallAnswer` is told what the server says (`receive`, `receiveError`, `lineChanged`) and what the
 * person does (`confirm`, `dismiss`); it orders what to send (`orders`). An answer that nothing follows is said again: ten thousand
 * desks answer at once, and the server may ask some of them to come back.
 */

/** @import { Question, WireError } from "./types.js" */

/** @typedef {"idle" | "asked" | "sending" | "confirmed" | "missed"} AnswerPhase */
/** @typedef {{ roll_call: string, name: string, function: string }} Answer */

/** Nothing followed for so long: say it again. */
export const ANSWER_WAIT_MS = 5_000;
/** Said again after a random time of at least and at most this. */
export const AGAIN_LEAST_MS = 500;
export const AGAIN_MOST_MS = 3_000;
/** "Confirmed" is shown so long. */
export const CONFIRMED_SHOWN_MS = 8_000;

export class RollCallAnswer {
  /** @type {AnswerPhase} */
  phase = "idle";
  /** @type {Question | null} */
  question = null;
  /** @type {WireError | null} why the answer was refused */
  refusal = null;
  #random;
  /** @type {Answer | null} */
  #answer = null;
  /** @type {Answer[]} */
  #orders = [];
  /** @type {number | null} */
  #deadline = null;
  #dismissed = "";

  /** @param {() => number} [random]  0 ≤ x < 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** @param {Question} question @param {number} now  milliseconds of any monotonic clock */
  receive(question, now) {
    const isNew = question.id !== this.question?.id;
    if (isNew) {
      this.#answer = null;
      this.refusal = null;
    }
    this.question = question;
    if (question.presence === "present" || question.presence === "late") {
      this.#answer = null;
      this.phase = "confirmed";
      this.#deadline = now + CONFIRMED_SHOWN_MS;
    } else if (this.#answer === null) {
      this.phase = question.state === "asking" ? "asked" : this.#dismissed === question.id ? "idle" : "missed";
      this.#deadline = null;
    }
  }

  /** CÓ MẶT. @param {string} name @param {string} occupation @param {number} now */
  confirm(name, occupation, now) {
    if (this.question === null || (this.phase !== "asked" && this.phase !== "missed") || name.trim() === "") return;
    this.#answer = { roll_call: this.question.id, name: name.trim().slice(0, 100), function: occupation.trim().slice(0, 100) };
    this.refusal = null;
    this.phase = "sending";
    this.#say(now);
  }

  /** The server refused something that was no command: while an answer is under way it may be that. @param {WireError} error @param {number} now */
  receiveError(error, now) {
    if (this.phase !== "sending") return;
    if (error.code === "unavailable" || error.code === "too_many") {
      this.#deadline = now + AGAIN_LEAST_MS + this.#random() * (AGAIN_MOST_MS - AGAIN_LEAST_MS);
    } else if (ABOUT_PRESENCE.has(error.code)) {
      this.#answer = null;
      this.refusal = error;
      this.phase = this.question?.state === "asking" ? "asked" : "missed";
      this.#deadline = null;
    }
  }

  /** The line was welcomed anew: what was said may be lost. @param {number} now */
  lineChanged(now) {
    if (this.phase === "sending") this.#say(now);
  }

  /** Put away what needs no answer any more. */
  dismiss() {
    if (this.phase !== "confirmed" && this.phase !== "missed") return;
    this.#dismissed = this.question?.id ?? "";
    this.phase = "idle";
    this.#deadline = null;
  }

  /** @param {number} now */
  handleTimeout(now) {
    if (this.#deadline === null || now < this.#deadline) return;
    if (this.phase === "sending") this.#say(now);
    else this.dismiss();
  }

  /** @returns {number | null} when `handleTimeout` is due */
  nextTimeout() {
    return this.#deadline;
  }

  /** @returns {Answer[]} what to send, in order; the list is emptied */
  orders() {
    return this.#orders.splice(0);
  }

  /** @param {number} now */
  #say(now) {
    if (this.#answer === null) return;
    this.#orders.push(this.#answer);
    this.#deadline = now + ANSWER_WAIT_MS + this.#random() * AGAIN_MOST_MS;
  }
}

/** Refusals that are about the answer itself. */
const ABOUT_PRESENCE = new Set(["name_missing", "not_asked", "unknown_roll_call", "session_state", "forbidden"]);
