/** The shell around `RollCallAnswer`: sends what it orders, shows where it stands, wakes it in time. */

import { RollCallAnswer } from "./point-rollcall.js";
import { chime } from "./sound.js";
import { signal } from "./ui.js";

/** @import { ClientMessage, Question, Report, WireError } from "./types.js" */
/** @import { AnswerPhase } from "./point-rollcall.js" */

export class Presence {
  /** @type {import("@preact/signals").Signal<{ phase: AnswerPhase, question: Question | null, refusal: WireError | null }>} */
  shown = signal({ phase: "idle", question: null, refusal: null });
  #answer = new RollCallAnswer();
  #say;
  #report;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ say: (message: ClientMessage) => boolean, report: () => Report }} options */
  constructor({ say, report }) {
    this.#say = say;
    this.#report = report;
  }

  /** @param {Question} question */
  receive(question) {
    const before = this.#answer.question?.id;
    this.#run((now) => this.#answer.receive(question, now));
    if (question.id !== before && this.#answer.phase === "asked") chime();
  }

  /** @param {WireError} error */
  receiveError(error) {
    this.#run((now) => this.#answer.receiveError(error, now));
  }

  lineChanged() {
    this.#run((now) => this.#answer.lineChanged(now));
  }

  /** CÓ MẶT. @param {string} name @param {string} occupation */
  confirm(name, occupation) {
    this.#run((now) => this.#answer.confirm(name, occupation, now));
  }

  dismiss() {
    this.#run(() => this.#answer.dismiss());
  }

  /** @param {(now: number) => void} change */
  #run(change) {
    change(performance.now());
    for (const answer of this.#answer.orders()) this.#say({ type: "present", ...answer, report: this.#report() });
    const { phase, question, refusal } = this.#answer;
    this.shown.value = { phase, question, refusal };
    clearTimeout(this.#timer);
    const due = this.#answer.nextTimeout();
    if (due !== null) this.#timer = setTimeout(() => this.#run((now) => this.#answer.handleTimeout(now)), Math.max(0, due - performance.now()) + 1);
  }
}
