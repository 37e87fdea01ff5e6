/**
 * The console's boards as tabs: each says how much waits in it and whether it wants to be looked at. One is shown; ladders that run stay
 * in sight below whatever is open.
 */

import { IconNext, TabIcon } from "./board-icons.js";
import { TABS, marksOf, movedTab, shortCount } from "./board-marks.js";
import { showOnly, shownFilter } from "./board-filter.js";
import { isWide } from "./board-parts.js";
import { AgendaPanel } from "./console-agenda.js";
import { DirectivesPanel } from "./console-directives.js";
import { DrawPanel } from "./console-draw.js";
import { FloorPanel } from "./console-floor.js";
import { MatterPanel, RecordSearch } from "./console-matters.js";
import { ProposalsPanel } from "./console-proposals.js";
import { RollCallPanel } from "./console-rollcall.js";
import { RosterPanel } from "./console-roster.js";
import { Trail } from "./console-trail.js";
import { elapsed, number, t } from "./i18n.js";
import { currentStep, runningFirst } from "./roster-board.js";
import { clock, effect, html, recall, remember, serverNow, signal, useEffect, useRef } from "./ui.js";

/** @import { Facts, Mark, Tab } from "./board-marks.js" */
/** @import { LadderView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** Lines of the dock; more are counted. */
const DOCKED = 2;

/** @type {import("@preact/signals").Signal<Tab>} */
const tab = signal(TABS.find((each) => each === recall("board")) ?? "record");
/** When a tab was looked at last; what is older is not new. @type {import("@preact/signals").Signal<Readonly<Partial<Record<Tab, number>>>>} */
const looked = signal({});
const opened = serverNow();

/** Show a board. @param {Tab} board */
export function showBoard(board) {
  tab.value = board;
  remember("board", board);
}

/** @param {Room} room @returns {Facts} */
function factsOf(room) {
  const { ladders } = room.matters.value;
  const { directives, draw, proposals, agenda } = room.papers;
  return {
    calls: room.calls.value, floor: room.floor.value, boards: room.boards.value, ladders,
    directives: directives.value, draw: draw.value, proposals: proposals.value, agenda: agenda.value,
  };
}

/** @param {{ room: Room }} props */
export function Boards({ room }) {
  const shown = tab.value;
  const panel = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  useEffect(() => {
    panel.current?.scrollTo(0, 0);
  }, [shown]);
  // What happens in the tab that is open has been seen.
  useEffect(() => effect(() => {
    const facts = marksOf(factsOf(room));
    const stamp = facts[tab.value].stamp;
    if (stamp > (looked.peek()[tab.value] ?? opened)) looked.value = { ...looked.peek(), [tab.value]: stamp };
  }), [room]);
  return html`<div class="boards" data-board=${shown} data-wide=${isWide.value ? "yes" : "no"}>
    <${Tabs} room=${room} shown=${shown} />
    <${FilterLine} room=${room} />
    <div class="board-scroll" id="board-panel" role="tabpanel" tabindex="-1" aria-labelledby=${`tab-${shown}`} ref=${panel}><${Panel} room=${room} shown=${shown} /></div>
    <${Dock} room=${room} shown=${shown} />
  </div>`;
}

