/** Points called one after the other, or together: put a list together, start it, and follow those that run. */

import { failureOf, orderOver } from "./answers.js";
import { Failure, LIST_MOST } from "./board-parts.js";
import { t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { html, signal } from "./ui.js";

/** @import { CallListView, Command } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const MOST_TOGETHER = 4;
/** Items seen around the current one. */
const AROUND = 4;

/** Codes of the points put together. @type {import("@preact/signals").Signal<string[]>} */
const chosen = signal([]);
const auto = signal(false);
const isBusy = signal(false);
const failure = signal("");

/** @param {{ room: Room }} props */
export function CallLists({ room }) {
  const code = room.chosenPoint.value;
  const name = (/** @type {string} */ point) => room.directory.value.point(point)?.name ?? point;
  const points = chosen.value;
  const running = room.matters.value.lists.filter((each) => each.state === "running");
  const send = async (/** @type {Command} */ order) => {
    isBusy.value = true;
    failure.value = "";
    try {
      await orderOver(room, order);
      chosen.value = [];
    } catch (error) {
      failure.value = failureOf(error);
    }
    isBusy.value = false;
  };
  const cannotAdd = code === null || points.includes(code) || points.length >= LIST_MOST;
  return html`<section class="call-lists" id="call-lists" aria-labelledby="call-lists-title">
    <h3 class="board-heading" id="call-lists-title">${t("call_list_title")}</h3>
    ${running.map((each) => html`<${RunningList} key=${each.id} room=${room} list=${each} />`)}
    <button type="button" id="list-add" class="button small" disabled=${cannotAdd} onClick=${() => code !== null && (chosen.value = [...points, code])}>${cannotAdd ? t("call_list_add_none") : t("call_list_add", { name: name(code) })}</button>
    ${points.length > 0 && html`<ol class="list-points" id="list-points">${points.map((point) => html`<li key=${point}><span>${name(point)}</span>
      <button type="button" class="button icon-only quiet" aria-label=${t("call_list_remove", { name: name(point) })} onClick=${() => (chosen.value = points.filter((each) => each !== point))}><${IconClose} /></button></li>`)}</ol>
    <label class="check-label"><input type="checkbox" id="list-auto" checked=${auto.value} onChange=${(/** @type {any} */ event) => (auto.value = event.currentTarget.checked)} />${t("call_list_auto")}</label>
    <div class="board-actions">
      <button type="button" id="list-start" class="button small primary" disabled=${isBusy.value} onClick=${() => void send({ kind: "start_call_list", points, auto: auto.peek() })}>${t("call_list_start")}</button>
      ${points.length <= MOST_TOGETHER && html`<button type="button" id="call-together" class="button small" disabled=${isBusy.value} onClick=${() => void send({ kind: "place_calls", points, together: true })}>${t("call_together")}</button>`}
    </div>`}
    ${failure.value !== "" && html`<${Failure} words=${failure.value} />`}
  </section>`;
}

/** @param {{ room: Room, list: CallListView }} props */
function RunningList({ room, list }) {
  const at = list.current ?? 0;
  const first = Math.max(0, at - 1);
  const rows = list.items.slice(first, first + AROUND);
  const left = list.items.length - first - rows.length;
  return html`<div class="running-list" data-list=${list.id} data-state=${list.state}>
    <p><strong>${t("call_list_at", { place: at + 1, count: list.items.length })}</strong></p>
    <ol start=${first + 1}>${rows.map((item) => html`<li key=${item.point} data-state=${item.state}><button type="button" class="link" onClick=${() => room.choosePoint(item.point)}>${item.point_name}</button>
      <span class=${item.state === "failed" || item.state === "skipped" ? "tone-warn" : "muted"}>${t(`item_${item.state}`)}</span></li>`)}</ol>
    ${left > 0 && html`<p class="muted">${t("call_list_left", { count: left })}</p>`}
    <${ListButtons} room=${room} list=${list} />
  </div>`;
}

/** @param {{ room: Room, list: CallListView }} props */
export function ListButtons({ room, list }) {
  return html`<div class="board-actions">
    <button type="button" class="button small primary" data-command="next_call" onClick=${() => room.order({ kind: "next_call", list: list.id })}>${t("call_list_next")}</button>
    <button type="button" class="button small danger" data-command="stop_call_list" onClick=${() => room.order({ kind: "stop_call_list", list: list.id })}>${t("call_list_stop")}</button>
  </div>`;
}
