/**
 * What of the country is looked at: one selection that map, wall and list show. Logic only, signals but no page.
 *
 *     text, unit, named points  →  matched  ─┐
 *     state or connected, badge, indicator  ─┴→  rows (typed, in the order to show)
 *
 * `matched` changes when somebody types or chooses; `rows` also whenever the states are painted, which is a pass over some
 * ten thousand bytes.
 */

import { batch, computed, signal } from "@preact/signals-core";
import { OUT_OF_SCOPE, isLive } from "./points.js";
import { SearchIndex } from "./search.js";

/** @import { Directory } from "./directory.js" */
/** @import { IndicatorColumn, IndicatorWish } from "./indicator-values.js" */
/** @import { PointStates } from "./points.js" */
/** @import { IndicatorView } from "./types.js" */

/** @template T @typedef {import("@preact/signals-core").Signal<T>} Signal */
/** @template T @typedef {import("@preact/signals-core").ReadonlySignal<T>} ReadonlySignal */

/** Points that a board named, such as those missing from a roll call; `key` is the board's own. @typedef {{ label: string, codes: ReadonlySet<string>, key?: string }} NamedPoints */
/** What is known of the stills, by point index; see stills.js. @typedef {{ has(index: number, badge: Badge): boolean }} Badges */
/** @typedef {"" | "any" | "black" | "frozen" | "covered" | "empty" | "person"} Badge */

/** @type {readonly Exclude<Badge, "">[]} */
export const BADGES = ["any", "black", "frozen", "covered", "empty", "person"];

export class Selection {
  query = signal("");
  /** Code of the unit; empty: all that this account sees. */
  unit = signal("");
  /** Index of a state; -1: any. */
  state = signal(-1);
  onlyLive = signal(true);
  /** @type {Signal<Badge>} */
  badge = signal(/** @type {Badge} */ (""));
  /** @type {Signal<NamedPoints | null>} */
  points = signal(/** @type {NamedPoints | null} */ (null));
  /** Indicators that there are. @type {Signal<IndicatorView[]>} */
  known = signal(/** @type {IndicatorView[]} */ ([]));
  /** What was asked of the indicators; see console-indicators.js, which brings the column. @type {Signal<IndicatorWish>} */
  wish = signal(/** @type {IndicatorWish} */ ({ name: "", filter: "", order: "", inherited: false }));
  /** The chosen indicator with its filter and order. @type {Signal<IndicatorColumn | null>} */
  column = signal(/** @type {IndicatorColumn | null} */ (null));
  /** Code of the chosen point. @type {Signal<string | null>} */
  chosen = signal(/** @type {string | null} */ (null));

  #directory;
  #states;
  #painted;
  #badges;
  #badged;
  #index;
  #outside;
  /** The unit of this account: where the map begins. @type {ReadonlySignal<string>} */
  home;
  /** The unit whose points are shown: the chosen one, else the account's own. @type {ReadonlySignal<string>} */
  shown;
  /** @type {ReadonlySignal<Int32Array>} */
  matched;
  /** What all views show: indexes of the directory. @type {ReadonlySignal<Int32Array>} */
  rows;
  /** How many match, but are not connected or not in the state asked for. @type {ReadonlySignal<number>} */
  hidden;
  /** Whether anything narrows the selection. @type {ReadonlySignal<boolean>} */
  isNarrow;

