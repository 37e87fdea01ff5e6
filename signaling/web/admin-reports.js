/** Reports: of a session or of a period, for units of the scope; figures, plots, tables, and files of all of it. */

import { language, number, t } from "./i18n.js";
import { Action, Crumbs, Heading, Loading, Notice, Refused, SelectField, TextField, useAnswer } from "./admin-parts.js";
import { Plots } from "./admin-plots.js";
import { ReportTables } from "./admin-report-tables.js";
import { save, withQuery } from "./admin-rest.js";
import { hashOf } from "./admin-route.js";
import { go } from "./admin-state.js";
import { DAY_MS, dayOf, inputOf, momentOf, shown } from "./admin-times.js";
import { UnitsPicker } from "./admin-units-picker.js";
import { html, serverNow, useSignal } from "./ui.js";

/** @import { Outcome, Refusal, Report, Session } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

/** What the route says: `session, id, unit, depth` or `period, start, end, unit, depth`. @typedef {{ session: string, start: number, end: number, unit: string, depth: number }} Wish */

/** @param {string[]} parts @returns {Wish | null} */
function wishOf(parts) {
  const [what, first = "", second = "", third = "", fourth = ""] = parts;
  const depth = (/** @type {string} */ text) => Math.min(6, Math.max(0, Number(text) || 1));
  const unit = (/** @type {string} */ text) => (text === "all" ? "" : text);
  if (what === "session" && first !== "") return { session: first, start: 0, end: 0, unit: unit(second), depth: depth(third) };
  if (what === "period" && Number(second) > Number(first)) return { session: "", start: Number(first), end: Number(second), unit: unit(third), depth: depth(fourth) };
  return null;
}

/** @param {Wish} wish @param {string} format @param {string} [table] */
function pathOf(wish, format, table) {
  const more = { format, lang: language.value, unit: wish.unit, depth: wish.depth, table };
  return wish.session !== "" ? withQuery(`/api/sessions/${encodeURIComponent(wish.session)}/report`, more) : withQuery("/api/report", { start: wish.start, end: wish.end, ...more });
}

/** @param {{ office: Office, parts: string[] }} props */
export function Reports({ office, parts }) {
  const wish = wishOf(parts);
  return wish === null ? html`<${Ask} office=${office} />` : html`<${Shown} key=${parts.join("/")} office=${office} wish=${wish} />`;
}

/** @param {{ office: Office }} props */
function Ask({ office }) {
  const { body, refusal } = useAnswer("sessions", () => /** @type {Promise<Outcome<{ sessions: Session[] }>>} */ (office.rest.get("/api/sessions")));
  const session = useSignal("main");
  const units = useSignal(/** @type {string[]} */ ([]));
  const start = useSignal(inputOf(dayOf(serverNow())));
  const end = useSignal(inputOf(dayOf(serverNow()) + DAY_MS));
  const depth = useSignal("1");
  const from = momentOf(start.value);
  const to = momentOf(end.value);
  const fault = from === null || to === null ? t("adm_time_missing") : to <= from ? t("adm_period_backwards") : to - from > 400 * DAY_MS ? t("adm_period_long") : "";
  const unit = () => units.value[0] ?? "all";
  const common = html`<div class="fields"><${UnitsPicker} id="report-unit" label=${t("adm_report_unit")} hint=${t("adm_report_unit_hint")} tree=${office.tree} isOne value=${units.value} onChange=${(/** @type {string[]} */ value) => (units.value = value)} />
    <${SelectField} id="report-depth" label=${t("adm_report_depth")} value=${depth.value} options=${["0", "1", "2", "3"].map((value) => ({ value, name: t(`adm_depth_${value}`) }))} onChange=${(/** @type {string} */ value) => (depth.value = value)} /></div>`;
  return html`<${Heading} title=${t("adm_reports")} lead=${t("adm_reports_lead")} />
    <section class="card form" aria-label=${t("adm_report_of_what")}>${common}</section>
    <div class="columns">
      <form class="card form" aria-labelledby="of-session" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        go(hashOf("reports", "session", session.value, unit(), depth.value));
      }}><h2 id="of-session">${t("adm_report_session")}</h2>
        <${Refused} refusal=${refusal} />
        <${SelectField} id="report-session" label=${t("adm_session")} value=${session.value} onChange=${(/** @type {string} */ value) => (session.value = value)}
          options=${(body?.sessions ?? []).map((each) => ({ value: each.id, name: `${each.kind === "standing" ? t("adm_standing_line") : each.title} · ${shown(each.opened_at)}` }))} />
        <div class="row"><${Action} id="report-show-session" type="submit" kind="primary" isBusy=${false} disabled=${body === null}>${t("adm_see_report")}<//></div></form>
      <form class="card form" aria-labelledby="of-period" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        if (fault === "") go(hashOf("reports", "period", /** @type {number} */ (from), /** @type {number} */ (to), unit(), depth.value));
      }}><h2 id="of-period">${t("adm_report_period")}</h2>
        <div class="fields"><${TextField} id="report-start" type="datetime-local" label=${t("adm_from")} value=${start.value} onInput=${(/** @type {string} */ value) => (start.value = value)} />
          <${TextField} id="report-end" type="datetime-local" label=${t("adm_to")} value=${end.value} fault=${fault} onInput=${(/** @type {string} */ value) => (end.value = value)} /></div>
        <div class="row"><${Action} id="report-show-period" type="submit" kind="primary" isBusy=${false} disabled=${fault !== ""}>${t("adm_see_report")}<//></div></form>
    </div>`;
}

