/** The card of a roll call: who is there, one large button. It stays until somebody confirms. */

import { clockTime, say, t } from "./i18n.js";
import { IconCheck, IconWarning } from "./icons.js";
import { PersonFields, isNobody } from "./point-person.js";
import { chime } from "./sound.js";
import { clock, html, useEffect } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** Nobody has confirmed yet: the page asks aloud again. */
const CHIME_EVERY_MS = 8_000;

/** @param {{ desk: Desk }} props */
export function RollCallCard({ desk }) {
  const { phase, question, refusal } = desk.presence.shown.value;
  useEffect(() => {
    if (phase !== "asked") return undefined;
    const again = setInterval(chime, CHIME_EVERY_MS);
    return () => clearInterval(again);
  }, [question?.id, phase]);
  if (phase === "idle" || question === null) return null;
  if (phase === "confirmed") {
    return html`<div class="card" role="status" id="roll-call" data-phase="confirmed">
      <h2 id="card-title"><${IconCheck} />${t(question.presence === "late" ? "roll_call_late" : "roll_call_confirmed")}</h2>
      <p>${[question.name, question.function, question.confirmed_at === null ? "" : clockTime(question.confirmed_at)].filter(Boolean).join(" · ")}</p>
      <button type="button" class="button large primary" onClick=${() => desk.presence.dismiss()}>${t("dismiss")}</button>
    </div>`;
  }
  const missed = phase === "missed" || question.state === "closed";
  const sending = phase === "sending";
  return html`<form class="card" id="roll-call" data-phase=${phase} onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    desk.confirmPresence();
  }}>
    <h2 id="card-title"><${IconWarning} />${t(missed ? "roll_call_missed" : "roll_call_asks")}</h2>
    <p>${missed ? t("roll_call_missed_text") : html`<${Left} deadline=${question.deadline} />`}</p>
    <${PersonFields} desk=${desk} id="person-name" withFunction />
    ${refusal !== null && html`<p role="alert" class="refusal">${say(refusal.message)}</p>`}
    <button type="submit" id="present" class="button big" disabled=${sending || isNobody(desk)}>${t(sending ? "present_sending" : "present")}</button>
  </form>`;
}

/** @param {{ deadline: number }} props */
function Left({ deadline }) {
  const seconds = Math.max(0, Math.ceil((deadline - clock.value) / 1000));
  return html`<span id="roll-call-left">${t("roll_call_left", { seconds })}</span>`;
}
