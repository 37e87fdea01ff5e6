/** What the plots of a report draw, from its figures. No DOM. */

/** @import { ReportPlots, UnitFigures } from "./admin-types.js" */

/** Causes in the order they are stacked; what a later version adds comes after. */
export const CAUSES = ["offline", "undelivered", "no_answer", "declined", "no_device", "media_failed", "network_lost", "engaged_above", "cancelled"];

/** @typedef {{ labels: string[], series: { name: string, values: number[] }[], left: number }} Bars  left: units that have no bar */

/** Answered calls by seconds: `0–5 s`, …, `≥ 60 s`. @param {ReportPlots} plots @returns {Bars} */
export function answerBars(plots) {
  const width = plots.answer_bucket_s;
  const labels = plots.answers.map((_, i) => (i === plots.answers.length - 1 ? `≥ ${i * width}` : `${i * width}–${(i + 1) * width}`));
  return { labels, series: [{ name: "answers", values: plots.answers }], left: 0 };
}

/** Failed calls by cause of the units that have most. @param {ReportPlots} plots @param {number} most  bars there is room for @returns {Bars} */
export function causeBars(plots, most) {
  const failed = (/** @type {UnitFigures} */ unit) => Object.values(unit.causes).reduce((sum, count) => sum + count, 0);
  const all = plots.units.filter((unit) => failed(unit) > 0).sort((a, b) => failed(b) - failed(a));
  const units = all.slice(0, most);
  const seen = new Set(units.flatMap((unit) => Object.keys(unit.causes)));
  const causes = [...CAUSES.filter((cause) => seen.has(cause)), ...[...seen].filter((cause) => !CAUSES.includes(cause)).sort()];
  return {
    labels: units.map((unit) => shortName(unit.name)),
    series: causes.map((name) => ({ name, values: units.map((unit) => unit.causes[name] ?? 0) })),
    left: all.length - units.length,
  };
}

/** Of a hundred points that were asked: in time, late, absent; the units with most missing first. @param {ReportPlots} plots @param {number} most  bars there is room for @returns {Bars} */
export function presenceBars(plots, most) {
  const missing = (/** @type {UnitFigures} */ unit) => unit.absent / unit.asked;
  const all = plots.units.filter((unit) => unit.asked > 0).sort((a, b) => missing(b) - missing(a) || b.asked - a.asked);
  const units = all.slice(0, most);
  const share = (/** @type {"present" | "late" | "absent"} */ what) => units.map((unit) => Math.round((1000 * unit[what]) / unit.asked) / 10);
  return {
    labels: units.map((unit) => shortName(unit.name)),
    series: [
      { name: "present", values: share("present") },
      { name: "late", values: share("late") },
      { name: "absent", values: share("absent") },
    ],
    left: all.length - units.length,
  };
}

/** Series as they are drawn over each other: the last one is the sum of all. @param {Bars} bars @returns {number[][]} */
export function stacked(bars) {
  const sums = bars.labels.map(() => 0);
  return bars.series.map((series) => series.values.map((value, i) => (sums[i] = (sums[i] ?? 0) + value)));
}

/** @param {ReportPlots} plots @returns {[number[], number[]]} seconds since the epoch, and points connected from then on */
export function liveLine(plots) {
  return [plots.live.map((sample) => sample.at / 1000), plots.live.map((sample) => sample.live)];
}

/** The name without the word for what it is, as people say it. @param {string} name */
export function shortName(name) {
  return name.replace(/^(Tỉnh|Thành phố|Thị xã|Huyện|Phường|Xã|Thị trấn) (?=\p{L})/u, "");
}
