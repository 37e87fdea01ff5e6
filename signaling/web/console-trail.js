/** The evidence of one call, and the calls that are over. */

import { isOver } from "./console-calls.js";
import { clockTime, t, tOr } from "./i18n.js";
import { IconCall, IconCheck, IconWarning } from "./icons.js";
import { html, useLayoutEffect, useRef } from "./ui.js";

/** @import { CallView, Evidence, Report } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function Trail({ room }) {
  const id = room.chosenCall.value;
  const call = id === null ? undefined : room.call(id);
  const lines = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  useLayoutEffect(() => {
    if (lines.current !== null) lines.current.scrollTop = lines.current.scrollHeight;
  }, [id, call?.trail.length]);
  return html`<section class="trail" aria-labelledby="trail-title">
    <h2 id="trail-title">${t("trail_title")}</h2>
    ${call === undefined
      ? html`<p class="muted">${t("trail_none")}</p>`
      : html`<div class="trail-head"><strong>${call.point_name}</strong> <span class="muted">${call.id}</span>
            <p class=${call.state === "failed" ? "trail-cause" : "muted"}>${call.state === "failed" ? html`<${IconWarning} />` : null}
              ${t(`call_${call.state}`)}${call.cause === null ? "" : `: ${t(`cause_${call.cause}`)}`}</p></div>
          <ol class="trail-lines" ref=${lines} tabindex="0" aria-labelledby="trail-title">
            ${call.trail.map((entry, i) => html`<li key=${i} class="trail-line" data-what=${entry.what}>
              <time>${clockTime(entry.at)}<small>.${String(entry.at % 1000).padStart(3, "0")}</small></time>
              <div><span>${tOr(`trail_${entry.what}`, entry.what)}</span>
                <small class="muted">${[t("trail_by", { by: who(entry.by) }), noteOf(entry.what, entry.note)].filter(Boolean).join(" · ")}</small>
                ${entry.report !== null && html`<small class="muted">${reportWords(entry.report)}</small>`}</div>
            </li>`)}
          </ol>
          ${call.evidence != null && html`<${EvidenceView} evidence=${call.evidence} />`}`}
  </section>`;
}

/** @param {{ evidence: Evidence }} props */
function EvidenceView({ evidence }) {
  const lines = [
    t(evidence.point_live ? "evidence_live" : "evidence_not_live"),
    evidence.last_seen === null ? t("evidence_never_seen") : t("evidence_last_seen", { time: clockTime(evidence.last_seen) }),
    ...(evidence.offline_since === null ? [] : [t("evidence_offline_since", { time: clockTime(evidence.offline_since) })]),
    t("evidence_rings", { count: evidence.rings_sent }),
    ...(evidence.device === null ? [] : [t("evidence_device", { device: t(evidence.device) })]),
    ...(evidence.detail === "" ? [] : [t("evidence_detail", { text: evidence.detail })]),
    ...(evidence.report === null ? [] : [reportWords(evidence.report)]),
  ];
  return html`<div class="evidence"><h3>${t("evidence_title")}</h3><ul>${lines.map((line, i) => html`<li key=${i}>${line}</li>`)}</ul></div>`;
}

/** @param {{ room: Room }} props */
export function Recent({ room }) {
  const over = room.calls.value.filter(isOver).slice(0, 30);
  if (over.length === 0) return null;
  return html`<section class="recent" aria-labelledby="recent-title">
    <h2 id="recent-title">${t("recent_calls")}</h2>
    <ul>${over.map((call) => html`<${RecentCall} key=${call.id} room=${room} call=${call} />`)}</ul>
  </section>`;
}

/** @param {{ room: Room, call: CallView }} props */
function RecentCall({ room, call }) {
  const failed = call.state === "failed";
  const again = room.callOf(call.point) === undefined;
  return html`<li class="recent-call" data-state=${call.state} data-chosen=${room.chosenCall.value === call.id ? "yes" : "no"}>
    <button type="button" class="recent-name" onClick=${() => room.chooseCall(call.id)}>
      <span class=${failed ? "tone-warn" : "tone-ok"}>${failed ? html`<${IconWarning} />` : html`<${IconCheck} />`}</span>
      <span>${call.point_name}<small class="muted">${call.ended_at === null ? "" : clockTime(call.ended_at)} · ${failed ? t(`cause_${call.cause}`) : t("call_ended")}</small></span>
    </button>
    <button type="button" class="button small" disabled=${!again || room.busy.value.has(call.point)} aria-label=${t("call_again_named", { name: call.point_name })}
      onClick=${() => room.place(call.point)}><${IconCall} />${t("call_again")}</button>
  </li>`;
}

/** @param {string | null} by  "operator:lan", "point:26740", "server", "node", "auto" */
function who(by) {
  if (by === null) return "";
  const [kind = "", name] = by.split(/:(.*)/s);
  if (kind === "point") return t("by_point");
  const word = tOr(`by_${kind}`, tOr(`role_${kind}`, kind));
  return name ? `${word} ${name}` : word;
}

/** @param {string} what @param {string | null} note */
function noteOf(what, note) {
  if (note === null || note === "") return "";
  return what === "failed" ? tOr(`cause_${note}`, note) : note;
}

/** @param {Report} report */
function reportWords(report) {
  return [
    report.visible === null ? "" : t(report.visible ? "trail_visible" : "trail_hidden"),
    ...(/** @type {const} */ (["camera", "microphone"])).map((device) =>
      report[device] === "unknown" ? "" : t("trail_device", { device: t(device), state: t(`device_${report[device]}`).toLowerCase() })),
    report.rtt_ms === null ? "" : t("trail_rtt", { ms: Math.round(report.rtt_ms) }),
    report.device ?? "",
  ].filter(Boolean).join(" · ");
}
