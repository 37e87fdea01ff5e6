/** Indicators: which there are, a table of values checked and taken in, and what is on record of one unit. */

import { number, t } from "./i18n.js";
import { FileField } from "./admin-file.js";
import { Action, Crumbs, Empty, FaultList, Heading, Loading, Notice, Paged, Refused, Scroll, SelectField, useAnswer } from "./admin-parts.js";
import { withQuery } from "./admin-rest.js";
import { hashOf } from "./admin-route.js";
import { shown, shownDay } from "./admin-times.js";
import { UnitsPicker } from "./admin-units-picker.js";
import { html, useSignal } from "./ui.js";

/** @import { IndicatorHistory, IndicatorImport, IndicatorImported, IndicatorList, Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const MAX_BYTES = 4 * 2 ** 20;

/** @param {{ office: Office, parts: string[] }} props  `[]`, `import`, `of, name, unit` */
export function Indicators({ office, parts }) {
  const [what, name, unit] = parts;
  const { body, refusal, again } = useAnswer("indicators", () => /** @type {Promise<import("./admin-types.js").Outcome<IndicatorList>>} */ (office.rest.get("/api/indicators")));
  if (what === "import" && office.role === "center") return html`<${Import} office=${office} onDone=${again} />`;
  return html`<${Heading} title=${t("adm_indicators")} lead=${t("adm_indicators_lead")}>${office.role === "center" && html`<a class="button primary" id="indicator-import" href=${hashOf("indicators", "import")}>${t("adm_indicator_import")}</a>`}<//>
    <${Refused} refusal=${refusal} />
    ${body === null ? refusal === null && html`<${Loading} />` : html`
      ${body.indicators.length === 0 ? html`<${Empty}>${t("adm_indicators_none")}<//>` : html`<section class="card" aria-labelledby="indicators-all"><h2 id="indicators-all">${t("adm_indicators_all")}</h2>
        <${Scroll} label=${t("adm_indicators_all")}><table><thead><tr><th scope="col">${t("adm_indicator")}</th><th scope="col">${t("adm_kind")}</th><th scope="col" class="n">${t("adm_units_count")}</th><th scope="col">${t("adm_dates")}</th></tr></thead>
        <tbody>${body.indicators.map((each) => html`<tr key=${each.name}><th scope="row">${each.name}</th><td>${t(`adm_indicator_${each.kind}`)}</td><td class="n">${number(each.units)}</td><td>${shownDay(each.first_date)} – ${shownDay(each.last_date)}</td></tr>`)}</tbody></table><//></section>
      <${OfUnit} office=${office} names=${body.indicators.map((each) => each.name)} name=${what === "of" ? (name ?? "") : ""} unit=${what === "of" ? (unit ?? "") : ""} />`}
      ${body.imports.length > 0 && html`<section class="card" aria-labelledby="imports"><h2 id="imports">${t("adm_indicator_imports")}</h2>
        <${Paged} size=${15} rows=${body.imports} label=${t("adm_indicator_imports")} head=${html`<tr><th scope="col" class="n">${t("adm_number")}</th><th scope="col">${t("adm_time")}</th><th scope="col">${t("adm_by")}</th><th scope="col">${t("adm_file")}</th><th scope="col">${t("adm_indicator")}</th><th scope="col" class="n">${t("adm_values")}</th><th scope="col">${t("adm_dates")}</th></tr>`}
          row=${(/** @type {IndicatorImport} */ each) => html`<tr key=${each.number}><td class="n">${number(each.number)}</td><td>${shown(each.at)}</td><td>${each.by}</td><td>${each.file}</td><td>${each.names.join(", ")}</td><td class="n">${number(each.values)}</td><td>${shownDay(each.first_date)} – ${shownDay(each.last_date)}</td></tr>`} />
        <p class="muted">${t("adm_indicator_forget")}</p></section>`}`}`;
}

