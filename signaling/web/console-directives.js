/** Directives on the console: give one, watch who acknowledged by unit (most missing first), open a unit's laggards. */

import { clockTime, number, t } from "./i18n.js";
import { unacknowledged } from "./papers.js";
import { html, signal, useSignal } from "./ui.js";

/** @import { DirectiveBoard, DirectivePoint } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const LIST_MOST = 1000;

/** The unit whose laggards are listed, and of which directive. @type {import("@preact/signals").Signal<{ directive: string, unit: string, points: DirectivePoint[] | null, failed: boolean } | null>} */
const opened = signal(null);

/** @param {{ room: Room }} props */
export function DirectivesPanel({ room }) {
  const title = useSignal("");
  const text = useSignal("");
  const until = useSignal("");
  const unit = useSignal("");
  const shown = useSignal("");
  const boards = room.papers.directives.value;
  const board = boards.find((each) => each.id === shown.value) ?? boards[0];
  return html`<section class="roll-calls" id="directives" aria-labelledby="directives-title">
    <h2 id="directives-title">${t("directives_title")}</h2>
    <details><summary>${t("directive_new")}</summary>
      <form class="roll-call-form" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        const deadline = new Date(until.value).getTime();
        if (!Number.isFinite(deadline)) return;
        room.order({ kind: "issue_directive", title: title.value.trim(), text: text.value.trim(), deadline, units: unit.value === "" ? null : [unit.value] });
        title.value = text.value = "";
        shown.value = "";
      }}>
        <label>${t("roll_call_scope")}<select id="directive-unit" value=${unit.value} onChange=${(/** @type {any} */ event) => (unit.value = event.currentTarget.value)}>
          <option value="">${t("roll_call_own_scope")}</option>
          ${room.directory.value.tops.map((top) => html`<option key=${top.code} value=${top.code}>${top.name}</option>`)}
        </select></label>
        <label>${t("directive_title")}<input id="directive-title" required maxlength="200" value=${title.value} onInput=${(/** @type {any} */ event) => (title.value = event.currentTarget.value)} /></label>
        <label>${t("directive_text")}<textarea id="directive-text" required maxlength="10000" rows="4" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)}></textarea></label>
        <label>${t("directive_deadline")}<input id="directive-deadline" type="datetime-local" required value=${until.value} onInput=${(/** @type {any} */ event) => (until.value = event.currentTarget.value)} /></label>
        <button type="submit" id="directive-issue" class="button small primary">${t("directive_issue")}</button>
      </form></details>
    ${board === undefined
      ? html`<p class="muted">${t("directives_none")}</p>`
      : html`${boards.length > 1 && html`<select aria-label=${t("directives_title")} value=${board.id} onChange=${(/** @type {any} */ event) => (shown.value = event.currentTarget.value)}>
            ${boards.map((each) => html`<option key=${each.id} value=${each.id}>${each.title}</option>`)}</select>`}
          <${BoardView} room=${room} board=${board} />`}
  </section>`;
}

/** @param {{ room: Room, board: DirectiveBoard }} props */
function BoardView({ room, board }) {
  const { total } = board;
  return html`<div class="board" data-directive=${board.id} data-state=${board.state}>
    <p><strong>${board.title}</strong></p>
    <p class="muted">${t(`directive_${board.state}`)} · ${new Date(board.deadline).toLocaleDateString("vi-VN")} ${clockTime(board.deadline)}</p>
    <p class="board-total">${t("directive_total", { done: number(total.in_time + total.late), addressed: number(total.addressed) })}</p>
    <p class="muted">${t("directive_counts", { late: number(total.late), silent: number(total.silent), offline: number(total.offline) })}</p>
    ${board.state !== "withdrawn" && html`<button type="button" class="button small" data-command="withdraw_directive" onClick=${() => room.order({ kind: "withdraw_directive", directive: board.id })}>${t("directive_withdraw")}</button>`}
    <ul class="board-units">${board.units.map((row) => html`<${UnitRow} key=${row.unit} room=${room} board=${board} row=${row} />`)}</ul>
  </div>`;
}

/** @param {{ room: Room, board: DirectiveBoard, row: DirectiveBoard["units"][number] }} props */
function UnitRow({ room, board, row }) {
  const missing = unacknowledged(row);
  const list = opened.value !== null && opened.value.directive === board.id && opened.value.unit === row.unit ? opened.value : null;
  return html`<li data-unit=${row.unit} data-missing=${missing}>
    <button type="button" class="board-unit" aria-expanded=${list !== null} disabled=${missing === 0} onClick=${() => (list === null ? void open(room, board.id, row.unit) : (opened.value = null))}>
      <span>${row.name}</span><span class=${missing > 0 ? "tone-warn" : "tone-ok"}>${t("directive_missing", { missing: number(missing), addressed: number(row.addressed) })}</span>
    </button>
    ${list !== null && (list.failed
      ? html`<p class="muted">${t("roll_call_list_failed")}</p>`
      : html`<ul class="board-points">${(list.points ?? []).map((each) => html`<li key=${each.point}>
          <button type="button" class="board-point" onClick=${() => room.choosePoint(each.point)}>${each.point_name}<small class="muted"> ${t(`directive_answer_${each.answer}`)}</small></button></li>`)}</ul>`)}
  </li>`;
}

/** @param {Room} room @param {string} directive @param {string} unit */
async function open(room, directive, unit) {
  opened.value = { directive, unit, points: null, failed: false };
  /** @type {DirectivePoint[] | null} */
  let points = null;
  try {
    const path = `/api/directives/${directive}/points?unit=${encodeURIComponent(unit)}&limit=${LIST_MOST}`;
    const response = await fetch(path, { headers: { Authorization: `Bearer ${room.token}` } });
    if (response.ok) points = (await response.json()).points;
  } catch {
    // shown as failed
  }
  if (opened.value?.directive === directive && opened.value.unit === unit) opened.value = { directive, unit, points, failed: points === null };
}
