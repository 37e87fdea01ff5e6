/** Directives on the console: give one, read it, watch who acknowledged by unit (most missing first), call those who did not. */

import { Answer, failureOf, orderOver } from "./answers.js";
import { Failure, Loading, Nothing, SaveReport, Twice } from "./board-parts.js";
import { directiveSource, openedOf } from "./board-sources.js";
import { TallyBoard, TallyView } from "./console-tally.js";
import { inputOf, momentOf } from "./country-time.js";
import { deadlineIn } from "./deadlines.js";
import { dayTime, elapsed, number, t } from "./i18n.js";
import { unacknowledged } from "./papers.js";
import { clock, html, serverNow, signal } from "./ui.js";
import { UnitPicker, unitsOf } from "./unit-picker.js";

/** @import { DirectiveBoard } from "./types.js" */
/** @import { Room } from "./console-room.js" */
/** @import { UnitChoice } from "./unit-search.js" */

/** Directives that one sees without asking for more. */
const FIRST_SHOWN = 6;

const view = new TallyView();
const texts = new Answer();
const draft = { title: signal(""), text: signal(""), until: signal("") };
/** @type {import("@preact/signals").Signal<UnitChoice | null>} */
const picked = signal(null);
const isWriting = signal(false);
const isBusy = signal(false);
const failure = signal("");
/** The directive that is looked at; empty: the list. */
const shown = signal("");
const showsAll = signal(false);

/** @param {{ room: Room }} props */
export function DirectivesPanel({ room }) {
  const boards = room.papers.directives.value;
  const board = boards.find((each) => each.id === shown.value) ?? (boards.length === 1 ? boards[0] : undefined);
  return html`<section class="board-panel" id="directives" aria-labelledby="directives-title">
    <h2 id="directives-title" class="visually-hidden">${t("directives_title")}</h2>
    <details class="board-form" open=${isWriting.value} onToggle=${(/** @type {any} */ event) => (isWriting.value = event.currentTarget.open)}><summary>${t("directive_new")}</summary><${IssueForm} room=${room} /></details>
    ${boards.length === 0
      ? html`<${Nothing} title=${t("directives_none")} text=${t("directives_none_text")} />`
      : html`<${List} boards=${boards} chosen=${board?.id ?? ""} />${board !== undefined && html`<${BoardView} room=${room} board=${board} />`}`}
  </section>`;
}

/** @param {{ boards: readonly DirectiveBoard[], chosen: string }} props */
function List({ boards, chosen }) {
  if (boards.length === 1) return null;
  const rows = showsAll.value ? boards : boards.slice(0, FIRST_SHOWN);
  return html`<ul class="paper-list">${rows.map((each) => html`<li key=${each.id} data-directive=${each.id} data-state=${each.state}>
      <button type="button" class="paper" aria-pressed=${each.id === chosen} onClick=${() => (shown.value = each.id === chosen ? "" : each.id)}>
        <strong>${each.title}</strong><small class="muted">${t(`directive_${each.state}`)} · ${dayTime(each.deadline)}</small>
        <span class="paper-count">${number(each.total.in_time + each.total.late)}/${number(each.total.addressed)}</span></button></li>`)}</ul>
    ${rows.length < boards.length && html`<button type="button" class="button small" data-command="more" onClick=${() => (showsAll.value = true)}>${t("board_more_of", { count: boards.length - rows.length })}</button>`}`;
}

/** @param {{ room: Room }} props */
function IssueForm({ room }) {
  const issue = async () => {
    const deadline = momentOf(draft.until.peek());
    if (deadline === null || deadline <= serverNow()) {
      failure.value = t("directive_deadline_past");
      return;
    }
    isBusy.value = true;
    failure.value = "";
    try {
      const done = await orderOver(room, { kind: "issue_directive", title: draft.title.peek().trim(), text: draft.text.peek().trim(), deadline, units: unitsOf(picked.peek()) });
      draft.title.value = draft.text.value = "";
      shown.value = done.made ?? "";
      isWriting.value = false;
    } catch (error) {
      failure.value = failureOf(error);
    }
    isBusy.value = false;
  };
  const typed = (/** @type {"title" | "text" | "until"} */ field) => (/** @type {any} */ event) => (draft[field].value = event.currentTarget.value);
  return html`<form class="board-fields" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    void issue();
  }}>
    <div><label for="directive-title">${t("directive_title")}</label><input id="directive-title" required maxlength="200" value=${draft.title.value} onInput=${typed("title")} /></div>
    <div><label for="directive-text">${t("directive_text")}</label><textarea id="directive-text" required maxlength="10000" rows="5" value=${draft.text.value} onInput=${typed("text")}></textarea></div>
    <div><label for="directive-deadline">${t("directive_deadline")}</label><input id="directive-deadline" type="datetime-local" required value=${draft.until.value} onInput=${typed("until")} />
      <div class="board-presets">${/** @type {const} */ (["hour", "evening", "morning"]).map((each) => html`<button type="button" key=${each} class="button small quiet"
        onClick=${() => (draft.until.value = inputOf(deadlineIn(each, serverNow())))}>${t(`deadline_${each}`)}</button>`)}</div></div>
    <${UnitPicker} room=${room} id="directive-unit" picked=${picked} />
    ${failure.value !== "" && html`<${Failure} words=${failure.value} id="directive-failure" />`}
    <button type="submit" id="directive-issue" class="button primary" disabled=${isBusy.value}>${t("directive_issue")}</button>
  </form>`;
}

/** @param {{ room: Room, board: DirectiveBoard }} props */
function BoardView({ room, board }) {
  const isDue = board.state === "due" && unacknowledged(board.total) > 0;
  return html`<article class="board-body" id="directive" data-directive=${board.id} data-state=${board.state}>
    <div class="board-head" data-running=${board.state === "running" ? "yes" : "no"}>
      <h3>${board.title}</h3>
      <p class=${isDue ? "tone-warn" : "muted"}>${board.state === "running" ? html`<${Left} deadline=${board.deadline} />` : t(`directive_${board.state}`)} · ${t("directive_due_by", { time: dayTime(board.deadline) })}</p>
    </div>
    <${Text} room=${room} directive=${board.id} />
    <${TallyBoard} room=${room} source=${directiveSource(board.id)} view=${view} pushed=${openedOf(board)} label=${t("directive_of", { title: board.title })} callLabel=${t("directive_remind")} />
    <div class="board-actions"><${SaveReport} room=${room} />
      ${board.state !== "withdrawn" && html`<${Twice} class="danger" command="withdraw_directive" label=${t("directive_withdraw")} armed=${t("directive_withdraw_armed")} onPress=${() => room.order({ kind: "withdraw_directive", directive: board.id })} />`}
    </div>
  </article>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  return html`<span role="timer">${t("directive_left", { time: elapsed(deadline - clock.value) })}</span>`;
}

/** The whole text, when somebody asks for it. @param {{ room: Room, directive: string }} props */
function Text({ room, directive }) {
  const { path, data, failure: failed } = texts.state.value;
  const own = `/api/directives/${directive}`;
  const isOpen = path === own;
  return html`<button type="button" class="button small" id="directive-read" aria-expanded=${isOpen} onClick=${() => (isOpen ? texts.forget() : void texts.load(room, own))}>${t(isOpen ? "directive_text_close" : "directive_text_open")}</button>
    ${isOpen && (failed !== "" ? html`<${Failure} words=${failed} onRetry=${() => void texts.again(room)} />` : data === null ? html`<${Loading} rows=${2} />` : html`<p class="paper-text" id="directive-whole">${data.text}</p>`)}`;
}
