/** Roll calls on the console: start one, watch the counters by unit (most missing first), open a unit's missing points. */

import { missingOf } from "./console-boards.js";
import { clockTime, number, t } from "./i18n.js";
import { clock, html, recall, remember, signal, useSignal } from "./ui.js";

/** @import { Attendance, Board } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const USUAL_S = 60;
const LONGEST_S = 86_400;
const LIST_MOST = 1000;

/** The unit whose missing points are listed, and of which roll call. @type {import("@preact/signals").Signal<{ board: string, unit: string, points: Attendance[] | null, failed: boolean } | null>} */
const opened = signal(null);

/** @param {{ room: Room }} props */
export function RollCallPanel({ room }) {
  const seconds = useSignal(Number(recall("roll_call_s") ?? USUAL_S) || USUAL_S);
  const unit = useSignal("");
  const boards = room.boards.value;
  const shown = useSignal("");
  const board = boards.find((each) => each.id === shown.value) ?? boards[0];
  return html`<section class="roll-calls" aria-labelledby="roll-calls-title" id="roll-calls">
    <h2 id="roll-calls-title">${t("roll_call_title")}</h2>
    <form class="roll-call-form" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      remember("roll_call_s", String(seconds.value));
      shown.value = "";
      room.startRollCall(seconds.value, unit.value === "" ? null : [unit.value]);
    }}>
      <label>${t("roll_call_scope")}<select id="roll-call-unit" value=${unit.value} onChange=${(/** @type {any} */ event) => (unit.value = event.currentTarget.value)}>
        <option value="">${t("roll_call_own_scope")}</option>
        ${room.directory.value.tops.map((top) => html`<option key=${top.code} value=${top.code}>${top.name}</option>`)}
      </select></label>
      <label>${t("roll_call_seconds")}<input id="roll-call-seconds" type="number" min="1" max=${LONGEST_S} required value=${seconds.value}
        onInput=${(/** @type {any} */ event) => (seconds.value = Number(event.currentTarget.value))} /></label>
      <button type="submit" id="roll-call-start" class="button small primary">${t("roll_call_start")}</button>
    </form>
    ${board === undefined
      ? html`<p class="muted">${t("roll_call_none")}</p>`
      : html`${boards.length > 1 && html`<select aria-label=${t("roll_call_title")} value=${board.id} onChange=${(/** @type {any} */ event) => (shown.value = event.currentTarget.value)}>
            ${boards.map((each) => html`<option key=${each.id} value=${each.id}>${t("roll_call_of", { number: each.id.slice(1), time: clockTime(each.started_at) })}</option>`)}
          </select>`}
          <${BoardView} room=${room} board=${board} />`}
  </section>`;
}

/** @param {{ room: Room, board: Board }} props */
function BoardView({ room, board }) {
  const { total } = board;
  const asking = board.state === "asking";
  return html`<div class="board" id="board" data-state=${board.state} data-roll-call=${board.id}>
    <p role="status">${asking ? html`<${Left} deadline=${board.deadline} />` : t("roll_call_closed", { time: clockTime(board.closed_at ?? board.deadline) })}</p>
    <p class="board-total" id="board-total">${t("roll_call_total", { present: number(total.present + total.late), asked: number(total.asked) })}</p>
    <p class="muted">${t("roll_call_counts", { late: number(total.late), no_answer: number(total.no_answer), offline: number(total.offline) })}</p>
    ${asking && html`<button type="button" id="roll-call-close" class="button small" onClick=${() => room.closeRollCall(board.id)}>${t("roll_call_close")}</button>`}
    <ul class="board-units">${board.units.map((row) => html`<${UnitRow} key=${row.unit} room=${room} board=${board} row=${row} />`)}</ul>
    ${board.units_left_out > 0 && html`<p class="muted">${t("roll_call_left_out", { count: number(board.units_left_out) })}</p>`}
  </div>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  return t("roll_call_asking", { seconds: Math.max(0, Math.ceil((deadline - clock.value) / 1000)) });
}

/** @param {{ room: Room, board: Board, row: Board["units"][number] }} props */
function UnitRow({ room, board, row }) {
  const missing = missingOf(row);
  const list = opened.value !== null && opened.value.board === board.id && opened.value.unit === row.unit ? opened.value : null;
  return html`<li data-unit=${row.unit} data-missing=${missing}>
    <button type="button" class="board-unit" aria-expanded=${list !== null} disabled=${missing === 0} onClick=${() => (list === null ? void open(room, board.id, row.unit) : (opened.value = null))}>
      <span>${row.name}</span><span class=${missing > 0 ? "tone-warn" : "tone-ok"}>${missing > 0 ? t("roll_call_missing", { missing: number(missing), asked: number(row.asked) }) : t("roll_call_all_there", { asked: number(row.asked) })}</span>
    </button>
    ${list !== null && (list.failed
      ? html`<p class="muted">${t("roll_call_list_failed")}</p>`
      : html`<ul class="board-points">${(list.points ?? []).map((each) => html`<li key=${each.point}>
          <button type="button" class="board-point" onClick=${() => room.choosePoint(each.point)}>${each.point_name}<small class="muted"> ${t(each.cause === null ? `presence_${each.presence}` : `presence_absent_${each.cause}`)}</small></button></li>`)}</ul>`)}
  </li>`;
}

/** @param {Room} room @param {string} board @param {string} unit */
async function open(room, board, unit) {
  opened.value = { board, unit, points: null, failed: false };
  const path = `/api/sessions/${room.session}/roll-calls/${board}?unit=${encodeURIComponent(unit)}&status=missing&limit=${LIST_MOST}`;
  /** @type {Attendance[] | null} */
  let points = null;
  try {
    const response = await fetch(path, { headers: { Authorization: `Bearer ${room.token}` } });
    if (response.ok) points = (await response.json()).points;
  } catch {
    // shown as failed
  }
  if (opened.value?.board === board && opened.value.unit === unit) opened.value = { board, unit, points, failed: points === null };
}