/** @param {{ office: Office, names: string[], name: string, unit: string }} props */
function OfUnit({ office, names, name, unit }) {
  const chosen = useSignal(names.includes(name) ? name : (names[0] ?? ""));
  const units = useSignal(unit !== "" && office.tree.has(unit) ? [unit] : []);
  const of = units.value[0];
  const key = of === undefined ? null : `${chosen.value} ${of}`;
  const { body, refusal } = useAnswer(key, () => /** @type {Promise<import("./admin-types.js").Outcome<IndicatorHistory>>} */ (office.rest.get(withQuery("/api/indicators/history", { name: chosen.value, unit: of }))));
  return html`<section class="card" aria-labelledby="history"><h2 id="history">${t("adm_indicator_history")}</h2>
    <div class="fields"><${SelectField} id="history-name" label=${t("adm_indicator")} value=${chosen.value} options=${names.map((value) => ({ value, name: value }))} onChange=${(/** @type {string} */ value) => (chosen.value = value)} />
      <${UnitsPicker} id="history-unit" label=${t("adm_unit")} tree=${office.tree} isOne value=${units.value} onChange=${(/** @type {string[]} */ value) => (units.value = value)} /></div>
    <${Refused} refusal=${refusal} />
    ${body !== null && (body.values.length === 0 ? html`<${Empty}>${t("adm_indicator_no_values")}<//>` : html`<${Paged} size=${20} rows=${[...body.values].reverse()} label=${t("adm_indicator_history")} head=${html`<tr><th scope="col">${t("adm_day")}</th><th scope="col">${t("adm_value")}</th><th scope="col">${t("adm_by")}</th><th scope="col">${t("adm_file")}</th><th scope="col">${t("adm_time")}</th></tr>`}
      row=${(/** @type {IndicatorHistory["values"][number]} */ each) => html`<tr key=${each.date}><td>${shownDay(each.date)}</td><td>${typeof each.value === "number" ? number(each.value) : each.value}</td><td>${each.by ?? ""}</td><td>${each.file ?? ""}</td><td>${shown(each.imported_at)}</td></tr>`} />`)}
  </section>`;
}

/** @param {{ office: Office, onDone: () => void }} props */
function Import({ office, onDone }) {
  const file = useSignal(/** @type {File | null} */ (null));
  const progress = useSignal(/** @type {number | null} */ (null));
  const busy = useSignal("");
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const done = useSignal(/** @type {IndicatorImported | null} */ (null));
  /** @param {boolean} isDry */
  const send = async (isDry) => {
    if (file.value === null) return;
    busy.value = isDry ? "check" : "keep";
    refusal.value = done.value = null;
    progress.value = 0;
    const path = withQuery("/api/indicators", { dry_run: isDry, file: file.value.name.slice(0, 80) });
    const outcome = /** @type {import("./admin-types.js").Outcome<IndicatorImported>} */ (await office.rest.table(path, file.value, (fraction) => (progress.value = fraction)));
    busy.value = "";
    progress.value = null;
    if (!outcome.ok) refusal.value = outcome.refusal;
    else {
      done.value = outcome.body;
      if (!isDry) onDone();
    }
  };
  return html`<${Heading} title=${t("adm_indicator_import")} lead=${t("adm_indicator_import_lead")} />
    <${Crumbs} items=${[{ name: t("adm_indicators"), href: hashOf("indicators") }, { name: t("adm_indicator_import") }]} />
    <section class="card steps"><p class="muted">${t("adm_indicator_columns")}</p><pre class="sample" tabindex="0">unit,date,ca mới,vùng${"\n"}27286,02/09/2021,12,đỏ${"\n"}Quận 4/Phường 13,02/09/2021,3,</pre>
      <${FileField} id="indicator-file" label=${t("adm_file_indicators")} hint=${t("adm_file_hint", { most: 4 })} mostBytes=${MAX_BYTES} file=${file.value} progress=${progress.value} onFile=${(/** @type {File | null} */ chosen) => {
        file.value = chosen;
        refusal.value = done.value = null;
      }} />
      <div class="row"><${Action} id="indicator-check" isBusy=${busy.value === "check"} disabled=${file.value === null} onClick=${() => void send(true)}>${t("adm_check_only")}<//>
        <${Action} id="indicator-send" kind="primary" isBusy=${busy.value === "keep"} disabled=${file.value === null} onClick=${() => void send(false)}>${t("adm_import")}<//></div></section>
    ${done.value !== null && html`<${Notice} kind="good" id="indicator-done">${t(done.value.number === null ? "adm_indicator_checked" : "adm_indicator_done", { values: number(done.value.values), units: number(done.value.units) })}
      <ul>${done.value.indicators.map((each) => html`<li key=${each.name}>${each.name} (${t(`adm_indicator_${each.kind}`)}${each.is_new && `, ${t("adm_indicator_new")}`}): ${number(each.values)}, ${shownDay(each.first_date)} – ${shownDay(each.last_date)}</li>`)}</ul><//>`}
    ${refusal.value !== null && html`<${FaultList} refusal=${refusal.value} />`}`;
}
