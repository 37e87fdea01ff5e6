/** Another directory: checked first, with every fault and every change, and only then kept for the next start. */

import { number, t } from "./i18n.js";
import { FileField } from "./admin-file.js";
import { Action, Confirm, Crumbs, FaultList, Heading, Notice, Paged, Refused, useAnswer } from "./admin-parts.js";
import { save } from "./admin-rest.js";
import { hashOf } from "./admin-route.js";
import { dirty } from "./admin-state.js";
import { html, useSignal } from "./ui.js";

/** @import { Refusal, UnitChange, UnitsImported, UnitsStatus } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const MAX_BYTES = 16 * 2 ** 20;

/** Whether another directory waits for a start. @param {{ office: Office }} props */
export function UnitsState({ office }) {
  const { body } = useAnswer("status", () => /** @type {Promise<import("./admin-types.js").Outcome<UnitsStatus>>} */ (office.rest.get("/api/units")));
  const coming = body?.coming;
  return coming ? html`<${Notice} kind="note" id="units-coming">${t("adm_units_coming", { units: number(coming.units), points: number(coming.points) })}<//>` : null;
}

/** @param {{ office: Office }} props */
export function UnitsImport({ office }) {
  const file = useSignal(/** @type {File | null} */ (null));
  const progress = useSignal(/** @type {number | null} */ (null));
  const checked = useSignal(/** @type {UnitsImported | null} */ (null));
  const kept = useSignal(/** @type {UnitsImported | null} */ (null));
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const busy = useSignal("");
  const isAsking = useSignal(false);
  /** @param {boolean} isDry */
  const send = async (isDry) => {
    if (file.value === null) return;
    busy.value = isDry ? "check" : "keep";
    refusal.value = null;
    progress.value = 0;
    const outcome = await /** @type {Promise<import("./admin-types.js").Outcome<UnitsImported>>} */ (office.rest.table(`/api/units?dry_run=${isDry}`, file.value, (fraction) => (progress.value = fraction)));
    busy.value = "";
    progress.value = null;
    checked.value = null;
    if (!outcome.ok) refusal.value = outcome.refusal;
    else if (isDry) checked.value = outcome.body;
    else {
      kept.value = outcome.body;
      dirty.value = false;
    }
  };
  const found = checked.value;
  const changes = found === null ? 0 : Object.values(found.counts).reduce((sum, count) => sum + count, 0);
  return html`<${Heading} title=${t("adm_units_import")} lead=${t("adm_units_import_lead")} />
    <${Crumbs} items=${[{ name: t("adm_units"), href: hashOf("units") }, { name: t("adm_units_import") }]} />
    ${kept.value !== null
      ? html`<${Notice} kind="good" id="units-kept">${kept.value.awaits_restart ? t("adm_units_kept", { units: number(kept.value.units), points: number(kept.value.points) }) : t("adm_units_kept_same")}<//>`
      : html`<section class="card steps">
        <h2>${t("adm_step_table")}</h2>
        <p class="muted">${t("adm_units_columns")}</p>
        <div class="row"><${Action} isBusy=${busy.value === "table"} onClick=${async () => {
          busy.value = "table";
          const outcome = await office.rest.file("/api/units/table");
          busy.value = "";
          if (outcome.ok) save(outcome.body, "units.csv");
          else refusal.value = outcome.refusal;
        }}>${t("adm_units_table")}<//></div>
        <${FileField} id="units-file" label=${t("adm_file_units")} hint=${t("adm_file_hint", { most: 16 })} mostBytes=${MAX_BYTES} file=${file.value} progress=${progress.value} onFile=${(/** @type {File | null} */ chosen) => {
          file.value = chosen;
          checked.value = null;
          refusal.value = null;
        }} />
        <${Action} id="units-check" kind="primary" isBusy=${busy.value === "check"} disabled=${file.value === null} onClick=${() => void send(true)}>${t("adm_check")}<//>
      </section>
      ${refusal.value !== null && html`<${FaultList} refusal=${refusal.value} />`}
      ${found !== null && html`<section class="card" id="units-changes" aria-labelledby="changes-title">
        <h2 id="changes-title">${t("adm_changes_title")}</h2>
        ${changes === 0 ? html`<${Notice} kind="note">${t("adm_changes_none")}<//>` : html`
          <dl class="tiles">${Object.entries(found.counts).filter(([, count]) => count > 0).map(([what, count]) => html`<div key=${what} class="tile"><dt>${t(`adm_change_${what}`)}</dt><dd>${number(count)}</dd></div>`)}</dl>
          ${found.accounts.length > 0 && html`<${Notice} kind="bad">${t("adm_changes_accounts", { names: found.accounts.join(", ") })}<//>`}
          ${(found.counts["point_removed"] ?? 0) > 0 && html`<${Notice} kind="note">${t("adm_changes_points")}<//>`}
          <${Paged} rows=${found.changes} label=${t("adm_changes_title")} head=${html`<tr><th scope="col">${t("adm_change")}</th><th scope="col">${t("adm_code")}</th><th scope="col">${t("adm_unit")}</th><th scope="col">${t("adm_before")}</th><th scope="col">${t("adm_after")}</th></tr>`}
            row=${(/** @type {UnitChange} */ each, /** @type {number} */ i) => html`<tr key=${i}><td>${t(`adm_change_${each.what}`)}</td><td>${each.code}</td><td>${each.name}</td><td>${each.before}</td><td>${each.after}</td></tr>`} />
          <${Action} id="units-keep" kind="primary" isBusy=${busy.value === "keep"} onClick=${() => (isAsking.value = true)}>${t("adm_units_keep")}<//>`}
      </section>`}`}
    ${refusal.value !== null && kept.value !== null && html`<${Refused} refusal=${refusal.value} />`}
    ${isAsking.value && html`<${Confirm} id="keep-confirm" title=${t("adm_units_keep_question")} confirm=${t("adm_units_keep")} onClose=${() => (isAsking.value = false)} onConfirm=${() => {
      isAsking.value = false;
      void send(false);
    }}><p>${t("adm_units_keep_text")}</p><//>`}`;
}
