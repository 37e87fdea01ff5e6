/** The incident: everything that happened about a call on one clock, whoever did it; to be read, copied and taken along. */

import { detailWords, incidentText, reportWords, sinceWords, whatWords, whyWords } from "./happenings.js";
import { clockTime, say, t } from "./i18n.js";
import { GAP_MS, everything, foundCalls } from "./incident.js";
import { IconCheck, IconClose, IconCopy, IconSearch } from "./icons.js";
import { fold } from "./search.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { CallView } from "./types.js" */
/** @import { Happening, RecordJson } from "./incident.js" */
/** @import { Room } from "./console-room.js" */

/** Calls listed beside the incident. */
const LISTED = 60;

/**
 * A vertical line of time: what the center and the service did on one side of it, what the point's machine did on the other.
 * @param {{ happenings: readonly Happening[], start: number, compact?: boolean }} props  `start`: when the clock is nought
 */
export function Happenings({ happenings, start, compact = false }) {
  return html`<ol class="happenings" data-compact=${compact ? "yes" : "no"}>
    ${happenings.map((each, i) => {
      const before = happenings[i - 1];
      const gap = before === undefined ? 0 : each.at - before.at;
      return html`${gap > GAP_MS && html`<li class="happening-gap" key=${`gap-${i}`}><span>${t("incident_gap", { time: sinceWords(gap).slice(1) })}</span></li>`}
        <li key=${i} class="happening trail-line" data-what=${each.what} data-side=${each.side}>
          <time datetime=${new Date(each.at).toISOString()}>${clockTime(each.at)}<small>${compact ? `.${String(each.at % 1000).padStart(3, "0")}` : ` ${sinceWords(each.at - start)}`}</small></time>
          <span class="happening-dot" aria-hidden="true"></span>
          <div class="happening-words"><strong>${whatWords(each)}</strong>
            <small class="muted">${detailWords(each)}</small>
            ${each.report !== null && html`<small class="happening-report">${reportWords(each.report)}</small>`}</div>
        </li>`;
    })}
  </ol>`;
}

/** Why it failed, in a sentence that a person can repeat; below it what else was known. @param {{ call: CallView }} props */
export function Why({ call }) {
  const [main, ...more] = whyWords(call);
  if (main === undefined) return null;
  return html`<div class="evidence" data-cause=${call.cause}><h3>${t("evidence_title")}</h3><p class="evidence-main">${main}</p>
    <ul>${more.map((line, i) => html`<li key=${i}>${line}</li>`)}</ul></div>`;
}

/** @param {{ room: Room }} props */
export function Incident({ room }) {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  const query = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const shown = room.incident.value;
  const found = foundCalls(room.calls.value, query.value, fold).slice(0, LISTED);
  return html`<dialog class="dialog incident" id="incident" ref=${dialog} aria-labelledby="incident-title" onClose=${() => (room.incident.value = null)}>
    <header class="incident-head"><h2 id="incident-title">${t("incident_title")}</h2>
      <button type="button" class="button icon-only quiet" aria-label=${t("close")} onClick=${() => dialog.current?.close()}><${IconClose} /></button></header>
    <div class="incident-body">
      <nav class="incident-calls" aria-label=${t("incident_calls")}>
        <form class="search-field" role="search" onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          // The number of a call that is not in the list any more is asked for all the same.
          const first = found[0]?.id ?? query.value.trim();
          if (first !== "") room.openIncident(first);
        }}><${IconSearch} /><label class="visually-hidden" for="incident-search">${t("incident_search")}</label>
          <input type="search" id="incident-search" autocomplete="off" placeholder=${t("incident_search")} value=${query.value} onInput=${(/** @type {any} */ event) => (query.value = event.currentTarget.value)} /></form>
        <ul>${found.map((call) => html`<li key=${call.id}><button type="button" class="incident-call" aria-current=${call.id === shown?.call ? "true" : undefined} onClick=${() => room.openIncident(call.id)}>
          <span>${call.point_name}</span><small>${call.placed_at === null ? "" : clockTime(call.placed_at)} · ${call.cause === null ? t(`call_${call.state}`) : t(`cause_${call.cause}`)}</small></button></li>`)}</ul>
        ${found.length === 0 && html`<p class="muted">${t("incident_none")}</p>`}
      </nav>
      ${shown !== null && html`<${Told} key=${`${shown.session} ${shown.call}`} room=${room} session=${shown.session} id=${shown.call} />`}
    </div>
  </dialog>`;
}

