/** The list of all points: found while typing, filtered, and only the rows in view are in the page. */

import { Indicators, PointValue } from "./console-indicators.js";
import { number, t } from "./i18n.js";
import { IconCall, IconClose, IconSearch, StateShape } from "./icons.js";
import { POINT_STATES, stateOf } from "./points.js";
import { html, useEffect, useLayoutEffect, useRef, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */

const ROW_PX = 46;
/** Rows kept above and below what is seen. */
const SPARE = 6;

/** @param {{ room: Room }} props */
export function PointList({ room }) {
  return html`<section class="points" aria-labelledby="points-title">
    <h2 id="points-title">${t("points_title")}</h2>
    <${Filters} room=${room} />
    <${Indicators} room=${room} />
    <${Rows} room=${room} />
    <${Chosen} room=${room} />
  </section>`;
}

/** @param {{ room: Room }} props */
function Filters({ room }) {
  const query = room.query.value;
  return html`<div class="filters">
    <div class="search-field">
      <${IconSearch} />
      <label class="visually-hidden" for="search">${t("search")}</label>
      <input type="search" id="search" value=${query} placeholder=${t("search")} title=${t("search_hint")} autocomplete="off" spellcheck=${false}
        aria-controls="point-rows" onInput=${(/** @type {any} */ event) => (room.query.value = event.currentTarget.value)} />
      ${query !== "" && html`<button type="button" class="button icon-only quiet" aria-label=${t("clear_search")} onClick=${() => {
        room.query.value = "";
        document.getElementById("search")?.focus();
      }}><${IconClose} /></button>`}
    </div>
    <div class="filters-row">
      <label class="visually-hidden" for="province">${t("province")}</label>
      <select id="province" value=${room.top.value} onChange=${(/** @type {any} */ event) => (room.top.value = event.currentTarget.value)}>
        <option value="">${t("all_provinces")}</option>
        ${room.directory.value.tops.map((top) => html`<option key=${top.code} value=${top.code}>${top.name}</option>`)}
      </select>
      <label class="visually-hidden" for="state">${t("state_filter")}</label>
      <select id="state" value=${String(room.state.value)} onChange=${(/** @type {any} */ event) => (room.state.value = Number(event.currentTarget.value))}>
        <option value="-1">${t("any_state")}</option>
        ${POINT_STATES.map((state, i) => html`<option key=${i} value=${String(i)}>${t(`state_${state.key}`)}</option>`)}
      </select>
    </div>
    <label class="check-label"><input type="checkbox" id="only-live" checked=${room.onlyLive.value} disabled=${room.state.value >= 0}
      onChange=${(/** @type {any} */ event) => (room.onlyLive.value = event.currentTarget.checked)} />${t("only_live")}</label>
  </div>`;
}

/** @param {{ room: Room }} props */
function Rows({ room }) {
  const box = /** @type {{ current: HTMLDivElement | null }} */ (useRef(null));
  const top = useSignal(0);
  const height = useSignal(600);
  const rows = room.rows.value;
  const { points } = room.directory.value;
  void room.painted.value;
  const chosen = room.chosenPoint.value;
  const chosenRow = chosen === null ? -1 : rows.indexOf(room.directory.value.indexOf(chosen));
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (height.value = element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // A new search starts at its best match; a chosen row stays in view when it moves by key.
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollTop = 0;
  }, [room.query.value, room.top.value, room.state.value, room.onlyLive.value, room.column.value?.key]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || chosenRow < 0 || document.activeElement !== element) return;
    const y = chosenRow * ROW_PX;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_PX > element.scrollTop + element.clientHeight) element.scrollTop = y + ROW_PX - element.clientHeight;
  }, [chosen]);
  const first = Math.max(0, Math.floor(top.value / ROW_PX) - SPARE);
  const last = Math.min(rows.length, Math.ceil((top.value + height.value) / ROW_PX) + SPARE);
  const drawn = [];
  for (let row = first; row < last; row += 1) {
    const index = /** @type {number} */ (rows[row]);
    const point = points[index];
    if (point === undefined) continue;
    const state = stateOf(room.states.states[index] ?? 0);
    drawn.push(html`<div key=${point.code} id=${`point-${point.code}`} role="option" class=${room.column.value === null ? "point-row" : "point-row with-value"} aria-selected=${point.code === chosen}
      aria-setsize=${rows.length} aria-posinset=${row + 1} style=${{ top: `${row * ROW_PX}px` }} data-code=${point.code} title=${`${point.name}, ${point.path}`}
      onClick=${() => room.choosePoint(point.code)}>
      <span class=${`tone tone-${state.tone}`}><${StateShape} shape=${state.shape} /></span>
      <span class="point-name">${point.name}<small>${point.path}</small></span>
      ${room.column.value !== null && html`<${PointValue} room=${room} index=${index} />`}
      <span class=${`point-state tone-${state.tone}`}>${t(`state_${state.key}`)}</span>
    </div>`);
  }
  return html`
    <p class="found" role="status">${points.length === 0
      ? t(room.directoryFailed.value ? "directory_failed" : "loading_directory")
      : rows.length === 0 ? t("none_found") : t("found", { count: number(rows.length) })}</p>
    ${room.hidden.value > 0 && room.onlyLive.value && room.state.value < 0 && (room.query.value !== "" || room.top.value !== "") &&
    html`<p class="found">${t("hidden_offline", { count: number(room.hidden.value) })}
      <button type="button" class="link" onClick=${() => (room.onlyLive.value = false)}>${t("show_them")}</button></p>`}
    <div id="point-rows" class="point-rows" role="listbox" tabindex="0" aria-label=${t("points_title")} ref=${box}
      aria-activedescendant=${chosenRow >= first && chosenRow < last ? `point-${chosen}` : undefined}
      onScroll=${(/** @type {any} */ event) => (top.value = event.currentTarget.scrollTop)}>
      <div class="point-space" style=${{ height: `${rows.length * ROW_PX}px` }}>${drawn}</div>
    </div>`;
}

