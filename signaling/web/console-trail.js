/** The evidence of one call beside the stage, and the calls that are over. */

import { isOver } from "./console-calls.js";
import { Happenings, Why } from "./console-incident.js";
import { clockTime, t } from "./i18n.js";
import { happeningsOf } from "./incident.js";
import { IconCall, IconCheck, IconClock, IconWarning } from "./icons.js";
import { html, useLayoutEffect, useRef } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** What happened in the chosen call. @param {{ room: Room }} props */
export function Trail({ room }) {
  const id = room.chosenCall.value;
  const call = id === null ? undefined : room.call(id);
  const lines = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  useLayoutEffect(() => {
    if (lines.current !== null) lines.current.scrollTop = lines.current.scrollHeight;
  }, [id, call?.trail.length]);
  return html`<section class="trail" id="trail" aria-labelledby="trail-title">
    <h2 id="trail-title">${t("trail_title")}</h2>
    ${call === undefined
      ? html`<p class="muted">${t("trail_none")}</p>`
      : html`<div class="trail-head"><div><strong>${call.point_name}</strong> <span class="muted">${call.id}</span>
            <p class=${call.state === "failed" ? "trail-cause" : "muted"}>${call.state === "failed" ? html`<${IconWarning} />` : null}
              ${t(`call_${call.state}`)}${call.cause === null ? "" : `: ${t(`cause_${call.cause}`)}`}</p></div>
            <button type="button" class="button small" id="open-incident" onClick=${() => room.openIncident(call.id)}><${IconClock} />${t("incident_open")}</button></div>
          <${Why} call=${call} />
          <div class="trail-lines" ref=${lines} tabindex="0" role="region" aria-labelledby="trail-title"><${Happenings} happenings=${happeningsOf(call)} start=${call.placed_at ?? 0} compact /></div>`}
  </section>`;
}

const RECENT = 30;

/** @param {{ room: Room }} props */
export function Recent({ room }) {
  const over = room.calls.value.filter(isOver).slice(0, RECENT);
  return html`<section class="recent" aria-labelledby="recent-title">
    <h2 id="recent-title">${t("recent_calls")}</h2>
    <ul tabindex="0" aria-labelledby="recent-title">${over.map((call) => html`<${RecentCall} key=${call.id} room=${room} call=${call} />`)}</ul>
  </section>`;
}

/** @param {{ room: Room, call: CallView }} props */
function RecentCall({ room, call }) {
  const failed = call.state === "failed";
  const again = room.callOf(call.point) === undefined;
  return html`<li class="recent-call" data-state=${call.state} data-chosen=${room.chosenCall.value === call.id ? "yes" : "no"}>
    <button type="button" class="recent-name" onClick=${() => room.chooseCall(call.id)}>
      <span class=${failed ? "tone-warn" : "tone-ok"}>${failed ? html`<${IconWarning} />` : html`<${IconCheck} />`}</span>
      <span class="recent-words">${call.point_name}<small class="muted">${call.ended_at === null ? "" : clockTime(call.ended_at)} · ${failed ? t(`cause_${call.cause}`) : t("call_ended")}</small></span>
    </button>
    <button type="button" class="button small icon-only quiet" aria-label=${`${t("incident_open")}: ${call.point_name}`} title=${t("incident_open")} onClick=${() => room.openIncident(call.id)}><${IconClock} /></button>
    <button type="button" class="button small icon-only quiet" disabled=${!again || room.busy.value.has(call.point)} aria-label=${t("call_again_named", { name: call.point_name })} title=${t("call_again")}
      onClick=${() => room.place(call.point)}><${IconCall} /></button>
  </li>`;
}