/** @param {{ room: Room, session: string, id: string }} props */
function Told({ room, session, id }) {
  /** @type {import("@preact/signals").Signal<{ record: RecordJson | null, failure: string }>} */
  const got = useSignal({ record: null, failure: "" });
  const copied = useSignal(false);
  const live = session === room.session ? room.call(id) : undefined;
  const read = async () => {
    const answer = await fetched(room, `/api/sessions/${encodeURIComponent(session)}/records/${encodeURIComponent(id)}`);
    got.value = answer.body === null ? { record: got.value.record, failure: answer.failure } : { record: answer.body, failure: "" };
  };
  // A call that goes on is read again whenever something was added to it.
  useEffect(() => void read(), [live?.trail.length, live?.called_back_at, live?.explained_at, room.matters.value.ladders]);
  const { record, failure } = got.value;
  const call = live ?? record?.calls.find((each) => each.id === id) ?? record?.calls[0];
  if (record === null || call === undefined) {
    return html`<section class="incident-told">${failure === "" ? html`<p class="muted" role="status">${t("incident_loading")}</p>`
      : html`<p role="alert">${failure}</p><button type="button" class="button" onClick=${() => void read()}>${t("try_now")}</button>`}</section>`;
  }
  const happenings = everything(record);
  const copy = async () => {
    copied.value = await copyText(incidentText(call, happenings));
    if (!copied.value) room.notify(t("incident_copy_failed"));
  };
  return html`<section class="incident-told" aria-label=${call.point_name}>
    <div class="incident-call-head"><div><h3>${call.point_name}</h3><p class="muted">${call.point} · ${call.id} · ${t(`call_${call.state}`)}${call.cause === null ? "" : `: ${t(`cause_${call.cause}`)}`}</p></div>
      <div class="row"><button type="button" class="button small" id="incident-copy" onClick=${() => void copy()}>${copied.value ? html`<${IconCheck} />` : html`<${IconCopy} />`}${t(copied.value ? "incident_copied" : "incident_copy")}</button>
        <button type="button" class="button small" id="incident-report" onClick=${() => void saveReport(room, session)}>${t("incident_report")}</button></div></div>
    <${Why} call=${call} />
    <p class="incident-sides" aria-hidden="true"><span>${t("incident_center")}</span><span>${t("incident_point")}</span></p>
    <${Happenings} happenings=${happenings} start=${call.placed_at ?? happenings[0]?.at ?? 0} />
    ${record.calls_left_out > 0 && html`<p class="muted">${t("incident_left_out", { count: record.calls_left_out })}</p>`}
  </section>`;
}

/** @param {Room} room @param {string} path @returns {Promise<{ body: any, failure: string }>} */
async function fetched(room, path) {
  try {
    const response = await fetch(path, { headers: { Authorization: `Bearer ${room.token}` } });
    const body = await response.json();
    if (response.ok) return { body, failure: "" };
    return { body: null, failure: response.status === 404 ? t("incident_forgotten") : say(body.message) };
  } catch {
    return { body: null, failure: t("error_not_sent") };
  }
}

/** The report of the whole session as a file. @param {Room} room @param {string} session */
async function saveReport(room, session) {
  try {
    const response = await fetch(`/api/sessions/${encodeURIComponent(session)}/report?format=html&lang=${document.documentElement.lang}`, { headers: { Authorization: `Bearer ${room.token}` } });
    if (!response.ok) {
      room.notify(say((await response.json()).message));
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `diemcau-${session}.html`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch {
    room.notify(t("error_not_sent"));
  }
}

/** @param {string} text @returns {Promise<boolean>} whether it is on the clipboard */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure context, or without permission, there is the old way.
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
