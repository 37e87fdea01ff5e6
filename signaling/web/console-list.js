/** The list of the selection's points: only the rows in view are in the page, with more columns where there is room. */

import { PointValue } from "./console-indicators.js";
import { badgeLetter, badgeWords } from "./console-badges.js";
import { clockTime, t } from "./i18n.js";
import { StateShape } from "./icons.js";
import { stateOf } from "./points.js";
import { html, useEffect, useLayoutEffect, useRef, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */

const ROW_PX = 46;
/** Rows kept above and below what is seen. */
const SPARE = 6;
/** From this width on there are columns. */
const WIDE_PX = 680;

/** @param {{ room: Room }} props */
export function PointList({ room }) {
  const { selection } = room;
  const box = /** @type {{ current: HTMLDivElement | null }} */ (useRef(null));
  const top = useSignal(0);
  const size = useSignal({ width: 300, height: 600 });
  const rows = selection.rows.value;
  const { points } = room.directory.value;
  void room.painted.value;
  void room.badged.value;
  const chosen = selection.chosen.value;
  const chosenRow = chosen === null ? -1 : rows.indexOf(room.directory.value.indexOf(chosen));
  const column = selection.column.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (size.value = { width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // A new search starts at its best match; a chosen row stays in view when it moves by key.
  useLayoutEffect(() => {
    // Not when it is there already: asking for that lays out the whole page once more.
    if (box.current !== null && top.peek() > 0) box.current.scrollTop = 0;
  }, [selection.query.value, selection.unit.value, selection.state.value, selection.onlyLive.value, selection.badge.value, selection.points.value, column?.key]);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || chosenRow < 0 || document.activeElement !== element) return;
    const y = chosenRow * ROW_PX;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW_PX > element.scrollTop + element.clientHeight) element.scrollTop = y + ROW_PX - element.clientHeight;
  }, [chosen]);
  const isWide = size.value.width >= WIDE_PX;
  const first = Math.max(0, Math.floor(top.value / ROW_PX) - SPARE);
  const last = Math.min(rows.length, Math.ceil((top.value + size.value.height) / ROW_PX) + SPARE);
  const drawn = [];
  for (let row = first; row < last; row += 1) {
    const index = /** @type {number} */ (rows[row]);
    const point = points[index];
    if (point === undefined) continue;
    const state = stateOf(room.states.states[index] ?? 0);
    const since = room.states.since[index] ?? 0;
    const badge = badgeLetter(room, index);
    drawn.push(html`<div key=${point.code} id=${`point-${point.code}`} role="option" class=${column === null ? "point-row" : "point-row with-value"} aria-selected=${point.code === chosen}
      aria-setsize=${rows.length} aria-posinset=${row + 1} style=${{ top: `${row * ROW_PX}px` }} data-code=${point.code} title=${`${point.name}, ${point.path}`}
      onClick=${() => room.choosePoint(point.code)}>
      <span class=${`tone tone-${state.tone}`}><${StateShape} shape=${state.shape} /></span>
      ${isWide
        ? html`<span class="point-name">${point.name}</span><span class="point-unit">${point.path}</span><span class="point-code">${point.code}</span>`
        : html`<span class="point-name">${point.name}<small>${point.path}</small></span>`}
      ${column !== null && html`<${PointValue} room=${room} index=${index} />`}
      ${(isWide || badge !== "") && html`<span class="point-badge">${badge !== "" && html`<span class="wall-badge" aria-hidden="true">${badge}</span>${isWide ? badgeWords(room, index) : html`<span class="visually-hidden">${badgeWords(room, index)}</span>`}`}</span>`}
      <span class=${`point-state tone-${state.tone}`}>${t(`state_${state.key}`)}</span>
      ${isWide && html`<span class="point-since">${since > 0 ? clockTime(since) : ""}</span>`}
    </div>`);
  }
  return html`<div class=${`list-view${isWide ? " list-wide" : ""}`}>
    ${isWide && html`<div class=${`list-head${column === null ? "" : " with-value"}`} aria-hidden="true"><span></span><span>${t("column_name")}</span><span>${t("column_unit")}</span><span>${t("column_code")}</span>
      ${column !== null && html`<span class="point-value">${column.name}</span>`}<span>${t("column_badge")}</span><span class="point-state">${t("column_state")}</span><span class="point-since">${t("column_since")}</span></div>`}
    <div id="point-rows" class="point-rows" role="listbox" tabindex="0" aria-label=${t("points_title")} ref=${box}
      aria-activedescendant=${chosenRow >= first && chosenRow < last ? `point-${chosen}` : undefined}
      onScroll=${(/** @type {any} */ event) => (top.value = event.currentTarget.scrollTop)}>
      <div class="point-space" role="presentation" style=${{ height: `${rows.length * ROW_PX}px` }}>${drawn}</div>
    </div>
  </div>`;
}

/**
 * Move the choice in the selection as it is now.
 * @param {Room} room @param {"down" | "up" | "page_down" | "page_up" | "first" | "last"} move
 */
export function moveChoice(room, move) {
  const rows = room.selection.rows.value;
  if (rows.length === 0) return;
  const chosen = room.selection.chosen.value;
  const at = chosen === null ? -1 : rows.indexOf(room.directory.value.indexOf(chosen));
  const to = { down: at + 1, up: at < 0 ? 0 : at - 1, page_down: at + 10, page_up: at - 10, first: 0, last: rows.length - 1 }[move];
  const index = rows[Math.min(rows.length - 1, Math.max(0, to))];
  room.choosePoint(room.directory.value.points[index ?? -1]?.code ?? null);
}
