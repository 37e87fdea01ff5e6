/** What waits for somebody at the point: alerts about points below, calls that were missed, a shift to be taken up. */

import { clockTime, say, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { missedCalls, shiftToConfirm } from "./matters.js";
import { chime } from "./sound.js";
import { clock, html, remember, useEffect, useSignal } from "./ui.js";

/** @import { AlertView, MissedView, RosterShift } from "./types.js" */
/** @import { Desk } from "./point-desk.js" */

const CHIME_EVERY_MS = 8_000;

/** @param {{ desk: Desk }} props */
export function MatterCards({ desk }) {
  const known = desk.matters.value;
  return html`${known.alerts.map((alert) => html`<${AlertCard} key=${alert.record} desk=${desk} alert=${alert} />`)}
    <${ShiftCard} desk=${desk} />
    ${missedCalls(known).map((call) => html`<${MissedCard} key=${call.id} desk=${desk} call=${call} />`)}`;
}

/** @param {{ desk: Desk, id: string }} props  names come from the present shift */
function NameField({ desk, id }) {
  const name = desk.personName;
  return html`<label>${t("person_name")}<input id=${id} required maxlength="100" autocomplete="name" list=${`${id}-names`} value=${name.value}
      onInput=${(/** @type {any} */ event) => (name.value = event.currentTarget.value)} /></label>
    <datalist id=${`${id}-names`}>${desk.matters.value.names.map((each) => html`<option key=${each.name} value=${each.name}>${each.function}</option>`)}</datalist>`;
}

/** @param {Desk} desk */
function nameOf(desk) {
  const name = desk.personName.value.trim();
  remember("person_name", name);
  return name;
}

/** @param {{ desk: Desk, alert: AlertView }} props */
function AlertCard({ desk, alert }) {
  const text = useSignal("");
  useEffect(() => {
    chime();
    const again = setInterval(chime, CHIME_EVERY_MS);
    return () => clearInterval(again);
  }, [alert.record]);
  /** @param {boolean} reached */
  const confirm = (reached) => desk.say({ type: "confirm_alert", record: alert.record, reached, name: nameOf(desk), text: text.value });
  const nobody = desk.personName.value.trim() === "";
  return html`<section class="notice notice-warn roll-call" role="alertdialog" aria-labelledby=${`alert-${alert.record}`} data-alert=${alert.record}>
    <form onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <h2 id=${`alert-${alert.record}`}><${IconWarning} />${t("alert_title", { name: alert.name })}</h2>
      <p>${say(alert.text)} · ${clockTime(alert.at)}</p>
      <div class="roll-call-fields"><${NameField} desk=${desk} id=${`alert-name-${alert.record}`} />
        <label>${t("alert_text")}<input maxlength="2000" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)} /></label></div>
      <button type="button" class="button large" data-reached="yes" disabled=${nobody} onClick=${() => confirm(true)}>${t("alert_reached")}</button>
      <button type="button" class="button large" data-reached="no" disabled=${nobody} onClick=${() => confirm(false)}>${t("alert_seen")}</button>
    </form>
  </section>`;
}

/** @param {{ desk: Desk }} props */
function ShiftCard({ desk }) {
  const shift = shiftToConfirm(desk.matters.value, clock.value);
  return shift === undefined ? null : html`<${ShiftForm} desk=${desk} shift=${shift} />`;
}

/** @param {{ desk: Desk, shift: RosterShift }} props */
function ShiftForm({ desk, shift }) {
  return html`<section class="notice roll-call" id="shift" aria-labelledby="shift-title">
    <form onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      desk.say({ type: "confirm_shift", name: nameOf(desk) });
    }}>
      <h2 id="shift-title">${t("shift_title", { start: clockTime(shift.start), end: clockTime(shift.end) })}</h2>
      <p>${shift.contacts.map((each) => [each.name, each.function].filter(Boolean).join(", ")).join(" · ")}</p>
      <div class="roll-call-fields"><${NameField} desk=${desk} id="shift-name" /></div>
      <button type="submit" id="shift-confirm" class="button large" disabled=${desk.personName.value.trim() === ""}>${t("shift_confirm")}</button>
    </form>
  </section>`;
}

/** @param {{ desk: Desk, call: MissedView }} props */
function MissedCard({ desk, call }) {
  const text = useSignal("");
  const ready = desk.personName.value.trim() !== "" && text.value.trim() !== "";
  return html`<section class="notice notice-warn roll-call" data-missed=${call.id} aria-labelledby=${`missed-${call.id}`}>
    <form onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (ready) desk.say({ type: "explain", call: call.id, name: nameOf(desk), text: text.value.slice(0, 2000) });
    }}>
      <h2 id=${`missed-${call.id}`}><${IconWarning} />${t("missed_title", { time: clockTime(call.placed_at) })}</h2>
      <p>${t(`cause_${call.cause}`)}${call.called_back_at === null ? "" : ` · ${t("missed_called_back", { time: clockTime(call.called_back_at) })}`}</p>
      ${call.called_back_at === null && html`<button type="button" class="button large" data-call-back=${call.id} onClick=${() => desk.say({ type: "call_back", call: call.id, note: "" })}>${t("missed_call_back")}</button>`}
      <div class="roll-call-fields"><${NameField} desk=${desk} id=${`missed-name-${call.id}`} />
        <label>${t("missed_text")}<textarea maxlength="2000" rows="3" value=${text.value} onInput=${(/** @type {any} */ event) => (text.value = event.currentTarget.value)}></textarea></label></div>
      <button type="submit" class="button large" data-explain=${call.id} disabled=${!ready}>${t("missed_send")}</button>
    </form>
  </section>`;
}
