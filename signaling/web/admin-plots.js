/** The plots of a report, drawn by uPlot; each has its figures in words beside it, for who cannot see or wants the numbers. */

import uPlot from "uplot";
import { language, number, t, tOr } from "./i18n.js";
import { Empty, Scroll } from "./admin-parts.js";
import { answerBars, causeBars, liveLine, presenceBars, stacked } from "./admin-plot-data.js";
import { axisTime, shown } from "./admin-times.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { ReportPlots } from "./admin-types.js" */
/** @import { Bars } from "./admin-plot-data.js" */

/** Told apart by people who see red and green alike (Okabe and Ito), and by lightness. */
const COLOURS = ["#0b4f9e", "#e69f00", "#56b4e9", "#b0413e", "#009e73", "#8a5fbf", "#d9c000", "#666f7a", "#cc79a7", "#222"];
const PRESENCE = ["#0b4f9e", "#e69f00", "#666f7a"];
const INK = "#4d5c6d";
const GRID = { stroke: "#e3e9ef", width: 1 };
const FONT = "12px 'Be Vietnam Pro', system-ui, sans-serif";
const HEIGHT = 280;
/** Width of a bar with its name. */
const BAR_PX = 26;

/** @param {{ plots: ReportPlots }} props */
export function Plots({ plots }) {
  return html`<div class="plots" id="plots">
    <${Plot} id="plot-live" title=${t("adm_plot_live")} isEmpty=${plots.live.length === 0} draw=${(/** @type {number} */ width) => liveOptions(plots, width)}
      rows=${plots.live.map((sample) => [shown(sample.at), number(sample.live)])} head=${[t("adm_time"), t("adm_plot_live_unit")]} />
    <${Plot} id="plot-answers" title=${t("adm_plot_answers")} isEmpty=${plots.answers.every((count) => count === 0)} draw=${(/** @type {number} */ width) => barOptions(answerBars(plots), width, [t("adm_plot_answers_unit")], COLOURS)}
      rows=${answerBars(plots).labels.map((label, i) => [`${label} s`, number(plots.answers[i] ?? 0)])} head=${[t("adm_plot_seconds"), t("adm_plot_answers_unit")]} note=${t("adm_plot_answers_note")} />
    <${BarPlot} id="plot-causes" title=${t("adm_plot_causes")} of=${(/** @type {number} */ most) => causeBars(plots, most)} name=${(/** @type {string} */ cause) => tOr(`cause_${cause}`, cause)} colours=${COLOURS} />
    <${BarPlot} id="plot-presence" title=${t("adm_plot_presence")} of=${(/** @type {number} */ most) => presenceBars(plots, most)} name=${(/** @type {string} */ what) => t(`adm_plot_${what}`)} colours=${PRESENCE} />
  </div>`;
}

/** @param {{ id: string, title: string, of: (most: number) => Bars, name: (series: string) => string, colours: string[] }} props */
function BarPlot({ id, title, of, name, colours }) {
  const all = of(Infinity);
  const left = useSignal(0);
  return html`<${Plot} id=${id} title=${title} isEmpty=${all.labels.length === 0} note=${left.value > 0 ? t("adm_plot_left", { left: number(left.value) }) : ""} draw=${(/** @type {number} */ width) => {
    const bars = of(Math.max(4, Math.floor((width - 60) / BAR_PX)));
    left.value = bars.left;
    return barOptions(bars, width, bars.series.map((series) => name(series.name)), colours);
  }} rows=${all.labels.map((label, i) => [label, ...all.series.map((series) => number(series.values[i] ?? 0))])} head=${[t("adm_unit"), ...all.series.map((series) => name(series.name))]} />`;
}

