/** What narrows all three views: text, unit, state, what the still shows, an indicator, points that a board named. */

import { BADGE_WORDS } from "./console-badges.js";
import { Indicators } from "./console-indicators.js";
import { number, t } from "./i18n.js";
import { IconClose, IconSearch } from "./icons.js";
import { POINT_STATES } from "./points.js";
import { BADGES } from "./selection.js";
import { html } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function Filters({ room }) {
  const { selection } = room;
  const query = selection.query.value;
  const isNamed = selection.points.value !== null;
  return html`<div class="filters">
    <div class="search-field">
      <${IconSearch} />
      <label class="visually-hidden" for="search">${t("search")}</label>
      <input type="search" id="search" value=${query} placeholder=${t("search")} title=${t("search_hint")} autocomplete="off" spellcheck=${false}
        onInput=${(/** @type {any} */ event) => (selection.query.value = event.currentTarget.value)}
        onKeyDown=${(/** @type {any} */ event) => {
          const first = room.directory.value.points[selection.rows.value[0] ?? -1];
          if (event.key !== "Enter" || event.isComposing || first === undefined) return;
          event.preventDefault();
          room.choosePoint(first.code);
        }} />
      ${query !== "" && html`<button type="button" class="button icon-only quiet" aria-label=${t("clear_search")} onClick=${() => {
        selection.query.value = "";
        document.getElementById("search")?.focus();
      }}><${IconClose} /></button>`}
    </div>
    <div class="unit-line"><${UnitPath} room=${room} /><${UnitBelow} room=${room} /><${Found} room=${room} /></div>
    <div class="filters-row">
      <label class="visually-hidden" for="state">${t("state_filter")}</label>
      <select id="state" value=${String(selection.state.value)} onChange=${(/** @type {any} */ event) => (selection.state.value = Number(event.currentTarget.value))}>
        <option value="-1">${t("any_state")}</option>
        ${POINT_STATES.map((state, i) => html`<option key=${i} value=${String(i)}>${t(`state_${state.key}`)}</option>`)}
      </select>
      <label class="visually-hidden" for="badge">${t("badge_filter")}</label>
      <select id="badge" value=${selection.badge.value} onChange=${(/** @type {any} */ event) => (selection.badge.value = event.currentTarget.value)}>
        <option value="">${t("badge_none")}</option>
        ${BADGES.map((badge) => html`<option key=${badge} value=${badge}>${t(BADGE_WORDS[badge]?.words ?? "")}</option>`)}
      </select>
      <${Indicators} room=${room} />
    </div>
    <div class="selection-line">
      <label class="check-label"><input type="checkbox" id="only-live" checked=${selection.onlyLive.value} disabled=${selection.state.value >= 0 || isNamed}
        onChange=${(/** @type {any} */ event) => (selection.onlyLive.value = event.currentTarget.checked)} />${t("only_live")}</label>
      ${selection.points.value !== null && html`<button type="button" id="named-points" class="chip" aria-label=${t("named_clear", { label: selection.points.value.label })} onClick=${() => (selection.points.value = null)}>${selection.points.value.label}<${IconClose} /></button>`}
      <${Hidden} room=${room} />
      ${selection.isNarrow.value && html`<button type="button" id="clear-selection" class="link" onClick=${() => selection.clear()}>${t("clear_selection")}</button>`}
    </div>
  </div>`;
}

/** How many there are. @param {{ room: Room }} props */
function Found({ room }) {
  if (room.directory.value.points.length === 0) return html`<span class="found" id="found" role="status">${t(room.directoryFailed.value ? "directory_failed" : "loading_directory")}</span>`;
  const count = room.selection.rows.value.length;
  return html`<span class="found" id="found" role="status">${count === 0 ? t("none_found") : t("found", { count: number(count) })}</span>`;
}

/** What was found and is not connected. @param {{ room: Room }} props */
function Hidden({ room }) {
  const { selection } = room;
  const hidden = selection.hidden.value;
  const isHiding = selection.onlyLive.value && selection.state.value < 0 && selection.badge.value === "" && selection.points.value === null && (selection.query.value !== "" || selection.unit.value !== "");
  if (hidden === 0 || !isHiding) return null;
  return html`<span class="found">${t("hidden_offline", { count: number(hidden) })} <button type="button" class="link" onClick=${() => (selection.onlyLive.value = false)}>${t("show_them")}</button></span>`;
}

/** The names and units of where one looks. @param {Room} room */
function placeOf(room) {
  const { selection } = room;
  const directory = room.directory.value;
  const home = selection.home.value;
  const whole = home !== "" ? directory.unit(home)?.name : directory.roots.length === 1 ? directory.roots[0]?.name : undefined;
  void selection.unit.value;
  return { whole: whole ?? t("all_provinces"), path: selection.path(), below: directory.below(selection.shown.value) };
}

/** Where in the country one looks. @param {{ room: Room }} props */
function UnitPath({ room }) {
  const { whole, path } = placeOf(room);
  return html`<nav class="unit-path" aria-label=${t("unit_path")}>
    <button type="button" class="crumb" aria-current=${path.length === 0 ? "true" : undefined} onClick=${() => room.selection.enter("")}>${whole}</button>
    ${path.map((unit, n) => html`<span class="crumb-mark" aria-hidden="true" key=${`${unit.code} mark`}>›</span><button type="button" class="crumb" key=${unit.code} aria-current=${n === path.length - 1 ? "true" : undefined} onClick=${() => room.selection.enter(unit.code)}>${unit.name}</button>`)}
  </nav>`;
}

/** What lies below. @param {{ room: Room }} props */
function UnitBelow({ room }) {
  const { below } = placeOf(room);
  return html`<label class="visually-hidden" for="unit-below">${t("unit_below")}</label>
    <select id="unit-below" value="" disabled=${below.length === 0} onChange=${(/** @type {any} */ event) => {
      const code = String(event.currentTarget.value);
      event.currentTarget.value = "";
      if (code !== "") room.selection.enter(code);
    }}><option value="">${t("unit_below")}</option>${sorted(below).map((unit) => html`<option key=${unit.code} value=${unit.code}>${unit.name}</option>`)}</select>`;
}

/** @type {WeakMap<object, import("./directory.js").Unit[]>} */
const sortedOf = new WeakMap();

/** @param {import("./directory.js").Unit[]} units @returns {import("./directory.js").Unit[]} as Vietnamese sorts them */
function sorted(units) {
  const first = units[0];
  if (first === undefined) return units;
  const known = sortedOf.get(first);
  if (known?.length === units.length) return known;
  const made = [...units].sort((a, b) => a.name.localeCompare(b.name, "vi", { numeric: true }));
  sortedOf.set(first, made);
  return made;
}
