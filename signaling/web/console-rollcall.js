/** Roll calls on the console: start one over a unit, watch the counters by unit (most missing first), open down to the missing points. */

import { failureOf, orderOver } from "./answers.js";
import { Failure, Nothing, SaveReport, Twice } from "./board-parts.js";
import { openedOf, rollCallSource } from "./board-sources.js";
import { TallyBoard, TallyView } from "./console-tally.js";
import { clockTime, elapsed, t } from "./i18n.js";
import { clock, html, recall, remember, signal } from "./ui.js";
import { UnitPicker, unitsOf } from "./unit-picker.js";

/** @import { Board } from "./types.js" */
/** @import { Room } from "./console-room.js" */
/** @import { UnitChoice } from "./unit-search.js" */

const USUAL_S = 60;
const LONGEST_S = 86_400;
/** Times that are asked for mostly. */
const USUAL_TIMES_S = [60, 180, 300, 600];

const view = new TallyView();
const seconds = signal(Number(recall("roll_call_s") ?? USUAL_S) || USUAL_S);
/** @type {import("@preact/signals").Signal<UnitChoice | null>} */
const picked = signal(null);
/** The roll call that is looked at; empty: the newest. */
const shown = signal("");
const failure = signal("");
const isBusy = signal(false);

/** @param {{ room: Room }} props */
export function RollCallPanel({ room }) {
  const boards = room.boards.value;
  const board = boards.find((each) => each.id === shown.value) ?? boards[0];
  const isAsking = boards.some((each) => each.state === "asking");
  return html`<section class="board-panel" id="roll-calls" aria-labelledby="roll-calls-title">
    <h2 id="roll-calls-title" class="visually-hidden">${t("roll_call_title")}</h2>
    <details class="board-form" open=${!isAsking && board === undefined}><summary>${t("roll_call_new")}</summary><${StartForm} room=${room} /></details>
    ${failure.value !== "" && html`<${Failure} words=${failure.value} id="roll-call-failure" />`}
    ${board === undefined
      ? html`<${Nothing} title=${t("roll_call_none")} text=${t("roll_call_none_text")} />`
      : html`${boards.length > 1 && html`<label class="visually-hidden" for="roll-call-shown">${t("roll_call_title")}</label>
          <select id="roll-call-shown" value=${board.id} onChange=${(/** @type {any} */ event) => (shown.value = event.currentTarget.value)}>
            ${boards.map((each) => html`<option key=${each.id} value=${each.id}>${nameOf(each)}${each.state === "asking" ? ` · ${t("roll_call_is_asking")}` : ""}</option>`)}
          </select>`}
          <${BoardView} room=${room} board=${board} />`}
  </section>`;
}

/** @param {Board} board */
const numberOfBoard = (board) => board.id.replace(/^.*?r(?=\d+$)/, "");

/** @param {Board} board */
function nameOf(board) {
  return t("roll_call_of", { number: numberOfBoard(board), time: clockTime(board.started_at) });
}

/** @param {{ room: Room }} props */
function StartForm({ room }) {
  const start = async () => {
    remember("roll_call_s", String(seconds.peek()));
    isBusy.value = true;
    failure.value = "";
    try {
      await orderOver(room, { kind: "start_roll_call", seconds: seconds.peek(), units: unitsOf(picked.peek()) });
      shown.value = "";
    } catch (error) {
      failure.value = failureOf(error);
    }
    isBusy.value = false;
  };
  return html`<form class="board-fields" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    void start();
  }}>
    <${UnitPicker} room=${room} id="roll-call-unit" picked=${picked} />
    <div><label for="roll-call-seconds">${t("roll_call_seconds")}</label>
      <div class="board-presets"><input id="roll-call-seconds" type="number" min="1" max=${LONGEST_S} required value=${seconds.value}
        onInput=${(/** @type {any} */ event) => (seconds.value = Number(event.currentTarget.value))} />
        ${USUAL_TIMES_S.map((each) => html`<button type="button" key=${each} class="button small quiet" aria-pressed=${seconds.value === each} onClick=${() => (seconds.value = each)}>${t("board_minutes", { minutes: each / 60 })}</button>`)}</div></div>
    <button type="submit" id="roll-call-start" class="button primary" disabled=${isBusy.value}>${t("roll_call_start")}</button>
  </form>`;
}

/** @param {{ room: Room, board: Board }} props */
function BoardView({ room, board }) {
  const isAsking = board.state === "asking";
  return html`<div class="board-body" id="board" data-state=${board.state} data-roll-call=${board.id}>
    <div class="board-head" data-running=${isAsking ? "yes" : "no"}>
      <p class="board-clock">${isAsking ? html`<${Left} deadline=${board.deadline} />` : html`<span>${t("roll_call_closed", { time: clockTime(board.closed_at ?? board.deadline) })}</span>`}</p>
      <p class="muted">${nameOf(board)}</p>
    </div>
    <${TallyBoard} room=${room} source=${rollCallSource(room.session, board.id)} view=${view} pushed=${openedOf(board)} label=${t("roll_call_short", { number: numberOfBoard(board) })} callLabel=${t("roll_call_call_missing")} />
    <div class="board-actions">
      <${SaveReport} room=${room} />
      ${isAsking && html`<${Twice} id="roll-call-close" class="danger" label=${t("roll_call_close")} armed=${t("roll_call_close_armed")} onPress=${() => room.closeRollCall(board.id)} />`}
    </div>
  </div>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  const left = Math.max(0, deadline - clock.value);
  return html`<strong role="timer" aria-label=${t("roll_call_asking", { seconds: Math.ceil(left / 1000) })}>${elapsed(Math.ceil(left / 1000) * 1000)}</strong> <span>${t("roll_call_remaining")}</span>`;
}
