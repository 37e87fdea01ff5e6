/**
 * Points counted by unit, whatever is counted: the counters are filters, units with most missing come first and open down to the
 * points. What the server pushes shows at once; what was opened is asked for again as the numbers move, and not oftener than needed.
 */

import { Answer, ask } from "./answers.js";
import { CounterMark } from "./board-icons.js";
import { showOnly, shownFilter, shownKey } from "./board-filter.js";
import { CallInTurn, Failure, LIST_MOST, Loading, OpenRow, PointRow, WideButton } from "./board-parts.js";
import { allOf, missingIn, missingStatuses, shares } from "./board-sources.js";
import { clockTime, number, t } from "./i18n.js";
import { html, signal, useEffect } from "./ui.js";

/** @import { Counter, Opened, Source } from "./board-sources.js" */
/** @import { Room } from "./console-room.js" */

const FIRST_POINTS = 50;
const MOST_POINTS = 1000;
const EVERYBODY = 20_000;
/** What is open, and the points of a pressed counter, follow the numbers this often at most. */
const FOLLOW_MS = 2_500;

/** Which unit of a board is open; kept while another tab is looked at. */
export class TallyView {
  /** From the scope down: what was opened. @type {import("@preact/signals").Signal<{ code: string, name: string }[]>} */
  path = signal([]);
  limit = signal(FIRST_POINTS);
  answer = new Answer();
  /** The counter whose points are being asked for. */
  pressed = signal("");
  failure = signal("");
  #key = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #last = 0;

