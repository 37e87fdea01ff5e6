/** Duty on the console: ladders that run, who is on duty at the chosen point, and where shifts are missing, by unit. */

import { Answer } from "./answers.js";
import { IconPhone } from "./board-icons.js";
import { Failure, Loading, Nothing } from "./board-parts.js";
import { dutySource } from "./board-sources.js";
import { Ladder } from "./console-ladders.js";
import { TallyBoard, TallyView } from "./console-tally.js";
import { dayTime, t } from "./i18n.js";
import { IconCheck, IconWarning } from "./icons.js";
import { runningFirst, shiftOf, telOf } from "./roster-board.js";
import { clock, html, useEffect } from "./ui.js";

/** @import { RosterShift } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** Nobody is told of shifts as they are confirmed: the board asks. */
const ASK_MS = 30_000;
const LADDERS_SHOWN = 8;

const view = new TallyView();
const roster = new Answer();
const SOURCE = dutySource();

/** @param {{ room: Room }} props */
export function RosterPanel({ room }) {
  const ladders = room.matters.value.ladders;
  const running = runningFirst(ladders);
  const over = ladders.filter((each) => each.state !== "running").slice(0, 3);
  useEffect(() => {
    const timer = setInterval(() => {
      void view.load(room, SOURCE);
      void roster.again(room);
    }, ASK_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<section class="board-panel" id="roster" aria-labelledby="roster-title">
    <h2 id="roster-title" class="visually-hidden">${t("roster_title")}</h2>
    ${running.length > 0 && html`<h3 class="board-heading">${t("ladders_running", { count: running.length })}</h3>
      <div class="ladders">${running.slice(0, LADDERS_SHOWN).map((each) => html`<${Ladder} key=${each.id} room=${room} ladder=${each} />`)}</div>
      ${running.length > LADDERS_SHOWN && html`<p class="muted">${t("ladders_more", { count: running.length - LADDERS_SHOWN })}</p>`}`}
    <h3 class="board-heading">${t("roster_now")}</h3>
    <${OnDuty} room=${room} />
    <h3 class="board-heading">${t("roster_missing")}</h3>
    <${TallyBoard} room=${room} source=${SOURCE} view=${view} pushed=${null} label=${t("roster_title")} callLabel=${t("roster_call_missing")} />
    ${over.length > 0 && html`<details class="board-form"><summary>${t("ladders_over")}</summary><div class="ladders">${over.map((each) => html`<${Ladder} key=${each.id} room=${room} ladder=${each} />`)}</div></details>`}
  </section>`;
}

/** @param {{ room: Room }} props */
function OnDuty({ room }) {
  const code = room.chosenPoint.value;
  useEffect(() => {
    if (code !== null) void roster.load(room, `/api/rosters/${code}`);
  }, [code]);
  if (code === null) return html`<${Nothing} title=${t("roster_choose")} text=${t("roster_choose_text")} />`;
  const { path, data, failure } = roster.state.value;
  if (failure !== "") return html`<${Failure} words=${failure} onRetry=${() => void roster.again(room)} />`;
  if (data === null || !path.endsWith(`/${code}`)) return html`<${Loading} rows=${3} />`;
  return html`<div class="duty" id="duty" data-point=${code}><p><strong>${data.point_name}</strong> <small class="muted">${room.directory.value.point(code)?.path ?? ""}</small></p><${Shift} shifts=${data.shifts} /></div>`;
}

/** @param {{ shifts: RosterShift[] }} props */
function Shift({ shifts }) {
  const found = shiftOf(shifts, clock.value);
  if (found === null) return html`<p class="tone-warn"><${IconWarning} />${t("roster_none")}</p>`;
  const { shift, isNow } = found;
  return html`<p class="muted">${t(isNow ? "roster_shift_now" : "roster_shift_next", { start: dayTime(shift.start), end: dayTime(shift.end) })}</p>
    ${shift.confirmed_at === null
      ? html`<p class=${isNow ? "tone-warn" : "muted"} data-confirmed="no">${isNow && html`<${IconWarning} />`}${t("roster_unconfirmed")}</p>`
      : html`<p class="tone-ok" data-confirmed="yes"><${IconCheck} />${t("roster_confirmed", { name: shift.confirmed_by ?? "", time: dayTime(shift.confirmed_at) })}</p>`}
    <ol class="duty-contacts">${shift.contacts.map((each, place) => html`<li key=${place}><span><strong>${each.name}</strong>${each.function !== "" && html`<small class="muted">${each.function}</small>`}</span>
      ${each.kind === "phone" && telOf(each.target) !== "" ? html`<a class="duty-number" href=${telOf(each.target)} aria-label=${t("ladder_dial", { name: each.name, number: each.target })}><${IconPhone} />${each.target}</a>` : html`<span class="muted">${each.kind === "phone" ? each.target : t("step_kind_point")}</span>`}
      ${each.note !== "" && html`<small class="muted ladder-note">${each.note}</small>`}</li>`)}</ol>`;
}