/** @param {{ room: Room, shown: Tab }} props */
function Tabs({ room, shown }) {
  const marks = marksOf(factsOf(room));
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const next = movedTab(TABS, shown, event.key);
    if (next === null) return;
    event.preventDefault();
    showBoard(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return html`<div class="board-tabs" role="tablist" aria-label=${t("boards")} onKeyDown=${onKeyDown}>
    ${TABS.map((each) => html`<${TabButton} key=${each} tab=${each} isShown=${each === shown} mark=${marks[each]} />`)}</div>`;
}

/** @param {{ tab: Tab, isShown: boolean, mark: Mark }} props */
function TabButton({ tab: own, isShown, mark }) {
  const isNew = !isShown && mark.stamp > (looked.value[own] ?? opened);
  const attention = mark.urgent ? "urgent" : isNew ? "new" : "none";
  const more = [mark.count > 0 ? t(`board_${own}_count`, { count: number(mark.count) }) : "", attention === "none" ? "" : t(`board_${attention}`)].filter(Boolean).join(", ");
  return html`<button type="button" role="tab" id=${`tab-${own}`} class="board-tab" aria-selected=${isShown} aria-controls="board-panel" tabindex=${isShown ? 0 : -1}
    title=${more === "" ? undefined : more} data-attention=${attention} onClick=${() => showBoard(own)}>
    <span class="board-tab-icon" aria-hidden="true"><${TabIcon} tab=${own} />${mark.count > 0 && html`<span class="board-tab-count">${shortCount(mark.count)}</span>`}</span>
    <span class="board-tab-name">${t(`board_${own}`)}</span>${more !== "" && html`<span class="visually-hidden">, ${more}</span>`}
    ${attention !== "none" && html`<span class="board-tab-mark" aria-hidden="true">${attention === "urgent" ? "!" : ""}</span>`}</button>`;
}

/** @param {{ room: Room, shown: Tab }} props */
function Panel({ room, shown }) {
  switch (shown) {
    case "floor":
      return html`<${FloorPanel} room=${room} />`;
    case "rollcall":
      return html`<${RollCallPanel} room=${room} />`;
    case "directives":
      return html`<${DirectivesPanel} room=${room} />`;
    case "draw":
      return html`<${DrawPanel} room=${room} />`;
    case "roster":
      return html`<${RosterPanel} room=${room} />`;
    case "proposals":
      return html`<${ProposalsPanel} room=${room} />`;
    case "agenda":
      return html`<${AgendaPanel} room=${room} />`;
    default:
      return html`<section class="board-panel" id="records-board" aria-label=${t("board_record")}><${MatterPanel} room=${room} /><${Trail} room=${room} /><${RecordSearch} room=${room} /></section>`;
  }
}

/** Which points are shown because a counter is pressed, wherever one is looking. @param {{ room: Room }} props */
function FilterLine({ room }) {
  const filter = shownFilter(room);
  if (filter === null) return null;
  return html`<p class="board-filter" id="board-filter" role="status"><span>${t("board_filter", { label: filter.label, count: number(filter.codes.size) })}</span>
    <button type="button" class="button small" onClick=${() => showOnly(room, null)}>${t("board_filter_clear")}</button></p>`;
}

/** Ladders that run, whatever is open; the queue of calls shows the lists. @param {{ room: Room, shown: Tab }} props */
function Dock({ room, shown }) {
  const running = shown === "roster" ? [] : runningFirst(room.matters.value.ladders);
  if (running.length === 0) return null;
  const left = running.length - DOCKED;
  return html`<section class="board-dock" aria-label=${t("dock")}>
    ${running.slice(0, DOCKED).map((each) => html`<${DockedLadder} key=${each.id} ladder=${each} />`)}
    ${left > 0 && html`<p class="muted">${t("ladders_more", { count: left })}</p>`}
  </section>`;
}

/** @param {{ ladder: LadderView }} props */
function DockedLadder({ ladder }) {
  const step = currentStep(ladder);
  const words = step === null ? t("ladder_running") : step.kind === "phone" ? `${step.target} · ${step.name}` : `${step.name} · ${t(`step_kind_${step.kind}`)}`;
  return html`<button type="button" class="docked" data-ladder=${ladder.id} title=${t("dock_open")} onClick=${() => showBoard("roster")}>
    <span><strong>${ladder.point_name}</strong><small>${words}</small></span>${ladder.deadline === null ? html`<span></span>` : html`<${DockClock} deadline=${ladder.deadline} />`}<${IconNext} /></button>`;
}

/** @param {{ deadline: number }} props */
function DockClock({ deadline }) {
  return html`<strong class="ladder-clock" role="timer">${elapsed(Math.ceil(Math.max(0, deadline - clock.value) / 1000) * 1000)}</strong>`;
}
