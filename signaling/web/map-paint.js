/** How each tile of the map is shown: by live state, by a roll call, by an indicator. Classes and words only; pure. */

import { number, t } from "./i18n.js";
import { LIVE_BOUNDS, MISSING_BOUNDS, STEPS, categoryMarks, median, mode, quantileBounds, stepOf } from "./map-scale.js";
import { stateOf } from "./points.js";

/** @import { Directory } from "./directory.js" */
/** @import { IndicatorColumn } from "./indicator-values.js" */
/** @import { Tile, TileFigures } from "./map-tiles.js" */
/** @import { RollFigures } from "./console-map-roll.js" */

/** `fill`: classes of the colour and pattern; `value`: the large figure; `words`: all of it for a screen reader and the line below. @typedef {{ fill: string, letter: string, value: string, words: string }} Look */
/** @typedef {{ legend: { fill: string, letter: string, words: string }[], title: string, note: string, look: (n: number, tile: Tile) => Look }} Painter */

const percent = (/** @type {number} */ share) => `${number(Math.round(share * 100))}%`;

/** @param {TileFigures} figures @param {Uint8Array} states @returns {Painter} */
export function byState(figures, states) {
  return {
    title: t("map_by_state"),
    note: "",
    legend: LIVE_BOUNDS.map((bound, step) => ({
      fill: `fill-live-${step}`, letter: "",
      words: step === STEPS - 1 ? percent(1) : t("map_range", { from: percent(bound), to: percent(LIVE_BOUNDS[step + 1] ?? 1) }),
    })),
    look(n, tile) {
      const total = figures.total[n] ?? 0;
      const selected = figures.selected[n] ?? 0;
      if (tile.point >= 0) {
        const state = states[tile.point] ?? 0;
        const { key, tone } = stateOf(state);
        return { fill: state === 15 ? "fill-none" : `fill-desk tone-${tone}`, letter: "", value: "", words: t(`state_${key}`) };
      }
      const fill = total === 0 ? "fill-none" : `fill-live-${Math.max(0, stepOf(figures.live(n) / total, LIVE_BOUNDS))}`;
      return { fill, letter: "", value: total === 0 ? "–" : number(selected), words: t("map_tile_state", { selected: number(selected), total: number(total) }) };
    },
  };
}

/** @param {RollFigures | null} roll  null: still on its way @param {Directory} directory @returns {Painter} */
export function byRollCall(roll, directory) {
  return {
    title: t("map_by_roll"),
    note: roll === null ? t("map_roll_loading") : roll.leftOut > 0 ? t("map_roll_left_out", { count: number(roll.leftOut) }) : "",
    legend: MISSING_BOUNDS.map((bound, step) => ({
      fill: `fill-miss-${step}`, letter: "",
      words: step === 0 ? t("map_roll_all") : step === 1 ? t("map_roll_up_to", { to: percent(MISSING_BOUNDS[2] ?? 0) })
        : step === STEPS - 1 ? t("map_roll_over", { from: percent(bound) }) : t("map_range", { from: percent(bound), to: percent(MISSING_BOUNDS[step + 1] ?? 1) }),
    })),
    look(_, tile) {
      const nothing = { fill: "fill-none", letter: "", value: "–", words: t("map_no_value") };
      if (roll === null) return nothing;
      if (tile.point >= 0 && roll.missing !== null) {
        if (!roll.asked) return nothing;
        const isMissing = roll.missing.has(directory.points[tile.point]?.code ?? "");
        return { fill: isMissing ? "fill-miss-4" : "fill-miss-0", letter: isMissing ? "?" : "", value: "", words: t(isMissing ? "map_roll_missing_one" : "map_roll_there_one") };
      }
      const tally = roll.units.get(tile.code);
      if (tally === undefined || tally.asked === 0) return nothing;
      const missing = tally.no_answer + tally.offline;
      return {
        fill: `fill-miss-${Math.max(0, stepOf(missing / tally.asked, MISSING_BOUNDS))}`, letter: "", value: number(missing),
        words: t("map_roll_missing", { missing: number(missing), asked: number(tally.asked) }),
      };
    },
  };
}

/**
 * A unit without a value of its own has the median, or the most frequent category, of the units below it.
 * @param {IndicatorColumn} column @param {readonly Tile[]} tiles @param {Directory} directory @returns {Painter}
 */
export function byIndicator(column, tiles, directory) {
  /** @type {{ value: number | string | null, of: number }[]} of: how many units it was made of; 0: its own */
  const values = tiles.map((tile) => {
    const own = column.value(tile.code);
    if (own !== null) return { value: own, of: 0 };
    const below = new Map();
    for (let place = tile.from; place < tile.to; place += 1) {
      const unit = directory.unitOf(/** @type {number} */ (directory.byTree[place]));
      const value = column.value(unit);
      if (value !== null) below.set(unit, value);
    }
    const found = [...below.values()];
    if (found.length === 0) return { value: null, of: 0 };
    return { value: column.kind === "number" ? median(found.map(Number)) : mode(found.map(String)), of: found.length };
  });
  const date = column.date.split("-").reverse().join("/");
  const isMade = values.some((each) => each.of > 0);
  const shown = (/** @type {number | string} */ value) => (typeof value === "number" ? value.toLocaleString(number(0.5).includes(",") ? "vi-VN" : "en-GB", { maximumFractionDigits: 1 }) : value);
  const words = (/** @type {number} */ n) => {
    const { value, of } = values[n] ?? { value: null, of: 0 };
    if (value === null) return t("map_no_value");
    const text = `${column.name}: ${shown(value)}`;
    return of === 0 ? text : `${text} (${t(column.kind === "number" ? "map_median_of" : "map_mode_of", { count: number(of) })})`;
  };
  const none = { fill: "fill-none", letter: "", words: t("map_no_value") };
  if (column.kind === "category") {
    const marks = categoryMarks(values.flatMap((each) => (each.value === null ? [] : [String(each.value)])));
    const fillOf = (/** @type {{ tone: string, place: number }} */ mark) => `fill-cat-${mark.tone} pattern-${mark.place % 4}`;
    return {
      title: `${column.name} · ${date}`,
      note: isMade ? t("map_mode_note") : "",
      legend: [...[...marks].map(([category, mark]) => ({ fill: fillOf(mark), letter: mark.letter, words: category })), none],
      look(n) {
        const mark = marks.get(String(values[n]?.value ?? ""));
        return mark === undefined ? { ...none, value: "–" } : { fill: fillOf(mark), letter: mark.letter, value: "", words: words(n) };
      },
    };
  }
  const bounds = quantileBounds(values.flatMap((each) => (typeof each.value === "number" ? [each.value] : [])));
  // Where there are fewer steps than five they are spread, so that the smallest stays the darkest and the largest the lightest.
  const stepFill = (/** @type {number} */ step) => `fill-num-${bounds.length < 2 ? 2 : Math.round((step * (STEPS - 1)) / (bounds.length - 1))}`;
  return {
    title: `${column.name} · ${date}`,
    note: isMade ? t("map_median_note") : "",
    legend: [...bounds.map((bound, step) => ({
      fill: stepFill(step), letter: "",
      words: step === bounds.length - 1 ? t("map_from", { from: shown(bound) }) : t("map_range", { from: shown(bound), to: shown(bounds[step + 1] ?? bound) }),
    })), none],
    look(n) {
      const value = values[n]?.value;
      if (typeof value !== "number") return { ...none, value: "–" };
      return { fill: stepFill(stepOf(value, bounds)), letter: "", value: String(shown(value)), words: words(n) };
    },
  };
}
