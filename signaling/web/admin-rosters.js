/** Rosters: who has not confirmed the present shift, the roster of a point, and a table of many. */

import { number, t } from "./i18n.js";
import { FileField } from "./admin-file.js";
import { Action, Badge, Crumbs, Empty, FaultList, Heading, Loading, Notice, Paged, Refused, useAnswer } from "./admin-parts.js";
import { withQuery } from "./admin-rest.js";
import { RosterEditor } from "./admin-roster-editor.js";
import { hashOf } from "./admin-route.js";
import { shown } from "./admin-times.js";
import { html, useSignal } from "./ui.js";

/** @import { Duties, Duty, PointDuty, Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const MAX_BYTES = 16 * 2 ** 20;
const MOST_POINTS = 5_000;
/** @type {Duty[]} */
const DUTIES = ["unconfirmed", "no_roster", "waiting", "confirmed"];

/** @param {{ office: Office, parts: string[] }} props  `[]`, `unit, code`, `point, code`, `import` */
export function Rosters({ office, parts }) {
  const [what, code] = parts;
  if (what === "point" && code !== undefined) return html`<${RosterEditor} key=${code} office=${office} point=${code} />`;
  if (what === "import" && office.role !== "observer") return html`<${RosterImport} office=${office} />`;
  const unit = what === "unit" && code !== undefined ? code : (office.tree.tops[0] ?? "");
  return html`<${Board} key=${unit} office=${office} unit=${unit} />`;
}

/** @param {Duty} duty @returns {"good" | "bad" | "off" | "note"} */
const kindOf = (duty) => (duty === "confirmed" ? "good" : duty === "waiting" ? "note" : duty === "unconfirmed" ? "bad" : "off");

