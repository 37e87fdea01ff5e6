/** What several boards are made of: a button that is pressed twice, failures with another try, a point as a row, calls one after the other. */

import { failureOf, orderOver, save } from "./answers.js";
import { IconNarrow, IconNext, IconSave, IconWide } from "./board-icons.js";
import { language, t } from "./i18n.js";
import { IconCall, IconWarning, StateShape } from "./icons.js";
import { stateOf } from "./points.js";
import { html, recall, remember, signal, useEffect, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** An armed button waits so long for its second press. */
const ARMED_MS = 4_000;
/** A call list holds so many points. */
export const LIST_MOST = 100;

/** Whether the boards have the room of the views too. */
export const isWide = signal(recall("boards_wide") === "yes");

/** For a board that needs more room than its pane has. */
export function WideButton() {
  const words = t(isWide.value ? "board_narrow" : "board_wide");
  return html`<button type="button" class="button icon-only quiet board-wide" id="board-wide" aria-pressed=${isWide.value} aria-label=${words} title=${words} onClick=${() => {
    isWide.value = !isWide.peek();
    remember("boards_wide", isWide.peek() ? "yes" : "no");
  }}>${isWide.value ? html`<${IconNarrow} />` : html`<${IconWide} />`}</button>`;
}

/**
 * A button for what cannot be taken back: the first press says what the second one will do.
 * @param {{ label: any, armed: string, onPress: () => void, id?: string, class?: string, disabled?: boolean, command?: string }} props
 */
export function Twice({ label, armed, onPress, id, class: style = "", disabled = false, command }) {
  const isArmed = useSignal(false);
  useEffect(() => {
    if (!isArmed.value) return undefined;
    const timer = setTimeout(() => (isArmed.value = false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [isArmed.value]);
  return html`<button type="button" id=${id} class=${`button small ${style}`} disabled=${disabled} data-command=${command} data-armed=${isArmed.value ? "yes" : "no"}
    onBlur=${() => (isArmed.value = false)}
    onClick=${() => {
      if (isArmed.peek()) onPress();
      isArmed.value = !isArmed.peek();
    }}>${isArmed.value ? armed : label}</button>`;
}

/** What could not be loaded or done, and another try. @param {{ words: string, onRetry?: (() => void) | undefined, id?: string }} props */
export function Failure({ words, onRetry, id }) {
  return html`<p class="board-failure" role="alert" id=${id}><${IconWarning} /><span>${words}</span>
    ${onRetry !== undefined && html`<button type="button" class="button small" data-command="retry" onClick=${onRetry}>${t("board_retry")}</button>`}</p>`;
}

/** A board without anything yet, and what to do about it. @param {{ title: string, text: string }} props */
export function Nothing({ title, text }) {
  return html`<div class="board-nothing"><p><strong>${title}</strong></p><p class="muted">${text}</p></div>`;
}

/** Room kept for what is being loaded. @param {{ rows?: number }} props */
export function Loading({ rows = 4 }) {
  return html`<div class="board-loading" role="status"><span class="visually-hidden">${t("board_loading")}</span>
    ${Array.from({ length: rows }, (_, row) => html`<div key=${row} class="board-loading-row"></div>`)}</div>`;
}

/**
 * A point as a row: its state, its name, what the board says of it; press to choose it, or call it.
 * @param {{ room: Room, code: string, name: string, word: string, children?: any }} props
 */
export function PointRow({ room, code, name, word, children }) {
  void room.painted.value;
  const state = stateOf(room.states.states[room.directory.value.indexOf(code)] ?? 0);
  const isBusy = room.busy.value.has(code) || room.callOf(code) !== undefined;
  return html`<li class="board-point-row" data-point=${code} data-chosen=${room.chosenPoint.value === code ? "yes" : "no"}>
    <span class=${`tone-${state.tone}`} title=${t(`state_${state.key}`)}><${StateShape} shape=${state.shape} /><span class="visually-hidden">${t(`state_${state.key}`)}</span></span>
    <button type="button" class="board-point" onClick=${() => room.choosePoint(code)}>${name}${word === "" ? null : html`<small class="muted">${word}</small>`}</button>
    ${children ?? html`<button type="button" class="button icon-only quiet" data-command="place_call" disabled=${isBusy} aria-label=${t("call_point_named", { name })} title=${t("call_point")} onClick=${() => {
      room.choosePoint(code);
      room.place(code);
    }}><${IconCall} /></button>`}
  </li>`;
}

/** What became of the last list of calls that was asked for here. @type {import("@preact/signals").Signal<{ isBusy: boolean, failure: string }>} */
const starting = signal({ isBusy: false, failure: "" });

/**
 * Call points one after the other; who they are is asked for when it is pressed.
 * @param {{ room: Room, count: number, label: string, codes: () => Promise<string[]>, id: string }} props  count: how many there are at most
 */
export function CallInTurn({ room, count, label, codes, id }) {
  const { isBusy, failure } = starting.value;
  const called = Math.min(count, LIST_MOST);
  const start = async () => {
    starting.value = { isBusy: true, failure: "" };
    try {
      const points = (await codes()).slice(0, LIST_MOST);
      if (points.length > 0) await orderOver(room, { kind: "start_call_list", points, auto: false });
      starting.value = { isBusy: false, failure: points.length > 0 ? "" : t("board_nobody_left") };
    } catch (error) {
      starting.value = { isBusy: false, failure: failureOf(error) };
    }
  };
  return html`<${Twice} id=${id} disabled=${isBusy || count === 0} command="start_call_list" label=${html`<${IconCall} />${label}`} armed=${t("board_call_armed", { count: called })} onPress=${() => void start()} />
    ${failure !== "" && html`<${Failure} words=${failure} />`}`;
}

/** A row that opens something below a unit. @param {{ name: string, words: any, onPress: () => void, unit: string, missing: number, children?: any }} props */
export function OpenRow({ name, words, onPress, unit, missing, children }) {
  return html`<li class="census-unit" data-unit=${unit} data-missing=${missing}>
    <button type="button" class="census-unit-button" onClick=${onPress}><span class="census-unit-name">${name}</span>${words}<${IconNext} /></button>${children}</li>`;
}

/** The session's report as a table to keep: it has who was missing, roll call by roll call. @param {{ room: Room }} props */
export function SaveReport({ room }) {
  const failure = useSignal("");
  const isSaving = useSignal(false);
  const press = async () => {
    isSaving.value = true;
    failure.value = "";
    try {
      await save(room, `/api/sessions/${room.session}/report?format=xlsx&lang=${language.peek()}&depth=2`, `${room.session}.xlsx`);
    } catch (error) {
      failure.value = failureOf(error);
    }
    isSaving.value = false;
  };
  return html`<button type="button" class="button small" data-command="save_report" disabled=${isSaving.value} onClick=${() => void press()}><${IconSave} />${t("board_report")}</button>
    ${failure.value !== "" && html`<${Failure} words=${failure.value} onRetry=${() => void press()} />`}`;
}
