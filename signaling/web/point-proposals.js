/** Proposals on the point's page: send one, and see what became of those before. */

import { say, t } from "./i18n.js";
import { IconPaper } from "./icons.js";
import { html, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {{ desk: Desk }} props */
export function ProposalsCard({ desk }) {
  const text = useSignal("");
  const rows = desk.papers.proposals.value;
  const refusal = desk.papers.refusal.value;
  return html`<details class="box proposals" id="proposals"><summary><${IconPaper} />${t("proposals_own", { count: rows.length })}</summary>
    <form onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (desk.sendProposal(text.value)) text.value = "";
    }}>
      <label>${t("proposal_text")}<textarea id="proposal-text" required maxlength="4000" rows="3" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)}></textarea></label>
      <button type="submit" id="proposal-send" class="button large" disabled=${text.value.trim() === ""}>${t("proposal_send")}</button>
    </form>
    ${refusal?.about === "proposal" && html`<p role="alert" id="proposal-refusal" class="refusal">${say(refusal.error.message)}</p>`}
    <ul class="proposals-list">${rows.map((row) => html`<li key=${row.id} data-proposal=${row.id} data-state=${row.state}>
      <p>${row.excerpt}</p><p class="muted">${t(`proposal_${row.state}`)} · ${row.unit_name}${row.reply === "" ? "" : `: ${row.reply}`}</p></li>`)}</ul>
  </details>`;
}
