/** The calls: four places that stay where they are, each with its picture, its state in words and the clock that runs. */

import { CallClock } from "./console-clocks.js";
import { isOver } from "./console-calls.js";
import { t } from "./i18n.js";
import { IconCall, IconClose, IconLadder, IconSound, IconSoundOff, IconWarning, TallyShape } from "./icons.js";
import { Picture, Sound } from "./picture.js";
import { html } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function Queue({ room }) {
  const places = room.wall.value;
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const grid = /** @type {HTMLElement} */ (event.currentTarget);
    const names = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".card-name")]);
    const at = names.findIndex((each) => each === document.activeElement);
    if (step === 0 || at < 0) return;
    event.preventDefault();
    const next = names[(at + step + names.length) % names.length];
    next?.focus();
    next?.click();
  };
  return html`<section class="queue" aria-labelledby="calls-title">
    <header class="queue-head"><h2 id="calls-title">${t("calls_title")}</h2>
      ${places.every((call) => call === null) ? html`<p class="muted">${t("no_calls")}</p>` : null}
      <${RunningLists} room=${room} /></header>
    <div class="queue-grid" onKeyDown=${onKeyDown}>
      ${places.map((call, i) => call === null
        ? html`<div class="place" key=${`place-${i}`}><span aria-hidden="true">${i + 1}</span></div>`
        : isOver(call)
          ? html`<${FailedCard} key=${call.id} room=${room} call=${call} place=${i + 1} />`
          : html`<${CallCard} key=${call.id} room=${room} call=${call} place=${i + 1} />`)}
    </div>
  </section>`;
}

/** Where each list of calls stands, and its next point. @param {{ room: Room }} props */
function RunningLists({ room }) {
  return room.matters.value.lists.filter((list) => list.state === "running").slice(0, 2).map((list) => {
    const waiting = list.items.filter((item) => item.state === "waiting");
    return html`<p class="queue-list" key=${list.id}><span>${t("queue_list", { done: list.items.length - waiting.length, all: list.items.length })}${waiting[0] === undefined ? "" : ` · ${t("queue_next", { name: waiting[0].point_name })}`}</span>
      <button type="button" class="button small" disabled=${waiting.length === 0} onClick=${() => room.order({ kind: "next_call", list: list.id })}>${t("call_list_next")}</button></p>`;
  });
}

/** @param {{ room: Room, call: CallView, place: number }} props */
function CallCard({ room, call, place }) {
  const tracks = room.tracks.value;
  const pictured = call.connected_at !== null;
  const heard = room.heard.value === call.id;
  const tally = call.state === "on_air" ? "air" : call.state === "preview" || call.state === "connected" ? "preview" : null;
  // On air the guest slot sounds already.
  const volume = heard && call.state !== "on_air" ? Math.max(0.2, room.volume.value) : 0;
  return html`<article class="card" id=${`call-${call.id}`} data-state=${call.state} data-chosen=${room.chosenCall.value === call.id ? "yes" : "no"} aria-label=${`${call.point_name}: ${t(`call_${call.state}`)}`}
    onClick=${() => room.chooseCall(call.id)}>
    <${CardHead} room=${room} call=${call} place=${place} />
    <div class="card-picture">
      ${pictured
        ? html`<${Picture} class="frame-picture" track=${tracks[`video monitor${call.monitor ?? place}`]} label=${call.point_name} waiting=${html`<${IconWarning} /><span>${t("no_picture_yet")}</span>`} />`
        : html`<div class="card-ringing"><${IconCall} /></div>`}
      ${pictured && html`<${Sound} track=${tracks[`audio monitor${call.monitor ?? place}`]} volume=${volume} />`}
      ${pictured && call.state !== "on_air" && html`<button type="button" class="button icon-only listen" aria-pressed=${heard} aria-label=${`${t("listen")}: ${call.point_name}`} title=${t(heard ? "listening" : "listen")}
        onClick=${(/** @type {Event} */ event) => {
          event.stopPropagation();
          room.heard.value = heard ? null : call.id;
        }}>${heard ? html`<${IconSound} />` : html`<${IconSoundOff} />`}</button>`}
    </div>
    <p class="card-state" role="status">${tally === null ? null : html`<${TallyShape} tally=${tally} />`}${t(call.interrupted_at === null ? `call_${call.state}` : "trail_interrupted")}</p>
    <${CallClock} call=${call} />
  </article>`;
}

/** A call that did not succeed: where it was, why, and what to do about it. @param {{ room: Room, call: CallView, place: number }} props */
function FailedCard({ room, call, place }) {
  const escalating = room.isEscalating(call.record);
  const act = (/** @type {() => void} */ order) => (/** @type {Event} */ event) => {
    event.stopPropagation();
    order();
  };
  return html`<article class="card" data-state="failed" data-chosen=${room.chosenCall.value === call.id ? "yes" : "no"} aria-label=${`${call.point_name}: ${t("call_failed")}`}
    onClick=${() => room.chooseCall(call.id)}>
    <${CardHead} room=${room} call=${call} place=${place} />
    <div class="card-picture card-failed"><${IconWarning} /></div>
    <p class="card-state card-cause">${t(`cause_${call.cause}`)}</p>
    <div class="card-buttons">
      <button type="button" class="button small primary" data-card="again" disabled=${room.busy.value.has(call.point)} onClick=${act(() => {
        room.order({ kind: "retry_call", call: call.id });
        room.putAway(call.id);
      })}><${IconCall} />${t("call_again")}</button>
      <button type="button" class="button small icon-only" data-card="escalate" disabled=${escalating} aria-label=${`${t("matter_escalate")}: ${call.point_name}`} title=${`${t(escalating ? "ladder_running" : "matter_escalate")} (E)`}
        onClick=${act(() => room.order({ kind: "escalate", call: call.id }))}><${IconLadder} /></button>
      <button type="button" class="button small icon-only quiet" data-card="away" aria-label=${`${t("put_away")}: ${call.point_name}`} title=${t("put_away")} onClick=${act(() => room.putAway(call.id))}><${IconClose} /></button>
    </div>
  </article>`;
}

/** @param {{ room: Room, call: CallView, place: number }} props */
function CardHead({ room, call, place }) {
  const chosen = room.chosenCall.value === call.id;
  return html`<header class="card-head"><span class="card-place" aria-hidden="true">${place}</span>
    <button type="button" class="card-name" aria-pressed=${chosen} title=${call.point_name} aria-keyshortcuts=${String(place)}>${call.point_name}</button></header>`;
}
