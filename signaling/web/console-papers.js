/** What the console hears of directives, proposals, the agenda and draws. */

import { withNews } from "./papers.js";
import { signal } from "./ui.js";

/** @import { AgendaItem, DirectiveBoard, Draw, ProposalRow, ServerMessage } from "./types.js" */
/** @template T @typedef {import("@preact/signals").Signal<T>} Signal */

export class ConsolePapers {
  /** Newest first. @type {Signal<DirectiveBoard[]>} */
  directives = signal([]);
  /** Newest first. @type {Signal<ProposalRow[]>} */
  proposals = signal([]);
  /** @type {Signal<{ items: AgendaItem[], next: string | null }>} */
  agenda = signal({ items: [], next: null });
  /** The last one. @type {Signal<Draw | null>} */
  draw = signal(null);

  /** @param {ServerMessage} message */
  receive(message) {
    switch (message.type) {
      case "directive_board":
        this.directives.value = withNews(this.directives.value, message.directive);
        break;
      case "proposals":
        this.proposals.value = message.proposals;
        break;
      case "proposal":
        this.proposals.value = withNews(this.proposals.value, message.proposal);
        break;
      case "agenda":
        this.agenda.value = { items: message.items, next: message.next };
        break;
      case "draw":
        this.draw.value = message.draw;
        break;
      default:
        break;
    }
  }
}
