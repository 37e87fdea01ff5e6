/** What happened in a call, in the order of time and on one clock: pure. */

/** @import { CallView, Evidence, LadderView, Report } from "./types.js" */

/**
 * A whole record as GET /api/sessions/{session}/records/{call} gives it.
 * @typedef {object} RecordJson
 * @property {string} session
 * @property {string} record
 * @property {string} point
 * @property {string} point_name
 * @property {CallView[]} calls
 * @property {number} calls_left_out
 * @property {{ at: number, call: string, by: string, note: string }[]} call_backs
 * @property {{ at: number, call: string, by: string, name: string, text: string }[]} explanations
 * @property {LadderView[]} escalations
 */

/**
 * @typedef {object} Happening
 * @property {number} at
 * @property {"center" | "server" | "point" | "ladder"} side  who did it: people at the center, the service, the commune's machine, others who were tried
 * @property {string} what  the word of the trail, or of the record
 * @property {string} by
 * @property {string} note
 * @property {string} about  the call or the ladder
 * @property {Report | null} report
 */

const SERVICE = new Set(["server", "node", "clock", "auto"]);

/** @param {string | null} by @returns {"center" | "server" | "point"} */
export function sideOf(by) {
  if (by === null || SERVICE.has(by)) return "server";
  return by.startsWith("point:") ? "point" : "center";
}

/** @param {CallView} call @returns {Happening[]} */
export function happeningsOf(call) {
  return call.trail.map((entry) => ({ at: entry.at, side: sideOf(entry.by), what: entry.what, by: entry.by ?? "", note: entry.note ?? "", about: call.id, report: entry.report }));
}

/**
 * Everything on a record, oldest first; what has the same time stays in the order call, call back, explanation, ladder.
 * @param {RecordJson} record @returns {Happening[]}
 */
export function everything(record) {
  /** @type {Happening[]} */
  const all = record.calls.flatMap(happeningsOf);
  const add = (/** @type {number | null} */ at, /** @type {Omit<Happening, "at" | "report">} */ rest) => at !== null && all.push({ at, report: null, ...rest });
  for (const back of record.call_backs) add(back.at, { side: "point", what: "called_back", by: back.by, note: back.note, about: back.call });
  for (const word of record.explanations) add(word.at, { side: "point", what: "explained", by: word.by, note: `${word.name}: ${word.text}`, about: word.call });
  for (const ladder of record.escalations) {
    const of = { side: /** @type {const} */ ("ladder"), about: ladder.id };
    add(ladder.started_at, { ...of, what: "escalation_started", by: ladder.by, note: "" });
    for (const step of ladder.steps) {
      const who = [step.name, step.function, step.target].filter(Boolean).join(" · ");
      add(step.started_at, { ...of, what: `step_${step.kind}`, by: "server", note: who });
      add(step.confirmed_at, { ...of, what: "alert_confirmed", by: `point:${step.target}`, note: [step.confirmed_name, step.confirmed_text].filter(Boolean).join(": ") });
      if (step.outcome !== null) add(step.ended_at, { ...of, what: `outcome_${step.outcome}`, by: step.by ?? "", note: [who, step.note].filter(Boolean).join(" · ") });
    }
    add(ladder.ended_at, { ...of, what: `escalation_${ladder.state}`, by: ladder.ended_by ?? "", note: "" });
  }
  return all.map((each, place) => ({ each, place })).sort((a, b) => a.each.at - b.each.at || a.place - b.place).map(({ each }) => each);
}

/** A pause between two happenings that is worth a line of its own. */
export const GAP_MS = 60_000;

/**
 * The words and their numbers that say why a call failed: one main sentence, and what else was known.
 * @param {CallView} call
 * @returns {{ key: string, values: Record<string, number | string>, times: Record<string, number> }[]} `times` are milliseconds since the Unix
 *   epoch, for the page to write as a time of day; empty for a call that did not fail
 */
export function whyFailed(call) {
  const evidence = call.evidence;
  if (call.state !== "failed" || evidence === null || call.cause === null) return [];
  const said = [sentence(call, call.cause, evidence)];
  const add = (/** @type {string} */ key, /** @type {Record<string, number | string>} */ values = {}, /** @type {Record<string, number>} */ times = {}) => said.push({ key, values, times });
  if (evidence.last_seen === null) add("evidence_never_seen");
  else add("evidence_last_seen", {}, { time: evidence.last_seen });
  if (call.cause !== "offline") add(evidence.point_live ? "evidence_live" : "evidence_not_live");
  if (evidence.offline_since !== null && call.cause !== "offline") add("evidence_offline_since", {}, { time: evidence.offline_since });
  if (evidence.rings_sent > 0 && call.cause !== "undelivered") add("evidence_rings", { count: evidence.rings_sent });
  if (evidence.detail !== "" && call.cause !== "declined" && call.cause !== "no_device") add("evidence_detail", { text: evidence.detail });
  return said;
}

/** @param {CallView} call @param {string} cause @param {Evidence} evidence */
function sentence(call, cause, evidence) {
  const seconds = (/** @type {number | null} */ from) => (from === null || evidence.deadline === null ? 0 : Math.max(1, Math.round((evidence.deadline - from) / 1000)));
  const of = (/** @type {string} */ key, /** @type {Record<string, number | string>} */ values = {}, /** @type {Record<string, number>} */ times = {}) => ({ key, values, times });
  switch (cause) {
    case "offline":
      return evidence.offline_since === null ? of("why_offline_never") : of("why_offline", {}, { time: evidence.offline_since });
    case "undelivered":
      return evidence.rang_at === null ? of("why_unsent") : of("why_undelivered", { seconds: seconds(evidence.rang_at), count: evidence.rings_sent });
    case "no_answer":
      return evidence.delivered_at === null ? of("cause_no_answer") : of("why_no_answer", { seconds: seconds(evidence.delivered_at) }, { time: evidence.delivered_at });
    case "declined":
      return evidence.detail === "" ? of("why_declined") : of("why_declined_said", { text: evidence.detail });
    case "no_device":
      return of("why_no_device", { device: evidence.device ?? "", text: evidence.detail });
    case "media_failed":
      return evidence.answered_at === null ? of("cause_media_failed") : of("why_media_failed", { seconds: seconds(evidence.answered_at) }, { time: evidence.answered_at });
    case "network_lost":
      return call.connected_at === null ? of("cause_network_lost") : of("why_network_lost", {}, { time: call.connected_at });
    default:
      return of(`cause_${cause}`);
  }
}

/**
 * Calls that a person looks for, newest first.
 * @param {readonly CallView[]} calls @param {string} query  a name, a point's code or a call's id @param {(text: string) => string} plain  without diacritics
 */
export function foundCalls(calls, query, plain) {
  const wanted = plain(query.trim());
  if (wanted === "") return [...calls];
  return calls.filter((call) => plain(call.point_name).includes(wanted) || call.point.toLowerCase() === wanted || call.id.toLowerCase() === wanted);
}
