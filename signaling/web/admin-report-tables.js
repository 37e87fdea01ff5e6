/** The tables of a report: one at a time, in any order, by the page; each can be had as a file. */

import { number, t } from "./i18n.js";
import { Action, Empty, Paged, Refused } from "./admin-parts.js";
import { save } from "./admin-rest.js";
import { shown, shownLength } from "./admin-times.js";
import { html, useSignal } from "./ui.js";

/** @import { CellKind, Outcome, Refusal, Report, ReportTable } from "./admin-types.js" */

/** @param {string | number | null | undefined} cell @param {CellKind} kind @returns {string} */
function textOf(cell, kind) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "string") return cell;
  return kind === "time" ? shown(cell) : kind === "duration" ? shownLength(cell) : number(cell);
}

/**
 * Rows by one column; what has nothing there comes last in either order.
 * @param {ReportTable} table @param {number} column @param {boolean} isDown
 */
export function sorted(table, column, isDown) {
  const sign = isDown ? -1 : 1;
  return [...table.rows].sort((a, b) => {
    const [x, y] = [a[column] ?? null, b[column] ?? null];
    if (x === null || y === null || x === "" || y === "") return x === y ? 0 : x === null || x === "" ? 1 : -1;
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "vi"));
  });
}

/** @param {{ report: Report, download: (table: string) => Promise<Outcome<Blob>> }} props */
export function ReportTables({ report, download }) {
  const name = useSignal("units");
  const order = useSignal(/** @type {{ column: number, isDown: boolean } | null} */ (null));
  const isBusy = useSignal(false);
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const table = report.tables.find((each) => each.name === name.value) ?? report.tables[0];
  if (table === undefined) return null;
  const rows = order.value === null ? table.rows : sorted(table, order.value.column, order.value.isDown);
  const isNumber = (/** @type {CellKind} */ kind) => kind === "number" || kind === "duration";
  return html`<section class="card report-table" aria-label=${t("adm_tables")}>
    <div class="tabs" role="group" aria-label=${t("adm_tables")}>${report.tables.map((each) => html`<button type="button" key=${each.name} data-table=${each.name} aria-pressed=${each.name === table.name ? "true" : "false"} onClick=${() => {
      name.value = each.name;
      order.value = null;
    }}>${each.title} <span class="count">${number(each.rows.length)}</span></button>`)}</div>
    <div class="row end"><${Action} id="report-csv" isBusy=${isBusy.value} onClick=${async () => {
      isBusy.value = true;
      refusal.value = null;
      const outcome = await download(table.name);
      isBusy.value = false;
      if (outcome.ok) save(outcome.body, `${table.name}.csv`);
      else refusal.value = outcome.refusal;
    }}>${t("adm_file_csv")}<//></div>
    <${Refused} refusal=${refusal.value} />
    ${table.rows.length === 0 ? html`<${Empty}>${t("adm_table_empty")}<//>` : html`<${Paged} key=${table.name} rows=${rows} label=${table.title}
      head=${html`<tr>${table.columns.map((column, i) => html`<th key=${column.name} scope="col" class=${isNumber(column.kind) ? "n" : ""} aria-sort=${order.value?.column === i ? (order.value.isDown ? "descending" : "ascending") : null}>
        <button type="button" class="sort" onClick=${() => (order.value = { column: i, isDown: order.value?.column === i ? !order.value.isDown : isNumber(column.kind) })}>${column.heading}</button></th>`)}</tr>`}
      row=${(/** @type {(string | number | null)[]} */ cells, /** @type {number} */ place) => html`<tr key=${place}>${table.columns.map((column, i) => html`<td key=${column.name} class=${isNumber(column.kind) ? "n" : column.name === "path" ? "long name" : `long ${column.name}`}>${textOf(cells[i], column.kind)}</td>`)}</tr>`} />`}
  </section>`;
}
