/** The point's own request to speak: ask with one line, see the place in the queue, withdraw; the clock while it speaks. */

import { floorClock } from "./floor-clock.js";
import { say, t, tOr } from "./i18n.js";
import { IconHand } from "./icons.js";
import { clock, html, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */
/** @import { FloorRequest } from "./types.js" */

/** @param {{ desk: Desk }} props */
export function FloorCard({ desk }) {
  const subject = useSignal("");
  const request = desk.request.value;
  const refusal = desk.papers.refusal.value;
  if (request === null) {
    return html`<form class="box floor" id="floor" data-state="none" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      desk.askFloor(subject.value);
    }}>
      <h2><${IconHand} />${t("floor_heading")}</h2>
      <label>${t("floor_subject")}<input id="floor-subject" maxlength="200" autocomplete="off" value=${subject.value}
        onInput=${(/** @type {any} */ event) => (subject.value = event.currentTarget.value)} /></label>
      <button type="submit" id="floor-ask" class="button large">${t("floor_ask")}</button>
      ${refusal?.about === "floor" && html`<p role="alert" id="floor-refusal" class="refusal">${tOr(`floor_refused_${refusal.error.code}`, say(refusal.error.message))}</p>`}
    </form>`;
  }
  const { state, place } = request;
  return html`<div class="box floor" id="floor" data-state=${state}>
    <h2><${IconHand} />${t("floor_heading")}</h2>
    <p role="status" class="floor-state">${state === "waiting" ? html`<strong class="floor-place" aria-hidden="true">${place ?? ""}</strong><span>${t("floor_place", { place: place ?? "" })}</span>` : t(`floor_${state}`)}</p>
    ${request.subject !== "" && html`<p class="muted">${request.subject}</p>`}
    ${state === "speaking" && html`<${SpeakerClock} request=${request} />`}
    ${state === "waiting" && html`<button type="button" id="floor-withdraw" class="button large" onClick=${() => desk.withdrawFloor()}>${t("floor_withdraw")}</button>`}
  </div>`;
}

/** @param {{ request: FloorRequest }} props */
export function SpeakerClock({ request }) {
  const time = floorClock(request, clock.value);
  if (time === null) return null;
  return html`<strong class="floor-clock" role="timer" data-tone=${time.tone}>${t(time.tone === "over" ? "floor_over" : "floor_left", { seconds: time.seconds })}</strong>`;
}
