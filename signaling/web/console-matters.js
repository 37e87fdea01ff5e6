/** Everything about one matter on the console: call again, try others on a clock; and past records found again. */

import { Answer } from "./answers.js";
import { Failure, Loading, Nothing } from "./board-parts.js";
import { isOver } from "./console-calls.js";
import { Ladder } from "./console-ladders.js";
import { clockTime, dayTime, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { ladderOf } from "./matters.js";
import { foundCalls } from "./record-search.js";
import { html, signal } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const CALLS_ASKED = 1000;
const FIRST_SHOWN = 20;

const past = new Answer();
const query = signal("");
/** @type {import("@preact/signals").Signal<import("./record-search.js").Outcome>} */
const outcome = signal("all");
const limit = signal(FIRST_SHOWN);

/** The matter of the chosen call. @param {{ room: Room }} props */
export function MatterPanel({ room }) {
  const id = room.chosenCall.value;
  const call = id === null ? undefined : room.call(id);
  if (call === undefined) return html`<${Nothing} title=${t("matter_none")} text=${t("matter_none_text")} />`;
  const ladder = ladderOf(room.matters.value, call.record);
  const again = isOver(call) && room.callOf(call.point) === undefined;
  return html`<section class="matter" id="matter" aria-labelledby="matter-title" data-record=${call.record}>
    <h3 id="matter-title">${call.point_name} <small class="muted">${t(`call_${call.state}`)}${call.cause === null ? "" : `: ${t(`cause_${call.cause}`)}`}</small></h3>
    ${call.called_back_at !== null && html`<p class="tone-ok" id="called-back">${t("matter_called_back", { time: clockTime(call.called_back_at) })}</p>`}
    ${call.explained_at !== null && html`<p class="muted" id="explained">${t("matter_explained", { time: clockTime(call.explained_at) })}</p>`}
    <div class="board-actions">
      ${again && html`<button type="button" id="retry-call" class="button small" onClick=${() => room.order({ kind: "retry_call", call: call.id })}>${t("matter_retry")}</button>`}
      ${again && call.state === "failed" && ladder?.state !== "running" && html`<button type="button" id="escalate" class="button small primary" onClick=${() => room.order({ kind: "escalate", call: call.id })}>${t("matter_escalate")}</button>`}
    </div>
    ${ladder !== undefined && html`<${Ladder} id="ladder" room=${room} ladder=${ladder} />`}
  </section>`;
}

/** Past calls and their records. @param {{ room: Room }} props */
export function RecordSearch({ room }) {
  const { data, failure, path } = past.state.value;
  const open = (/** @type {any} */ event) => {
    if (event.currentTarget.open) void past.load(room, `/api/sessions/${room.session}/calls?limit=${CALLS_ASKED}`);
  };
  return html`<details class="board-form" id="record-search" open=${path !== ""} onToggle=${open}><summary>${t("record_search")}</summary>
    <div class="board-fields"><div class="board-pair"><div><label for="record-query">${t("record_query")}</label><input id="record-query" type="search" autocomplete="off" value=${query.value} onInput=${(/** @type {any} */ event) => (query.value = event.currentTarget.value)} /></div>
      <div><label for="record-outcome">${t("record_outcome")}</label><select id="record-outcome" value=${outcome.value} onChange=${(/** @type {any} */ event) => (outcome.value = event.currentTarget.value)}>
        ${["all", "failed", "answered"].map((each) => html`<option key=${each} value=${each}>${t(`record_${each}`)}</option>`)}</select></div></div></div>
    ${failure !== "" ? html`<${Failure} words=${failure} onRetry=${() => void past.again(room)} />` : data === null ? html`<${Loading} rows=${4} />` : html`<${Found} room=${room} calls=${foundCalls(data.calls, query.value, outcome.value)} />`}
  </details>`;
}

/** @param {{ room: Room, calls: readonly CallView[] }} props */
function Found({ room, calls }) {
  if (calls.length === 0) return html`<p class="muted">${t("record_none")}</p>`;
  return html`<ul class="paper-list" id="records">${calls.slice(0, limit.value).map((call) => html`<li key=${call.id} data-call=${call.id} data-state=${call.state}>
      <button type="button" class="paper" onClick=${() => room.openIncident(call.id)}>
        <strong>${call.state === "failed" && html`<span class="tone-warn"><${IconWarning} /></span>`}${call.point_name}</strong>
        <small class="muted">${call.placed_at === null ? "" : dayTime(call.placed_at)} · ${call.cause === null ? t(`call_${call.state}`) : t(`cause_${call.cause}`)}</small></button></li>`)}</ul>
  ${calls.length > limit.value && html`<button type="button" class="button small" data-command="more" onClick=${() => (limit.value += FIRST_SHOWN)}>${t("board_more_of", { count: calls.length - limit.value })}</button>`}`;
}
