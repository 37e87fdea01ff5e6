/** The player: the file as it is, what happened in it beside it, a press on a row goes there. */

import { dateOf } from "./country-time.js";
import { clockTime, elapsed, language, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { rowAt, seekTo, sizeOf } from "./recording-index.js";
import { lengthOf } from "./recordings-desk.js";
import { html, useEffect, useRef, useState } from "./ui.js";

/** @import { Desk } from "./recordings-desk.js" */
/** @import { RecordingPart, Row } from "./recording-index.js" */

/** @param {{ desk: Desk }} props */
export function Player({ desk }) {
  const part = desk.chosen.value;
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [at, setAt] = useState(0);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    setAt(0);
    setBroken(false);
  }, [part?.part]);
  if (part === null) return html`<section class="recordings-empty"><p class="muted">${t("rec_choose")}</p></section>`;
  const go = (/** @type {Row} */ row) => {
    if (video.current === null) return;
    video.current.currentTime = seekTo(row);
    void video.current.play().catch(() => undefined);
  };
  return html`<section class="player" aria-label=${part.title}>
    ${isBroken
      ? html`<p class="player-broken" role="alert"><${IconWarning} />${t("rec_unplayable")}</p>`
      : html`<video id="player" ref=${video} src=${desk.source.value || undefined} controls playsinline preload="metadata" data-part=${part.part}
          onTimeUpdate=${() => setAt((video.current?.currentTime ?? 0) * 1000)} onError=${() => desk.source.value !== "" && setBroken(true)}></video>`}
    <${Facts} desk=${desk} part=${part} />
    <${Timeline} desk=${desk} part=${part} at=${at} go=${go} />
  </section>`;
}

/** @param {{ desk: Desk, part: RecordingPart }} props */
function Facts({ desk, part }) {
  return html`<div class="player-facts">
    <p><strong>${part.kind === "call" ? part.title : t("rec_programme")}</strong>
      <span class="muted"> · ${dateOf(part.started_at)} ${clockTime(part.started_at)} · ${lengthOf(part)} · ${sizeOf(part.bytes, language.value)}</span></p>
    <div class="row">
      <button type="button" id="download" class="button" onClick=${() => void desk.save(part, "file")}>${t("rec_download")}</button>
      <button type="button" class="button quiet" onClick=${() => void desk.save(part, "index")}>${t("rec_index")}</button>
      ${part.has_trail && html`<button type="button" id="save-trail" class="button quiet" onClick=${() => void desk.save(part, "trail")}>${t("rec_trail")}</button>`}
    </div>
  </div>`;
}

/** @param {{ desk: Desk, part: RecordingPart, at: number, go: (row: Row) => void }} props */
function Timeline({ desk, part, at, go }) {
  const rows = desk.rows.value;
  const now = rowAt(rows, at + 1_000);
  return html`<div class="timeline">
    <h2>${t("rec_timeline")}</h2>
    ${!part.has_index && html`<p class="muted">${t("rec_timeline_later")}</p>`}
    <ol>${rows.map((row, place) => {
      const what = wordsOf(row);
      return html`<li key=${`${row.from_ms}-${row.what}-${place}`}>
        <button type="button" class="timeline-row" data-what=${row.what} aria-current=${place === now ? "true" : undefined} onClick=${() => go(row)}>
          <span class="timeline-clock">${clockTime(row.at)}</span><span class="timeline-what">${what}</span><span class="muted">${elapsed(row.from_ms)}</span>
        </button></li>`;
    })}</ol>
  </div>`;
}

/** @type {Record<string, string>} */
const WORDS_OF = {
  call_placed: "rec_call_placed", call_answered: "rec_call_answered", call_taken: "rec_call_taken", call_taken_off_air: "rec_call_taken_off_air",
  call_interrupted: "rec_call_interrupted", call_resumed: "rec_call_resumed", call_ended: "rec_call_ended", call_failed: "rec_call_failed",
  floor_started: "rec_floor_started", floor_taken_back: "rec_floor_taken_back", roll_call_started: "rec_roll_call_started",
  roll_call_closed: "rec_roll_call_closed", recording_started: "rec_recording_started", recording_stopped: "rec_recording_stopped",
};

/** @param {Row} row @returns {string} */
function wordsOf(row) {
  if (row.what === "shown") return t("rec_shown", { name: row.name ?? t("rec_center") });
  const key = WORDS_OF[row.what];
  const what = key === undefined ? row.what : t(key);
  return row.name === null ? what : `${what}: ${row.name}`;
}
