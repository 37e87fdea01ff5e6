/** The ladder running: who is being tried, on which number, how long still; marks, and who comes next. */

import { IconPhone } from "./board-icons.js";
import { Twice } from "./board-parts.js";
import { clockTime, elapsed, t, tOr } from "./i18n.js";
import { IconCheck, IconWarning } from "./icons.js";
import { currentStep, marksFor, nextStep, telOf } from "./roster-board.js";
import { clock, html, useSignal } from "./ui.js";

/** @import { LadderStep, LadderView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room, ladder: LadderView, id?: string }} props */
export function Ladder({ room, ladder, id }) {
  const current = currentStep(ladder);
  const next = nextStep(ladder);
  return html`<article class="ladder" id=${id} data-ladder=${ladder.id} data-state=${ladder.state} aria-labelledby=${`ladder-${ladder.id}`}>
    <header><h3 id=${`ladder-${ladder.id}`}><button type="button" class="link" onClick=${() => openCall(room, ladder)}>${ladder.point_name}</button></h3>
      <span class=${ladder.state === "reached" ? "tone-ok" : ladder.state === "exhausted" ? "tone-warn" : "muted"}>${ladder.state === "reached" && html`<${IconCheck} />`}${ladder.state === "exhausted" && html`<${IconWarning} />`}${t(`ladder_${ladder.state}`)}${ladder.ended_at === null ? "" : ` ${clockTime(ladder.ended_at)}`}</span></header>
    ${ladder.cause !== null && html`<p class="muted">${t(`cause_${ladder.cause}`)}</p>`}
    ${current !== null && html`<${Current} key=${current.step} room=${room} ladder=${ladder} step=${current} next=${next} />`}
    <ol class="ladder-steps">${ladder.steps.map((step) => html`<${Step} key=${step.step} room=${room} ladder=${ladder} step=${step} />`)}</ol>
    ${ladder.state === "running" && html`<div class="board-actions"><${Twice} id=${id === undefined ? undefined : "stop-escalation"} command="stop_escalation" class="danger" label=${t("ladder_stop")} armed=${t("ladder_stop_armed")} onPress=${() => room.order({ kind: "stop_escalation", call: ladder.record })} /></div>`}
  </article>`;
}

/** @param {Room} room @param {LadderView} ladder */
function openCall(room, ladder) {
  room.choosePoint(ladder.point);
  if (room.call(ladder.record) !== undefined) room.chooseCall(ladder.record);
}

/** Whom to dial now, large enough to read across a desk. @param {{ room: Room, ladder: LadderView, step: LadderStep, next: LadderStep | null }} props */
function Current({ room, ladder, step, next }) {
  const note = useSignal("");
  const tel = step.kind === "phone" ? telOf(step.target) : "";
  return html`<div class="ladder-now" data-step=${step.step} data-kind=${step.kind}>
    <p class="ladder-who"><strong>${step.name}</strong>${step.function !== "" && html`<span class="muted"> · ${step.function}</span>`}</p>
    ${step.kind === "phone"
      ? tel === "" ? html`<p class="ladder-number">${step.target}</p>` : html`<a class="ladder-number" href=${tel} aria-label=${t("ladder_dial", { name: step.name, number: step.target })}><${IconPhone} />${step.target}</a>`
      : html`<p class="ladder-number ladder-desk">${t(`step_kind_${step.kind}`)}</p>`}
    ${step.contact_note !== "" && html`<p class="muted">${step.contact_note}</p>`}
    <p class="ladder-left">${step.deadline !== null && html`<${Left} deadline=${step.deadline} />`} <span class="muted">${next === null ? t("ladder_then_over") : t("ladder_then", { name: next.name })}</span></p>
    <${Marks} room=${room} ladder=${ladder} step=${step} note=${note} />
  </div>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  const left = Math.max(0, deadline - clock.value);
  return html`<strong role="timer" class="ladder-clock" data-tone=${left < 10_000 ? "warn" : "ok"}>${elapsed(Math.ceil(left / 1000) * 1000)}</strong>`;
}

/** @param {{ room: Room, ladder: LadderView, step: LadderStep, note: import("@preact/signals").Signal<string> }} props */
function Marks({ room, ladder, step, note }) {
  const marks = marksFor(ladder, step);
  if (marks.length === 0) return null;
  return html`<div class="ladder-marks">
    ${step.state === "current" && html`<input type="text" maxlength="200" aria-label=${t("step_note")} placeholder=${t("step_note")} value=${note.value} onInput=${(/** @type {any} */ event) => (note.value = event.currentTarget.value)} />`}
    <div class="board-actions">${marks.map((outcome) => html`<button type="button" key=${outcome} class=${outcome === "reached" ? "button small primary" : "button small"} data-outcome=${outcome}
      onClick=${() => room.order({ kind: "mark_contact", call: ladder.record, step: step.step, outcome, note: note.peek() })}>${t(`outcome_${outcome}`)}</button>`)}</div></div>`;
}

/** @param {{ room: Room, ladder: LadderView, step: LadderStep }} props */
function Step({ room, ladder, step }) {
  const note = useSignal("");
  const words = step.outcome === null ? t(`step_${step.state}`) : t(`outcome_${step.outcome}`);
  return html`<li data-step=${step.step} data-kind=${step.kind} data-state=${step.state}>
    <span class="ladder-step-name">${step.name}<small class="muted">${[step.function, step.kind === "phone" ? step.target : t(`step_kind_${step.kind}`)].filter(Boolean).join(" · ")}</small></span>
    <span class=${step.state === "reached" ? "tone-ok" : step.state === "failed" ? "tone-warn" : "muted"}>${words}${step.ended_at === null ? "" : ` ${clockTime(step.ended_at)}`}</span>
    ${step.note !== "" && html`<small class="muted ladder-note">${tOr(`cause_${step.note}`, step.note)}</small>`}
    ${step.confirmed_at !== null && html`<small class="ladder-note">${t("step_confirmed", { name: step.confirmed_name, time: clockTime(step.confirmed_at) })} ${step.confirmed_text}</small>`}
    ${step.state === "failed" && html`<${Marks} room=${room} ladder=${ladder} step=${step} note=${note} />`}
  </li>`;
}