/**
 * Move the choice in the list as it is filtered now.
 * @param {Room} room @param {"down" | "up" | "page_down" | "page_up" | "first" | "last"} move
 */
export function moveChoice(room, move) {
  const rows = room.rows.value;
  if (rows.length === 0) return;
  const chosen = room.chosenPoint.value;
  const at = chosen === null ? -1 : rows.indexOf(room.directory.value.indexOf(chosen));
  const to = { down: at + 1, up: at < 0 ? 0 : at - 1, page_down: at + 10, page_up: at - 10, first: 0, last: rows.length - 1 }[move];
  const index = rows[Math.min(rows.length - 1, Math.max(0, to))];
  room.choosePoint(room.directory.value.points[index ?? -1]?.code ?? null);
}

/** @param {{ room: Room }} props */
function Chosen({ room }) {
  const code = room.chosenPoint.value;
  const point = code === null ? undefined : room.directory.value.point(code);
  void room.painted.value;
  if (code === null || point === undefined) return html`<p class="chosen muted">${t("choose_point")}</p>`;
  const state = stateOf(room.states.states[room.directory.value.indexOf(code)] ?? 0);
  const busy = room.busy.value.has(code) || room.callOf(code) !== undefined;
  return html`<div class="chosen" aria-label=${t("chosen_point")} role="group">
    <div><strong>${point.name}</strong><small class="muted">${point.path} · ${code}</small>
      <small class=${`tone-${state.tone}`}><${StateShape} shape=${state.shape} /> ${t(`state_${state.key}`)}</small></div>
    <button type="button" id="call" class="button primary" disabled=${busy} aria-label=${t("call_point_named", { name: point.name })} onClick=${() => room.place(code)}>
      <${IconCall} />${t("call_point")}</button>
  </div>`;
}
