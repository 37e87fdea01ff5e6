/** Proposals on the console: what the levels below ask, the open ones first, and what becomes of it. */

import { ask, failureOf } from "./answers.js";
import { Failure, Nothing } from "./board-parts.js";
import { dayTime, number, t } from "./i18n.js";
import { isOpen } from "./papers.js";
import { html, signal, useSignal } from "./ui.js";

/** @import { ProposalRow } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const OUTCOMES = /** @type {const} */ (["accepted", "noted", "forwarded", "declined"]);
const FIRST_SHOWN = 10;
/** Texts that were asked for are kept, so many at most. */
const TEXTS_KEPT = 50;

/** Whole texts by proposal. @type {import("@preact/signals").Signal<Readonly<Record<string, string>>>} */
const texts = signal({});
/** Answers that are being written, by proposal. @type {Map<string, string>} */
const drafts = new Map();
/** @type {import("@preact/signals").Signal<"open" | "answered">} */
const which = signal("open");
const limit = signal(FIRST_SHOWN);

/** @param {{ room: Room }} props */
export function ProposalsPanel({ room }) {
  const all = room.papers.proposals.value;
  const open = all.filter(isOpen);
  const rows = which.value === "open" ? open : all.filter((each) => !isOpen(each));
  const counts = { open: open.length, answered: all.length - open.length };
  return html`<section class="board-panel" id="proposals" aria-labelledby="proposals-title">
    <h2 id="proposals-title" class="visually-hidden">${t("proposals_title")}</h2>
    <div class="board-switch" role="group" aria-label=${t("proposals_title")}>${/** @type {const} */ (["open", "answered"]).map((each) => html`<button type="button" key=${each} class="button small" data-which=${each} aria-pressed=${which.value === each}
      onClick=${() => (which.value = each)}>${t(`proposals_${each}`, { count: number(counts[each]) })}</button>`)}</div>
    ${rows.length === 0 && html`<${Nothing} title=${t(all.length === 0 ? "proposals_none" : `proposals_none_${which.value}`)} text=${t("proposals_none_text")} />`}
    <ul class="proposal-list">${rows.slice(0, limit.value).map((row) => html`<${Row} key=${row.id} room=${room} row=${row} />`)}</ul>
    ${rows.length > limit.value && html`<button type="button" class="button small" data-command="more" onClick=${() => (limit.value += FIRST_SHOWN)}>${t("board_more_of", { count: rows.length - limit.value })}</button>`}
  </section>`;
}

/** @param {{ room: Room, row: ProposalRow }} props */
function Row({ room, row }) {
  const reply = useSignal(drafts.get(row.id) ?? "");
  const failure = useSignal("");
  const text = texts.value[row.id];
  const read = async () => {
    failure.value = "";
    try {
      const { text: whole } = await ask(room, `/api/proposals/${row.id}`);
      texts.value = Object.fromEntries([...Object.entries(texts.peek()), [row.id, whole]].slice(-TEXTS_KEPT));
    } catch (error) {
      failure.value = failureOf(error);
    }
  };
  return html`<li data-proposal=${row.id} data-state=${row.state}>
    <p class="proposal-head"><button type="button" class="link" onClick=${() => room.choosePoint(row.point)}>${row.point_name}</button> → ${row.unit_name}
      <small class="muted">${dayTime(row.sent_at)} · ${t(`proposal_${row.state}`)}</small></p>
    <p class="paper-text">${text ?? row.excerpt}${text === undefined && row.excerpt.length >= 200 ? "…" : ""}</p>
    ${text === undefined && row.excerpt.length >= 200 && html`<button type="button" class="button small" data-command="read" onClick=${() => void read()}>${t("proposal_whole")}</button>`}
    ${failure.value !== "" && html`<${Failure} words=${failure.value} onRetry=${() => void read()} />`}
    ${row.reply !== "" && html`<p class="proposal-reply"><small class="muted">${t("proposal_reply")}</small> ${row.reply}</p>`}
    ${isOpen(row) && html`<label for=${`reply-${row.id}`}>${t("proposal_reply")}</label>
      <input id=${`reply-${row.id}`} type="text" maxlength="4000" value=${reply.value} onInput=${(/** @type {any} */ event) => {
        reply.value = event.currentTarget.value;
        drafts.set(row.id, reply.peek());
      }} />
      <div class="board-actions">${OUTCOMES.map((outcome) => html`<button type="button" key=${outcome} class=${outcome === "accepted" ? "button small primary" : "button small"} data-outcome=${outcome}
        disabled=${outcome === "declined" && reply.value.trim() === ""} title=${outcome === "declined" && reply.value.trim() === "" ? t("proposal_decline_why") : undefined}
        onClick=${() => {
          room.order({ kind: "answer_proposal", proposal: row.id, outcome, text: reply.peek().trim() });
          drafts.delete(row.id);
        }}>${t(`proposal_do_${outcome}`)}</button>`)}</div>`}
  </li>`;
}
