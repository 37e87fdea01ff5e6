/** The large part of the center's screen: who is on air or about to be, with name, tally and clock. */

import { clockOf, minutes, shownOf } from "./center-view.js";
import { t } from "./i18n.js";
import { IconCall, StateShape } from "./icons.js";
import { Picture, Sound } from "./picture.js";
import { clock, html } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { Shown } from "./center-view.js" */

/** @type {Readonly<Record<string, import("./points.js").Shape>>} */
const SHAPES = { on_air: "live", preview: "square", calling: "bell-on" };

/** @param {{ room: Room }} props */
export function Large({ room }) {
  const shown = shownOf(room.calls.value, room.stage.value.on_air);
  const tracks = room.tracks.value;
  return html`<section class="hall-stage" id="hall-stage" data-count=${shown.length} data-tally=${shown[0]?.tally ?? "none"} aria-label=${t("programme")}>
    ${shown.length === 0 && html`<div class="hall-empty"><p>${t("hall_nobody")}</p></div>`}
    ${shown.map((each, place) => html`<${Call} key=${each.call.id} room=${room} shown=${each} place=${place} />`)}
    ${["center", "guest1", "guest2"].map((slot) => html`<${Sound} key=${slot} track=${tracks[`audio ${slot}`]} volume=${1} />`)}
  </section>`;
}

/** @param {{ room: Room, shown: Shown, place: number }} props */
function Call({ room, shown, place }) {
  const { call, tally } = shown;
  const tracks = room.tracks.value;
  const slot = tally === "on_air" ? (place === 0 ? "main" : "inset") : `monitor${call.monitor}`;
  const path = room.directory.value.point(call.point)?.path ?? "";
  return html`<article class="hall-call" id=${`hall-${call.id}`} data-tally=${tally} aria-label=${`${t(`hall_${tally}`)}: ${call.point_name}`}>
    ${tally === "calling"
      ? html`<div class="hall-picture hall-ringing"><${IconCall} /><p>${t(`call_${call.state}`)}</p></div>`
      : html`<${Picture} id=${place === 0 ? "hall-main" : "hall-second"} class="hall-picture" track=${tracks[`video ${slot}`]} label=${call.point_name} waiting=${html`<span>${t("hall_no_picture")}</span>`} />`}
    ${tally === "preview" && html`<${Sound} track=${tracks[`audio ${slot}`]} volume=${1} />`}
    <div class="hall-caption">
      <span class="hall-tally" data-tally=${tally}><${StateShape} shape=${SHAPES[tally]} />${t(`hall_${tally}`)}</span>
      <div class="hall-who"><h2>${call.point_name}</h2>${path !== "" && html`<p>${path}</p>`}</div>
      <${CallClock} room=${room} shown=${shown} />
    </div>
  </article>`;
}

/** @param {{ room: Room, shown: Shown }} props */
function CallClock({ room, shown }) {
  const time = clockOf(shown, room.floor.value.holder, clock.value);
  if (time === null) return html`<span class="hall-time"></span>`;
  return html`<span class="hall-time" role="timer" data-word=${time.word}>${t(`hall_${time.word}`, { time: time.word === "counting" ? time.seconds : minutes(time.seconds) })}</span>`;
}
