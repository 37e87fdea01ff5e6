/** Cards of what waits for somebody at the point: an alert about a point below, a call that was missed, a shift to be taken up. */

import { clockTime, say, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { PersonFields, isNobody, nameOf } from "./point-person.js";
import { chime } from "./sound.js";
import { html, signal, useEffect } from "./ui.js";

/** @import { AlertView, MissedView, RosterShift } from "./types.js" */
/** @import { Desk } from "./point-desk.js" */

const CHIME_EVERY_MS = 8_000;

/** What was typed into a card stays, whatever rings meanwhile. @type {Map<string, import("@preact/signals").Signal<string>>} */
const drafts = new Map();

/** @param {string} about */
function draftOf(about) {
  const draft = drafts.get(about) ?? signal("");
  drafts.set(about, draft);
  return draft;
}

/** @param {{ desk: Desk, alert: AlertView }} props */
export function AlertCard({ desk, alert }) {
  const text = draftOf(alert.record);
  useEffect(() => {
    chime();
    const again = setInterval(chime, CHIME_EVERY_MS);
    return () => clearInterval(again);
  }, [alert.record]);
  /** @param {boolean} reached */
  const confirm = (reached) => desk.say({ type: "confirm_alert", record: alert.record, reached, name: nameOf(desk), text: text.value });
  return html`<form class="card" data-alert=${alert.record} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <h2 id="card-title"><${IconWarning} />${t("alert_title", { name: alert.name })}</h2>
    <p>${say(alert.text)} · ${clockTime(alert.at)}</p>
    <${PersonFields} desk=${desk} id="alert-name" />
    <div class="fields"><label>${t("alert_text")}<input maxlength="2000" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)} /></label></div>
    <div class="row">
      <button type="button" class="button large primary" data-reached="yes" disabled=${isNobody(desk)} onClick=${() => confirm(true)}>${t("alert_reached")}</button>
      <button type="button" class="button large" data-reached="no" disabled=${isNobody(desk)} onClick=${() => confirm(false)}>${t("alert_seen")}</button>
    </div>
  </form>`;
}

/** @param {{ desk: Desk, shift: RosterShift }} props */
export function ShiftCard({ desk, shift }) {
  return html`<form class="card" id="shift" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    desk.say({ type: "confirm_shift", name: nameOf(desk) });
  }}>
    <h2 id="card-title">${t("shift_title", { start: clockTime(shift.start), end: clockTime(shift.end) })}</h2>
    <p>${shift.contacts.map((each) => [each.name, each.function].filter(Boolean).join(", ")).join(" · ")}</p>
    <${PersonFields} desk=${desk} id="shift-name" />
    <button type="submit" id="shift-confirm" class="button large primary" disabled=${isNobody(desk)}>${t("shift_confirm")}</button>
  </form>`;
}

/** @param {{ desk: Desk, call: MissedView }} props */
export function MissedCard({ desk, call }) {
  const text = draftOf(call.id);
  const ready = !isNobody(desk) && text.value.trim() !== "";
  return html`<form class="card" data-missed=${call.id} onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    if (ready) desk.say({ type: "explain", call: call.id, name: nameOf(desk), text: text.value.slice(0, 2000) });
  }}>
    <h2 id="card-title"><${IconWarning} />${t("missed_title", { time: clockTime(call.placed_at) })}</h2>
    <p>${t(`cause_${call.cause}`)}${call.called_back_at === null ? "" : ` · ${t("missed_called_back", { time: clockTime(call.called_back_at) })}`}</p>
    ${call.called_back_at === null && html`<button type="button" class="button large primary" data-call-back=${call.id} onClick=${() => desk.say({ type: "call_back", call: call.id, note: "" })}>${t("missed_call_back")}</button>`}
    <p class="muted">${t("missed_explain_hint")}</p>
    <${PersonFields} desk=${desk} id="missed-name" />
    <div class="fields"><label>${t("missed_text")}<textarea maxlength="2000" rows="3" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)}></textarea></label></div>
    <button type="submit" class=${`button large ${call.called_back_at === null ? "" : "primary"}`} data-explain=${call.id} disabled=${!ready}>${t("missed_send")}</button>
  </form>`;
}
