/** Units and points: walking the tree, searching it, and what can be had of one unit. */

import { number, t } from "./i18n.js";
import { IconSearch } from "./icons.js";
import { LinkCard, SheetsButton } from "./admin-link.js";
import { Crumbs, Empty, Heading, Notice, Scroll } from "./admin-parts.js";
import { hashOf } from "./admin-route.js";
import { UnitsImport, UnitsState } from "./admin-units-import.js";
import { html, useSignal } from "./ui.js";

/** @import { Office } from "./admin-state.js" */
/** @import { UnitNode, UnitTree } from "./admin-tree.js" */

const SHOWN = 100;

/** What the kinds of the national directory are called; another directory has words of its own. @param {string} kind */
export function kindName(kind) {
  return ["country", "province", "district", "commune", "ministry"].includes(kind) ? t(`adm_kind_${kind}`) : kind;
}

/** @param {{ office: Office, parts: string[] }} props  `[]`, `[unit]`, `point, code`, `import` */
export function Units({ office, parts }) {
  const [first, second] = parts;
  if (first === "import" && office.tree.isNational && office.role === "center") return html`<${UnitsImport} office=${office} />`;
  if (first === "point" && second !== undefined) return html`<${PointPage} key=${second} office=${office} code=${second} />`;
  const code = first ?? (office.tree.tops.length === 1 ? office.tree.tops[0] : undefined);
  return html`<${UnitPage} office=${office} code=${code} />`;
}

/** @param {{ office: Office, code: string | undefined }} props */
function UnitPage({ office, code }) {
  const { tree } = office;
  const unit = code === undefined ? undefined : tree.unit(code);
  if (code !== undefined && (unit === undefined || !tree.has(code))) return html`<${Heading} title=${t("adm_units")} /><${Notice} kind="bad">${t("adm_unit_unknown")}<//>`;
  const below = unit === undefined ? tree.tops : unit.children;
  const isCenter = office.role === "center";
  return html`<${Heading} title=${unit?.name ?? t("adm_units")} lead=${unit && t("adm_unit_lead", { kind: kindName(unit.kind), code: unit.code, points: number(unit.pointCount) })}>
      ${unit && isCenter && html`<${SheetsButton} office=${office} unit=${unit} />`}
      ${isCenter && tree.isNational && html`<a class="button" id="units-import" href=${hashOf("units", "import")}>${t("adm_units_import")}</a>`}
    <//>
    ${isCenter && tree.isNational && html`<${UnitsState} office=${office} />`}
    <${Search} tree=${tree} />
    ${unit && html`<${Crumbs} items=${tree.path(unit.code).map((each, i, all) => (i === all.length - 1 ? { name: each.name } : { name: each.name, href: hashOf("units", each.code) }))} />`}
    ${unit && unit.points.length > 0 && html`<section class="card" aria-labelledby="own-points"><h2 id="own-points">${t("adm_own_points")}</h2><${PointRows} tree=${tree} points=${unit.points} /></section>`}
    ${below.length > 0 && html`<section class="card" aria-labelledby="below"><h2 id="below">${t("adm_units_below", { count: number(below.length) })}</h2><${UnitRows} key=${code ?? ""} units=${below.map((each) => /** @type {UnitNode} */ (tree.unit(each)))} /></section>`}
    ${unit && below.length === 0 && unit.points.length === 0 && html`<${Empty}>${t("adm_unit_without_points")}<//>`}`;
}

/** @param {{ tree: UnitTree }} props */
function Search({ tree }) {
  const typed = useSignal("");
  const found = typed.value.trim() === "" ? [] : tree.search(typed.value, 30);
  return html`<div class="search" role="search">
    <label for="unit-search"><${IconSearch} /> ${t("adm_unit_search_label", { count: number(tree.size) })}</label>
    <input id="unit-search" type="search" autocomplete="off" spellcheck="false" placeholder=${t("adm_unit_search")} value=${typed.value} onInput=${(/** @type {any} */ event) => (typed.value = event.currentTarget.value)} />
    ${typed.value.trim() !== "" && html`<div class="card" id="unit-found" aria-live="polite">${found.length === 0 ? html`<${Empty}>${t("adm_no_unit_found")}<//>` : html`<ul class="found">${found.map((unit) => html`<li key=${unit.code}><a href=${hashOf("units", unit.code)} onClick=${() => (typed.value = "")}><strong>${unit.name}</strong> <span class="muted">${[tree.place(unit.code), unit.code].filter(Boolean).join(" · ")}</span></a></li>`)}</ul>`}</div>`}
  </div>`;
}

/** @param {{ units: UnitNode[] }} props */
function UnitRows({ units }) {
  const most = useSignal(SHOWN);
  return html`<${Scroll} label=${t("adm_units_below", { count: number(units.length) })}><table class="wide-first">
    <thead><tr><th scope="col">${t("adm_unit")}</th><th scope="col">${t("adm_kind")}</th><th scope="col">${t("adm_code")}</th><th scope="col" class="n">${t("adm_below")}</th><th scope="col" class="n">${t("adm_points")}</th></tr></thead>
    <tbody>${units.slice(0, most.value).map((unit) => html`<tr key=${unit.code}><th scope="row"><a href=${hashOf("units", unit.code)}>${unit.name}</a></th><td>${kindName(unit.kind)}</td><td>${unit.code}</td><td class="n">${number(unit.children.length)}</td><td class="n">${number(unit.pointCount)}</td></tr>`)}</tbody>
  </table><//>
  ${units.length > most.value && html`<button type="button" class="button" onClick=${() => (most.value += 5 * SHOWN)}>${t("adm_more", { left: number(units.length - most.value) })}</button>`}`;
}

/** @param {{ tree: UnitTree, points: string[] }} props */
function PointRows({ tree, points }) {
  return html`<ul class="point-rows">${points.map((code) => html`<li key=${code}>
    <strong>${tree.point(code)?.name}</strong> <span class="muted">${code}</span>
    <span class="row"><a class="button" href=${hashOf("units", "point", code)}>${t("adm_link_and_code")}</a><a class="button" href=${hashOf("rosters", "point", code)}>${t("adm_roster")}</a></span>
  </li>`)}</ul>`;
}

/** @param {{ office: Office, code: string }} props */
function PointPage({ office, code }) {
  const { tree } = office;
  const point = tree.point(code);
  if (point === undefined || !tree.has(point.unit)) return html`<${Heading} title=${t("adm_units")} /><${Notice} kind="bad">${t("adm_point_unknown")}<//>`;
  return html`<${Heading} title=${point.name} lead=${[tree.place(point.unit), code].filter(Boolean).join(" · ")}><a class="button" href=${hashOf("rosters", "point", code)}>${t("adm_roster")}</a><//>
    <${Crumbs} items=${[...tree.path(point.unit).map((unit) => ({ name: unit.name, href: hashOf("units", unit.code) })), { name: t("adm_point_crumb", { code }) }]} />
    ${office.role === "center" ? html`<${LinkCard} office=${office} code=${code} name=${point.name} place=${tree.place(point.unit)} />` : html`<${Notice} kind="note">${t("adm_links_are_the_center_s")}<//>`}`;
}
