/** Happenings in words, for the eye and for the clipboard. */

import { dateOf } from "./country-time.js";
import { clockTime, t, tOr } from "./i18n.js";
import { GAP_MS, whyFailed } from "./incident.js";

/** @import { CallView, Report } from "./types.js" */
/** @import { Happening } from "./incident.js" */

/** @param {Happening} happening */
export function whatWords(happening) {
  return tOr(`trail_${happening.what}`, tOr(happening.what, happening.what));
}

/** Who did it, and the remark. @param {Happening} happening */
export function detailWords(happening) {
  return [byWords(happening.by), noteWords(happening.what, happening.note)].filter(Boolean).join(" · ");
}

/** @param {string} by  "operator:lan", "point:26740", "server", "node", "auto" */
function byWords(by) {
  if (by === "") return "";
  const [kind = "", name] = by.split(/:(.*)/s);
  if (kind === "point") return t("by_point");
  const word = tOr(`by_${kind}`, tOr(`role_${kind}`, kind));
  return name ? `${word} ${name}` : word;
}

/** @param {string} what @param {string} note */
function noteWords(what, note) {
  if (what === "failed") return tOr(`cause_${note}`, note);
  return what === "air_cancelled" || what === "connected" ? tOr(`note_${note}`, note) : note;
}

/** What the point's machine said of itself. @param {Report} report */
export function reportWords(report) {
  return [
    report.visible === null ? "" : t(report.visible ? "trail_visible" : "trail_hidden"),
    ...(/** @type {const} */ (["camera", "microphone"])).map((device) =>
      report[device] === "unknown" ? "" : t("trail_device", { device: t(device), state: t(`device_${report[device]}`).toLowerCase() })),
    report.rtt_ms === null ? "" : t("trail_rtt", { ms: Math.round(report.rtt_ms) }),
    report.device ?? "",
  ].filter(Boolean).join(" · ");
}

/** Why a call failed, the main sentence first. @param {CallView} call @returns {string[]} */
export function whyWords(call) {
  return whyFailed(call).map(({ key, values, times }) => t(key, {
    ...values,
    ...(values["device"] === undefined ? {} : { device: t(String(values["device"] || "camera")) }),
    ...Object.fromEntries(Object.entries(times).map(([name, at]) => [name, clockTime(at)])),
  }));
}

/** @param {number} ms  since the ring began */
export function sinceWords(ms) {
  if (Math.abs(ms) < GAP_MS) return `${ms < 0 ? "−" : "+"}${(Math.abs(ms) / 1000).toFixed(1).replace(".", t("decimal_mark"))} s`;
  const minutes = Math.round(Math.abs(ms) / 60_000);
  return `${ms < 0 ? "−" : "+"}${minutes < 120 ? t("minutes", { count: minutes }) : t("hours", { count: Math.round(minutes / 60) })}`;
}

/**
 * The whole incident as plain text, to be pasted into a report or a message.
 * @param {CallView} call @param {readonly Happening[]} happenings
 */
export function incidentText(call, happenings) {
  const head = `${call.point_name} (${call.point}) · ${call.id} · ${dateOf(call.placed_at ?? 0)}`;
  const state = `${t(`call_${call.state}`)}${call.cause === null ? "" : `: ${t(`cause_${call.cause}`)}`}`;
  const lines = happenings.map((each) => [
    `${clockTime(each.at)}.${String(each.at % 1000).padStart(3, "0")}`, whatWords(each), detailWords(each), each.report === null ? "" : reportWords(each.report),
  ].filter(Boolean).join(" · "));
  return [head, state, ...whyWords(call), "", ...lines, ""].join("\n");
}