/** @param {{ id: string, title: string, isEmpty: boolean, draw: (width: number) => [uPlot.Options, uPlot.AlignedData], rows: string[][], head: string[], note?: string }} props */
function Plot({ id, title, isEmpty, draw, rows, head, note }) {
  const place = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  const latest = useRef(draw);
  latest.current = draw;
  const key = JSON.stringify([language.value, rows]);
  useEffect(() => {
    const target = place.current;
    if (target === null || isEmpty) return undefined;
    /** @type {uPlot | null} */
    let plot = null;
    let width = 0;
    const again = () => {
      const now = Math.floor(target.clientWidth);
      if (now === width || now < 100) return;
      width = now;
      plot?.destroy();
      const [options, data] = /** @type {typeof draw} */ (latest.current)(width);
      plot = new uPlot(options, data, target);
    };
    const watch = new ResizeObserver(again);
    watch.observe(target);
    again();
    return () => {
      watch.disconnect();
      plot?.destroy();
    };
  }, [key, isEmpty]);
  return html`<section class="card plot" id=${id} aria-labelledby=${`${id}-title`}><h2 id=${`${id}-title`}>${title}</h2>
    ${isEmpty ? html`<${Empty}>${t("adm_plot_empty")}<//>` : html`<div class="plot-place" ref=${place} role="img" aria-label=${t("adm_plot_label", { title })}></div>
      ${note && html`<p class="muted">${note}</p>`}
      <details><summary>${t("adm_plot_figures")}</summary><${Scroll} label=${title}><table><thead><tr>${head.map((each, i) => html`<th key=${each} scope="col" class=${i === 0 ? "" : "n"}>${each}</th>`)}</tr></thead>
        <tbody>${rows.slice(0, 700).map((cells, i) => html`<tr key=${i}>${cells.map((cell, column) => (column === 0 ? html`<th key="0" scope="row">${cell}</th>` : html`<td key=${column} class="n">${cell}</td>`))}</tr>`)}</tbody></table><//></details>`}
  </section>`;
}

/** @param {ReportPlots} plots @param {number} width @returns {[uPlot.Options, uPlot.AlignedData]} */
function liveOptions(plots, width) {
  const spanMs = (plots.live.at(-1)?.at ?? 0) - (plots.live[0]?.at ?? 0);
  const stepped = /** @type {any} */ (uPlot).paths.stepped({ align: 1 });
  return [
    {
      width,
      height: HEIGHT,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Ho_Chi_Minh"),
      legend: { show: true },
      cursor: { y: false },
      scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
      axes: [axis({ values: (_, splits) => splits.map((at) => axisTime(at * 1000, spanMs)) }), axis({ size: 56, incrs: WHOLE, values: whole })],
      series: [
        { label: t("adm_time"), value: (_, at) => (at === null ? "" : shown(at * 1000)) },
        { label: t("adm_plot_live_unit"), stroke: COLOURS[0] ?? "", fill: "rgba(11, 79, 158, 0.14)", width: 2, paths: stepped, points: { show: false }, value: (_, live) => (live === null ? "" : number(live)) },
      ],
    },
    liveLine(plots),
  ];
}

/** @param {Bars} bars @param {number} width @param {string[]} names @param {string[]} colours @returns {[uPlot.Options, uPlot.AlignedData]} */
function barOptions(bars, width, names, colours) {
  const paths = /** @type {any} */ (uPlot).paths.bars({ size: [0.72, 48] });
  const places = bars.labels.map((_, i) => i);
  // The sum of all is drawn first and the others over it, so that each shows its own part.
  const order = bars.series.map((_, i) => bars.series.length - 1 - i);
  const sums = stacked(bars);
  const longest = Math.max(0, ...bars.labels.map((label) => label.length));
  const slant = bars.labels.length > 1 && longest * 7 > (width - 60) / bars.labels.length;
  return [
    {
      width,
      height: HEIGHT + (slant ? 40 : 0),
      legend: { show: names.length > 1 },
      cursor: { y: false, points: { show: false } },
      scales: { x: { time: false, range: [-0.6, bars.labels.length - 0.4] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
      axes: [
        axis({ rotate: slant ? -50 : 0, size: slant ? Math.min(130, 24 + longest * 5.5) : 36, splits: () => places, values: (_, splits) => splits.map((place) => bars.labels[place] ?? ""), grid: { show: false }, ...(slant ? { space: 1 } : {}) }),
        axis({ size: 56, incrs: WHOLE, values: whole }),
      ],
      series: [
        { label: t("adm_unit"), value: (_, place) => (place === null ? "" : (bars.labels[place] ?? "")) },
        ...order.map((which) => ({
          label: names[which] ?? "",
          fill: colours[which % colours.length] ?? "",
          stroke: colours[which % colours.length] ?? "",
          paths,
          points: { show: false },
          value: (/** @type {uPlot} */ _, /** @type {number | null} */ __, /** @type {number} */ ___, /** @type {number | null} */ place) => (place === null ? "" : number(bars.series[which]?.values[place] ?? 0)),
        })),
      ],
    },
    /** @type {uPlot.AlignedData} */ (/** @type {unknown} */ ([places, ...order.map((which) => sums[which])])),
  ];
}

/** Steps of an axis of counts, which have no halves. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];

/** @param {uPlot} _ @param {number[]} splits */
const whole = (_, splits) => splits.map((value) => number(value));

/** @param {uPlot.Axis} options @returns {uPlot.Axis} */
const axis = (options) => ({ stroke: INK, font: FONT, grid: GRID, ticks: { stroke: "#b9c4d0", width: 1 }, ...options });
