/** The values of one indicator beside the list of points: pure. */

/** @import { IndicatorAnswer } from "./types.js" */

/** What is asked for. @typedef {{ name: string, filter: string, order: "" | "up" | "down", inherited: boolean }} IndicatorWish */

/** More units than the country has. */
const MOST = 20_000;

/** @param {IndicatorWish} wish @returns {string} */
export function valuesPath(wish) {
  const query = new URLSearchParams({ name: wish.name, limit: String(MOST) });
  if (wish.filter.trim() !== "") query.set("filter", wish.filter.trim());
  if (wish.order !== "") query.set("sort", `${wish.order === "down" ? "-" : ""}${wish.name}`);
  if (wish.inherited) query.set("inherited", "true");
  return `/api/indicators/values?${query}`;
}

export class IndicatorColumn {
  /** Unit → its value and its place in the order asked for. @type {Map<string, { value: number | string, place: number }>} */
  #units = new Map();
  #narrows;
  #orders;

  /** @param {IndicatorAnswer} answer @param {IndicatorWish} wish  what it answers */
  constructor(answer, wish) {
    /** What was asked for: another one is another list. */
    this.key = valuesPath(wish);
    this.date = answer.date;
    this.name = answer.name;
    this.kind = answer.kind;
    this.#narrows = wish.filter.trim() !== "";
    this.#orders = wish.order !== "";
    answer.units.forEach(({ unit, value }, place) => {
      if (value !== null) this.#units.set(unit, { value, place });
    });
  }

  /** Whether it leaves points out. */
  get narrows() {
    return this.#narrows;
  }

  /** Whether the order is its own. */
  get orders() {
    return this.#orders;
  }

  get size() {
    return this.#units.size;
  }

  /** @param {string} unit @returns {number | string | null} */
  value(unit) {
    return this.#units.get(unit)?.value ?? null;
  }

  /**
   * Rows as the filter and the order want them: with a filter only those that fit, those without a value last.
   * @param {Int32Array} rows @param {(row: number) => string} unitOf @returns {Int32Array} another array
   */
  arrange(rows, unitOf) {
    const kept = this.#narrows ? rows.filter((row) => this.#units.has(unitOf(row))) : rows.slice();
    if (!this.#orders) return kept;
    // One number each, place before row's place, so that typed arrays sort it: no object for each of ten thousand rows.
    const keys = new Float64Array(kept.length);
    kept.forEach((row, i) => (keys[i] = (this.#units.get(unitOf(row))?.place ?? MOST) * (MOST + 1) + i));
    keys.sort();
    return Int32Array.from(keys, (key) => kept[key % (MOST + 1)] ?? 0);
  }
}
