/** The floor on the console: who speaks and how long, who waits, and what can be done about it. */

import { t } from "./i18n.js";
import { SpeakerClock } from "./point-floor.js";
import { html } from "./ui.js";

/** @import { Room } from "./console-room.js" */

const MORE_S = 60;

/** @param {{ room: Room }} props */
export function FloorPanel({ room }) {
  const { holder, queue, waiting } = room.floor.value;
  const chosen = room.chosenPoint.value;
  return html`<section class="roll-calls" id="floor" aria-labelledby="floor-title">
    <h2 id="floor-title">${t("floor_title")}</h2>
    ${holder === null
      ? html`<p class="muted">${t("floor_nobody")}</p>`
      : html`<div class="board" id="floor-holder" data-point=${holder.point} data-state=${holder.state}>
          <p><strong>${holder.point_name}</strong> · ${t(`floor_${holder.state}`)}</p>
          <${SpeakerClock} request=${holder} />
          <div class="card-buttons">
            ${holder.state === "speaking" && html`<button type="button" id="floor-extend" class="button small" onClick=${() => room.floorOrder({ kind: "extend_floor", point: holder.point, seconds: MORE_S })}>${t("floor_extend", { seconds: MORE_S })}</button>`}
            <button type="button" id="floor-take-back" class="button small danger" onClick=${() => room.floorOrder({ kind: "take_back_floor", point: holder.point })}>${t("floor_take_back")}</button>
          </div>
        </div>`}
    ${chosen !== null && chosen !== holder?.point && html`<button type="button" id="floor-invite" class="button small" onClick=${() => room.floorOrder({ kind: "give_floor", point: chosen })}>${t("floor_invite", { name: room.directory.value.point(chosen)?.name ?? chosen })}</button>`}
    <p class="muted">${t("floor_waiting_count", { count: waiting })}</p>
    <ol class="board-units">${queue.map((request) => html`<li key=${request.id} data-point=${request.point}>
      <span>${request.place}. ${request.point_name}${request.subject === "" ? "" : `: ${request.subject}`}</span>
      <div class="card-buttons">
        <button type="button" class="button small primary" data-command="give_floor" onClick=${() => room.floorOrder({ kind: "give_floor", point: request.point })}>${t("floor_give")}</button>
        <button type="button" class="button small" data-command="withdraw_floor" onClick=${() => room.floorOrder({ kind: "withdraw_floor", point: request.point })}>${t("floor_remove")}</button>
      </div></li>`)}</ol>
  </section>`;
}
