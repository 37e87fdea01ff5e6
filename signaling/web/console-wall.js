/**
 * The wall: the still of every point of the selection on one canvas, kept up by one question a second. Where there is no still
 * the shape of the state stands on grey. One cell is a point or the head of a unit, which leads into it.
 */

import { BADGE_WORDS, badgeLetter, badgeWords } from "./console-badges.js";
import { elapsed, number, t, tOr } from "./i18n.js";
import { stateOf } from "./points.js";
import { stillsOf } from "./console-stills.js";
import { tilesOf } from "./map-tiles.js";
import { cellAt, cornerOf, groupedCells, layoutOf, nextZoom } from "./wall-layout.js";
import { WallPainter } from "./wall-painter.js";
import { html, serverNow, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { Layout } from "./wall-layout.js" */

/** While points come and go the wall is put in order anew no more often than this. */
const SETTLE_MS = 1_000;
/** Enough to know that there are more than are shown large. */
const SEEN_MOST = 256;

/** @type {Readonly<Record<string, number>>} */
const ARROWS = { ArrowLeft: -1, ArrowRight: 1 };

/** What is drawn: kept outside of the component, because painter and pointer ask for it at any time. */
class Wall {
  /** @type {WallPainter | null} */
  painter = null;
  /** @type {Int32Array} */
  cells = new Int32Array(0);
  /** @type {{ short: string, name: string, code: string }[]} */
  groups = [];
  /** @type {Layout | null} */
  layout = null;
  /** What the cells were made of. */
  /** @type {Int32Array} */
  rows = new Int32Array(0);
  choice = "";
  madeAt = Number.NEGATIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  later;

  /**
   * New cells: at once when somebody chose something else; when only points came and went, once a second.
   * @param {Room} room @param {() => void} again  called when it is time @returns {boolean} whether they are others
   */
  settle(room, again) {
    const { selection } = room;
    const directory = room.directory.value;
    const rows = selection.rows.value;
    const shown = selection.shown.value;
    const choice = [directory.version, shown, selection.query.value, selection.state.value, selection.onlyLive.value, selection.badge.value,
      selection.points.value?.label, selection.column.value?.key].join("|");
    const isOther = choice !== this.choice;
    if (!isOther && isSame(this.rows, rows)) return false;
    const waitMs = this.madeAt + SETTLE_MS - performance.now();
    if (!isOther && waitMs > 0) {
      this.later ??= setTimeout(() => {
        this.later = undefined;
        again();
      }, waitMs);
      return false;
    }
    const { tiles } = tilesOf(directory, shown);
    const units = tiles.filter((tile) => tile.point < 0 && !tile.isIsland);
    const isRanked = selection.query.value.trim() !== "" || (selection.column.value?.orders ?? false);
    this.groups = units.map((tile) => ({ short: tile.short, name: tile.name, code: tile.code }));
    this.cells = isRanked || units.length < 2 ? rows.slice() : groupedCells(rows, directory.placeOf, units);
    this.rows = rows;
    this.choice = choice;
    this.madeAt = performance.now();
    return true;
  }
}

/** @param {{ room: Room }} props */
export function PictureWall({ room }) {
  const { selection } = room;
  const directory = room.directory.value;
  const zoom = useSignal(0);
  const view = useSignal({ width: 0, height: 0, ratio: 1 });
  const top = useSignal(0);
  const focus = useSignal(-1);
  const isFocused = useSignal(false);
  const hover = useSignal(-1);
  const box = /** @type {{ current: HTMLDivElement | null }} */ (useRef(null));
  const canvas = /** @type {{ current: HTMLCanvasElement | null }} */ (useRef(null));
  const kept = /** @type {{ current: Wall | null }} */ (useRef(null));
  const anchor = /** @type {{ current: { at: number, y: number } | null }} */ (useRef(null));
  kept.current ??= new Wall();
  const wall = kept.current;
  const again = useSignal(0);
  void again.value;
  const stills = stillsOf(room);

  useEffect(() => {
    if (canvas.current === null || box.current === null) return undefined;
    wall.painter = new WallPainter(canvas.current, {
      atlas: stills.atlas, states: room.states, marks: room.stills,
      words: {
        badge: (index) => badgeLetter(room, index),
        name: (index) => room.directory.peek().points[index]?.name ?? "",
        head: (group) => wall.groups[group] ?? { short: "", name: "" },
      },
    });
    stills.painter = wall.painter;
    const element = box.current;
    const measure = () => (view.value = { width: element.clientWidth, height: element.clientHeight, ratio: Math.min(2, devicePixelRatio || 1) });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    // Not by JSX: it must be able to keep the page from zooming.
    const wheel = (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      change(event.deltaY < 0 ? 1 : -1, event.clientX, event.clientY);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", wheel);
      clearTimeout(wall.later);
      wall.painter?.stop();
      stills.painter = null;
    };
  }, [directory.version]);

  const isOther = wall.settle(room, () => (again.value += 1));
  const { cells } = wall;
  const layout = layoutOf(cells.length, zoom.value, view.value);
  wall.layout = layout;

  useEffect(() => {
    if (isOther) {
      wall.painter?.setCells(cells, directory.points.length);
      focus.value = -1;
      hover.value = -1;
    }
    if (view.value.width === 0 || wall.painter === null) return;
    const limit = Math.max(0, layout.content - view.value.height);
    if (anchor.current !== null && box.current !== null) {
      const { at, y } = anchor.current;
      anchor.current = null;
      box.current.scrollTop = Math.max(0, cornerOf(layout, at).y - y);
      top.value = box.current.scrollTop;
    }
    wall.painter.setView(layout, view.value, Math.min(limit, top.value));
    const first = Math.max(0, Math.floor(top.value / layout.height)) * layout.columns;
    const end = Math.ceil((top.value + view.value.height) / layout.height) * layout.columns;
    stills.enlarge(layout.tile, [...cells.subarray(first, Math.min(end, first + SEEN_MOST))].filter((index) => index >= 0));
  }, [cells, layout.tile, layout.columns, view.value, top.value, directory.version]);

  const chosen = selection.chosen.value === null ? -1 : (wall.painter?.placeOf(directory.indexOf(selection.chosen.value)) ?? -1);
  useEffect(() => wall.painter?.setMarked(chosen, isFocused.value ? focus.value : -1), [chosen, focus.value, isFocused.value, cells, layout.tile]);
  const painted = room.painted.value;
  const badged = room.badged.value;
  useEffect(() => wall.painter?.refresh(serverNow()), [painted, badged]);

  /** @param {number} by @param {number} [clientX] @param {number} [clientY] */
  const change = (by, clientX, clientY) => {
    const element = box.current;
    const now = wall.layout;
    if (element === null || now === null) return;
    const frame = element.getBoundingClientRect();
    const y = (clientY ?? frame.top + frame.height / 2) - frame.top;
    const at = clientX === undefined && focus.peek() >= 0 ? focus.peek() : cellAt(now, wall.cells.length, (clientX ?? frame.left) - frame.left, y + element.scrollTop);
    anchor.current = at < 0 ? null : { at, y: clientX === undefined ? frame.height / 3 : y };
    zoom.value = by === 0 ? 0 : nextZoom(zoom.peek(), by, now.tile);
  };
  /** @param {number} at */
  const press = (at) => {
    const index = cells[at];
    if (index === undefined) return;
    if (index < 0) selection.enter(wall.groups[-1 - index]?.code ?? "");
    else room.choosePoint(directory.points[index]?.code ?? null);
  };
  /** @param {any} event */
  const at = (event) => {
    const frame = event.currentTarget.getBoundingClientRect();
    return cellAt(layout, cells.length, event.clientX - frame.left, event.clientY - frame.top + event.currentTarget.scrollTop);
  };
  /** @param {number} to */
  const move = (to) => {
    const place = Math.max(0, Math.min(cells.length - 1, to));
    focus.value = place;
    const { y } = cornerOf(layout, place);
    const element = box.current;
    if (element === null) return;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + layout.height > element.scrollTop + element.clientHeight) element.scrollTop = y + layout.height - element.clientHeight;
  };
  const looked = hover.value >= 0 ? hover.value : isFocused.value ? focus.value : -1;
  const said = looked < 0 ? "" : wordsOf(room, wall, cells[looked]);
  const perPage = Math.max(1, Math.floor(view.value.height / layout.height)) * layout.columns;
  return html`<div class="wall-view">
    <div class="wall-toolbar">
      <button type="button" class="button small icon-only" id="wall-out" aria-label=${t("wall_smaller")} disabled=${zoom.value === 0} onClick=${() => change(-1)}>−</button>
      <button type="button" class="button small icon-only" id="wall-in" aria-label=${t("wall_larger")} onClick=${() => change(1)}>+</button>
      <button type="button" class="button small" id="wall-fit" aria-pressed=${zoom.value === 0} onClick=${() => change(0)}>${t("wall_fit")}</button>
      <span class="wall-count" id="wall-count">${t("wall_with_still", { count: number(room.stills.count) })}</span>
      <ul class="wall-legend">${Object.entries(BADGE_WORDS).map(([badge, { words, letter }]) => letter !== "" && html`<li key=${badge}><span class="wall-badge" aria-hidden="true">${t(letter)}</span>${t(words)}</li>`)}</ul>
    </div>
    <div class="wall-box" id="wall" ref=${box} role="listbox" tabindex="0" aria-label=${t("wall_title_count", { count: number(wall.rows.length) })} aria-activedescendant=${isFocused.value && focus.value >= 0 ? "wall-focus" : undefined}
      data-tile=${layout.tile} data-cells=${cells.length} data-rounds=${stills.rounds}
      onScroll=${(/** @type {any} */ event) => (top.value = event.currentTarget.scrollTop)}
      onFocus=${() => {
        isFocused.value = true;
        if (focus.value < 0) focus.value = Math.max(0, chosen);
      }} onBlur=${() => (isFocused.value = false)}
      onPointerMove=${(/** @type {any} */ event) => (hover.value = at(event))} onPointerLeave=${() => (hover.value = -1)}
      onClick=${(/** @type {any} */ event) => {
        focus.value = at(event);
        press(focus.value);
      }}
      onKeyDown=${(/** @type {any} */ event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const step = { ...ARROWS, ArrowUp: -layout.columns, ArrowDown: layout.columns, PageUp: -perPage, PageDown: perPage }[/** @type {string} */ (event.key)];
        if (step !== undefined) move(focus.value + step);
        else if (event.key === "Home") move(0);
        else if (event.key === "End") move(cells.length - 1);
        else if (event.key === "Enter" && event.shiftKey) return;
        else if (event.key === "Enter" && cells[focus.value] !== undefined && !isChosen(room, cells[focus.value] ?? -1)) press(focus.value);
        else if (event.key === " ") press(focus.value);
        else if (event.key === "+" || event.key === "=") change(1);
        else if (event.key === "-") change(-1);
        else if (event.key === "0") change(0);
        else if (event.key === "Backspace") selection.leave();
        else return;
        event.preventDefault();
      }}>
      <div class="wall-space" style=${{ height: `${layout.content}px` }}></div>
      <canvas class="wall-canvas" ref=${canvas} aria-hidden="true" style=${{ width: `${view.value.width}px`, height: `${view.value.height}px` }}></canvas>
      <div class="visually-hidden" role="option" id="wall-focus" aria-selected=${chosen >= 0 && chosen === focus.value} aria-posinset=${focus.value >= 0 ? focus.value + 1 : undefined} aria-setsize=${focus.value >= 0 ? cells.length : undefined}>${focus.value >= 0 ? wordsOf(room, wall, cells[focus.value]) : t("wall_title")}</div>
    </div>
    <p class="wall-readout">${said || (wall.rows.length === 0 ? t("none_found") : t("wall_hint"))}</p>
  </div>`;
}

/** @param {Int32Array | null} a @param {Int32Array} b */
function isSame(a, b) {
  return a !== null && a.length === b.length && a.every((value, i) => value === b[i]);
}

/** @param {Room} room @param {number} index */
const isChosen = (room, index) => index >= 0 && room.directory.peek().points[index]?.code === room.selection.chosen.peek();

/** @param {Room} room @param {Wall} wall @param {number | undefined} cell */
function wordsOf(room, wall, cell) {
  if (cell === undefined) return "";
  if (cell < 0) return t("wall_enter", { name: wall.groups[-1 - cell]?.name ?? "" });
  const point = room.directory.peek().points[cell];
  if (point === undefined) return "";
  const at = room.stills.at[cell] ?? 0;
  const parts = [point.path === "" ? point.name : `${point.name}, ${point.path}`, tOr(`state_${stateOf(room.states.states[cell] ?? 0).key}`, "")];
  if (at > 0) parts.push(t("still_age", { age: elapsed(serverNow() - at) }), badgeWords(room, cell));
  return parts.filter(Boolean).join(" · ");
}
