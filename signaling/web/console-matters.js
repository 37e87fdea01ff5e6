/** Everything about one matter on the console: call again, try others on a clock, read the whole record; lists of calls. */

import { isOver } from "./console-calls.js";
import { clockTime, t, tOr } from "./i18n.js";
import { ladderOf } from "./matters.js";
import { clock, html, signal, useSignal } from "./ui.js";

/** @import { CallListView, CallView, LadderStep, LadderView, RecordLine } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const OUTCOMES = /** @type {const} */ (["reached", "no_answer", "wrong_number", "refused"]);
const MOST_TOGETHER = 4;

/** The record that is open, and its lines. @type {import("@preact/signals").Signal<{ call: string, lines: RecordLine[] | null, failed: boolean } | null>} */
const opened = signal(null);
/** Codes of the points put together for a list or a call to several. @type {import("@preact/signals").Signal<string[]>} */
const chosen = signal([]);

/** @param {{ room: Room }} props */
export function MatterPanel({ room }) {
  const id = room.chosenCall.value;
  const call = id === null ? undefined : room.call(id);
  if (call === undefined) return null;
  const ladder = ladderOf(room.matters.value, call.record);
  const again = isOver(call) && room.callOf(call.point) === undefined;
  const record = opened.value?.call === call.id ? opened.value : null;
  return html`<section class="roll-calls" id="matter" aria-labelledby="matter-title" data-record=${call.record}>
    <h2 id="matter-title">${t("matter_title")}</h2>
    ${call.called_back_at !== null && html`<p class="tone-ok" id="called-back">${t("matter_called_back", { time: clockTime(call.called_back_at) })}</p>`}
    ${call.explained_at !== null && html`<p class="muted" id="explained">${t("matter_explained", { time: clockTime(call.explained_at) })}</p>`}
    <div class="card-buttons">
      ${again && html`<button type="button" id="retry-call" class="button small" onClick=${() => room.order({ kind: "retry_call", call: call.id })}>${t("matter_retry")}</button>`}
      ${again && call.state === "failed" && ladder?.state !== "running" && html`<button type="button" id="escalate" class="button small primary" onClick=${() => room.order({ kind: "escalate", call: call.id })}>${t("matter_escalate")}</button>`}
      <button type="button" id="open-record" class="button small" aria-expanded=${record !== null} onClick=${() => (record === null ? void open(room, call) : (opened.value = null))}>${t("matter_record")}</button>
    </div>
    ${ladder !== undefined && html`<${Ladder} room=${room} call=${call} ladder=${ladder} />`}
    ${record !== null && html`<${Record} lines=${record.lines} failed=${record.failed} />`}
  </section>`;
}

/** @param {{ room: Room, call: CallView, ladder: LadderView }} props */
function Ladder({ room, call, ladder }) {
  return html`<div class="board" id="ladder" data-state=${ladder.state}>
    <p role="status">${t(`ladder_${ladder.state}`)} ${ladder.deadline !== null && html`<${Left} deadline=${ladder.deadline} />`}</p>
    <ol class="board-units">${ladder.steps.map((step) => html`<${Step} key=${step.step} room=${room} call=${call} ladder=${ladder} step=${step} />`)}</ol>
    ${ladder.state === "running" && html`<button type="button" id="stop-escalation" class="button small danger" onClick=${() => room.order({ kind: "stop_escalation", call: call.id })}>${t("ladder_stop")}</button>`}
  </div>`;
}

