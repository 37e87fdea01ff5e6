/** Proposals on the console: what the levels below ask, and what becomes of it. */

import { say, t } from "./i18n.js";
import { isOpen } from "./papers.js";
import { html, signal, useSignal } from "./ui.js";

/** @import { ProposalRow } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const OUTCOMES = /** @type {const} */ (["accepted", "declined", "noted", "forwarded"]);

/** Texts that were asked for, by proposal. @type {import("@preact/signals").Signal<Record<string, string>>} */
const texts = signal({});

/** @param {{ room: Room }} props */
export function ProposalsPanel({ room }) {
  const rows = room.papers.proposals.value;
  return html`<section class="roll-calls" id="proposals" aria-labelledby="proposals-title">
    <h2 id="proposals-title">${t("proposals_title")}</h2>
    ${rows.length === 0 && html`<p class="muted">${t("proposals_none")}</p>`}
    <ul class="board-units">${rows.map((row) => html`<${Row} key=${row.id} room=${room} row=${row} />`)}</ul>
  </section>`;
}

/** @param {{ room: Room, row: ProposalRow }} props */
function Row({ room, row }) {
  const reply = useSignal("");
  return html`<li data-proposal=${row.id} data-state=${row.state}>
    <p><strong>${row.point_name}</strong> → ${row.unit_name} <small class="muted">${t(`proposal_${row.state}`)}</small></p>
    <p>${texts.value[row.id] ?? row.excerpt}</p>
    ${row.reply !== "" && html`<p class="muted">${row.reply}</p>`}
    ${texts.value[row.id] === undefined && html`<button type="button" class="button small" onClick=${() => void load(room, row.id)}>${t("proposal_whole")}</button>`}
    ${isOpen(row) && html`<label>${t("proposal_reply")}<input maxlength="4000" value=${reply.value} onInput=${(/** @type {any} */ event) => (reply.value = event.currentTarget.value)} /></label>
      <div class="card-buttons">${OUTCOMES.map((outcome) => html`<button type="button" key=${outcome} class="button small" data-outcome=${outcome}
        disabled=${outcome === "declined" && reply.value.trim() === ""}
        onClick=${() => room.order({ kind: "answer_proposal", proposal: row.id, outcome, text: reply.value.trim() })}>${t(`proposal_do_${outcome}`)}</button>`)}</div>`}
  </li>`;
}

/** @param {Room} room @param {string} proposal */
async function load(room, proposal) {
  try {
    const response = await fetch(`/api/proposals/${proposal}`, { headers: { Authorization: `Bearer ${room.token}` } });
    const body = await response.json();
    if (response.ok) texts.value = { ...texts.value, [proposal]: body.text };
    else room.notify(say(body.message));
  } catch {
    room.notify(t("roll_call_list_failed"));
  }
}