/** @param {{ office: Office, unit: string }} props */
function Board({ office, unit }) {
  const status = useSignal("missing");
  const { body, refusal, isBusy, again } = useAnswer(`${unit} ${status.value}`, () => /** @type {Promise<import("./admin-types.js").Outcome<Duties>>} */ (office.rest.get(withQuery("/api/rosters", { unit, status: status.value, limit: MOST_POINTS }))));
  const kept = useSignal(/** @type {Duties | null} */ (null));
  if (body !== null && kept.peek() !== body) kept.value = body;
  const board = body ?? kept.value;
  return html`<${Heading} title=${t("adm_rosters")} lead=${t("adm_rosters_lead")}>${office.role !== "observer" && html`<a class="button" id="roster-import" href=${hashOf("rosters", "import")}>${t("adm_roster_import")}</a>`}
      <${Action} isBusy=${isBusy} onClick=${again}>${t("adm_refresh")}<//><//>
    <${Crumbs} items=${office.tree.path(unit).map((each, i, all) => (i === all.length - 1 ? { name: each.name } : { name: each.name, href: hashOf("rosters", "unit", each.code) }))} />
    <${Refused} refusal=${refusal} />
    ${board === null ? refusal === null && html`<${Loading} />` : html`<div class="tiles" role="group" aria-label=${t("adm_duty_filter")}>
        <button type="button" class="tile tile-button" aria-pressed=${status.value === "missing" ? "true" : "false"} onClick=${() => (status.value = "missing")}><span>${t("adm_duty_missing")}</span><strong>${number(board.total.unconfirmed + board.total.no_roster)}</strong></button>
        ${DUTIES.map((duty) => html`<button key=${duty} type="button" class="tile tile-button" data-duty=${duty} aria-pressed=${status.value === duty ? "true" : "false"} onClick=${() => (status.value = duty)}><span>${t(`adm_duty_${duty}`)}</span><strong>${number(board.total[duty])}</strong></button>`)}
      </div>
      <div class="columns">
      ${board.units.length > 0 && html`<section class="card" aria-labelledby="duty-units"><h2 id="duty-units">${t("adm_duty_units")}</h2><${Paged} size=${25} rows=${board.units} label=${t("adm_duty_units")} head=${html`<tr><th scope="col">${t("adm_unit")}</th>${DUTIES.map((duty) => html`<th key=${duty} scope="col" class="n">${t(`adm_duty_${duty}`)}</th>`)}</tr>`}
        row=${(/** @type {any} */ row) => html`<tr key=${row.unit}><th scope="row"><a href=${hashOf("rosters", "unit", row.unit)}>${row.name}</a></th>${DUTIES.map((duty) => html`<td key=${duty} class="n">${number(row[duty])}</td>`)}</tr>`} /></section>`}
      <section class="card" aria-labelledby="duty-points"><h2 id="duty-points">${t("adm_duty_points", { what: t(status.value === "missing" ? "adm_duty_missing" : `adm_duty_${status.value}`) })}</h2>
        ${board.points.length === 0 ? html`<${Empty}>${t("adm_duty_none")}<//>` : html`<${Paged} key=${status.value} rows=${board.points} label=${t("adm_points")} head=${html`<tr><th scope="col">${t("adm_point")}</th><th scope="col">${t("adm_state")}</th><th scope="col">${t("adm_shift")}</th></tr>`}
          row=${(/** @type {PointDuty} */ row) => html`<tr key=${row.point}><th scope="row"><a href=${hashOf("rosters", "point", row.point)}>${row.point_name}</a><br /><span class="muted">${office.tree.place(office.tree.point(row.point)?.unit ?? "")}</span></th><td><${Badge} kind=${kindOf(row.duty)}>${t(`adm_duty_${row.duty}`)}<//></td><td>${row.shift_start === null ? "—" : `${shown(row.shift_start)} – ${shown(row.shift_end)}`}</td></tr>`} />
          ${board.has_more && html`<p class="muted">${t("adm_duty_more", { most: number(MOST_POINTS) })}</p>`}`}</section>
      </div>`}`;
}

/** @param {{ office: Office }} props */
function RosterImport({ office }) {
  const file = useSignal(/** @type {File | null} */ (null));
  const progress = useSignal(/** @type {number | null} */ (null));
  const busy = useSignal("");
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const done = useSignal(/** @type {{ points: number, changed: number, isDry: boolean } | null} */ (null));
  /** @param {boolean} isDry */
  const send = async (isDry) => {
    if (file.value === null) return;
    busy.value = isDry ? "check" : "keep";
    refusal.value = done.value = null;
    progress.value = 0;
    const outcome = /** @type {import("./admin-types.js").Outcome<{ points: number, changed: number }>} */ (await office.rest.table(`/api/rosters?dry_run=${isDry}`, file.value, (fraction) => (progress.value = fraction)));
    busy.value = "";
    progress.value = null;
    if (outcome.ok) done.value = { ...outcome.body, isDry };
    else refusal.value = outcome.refusal;
  };
  return html`<${Heading} title=${t("adm_roster_import")} lead=${t("adm_roster_import_lead")} />
    <${Crumbs} items=${[{ name: t("adm_rosters"), href: hashOf("rosters") }, { name: t("adm_roster_import") }]} />
    <section class="card steps"><p class="muted">${t("adm_roster_columns")}</p>
      <pre class="sample" tabindex="0">point,start,end,order,name,function,kind,target${"\n"}27286,2021-09-02 07:00,2021-09-02 19:00,1,Nguyễn Thị Lan,Phó Chủ tịch,phone,0901 234 567${"\n"}27286,2021-09-02 07:00,2021-09-02 19:00,2,Trực ban,,point,27286-2</pre>
      <${FileField} id="roster-file" label=${t("adm_file_roster")} hint=${t("adm_file_hint", { most: 16 })} mostBytes=${MAX_BYTES} file=${file.value} progress=${progress.value} onFile=${(/** @type {File | null} */ chosen) => {
        file.value = chosen;
        refusal.value = done.value = null;
      }} />
      <div class="row"><${Action} id="roster-check" isBusy=${busy.value === "check"} disabled=${file.value === null} onClick=${() => void send(true)}>${t("adm_check_only")}<//>
        <${Action} id="roster-send" kind="primary" isBusy=${busy.value === "keep"} disabled=${file.value === null} onClick=${() => void send(false)}>${t("adm_import")}<//></div>
    </section>
    ${done.value !== null && html`<${Notice} kind="good" id="roster-done">${t(done.value.isDry ? "adm_roster_checked" : "adm_roster_done", { points: number(done.value.points), changed: number(done.value.changed) })}<//>`}
    ${refusal.value !== null && html`<${FaultList} refusal=${refusal.value} />`}`;
}