/** @param {{ office: Office, wish: Wish }} props */
function Shown({ office, wish }) {
  const { body, refusal, isBusy, again } = useAnswer(language.value, () => /** @type {Promise<Outcome<Report>>} */ (office.rest.get(pathOf(wish, "json"))));
  /** The report in the other language is made anew; meanwhile the one that was there stays. */
  const kept = useSignal(/** @type {Report | null} */ (null));
  if (body !== null && kept.peek() !== body) kept.value = body;
  const report = body ?? (refusal === null ? kept.value : null);
  const crumbs = html`<${Crumbs} items=${[{ name: t("adm_reports"), href: hashOf("reports") }, { name: wish.session !== "" ? wish.session : t("adm_report_period") }]} />`;
  if (report === null) return html`<${Heading} title=${t("adm_report")} />${crumbs}${refusal === null ? html`<${Loading} />` : html`<${Refused} refusal=${refusal} /><${Action} isBusy=${isBusy} onClick=${again}>${t("adm_refresh")}<//>`}`;
  return html`<${Heading} title=${report.title} lead=${t("adm_report_lead", { scope: report.scope, start: shown(report.start), end: shown(report.end), at: shown(report.at) })}>
      <${Files} office=${office} wish=${wish} /><${Action} isBusy=${isBusy} onClick=${again}>${t("adm_refresh")}<//><//>
    ${crumbs}
    <${Totals} report=${report} />
    <${Plots} plots=${report.plots} />
    <${ReportTables} report=${report} download=${(/** @type {string} */ table) => office.rest.file(pathOf(wish, "csv", table))} />`;
}

/** @param {{ report: Report }} props */
function Totals({ report }) {
  const sum = (/** @type {"points" | "attended" | "calls" | "answered" | "asked" | "present" | "late" | "absent"} */ what) => report.plots.units.reduce((all, unit) => all + unit[what], 0);
  // The unit that was asked for may have desks of its own beside those of the units below: its own row has them all.
  const table = report.tables.find((each) => each.name === "units");
  const own = (/** @type {string} */ column, /** @type {number} */ otherwise) => {
    const place = table?.columns.findIndex((each) => each.name === column) ?? -1;
    const value = table?.rows[0]?.[place];
    return typeof value === "number" ? value : otherwise;
  };
  const tiles = [
    ["adm_total_points", `${number(own("attended", sum("attended")))} / ${number(own("points", sum("points")))}`],
    ["adm_total_calls", `${number(own("answered", sum("answered")))} / ${number(own("calls", sum("calls")))}`],
    ["adm_total_present", `${number(own("present", sum("present")) + own("late", sum("late")))} / ${number(own("asked", sum("asked")))}`],
    ["adm_total_explained", `${number(own("explained", 0))} / ${number(own("explained", 0) + own("unexplained", 0))}`],
  ];
  return html`${report.events === 0 && html`<${Notice} kind="note">${t("adm_report_empty")}<//>`}<dl class="tiles" id="report-totals">${tiles.map(([key = "", value]) => html`<div key=${key} class="tile"><dt>${t(key)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** @param {{ office: Office, wish: Wish }} props */
function Files({ office, wish }) {
  const busy = useSignal("");
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  return html`${["html", "xlsx"].map((format) => html`<${Action} key=${format} id=${`report-${format}`} isBusy=${busy.value === format} onClick=${async () => {
    busy.value = format;
    refusal.value = null;
    const outcome = await office.rest.file(pathOf(wish, format));
    busy.value = "";
    if (outcome.ok) save(outcome.body, `${wish.session !== "" ? `report-${wish.session}` : "report"}.${format}`);
    else refusal.value = outcome.refusal;
  }}>${t(`adm_file_${format}`)}<//>`)}<${Refused} refusal=${refusal.value} />`;
}
