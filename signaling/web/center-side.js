/** Beside the large picture: one's own, and who comes next. Above it: the clock and the counts of the meeting. */

import { nextOf, presentOf, shownOf } from "./center-view.js";
import { hourOf } from "./country-time.js";
import { language, number, switchLanguage, t } from "./i18n.js";
import { IconCamera, IconMicOff, IconScreen, Logo, StateShape } from "./icons.js";
import { Picture } from "./picture.js";
import { clock, html } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { Center } from "./console-center.js" */

/** @param {{ room: Room }} props */
export function Top({ room }) {
  return html`<header class="hall-top">
    <${Logo} />
    <h1>${room.sessionTitle.value || t("product")}</h1>
    ${room.stage.value.recording && html`<p class="hall-recording" role="status"><${StateShape} shape="dot" />${t("hall_recording")}</p>`}
    <${Counts} room=${room} />
    <${WallClock} />
    <button type="button" class="button quiet hall-language" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button>
  </header>`;
}

/** @param {{ room: Room }} props */
function Counts({ room }) {
  void room.painted.value;
  const { live, total } = room.states;
  const present = presentOf(room.boards.value);
  return html`<div class="hall-counts" id="hall-counts">
    <p id="hall-live"><strong>${number(live)}</strong> ${t("hall_of", { all: number(total) })} ${t("hall_connected")}</p>
    ${present !== null && html`<p id="hall-present"><strong>${number(present.present)}</strong> ${t("hall_of", { all: number(present.asked) })} ${t("hall_present")}</p>`}
  </div>`;
}

/** Hours and minutes: seconds would be the one thing that moves. */
function WallClock() {
  return html`<time class="hall-clock" id="hall-clock">${hourOf(clock.value)}</time>`;
}

/** @param {{ room: Room, center: Center }} props */
export function Side({ room, center }) {
  return html`<aside class="hall-side" aria-label=${t("hall_own")}>
    <${Own} center=${center} />
    <${Next} room=${room} />
  </aside>`;
}

/** @param {{ center: Center }} props */
function Own({ center }) {
  const [phase, media] = [center.phase.value, center.media.value];
  const isSent = phase === "on" && media === "live";
  const words = phase === "off" ? "hall_own_off" : phase === "opening" ? "hall_own_opening" : isSent ? "hall_own_sent" : "hall_own_connecting";
  const screen = center.screen.value !== null;
  const isMuted = phase === "on" && (!center.microphoneOn.value || center.isTalking.value);
  return html`<section class="hall-own center" data-live=${isSent ? "yes" : "no"} data-screen=${screen ? "yes" : "no"} aria-labelledby="hall-own-title">
    <h2 id="hall-own-title">${t("hall_own")}</h2>
    <div class="hall-own-picture">
      ${phase === "on"
        ? html`<${Picture} id="hall-self" class="hall-picture" mirror=${!screen} track=${center.picture} label=${t("hall_own")} />`
        : html`<div class="hall-picture hall-own-none"><${IconCamera} /></div>`}
    </div>
    <p class="hall-own-state" id="hall-own-state" role="status">${screen && html`<${IconScreen} />`}${t(isSent && screen ? "hall_own_screen" : words)}</p>
    ${isMuted && html`<p class="hall-muted" role="status"><${IconMicOff} />${t(center.isTalking.value ? "talk_programme_muted" : "hall_own_muted")}</p>`}
  </section>`;
}

/** @param {{ room: Room }} props */
function Next({ room }) {
  const calls = room.calls.value;
  const next = nextOf({ calls, shown: shownOf(calls, room.stage.value.on_air), agenda: room.papers.agenda.value, floor: room.floor.value });
  return html`<section class="hall-next" aria-labelledby="hall-next-title">
    <h2 id="hall-next-title">${t("hall_next")}</h2>
    ${next.length === 0
      ? html`<p class="hall-quiet">${t("hall_next_nobody")}</p>`
      : html`<ol id="hall-next">${next.map((each) => html`<li key=${each.point} data-point=${each.point} data-why=${each.why}>
          <strong>${each.name}</strong><span>${[t(`hall_why_${each.why}`), each.subject].filter(Boolean).join(" · ")}</span></li>`)}</ol>`}
  </section>`;
}