  /**
   * @param {object} from
   * @param {ReadonlySignal<Directory>} from.directory
   * @param {PointStates} from.states @param {ReadonlySignal<number>} from.painted  grows when the states may be read anew
   * @param {Badges} [from.badges] @param {ReadonlySignal<number>} [from.badged]  grows when the badges may be read anew
   */
  constructor({ directory, states, painted, badges, badged }) {
    this.#directory = directory;
    this.#states = states;
    this.#painted = painted;
    this.#badges = badges;
    this.#badged = badged;
    this.#index = computed(() => new SearchIndex(directory.value.points));
    this.#outside = computed(() => {
      void painted.value;
      return states.counts[OUT_OF_SCOPE] ?? 0;
    });
    this.home = computed(() => {
      if (this.#outside.value === 0) return "";
      return directory.value.homeOf((i) => states.states[i] !== undefined && states.states[i] !== OUT_OF_SCOPE);
    });
    this.shown = computed(() => (this.unit.value !== "" ? this.unit.value : this.home.value));
    this.matched = computed(() => this.#match());
    this.rows = computed(() => this.#choose());
    this.hidden = computed(() => this.matched.value.length - this.rows.value.length);
    this.isNarrow = computed(() => this.query.value.trim() !== "" || this.unit.value !== "" || this.state.value >= 0 || this.badge.value !== "" || this.points.value !== null || (this.column.value?.narrows ?? false));
  }

  /** Make what a search needs before there is one: some ten milliseconds, once a directory. */
  prepare() {
    void this.#index.peek();
  }

  /** Everything again; whether only connected points are shown stays. The indicator stays beside the points, without its filter. */
  clear() {
    batch(() => {
      this.query.value = "";
      this.unit.value = "";
      this.state.value = -1;
      this.badge.value = "";
      this.points.value = null;
      this.wish.value = { ...this.wish.value, filter: "" };
    });
  }

  /** Show the points of a unit. @param {string} code  empty: all that this account sees */
  enter(code) {
    const { roots } = this.#directory.value;
    this.unit.value = code === this.home.value || (roots.length === 1 && roots[0]?.code === code) ? "" : code;
  }

  /** The unit above the one shown, no higher than the account's own. @returns {boolean} whether there was one */
  leave() {
    if (this.unit.value === "") return false;
    this.enter(this.path().at(-2)?.code ?? "");
    return true;
  }

  /** The units from the account's own down to the shown one, without the one that everything is. @returns {import("./directory.js").Unit[]} */
  path() {
    const path = this.#directory.value.pathOf(this.unit.value);
    const home = path.findIndex((unit) => unit.code === this.home.value);
    if (home >= 0) return path.slice(home + 1);
    return this.#directory.value.roots.length === 1 ? path.slice(1) : path;
  }

  /** @returns {Int32Array} points in scope of the unit, among the named ones, that the text finds; best first */
  #match() {
    const directory = this.#directory.value;
    void this.#outside.value;
    const { states } = this.#states;
    const [from, to] = directory.stretch(this.unit.value);
    const named = this.points.value;
    const { placeOf, points } = directory;
    const isMeant = (/** @type {number} */ i) => {
      const place = placeOf[i] ?? 0;
      if (place < from || place >= to || states[i] === OUT_OF_SCOPE) return false;
      return named === null || named.codes.has(points[i]?.code ?? "");
    };
    // The index is made when somebody types, or before: the first look at the country does not wait for it.
    if (this.query.value.trim() !== "") return this.#index.value.find(this.query.value, isMeant);
    const found = new Int32Array(points.length);
    let count = 0;
    for (let i = 0; i < points.length; i += 1) if (isMeant(i)) found[count++] = i;
    return found.slice(0, count);
  }

  #choose() {
    const directory = this.#directory.value;
    const matched = this.matched.value;
    const state = this.state.value;
    const onlyLive = this.onlyLive.value && state < 0 && this.points.value === null;
    const badge = this.badge.value;
    let rows = matched;
    if (onlyLive || state >= 0) {
      void this.#painted.value;
      const { states } = this.#states;
      rows = state >= 0 ? rows.filter((i) => states[i] === state) : rows.filter((i) => isLive(states[i] ?? 0));
    }
    if (badge !== "") {
      void this.#badged?.value;
      rows = rows.filter((i) => this.#badges?.has(i, badge) ?? false);
    }
    return this.column.value?.arrange(rows, (i) => directory.unitOf(i)) ?? rows;
  }
}