  /** @param {Source} source  another board begins at the top */
  begin(source) {
    if (source.key === this.#key) return;
    this.#key = source.key;
    this.path.value = [];
    this.limit.value = FIRST_POINTS;
    this.failure.value = "";
    this.answer.forget();
  }

  get unit() {
    return this.path.value.at(-1)?.code ?? "";
  }

  /** @param {Room} room @param {Source} source @param {{ code: string, name: string }[]} path */
  open(room, source, path) {
    this.path.value = path;
    this.limit.value = FIRST_POINTS;
    void this.load(room, source);
  }

  /** @param {Room} room @param {Source} source */
  load(room, source) {
    this.#last = performance.now();
    return this.answer.load(room, source.path(this.unit, "missing", this.limit.peek()));
  }

  /** The numbers moved. @param {Room} room @param {Source} source @param {boolean} always  also the whole scope, which nobody pushes */
  follow(room, source, always) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (always || this.unit !== "") void this.load(room, source);
      const key = shownKey(room);
      if (key.startsWith(`${source.key}|`)) {
        const [, unit = "", status = ""] = key.split("|");
        void this.fill(room, source, unit, status, shownFilter(room)?.label ?? "");
      }
    }, Math.max(0, this.#last + FOLLOW_MS - performance.now()));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** @param {Room} room @param {Source} source @param {string} unit @param {string} status @param {string} label */
  async fill(room, source, unit, status, label) {
    this.#last = performance.now();
    const key = `${source.key}|${unit}|${status}`;
    this.pressed.value = key;
    try {
      const { points } = source.read(await ask(room, source.path(unit, status, EVERYBODY)));
      if (this.pressed.peek() === key) showOnly(room, { key, label, codes: new Set(points.map((each) => each.code)) });
      this.failure.value = "";
    } catch (error) {
      if (shownKey(room) !== key) this.failure.value = error instanceof Error ? error.message : "";
    }
    if (this.pressed.peek() === key) this.pressed.value = "";
  }
}

/**
 * @param {{ room: Room, source: Source, view: TallyView, pushed: Opened | null, label: string, callLabel: string }} props
 *   pushed: what the server keeps telling of the whole scope; null: it is asked for. label: what the filter is called
 */
export function TallyBoard({ room, source, view, pushed, label, callLabel }) {
  view.begin(source);
  const { data, failure, isLoading } = view.answer.state.value;
  const unit = view.path.value.at(-1);
  const asked = data === null ? null : source.read(data);
  const shown = unit === undefined && pushed !== null ? { ...pushed, points: asked?.points ?? [], hasMore: asked?.hasMore ?? false } : asked;
  useEffect(() => {
    if (view.answer.state.peek().path === "" && (pushed === null || pushed.units.length <= 1)) void view.load(room, source);
    else view.follow(room, source, pushed === null || pushed.units.length <= 1);
    return () => view.stop();
  }, [source.key, JSON.stringify(pushed?.tally)]);
  return html`<div class="census" data-tally=${source.key} data-unit=${unit?.code ?? ""} aria-busy=${isLoading}>
    ${view.path.value.length > 0 && html`<${Path} room=${room} source=${source} view=${view} />`}
    ${failure !== "" && html`<${Failure} words=${failure} onRetry=${() => void view.load(room, source)} />`}
    ${shown === null
      ? failure === "" && html`<${Loading} rows=${6} />`
      : html`<${Numbers} source=${source} tally=${shown.tally} />
        <${Counters} room=${room} source=${source} view=${view} tally=${shown.tally} label=${unit === undefined ? label : `${label}, ${unit.name}`} />
        ${view.failure.value !== "" && html`<${Failure} words=${view.failure.value} />`}
        <div class="board-actions"><${CallInTurn} room=${room} id="call-missing" count=${missingIn(source, shown.tally)} label=${callLabel}
          codes=${() => missingCodes(room, source, view.unit)} /></div>
        <${Units} room=${room} source=${source} view=${view} opened=${shown} />
        <${Points} room=${room} source=${source} view=${view} opened=${shown} />`}
  </div>`;
}

/** @param {{ room: Room, source: Source, view: TallyView }} props */
function Path({ room, source, view }) {
  const path = view.path.value;
  return html`<nav class="census-path" aria-label=${t("tally_path")}>
    <button type="button" class="link" data-command="whole" onClick=${() => view.open(room, source, [])}>${t("tally_whole")}</button>
    ${path.map((each, depth) => html`<span key=${each.code}> › ${depth === path.length - 1
      ? html`<strong aria-current="true">${each.name}</strong>`
      : html`<button type="button" class="link" onClick=${() => view.open(room, source, path.slice(0, depth + 1))}>${each.name}</button>`}</span>`)}
  </nav>`;
}

/** @param {{ source: Source, tally: any }} props */
function Numbers({ source, tally }) {
  const all = allOf(source, tally);
  const parts = source.counters.map((each) => each.of(tally));
  return html`<div class="census-head"><p class="board-total">${t(source.total, { done: number(all - missingIn(source, tally)), all: number(all) })}</p><${WideButton} /></div>
    <div class="census-bar" aria-hidden="true">${shares(parts).map((share, place) => html`<span key=${place} data-tone=${source.counters[place]?.tone} style=${{ flexGrow: share, flexBasis: share > 0 ? "2px" : "0" }}></span>`)}</div>`;
}

/** @param {{ room: Room, source: Source, view: TallyView, tally: any, label: string }} props */
function Counters({ room, source, view, tally, label }) {
  const shown = shownKey(room);
  const press = (/** @type {Counter} */ counter) => {
    const key = `${source.key}|${view.unit}|${counter.status}`;
    if (shownKey(room) === key) showOnly(room, null);
    else void view.fill(room, source, view.unit, counter.status, `${label}: ${t(counter.word)}`);
  };
  return html`<div class="census-counters" role="group" aria-label=${t("tally_counters")}>
    ${source.counters.map((counter) => {
      const key = `${source.key}|${view.unit}|${counter.status}`;
      return html`<button type="button" key=${counter.status} class="census-counter" data-status=${counter.status} data-tone=${counter.tone} aria-pressed=${shown === key} aria-busy=${view.pressed.value === key}
        title=${t(shown === key ? "tally_shown" : "tally_show")} onClick=${() => press(counter)}>
        <span class="census-count">${number(counter.of(tally))}</span><span class="census-word"><${CounterMark} mark=${counter.mark} />${t(counter.word)}</span></button>`;
    })}
  </div>`;
}

/** @param {{ room: Room, source: Source, view: TallyView, opened: Opened }} props */
function Units({ room, source, view, opened }) {
  const own = view.unit;
  const rows = opened.units.filter((row) => row.code !== own);
  if (rows.length === 0) return null;
  return html`<h3 class="board-heading">${t("tally_units")}</h3>
    <ul class="census-units">${rows.map((row) => {
      const missing = missingIn(source, row.tally);
      return html`<${OpenRow} key=${row.code} unit=${row.code} missing=${missing} name=${row.name} onPress=${() => view.open(room, source, [...view.path.peek(), { code: row.code, name: row.name }])}
        words=${html`<span class="census-unit-missing" data-none=${missing === 0 ? "yes" : "no"}>${missing === 0 ? t("tally_none_missing", { all: number(allOf(source, row.tally)) }) : t("tally_missing", { missing: number(missing), all: number(allOf(source, row.tally)) })}</span>`} />`;
    })}</ul>
    ${opened.unitsLeftOut > 0 && html`<p class="muted">${t("roll_call_left_out", { count: number(opened.unitsLeftOut) })}</p>`}`;
}

/** @param {{ room: Room, source: Source, view: TallyView, opened: Opened }} props */
function Points({ room, source, view, opened }) {
  const { points, hasMore } = opened;
  const isWhole = view.unit === "" && opened.units.length > 1;
  if (isWhole) return null;
  if (points.length === 0) return missingIn(source, opened.tally) === 0 ? html`<p class="muted">${t("tally_nobody_missing")}</p>` : html`<${Loading} rows=${3} />`;
  return html`<h3 class="board-heading">${t("tally_points", { count: number(missingIn(source, opened.tally)) })}</h3>
    <ul class="board-point-rows">${points.map((each) => html`<${PointRow} key=${each.code} room=${room} code=${each.code} name=${each.name}
      word=${[t(each.word), each.who, each.at === null ? "" : clockTime(each.at)].filter(Boolean).join(" · ")} />`)}</ul>
    ${hasMore && view.limit.value < MOST_POINTS && html`<button type="button" class="button small" data-command="more" onClick=${() => {
      view.limit.value = Math.min(MOST_POINTS, view.limit.peek() * 4);
      void view.load(room, source);
    }}>${t("board_more")}</button>`}
    ${hasMore && view.limit.value >= MOST_POINTS && html`<p class="muted">${t("tally_more_filtered")}</p>`}`;
}

/** Who is missing, those that can be reached first, as many as a list of calls holds. @param {Room} room @param {Source} source @param {string} unit @returns {Promise<string[]>} */
async function missingCodes(room, source, unit) {
  /** @type {string[]} */
  const codes = [];
  for (const status of missingStatuses(source)) {
    if (codes.length >= LIST_MOST) break;
    const { points } = source.read(await ask(room, source.path(unit, status, LIST_MOST - codes.length)));
    codes.push(...points.map((each) => each.code));
  }
  return codes;
}