/** @param {{ room: Room, call: CallView, ladder: LadderView, step: LadderStep }} props */
function Step({ room, call, ladder, step }) {
  const note = useSignal("");
  const marks = ladder.state !== "running" ? [] : step.state === "current" ? OUTCOMES : step.state === "failed" ? OUTCOMES.slice(0, 1) : [];
  const words = step.outcome === null ? t(`step_${step.state}`) : t(`outcome_${step.outcome}`);
  return html`<li data-step=${step.step} data-kind=${step.kind} data-state=${step.state}>
    <span><strong>${step.name}</strong> ${[step.function, step.kind === "phone" ? step.target : t(`step_kind_${step.kind}`), step.contact_note].filter(Boolean).join(" · ")}</span>
    <span class=${step.state === "reached" ? "tone-ok" : step.state === "failed" ? "tone-warn" : "muted"}>${words}${step.note === "" ? "" : `: ${tOr(`cause_${step.note}`, step.note)}`}${step.ended_at === null ? "" : ` · ${clockTime(step.ended_at)}`}</span>
    ${step.confirmed_at !== null && html`<span class="muted">${t("step_confirmed", { name: step.confirmed_name, time: clockTime(step.confirmed_at) })} ${step.confirmed_text}</span>`}
    ${marks.length > 0 && html`<div class="card-buttons">
      <input type="text" maxlength="200" aria-label=${t("step_note")} placeholder=${t("step_note")} value=${note.value} onInput=${(/** @type {any} */ event) => (note.value = event.currentTarget.value)} />
      ${marks.map((outcome) => html`<button type="button" key=${outcome} class="button small" data-outcome=${outcome}
        onClick=${() => room.order({ kind: "mark_contact", call: call.id, step: step.step, outcome, note: note.value })}>${t(`outcome_${outcome}`)}</button>`)}</div>`}
  </li>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  return html`<strong role="timer">${t("ladder_left", { seconds: Math.max(0, Math.ceil((deadline - clock.value) / 1000)) })}</strong>`;
}

/** @param {{ lines: RecordLine[] | null, failed: boolean }} props */
function Record({ lines, failed }) {
  if (failed) return html`<p class="muted">${t("matter_record_failed")}</p>`;
  return html`<ol class="board-units" id="record">${(lines ?? []).map((line, place) => html`<li key=${place} data-what=${line.what}>
    <span><time>${clockTime(line.at)}</time> ${tOr(`trail_${line.what}`, tOr(line.what, line.what))} <small class="muted">${line.about}</small></span>
    <small class="muted">${[line.by, tOr(`cause_${line.note}`, line.note)].filter(Boolean).join(" · ")}</small></li>`)}</ol>`;
}

/** @param {Room} room @param {CallView} call */
async function open(room, call) {
  opened.value = { call: call.id, lines: null, failed: false };
  /** @type {RecordLine[] | null} */
  let lines = null;
  try {
    const response = await fetch(`/api/sessions/${room.session}/records/${call.id}`, { headers: { Authorization: `Bearer ${room.token}` } });
    if (response.ok) lines = (await response.json()).lines;
  } catch {
    // shown as failed
  }
  if (opened.value?.call === call.id) opened.value = { call: call.id, lines, failed: lines === null };
}

/** @param {{ room: Room }} props */
export function CallListPanel({ room }) {
  const auto = useSignal(false);
  const code = room.chosenPoint.value;
  const name = (/** @type {string} */ point) => room.directory.value.point(point)?.name ?? point;
  const points = chosen.value;
  return html`<section class="roll-calls" id="call-lists" aria-labelledby="call-lists-title">
    <h2 id="call-lists-title">${t("call_list_title")}</h2>
    ${code !== null && !points.includes(code) && html`<button type="button" id="list-add" class="button small" onClick=${() => (chosen.value = [...points, code])}>${t("call_list_add", { name: name(code) })}</button>`}
    <ol class="board-units" id="list-points">${points.map((point) => html`<li key=${point}><span>${name(point)}</span>
      <button type="button" class="button small" onClick=${() => (chosen.value = points.filter((each) => each !== point))}>${t("call_list_remove")}</button></li>`)}</ol>
    ${points.length > 0 && html`<div class="card-buttons">
      <label class="check-label"><input type="checkbox" id="list-auto" checked=${auto.value} onChange=${(/** @type {any} */ event) => (auto.value = event.currentTarget.checked)} />${t("call_list_auto")}</label>
      <button type="button" id="list-start" class="button small primary" onClick=${() => send(room, { kind: "start_call_list", points, auto: auto.value })}>${t("call_list_start")}</button>
      ${points.length <= MOST_TOGETHER && html`<button type="button" id="call-together" class="button small" onClick=${() => send(room, { kind: "place_calls", points, together: true })}>${t("call_together")}</button>`}
    </div>`}
    ${room.matters.value.lists.filter((each) => each.state === "running").map((each) => html`<${RunningList} key=${each.id} room=${room} list=${each} />`)}
  </section>`;
}

/** @param {Room} room @param {import("./types.js").Command} order */
function send(room, order) {
  room.order(order);
  chosen.value = [];
}

/** @param {{ room: Room, list: CallListView }} props */
function RunningList({ room, list }) {
  return html`<div class="board" data-list=${list.id} data-state=${list.state}>
    <ol class="board-units">${list.items.map((item) => html`<li key=${item.point} data-state=${item.state}><span>${item.point_name}</span>
      <span class=${item.state === "failed" || item.state === "skipped" ? "tone-warn" : "muted"}>${t(`item_${item.state}`)}</span></li>`)}</ol>
    <div class="card-buttons">
      <button type="button" class="button small primary" data-command="next_call" onClick=${() => room.order({ kind: "next_call", list: list.id })}>${t("call_list_next")}</button>
      <button type="button" class="button small danger" data-command="stop_call_list" onClick=${() => room.order({ kind: "stop_call_list", list: list.id })}>${t("call_list_stop")}</button>
    </div>
  </div>`;
}
