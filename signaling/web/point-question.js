/** The card of a roll call on the point's page: who is there, one large button. It stays until somebody confirms. */

import { clockTime, say, t } from "./i18n.js";
import { IconCheck, IconWarning } from "./icons.js";
import { chime } from "./sound.js";
import { clock, html, recall, remember, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** Nobody has confirmed yet: the page asks aloud again. */
const CHIME_EVERY_MS = 8_000;

/** @param {{ desk: Desk }} props */
export function RollCallCard({ desk }) {
  const { phase, question, refusal } = desk.rollCall.value;
  const name = useSignal(recall("person_name") ?? "");
  const occupation = useSignal(recall("person_function") ?? "");
  const field = /** @type {{ current: HTMLInputElement | null }} */ (useRef(null));
  const button = /** @type {{ current: HTMLButtonElement | null }} */ (useRef(null));
  useEffect(() => {
    if (phase === "asked") (name.value === "" ? field : button).current?.focus();
  }, [question?.id, phase]);
  useEffect(() => {
    if (phase !== "asked") return undefined;
    const again = setInterval(chime, CHIME_EVERY_MS);
    return () => clearInterval(again);
  }, [question?.id, phase]);
  if (phase === "idle" || question === null) return null;
  if (phase === "confirmed") {
    return html`<section class="notice roll-call" role="status" id="roll-call" data-phase="confirmed">
      <div><h2><${IconCheck} />${t(question.presence === "late" ? "roll_call_late" : "roll_call_confirmed")}</h2>
        <p>${[question.name, question.function, question.confirmed_at === null ? "" : clockTime(question.confirmed_at)].filter(Boolean).join(" · ")}</p></div>
      <button type="button" class="button large" onClick=${() => desk.dismissRollCall()}>${t("dismiss")}</button>
    </section>`;
  }
  const missed = phase === "missed" || question.state === "closed";
  const sending = phase === "sending";
  return html`<section class="notice notice-warn roll-call" role="alertdialog" aria-labelledby="roll-call-title" id="roll-call" data-phase=${phase}>
    <form onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      remember("person_name", name.value.trim());
      remember("person_function", occupation.value.trim());
      desk.confirmPresence(name.value, occupation.value);
    }}>
      <h2 id="roll-call-title"><${IconWarning} />${t(missed ? "roll_call_missed" : "roll_call_asks")}</h2>
      <p>${missed ? t("roll_call_missed_text") : html`<${Left} deadline=${question.deadline} />`}</p>
      <div class="roll-call-fields">
        <label>${t("person_name")}<input id="person-name" ref=${field} required maxlength="100" autocomplete="name" list="roster-names" value=${name.value}
          onInput=${(/** @type {any} */ event) => (name.value = event.currentTarget.value)} /></label>
        <label>${t("person_function")}<input id="person-function" maxlength="100" autocomplete="organization-title" value=${occupation.value}
          onInput=${(/** @type {any} */ event) => (occupation.value = event.currentTarget.value)} /></label>
      </div>
      <datalist id="roster-names">${desk.matters.value.names.map((each) => html`<option key=${each.name} value=${each.name}>${each.function}</option>`)}</datalist>
      ${refusal !== null && html`<p role="alert" class="roll-call-refusal">${say(refusal.message)}</p>`}
      <button type="submit" id="present" class="button big" ref=${button} disabled=${sending || name.value.trim() === ""}>${t(sending ? "present_sending" : "present")}</button>
      ${missed && !sending && html`<button type="button" class="button quiet" onClick=${() => desk.dismissRollCall()}>${t("close")}</button>`}
    </form>
  </section>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  const seconds = Math.max(0, Math.ceil((deadline - clock.value) / 1000));
  return html`<span id="roll-call-left">${t("roll_call_left", { seconds })}</span>`;
}
