/** What a part of a recording holds, as rows to choose from. No DOM. */

/**
 * @typedef {{ feed: string, name: string, from_ms: number, to_ms: number | null }} Stretch
 * @typedef {{ part: string, kind: "programme" | "call", call: string | null, point: string | null, title: string, state: "recording" | "ready",
 *   started_at: number, length_ms: number, bytes: number, codec: string | null, recovered: boolean, has_index: boolean, has_trail: boolean,
 *   shown: Stretch[] }} RecordingPart
 * @typedef {{ at: number, recording_since: number | null, is_recording: boolean, notice: string | null, parts: RecordingPart[] }} RecordingList
 * @typedef {{ at: number, from_ms: number, what: string, point: string | null, name: string | null, call: string | null, by: string | null }} IndexEntry
 * @typedef {{ part: string, started_at: number, shown: Stretch[], events: IndexEntry[] }} RecordingIndex
 * @typedef {{ from_ms: number, at: number, what: string, name: string | null }} Row  `what` is an event's name, or "shown"
 */

/** Why nothing is written though it should be, in words, by what the list of recordings says of it. @type {Readonly<Record<string, string>>} */
export const STOPPED = { quota: "rec_quota", disk_low: "rec_disk_low", disk_error: "rec_disk_error", no_recorder: "rec_no_recorder" };

/** The player starts a little before what is sought, so that its first word is heard. */
export const BEFORE_MS = 1_000;

/**
 * Events and who was shown, by time. That somebody is shown is said once: where the log says so at that moment, the log's word stays.
 * @param {RecordingIndex} index @returns {Row[]}
 */
export function rowsOf(index) {
  const events = index.events.map(({ from_ms, at, what, name }) => ({ from_ms, at, what, name }));
  const taken = events.filter((event) => event.what === "call_taken");
  const shown = index.shown
    .filter((stretch) => !taken.some((event) => event.name === stretch.name && Math.abs(event.from_ms - stretch.from_ms) < 5_000))
    .map((stretch) => ({ from_ms: stretch.from_ms, at: index.started_at + stretch.from_ms, what: "shown", name: stretch.feed === "center" ? null : stretch.name }));
  return [...events, ...shown].sort((a, b) => a.from_ms - b.from_ms);
}

/** The row that a moment belongs to. @param {readonly Row[]} rows @param {number} at_ms @returns {number} -1 before the first */
export function rowAt(rows, at_ms) {
  let found = -1;
  while (found + 1 < rows.length && /** @type {Row} */ (rows[found + 1]).from_ms <= at_ms) found += 1;
  return found;
}

/** Where the player goes for a row, seconds. @param {Row} row @returns {number} */
export function seekTo(row) {
  return Math.max(0, row.from_ms - BEFORE_MS) / 1000;
}

/**
 * Parts in the order in which they are listed: the programme's by time, then calls.
 * @param {readonly RecordingPart[]} parts @returns {{ programme: RecordingPart[], calls: RecordingPart[] }}
 */
export function groupsOf(parts) {
  return { programme: parts.filter((part) => part.kind === "programme"), calls: parts.filter((part) => part.kind === "call") };
}

/** @param {RecordingPart} part @returns {number} 1, 2, … */
export function numberOf(part) {
  return Number(part.part.slice(part.part.lastIndexOf("-") + 1));
}

/** @param {number} bytes @param {string} language @returns {string} 1,2 GB */
export function sizeOf(bytes, language) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toLocaleString(language === "vi" ? "vi-VN" : "en-GB", { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}
