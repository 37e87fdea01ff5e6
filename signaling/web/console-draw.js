/** The draw on the console: so many points by lot, with a button to call each. */

import { clockTime, number, t } from "./i18n.js";
import { html, useSignal } from "./ui.js";

/** @import { Draw } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function DrawPanel({ room }) {
  const count = useSignal(5);
  const unit = useSignal("");
  const only = useSignal(/** @type {"ready" | "live" | "all"} */ ("ready"));
  const filter = useSignal("");
  const draw = room.papers.draw.value;
  return html`<section class="roll-calls" id="draw" aria-labelledby="draw-title">
    <h2 id="draw-title">${t("draw_title")}</h2>
    <form class="roll-call-form" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      room.order({ kind: "draw_points", count: count.value, units: unit.value === "" ? null : [unit.value], only: only.value, filter: filter.value.trim() });
    }}>
      <label>${t("roll_call_scope")}<select id="draw-unit" value=${unit.value} onChange=${(/** @type {any} */ event) => (unit.value = event.currentTarget.value)}>
        <option value="">${t("roll_call_own_scope")}</option>
        ${room.directory.value.tops.map((top) => html`<option key=${top.code} value=${top.code}>${top.name}</option>`)}
      </select></label>
      <label>${t("draw_only")}<select id="draw-only" value=${only.value} onChange=${(/** @type {any} */ event) => (only.value = event.currentTarget.value)}>
        ${["ready", "live", "all"].map((each) => html`<option key=${each} value=${each}>${t(`draw_only_${each}`)}</option>`)}
      </select></label>
      <label>${t("draw_filter")}<input id="draw-filter" maxlength="300" value=${filter.value} onInput=${(/** @type {any} */ event) => (filter.value = event.currentTarget.value)} /></label>
      <label>${t("draw_count")}<input id="draw-count" type="number" min="1" max="100" required value=${count.value} onInput=${(/** @type {any} */ event) => (count.value = Number(event.currentTarget.value))} /></label>
      <button type="submit" id="draw-go" class="button small primary">${t("draw_go")}</button>
    </form>
    ${draw !== null && html`<${Drawn} room=${room} draw=${draw} />`}
  </section>`;
}

/** @param {{ room: Room, draw: Draw }} props */
function Drawn({ room, draw }) {
  return html`<div class="board" id="drawn" data-draw=${draw.id}>
    <p class="muted">${t("draw_of", { time: clockTime(draw.at), candidates: number(draw.candidates), left_out: number(draw.left_out) })}${draw.started_over ? ` ${t("draw_started_over")}` : ""}</p>
    <ol class="board-units">${draw.drawn.map((each) => html`<li key=${each.point} data-point=${each.point}>
      <span>${each.place}. ${each.point_name} <small class="muted">${each.last_called === null ? t("draw_never") : t("draw_last", { time: new Date(each.last_called).toLocaleString("vi-VN") })}</small></span>
      <button type="button" class="button small" data-command="place_call" onClick=${() => {
        room.choosePoint(each.point);
        room.place(each.point);
      }}>${t("call_point")}</button></li>`)}</ol>
    <p class="muted">${t("draw_seed", { seed: draw.seed })}</p>
  </div>`;
}
