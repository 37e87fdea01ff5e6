/** What a desk hears of directives and of its own proposals, and why something that it asked was refused. */

import { isAbout, withNews } from "./papers.js";
import { signal } from "./ui.js";

/** @import { Notice, ProposalRow, ServerMessage, WireError } from "./types.js" */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */
/** @typedef {"floor" | "proposal" | "directive"} Asked */

export class PointPapers {
  /** Newest first. @type {Signal<Notice[]>} */
  directives = signal([]);
  /** Newest first. @type {Signal<ProposalRow[]>} */
  proposals = signal([]);
  /** @type {Signal<{ about: Asked, error: WireError } | null>} */
  refusal = signal(null);
  /** What was asked last: refusals of points' messages have no number. @type {Asked | null} */
  #asked = null;

  /** @param {Asked} about */
  ask(about) {
    this.#asked = about;
    this.refusal.value = null;
  }

  /** @param {ServerMessage} message */
  receive(message) {
    switch (message.type) {
      case "welcome":
        this.directives.value = [];
        this.refusal.value = null;
        break;
      case "directive":
        this.directives.value = withNews(this.directives.value, message.directive);
        this.#answered("directive");
        break;
      case "proposals":
        this.proposals.value = message.proposals;
        this.#answered("proposal");
        break;
      case "floor":
        this.#answered("floor");
        break;
      case "error":
        if (message.id === null && this.#asked !== null && isAbout(this.#asked, message.error.code)) {
          this.refusal.value = { about: this.#asked, error: message.error };
          this.#asked = null;
        }
        break;
      default:
        break;
    }
  }

  /** @param {Asked} about */
  #answered(about) {
    if (this.#asked === about) this.#asked = null;
    if (this.refusal.value?.about === about) this.refusal.value = null;
  }
}
