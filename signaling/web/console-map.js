/**
 * The map: the units of the one shown as tiles, coloured by state, roll call or indicator. A tile leads into its unit or chooses
 * its desk. Only tiles whose figures changed are drawn anew, and only those in view when there are many.
 */

import { clockTime, number, t } from "./i18n.js";
import { StateShape } from "./icons.js";
import { RollCallFigures } from "./console-map-roll.js";
import { byIndicator, byRollCall, byState } from "./map-paint.js";
import { TileFigures, neighbour, tilesOf } from "./map-tiles.js";
import { POINT_STATES, stateOf } from "./points.js";
import { computed, html, recall, remember, signal, useEffect, useLayoutEffect, useRef, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { Painter } from "./map-paint.js" */
/** @import { Tile } from "./map-tiles.js" */

/** "state", "roll <id>", "indicator". */
export const mapColour = signal(recall("map_colour") === "indicator" ? "indicator" : "state");

/** A plain grid: tiles as large as lets all be seen, within these bounds; rows kept above and below what is seen. */
const TILE_PX = { least: 104, most: 300, ratio: 0.5, gap: 4, padding: 4 };
const SPARE_ROWS = 3;
/** What is worth a mark on a tile besides its colour: states, and which of them is its shape. */
const MARKS = /** @type {const} */ ([
  { key: "air", words: "map_mark_air", states: [7], show: 7 },
  { key: "preview", words: "map_mark_preview", states: [6], show: 6 },
  { key: "call", words: "map_mark_call", states: [2, 3, 4, 5], show: 3 },
  { key: "warn", words: "map_mark_warn", states: [8, 9], show: 8 },
]);

/** @type {Readonly<Record<string, "left" | "right" | "up" | "down">>} */
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** @type {WeakMap<Room, import("@preact/signals").ReadonlySignal<import("./map-tiles.js").TileMap>>} */
const maps = new WeakMap();

/** @param {Room} room */
function mapOf(room) {
  const known = maps.get(room);
  if (known !== undefined) return known;
  const made = computed(() => tilesOf(room.directory.value, room.selection.shown.value));
  maps.set(room, made);
  return made;
}

/** @param {{ room: Room }} props */
export function CountryMap({ room }) {
  const { selection, states } = room;
  const { tiles, columns, rows } = mapOf(room).value;
  const roll = /** @type {{ current: RollCallFigures | null }} */ (useRef(null));
  roll.current ??= new RollCallFigures(room);
  void room.painted.value;
  const figures = new TileFigures(tiles, room.directory.value.byTree, states.states, selection.matched.value, selection.rows.value);
  const colour = mapColour.value;
  const [what, rollCall] = colour.split(" ");
  const board = what === "roll" ? room.boards.value.find((each) => each.id === rollCall) : undefined;
  const unit = selection.shown.value;
  useEffect(() => {
    if (board !== undefined) roll.current?.show(board.id, unit);
    else roll.current?.stop();
  }, [board, unit]);
  useEffect(() => () => roll.current?.stop(), []);
  const column = selection.column.value;
  const inked = /** @type {{ current: { key: unknown[], painter: Painter } | null }} */ (useRef(null));
  const painter = what === "indicator" && column !== null ? kept(inked, [column, tiles, t("map_no_value")], () => byIndicator(column, tiles, room.directory.value))
    : board !== undefined ? byRollCall(roll.current.figures.value, room.directory.value) : byState(figures, states.states);
  const readout = useSignal(/** @type {string | null} */ (null));
  const looked = tiles.findIndex((tile) => tile.key === readout.value);
  return html`<div class="map-view">
    <${Toolbar} room=${room} said=${looked < 0 ? painter.note : html`<strong>${tiles[looked]?.full}</strong> · ${painter.look(looked, /** @type {Tile} */ (tiles[looked])).words}${marksInWords(figures, looked)}`} />
    ${tiles.length === 0
      ? html`<p class="views-empty">${room.directory.value.points.length === 0 ? t(room.directoryFailed.value ? "directory_failed" : "loading_directory") : t("map_nothing_below")}</p>`
      : html`<${Tiles} room=${room} tiles=${tiles} columns=${columns} rows=${rows} figures=${figures} painter=${painter} readout=${readout} />`}
    <${Legend} painter=${painter} figures=${figures} tiles=${tiles.length} />
  </div>`;
}

/** @template T @param {{ current: { key: unknown[], painter: T } | null }} place @param {unknown[]} key @param {() => T} make @returns {T} */
function kept(place, key, make) {
  if (place.current === null || key.some((each, i) => each !== place.current?.key[i])) place.current = { key, painter: make() };
  return place.current.painter;
}

/** What the colours mean, and in words what one looks at. @param {{ room: Room, said: any }} props */
function Toolbar({ room, said }) {
  const { selection } = room;
  const boards = room.boards.value;
  const known = selection.known.value;
  const { name } = selection.wish.value;
  const value = mapColour.value === "indicator" ? (name === "" ? "state" : `indicator ${name}`) : mapColour.value;
  return html`<div class="map-toolbar">
    <label class="wide-only" for="map-colour">${t("map_colour")}</label>
    <select id="map-colour" value=${value} onChange=${(/** @type {any} */ event) => {
      const chosen = String(event.currentTarget.value);
      if (chosen.startsWith("indicator ")) {
        const wanted = chosen.slice("indicator ".length);
        if (wanted !== name) selection.wish.value = { name: wanted, filter: "", order: "", inherited: selection.wish.value.inherited };
        mapColour.value = "indicator";
      } else mapColour.value = chosen;
      remember("map_colour", mapColour.value);
    }}>
      <option value="state">${t("map_by_state")}</option>
      ${boards.map((board) => html`<option key=${board.id} value=${`roll ${board.id}`}>${t("map_by_roll_of", { number: board.id.replace(/^\D+/, ""), time: clockTime(board.started_at) })}</option>`)}
      ${known.map((each) => html`<option key=${each.name} value=${`indicator ${each.name}`}>${t("map_by_indicator", { name: each.name })}</option>`)}
    </select>
    <p class="map-readout">${said}</p>
  </div>`;
}

/**
 * @param {{ room: Room, tiles: readonly Tile[], columns: number, rows: number, figures: TileFigures, painter: Painter, readout: import("@preact/signals").Signal<string | null> }} props
 */
function Tiles({ room, tiles, columns, rows, figures, painter, readout }) {
  const box = /** @type {{ current: HTMLDivElement | null }} */ (useRef(null));
  const size = useSignal({ width: 320, height: 400 });
  const top = useSignal(0);
  const roving = useSignal("");
  const moved = /** @type {{ current: boolean }} */ (useRef(false));
  /** What was drawn of each tile; the same markup again is not looked into. @type {{ current: Map<string, { key: string, drawn: any }> }} */
  const cache = useRef(new Map());
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (size.value = { width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const shown = room.selection.shown.value;
  useLayoutEffect(() => {
    cache.current.clear();
    if (box.current !== null) box.current.scrollTop = 0;
  }, [shown, t("map_no_value")]);
  const isGrid = columns > 0;
  const extra = tiles.filter((tile) => tile.row < 0).length;
  const plain = plainGrid(tiles.length, size.value);
  const wide = isGrid ? columns : plain.columns;
  const places = placesOf(tiles, wide, isGrid ? rows : 0);
  const high = isGrid ? rows + Math.ceil(extra / wide) : Math.ceil(tiles.length / wide);
  const pitch = plain.height + TILE_PX.gap;
  const first = isGrid ? 0 : Math.max(0, Math.floor(top.value / pitch) - SPARE_ROWS);
  const last = isGrid ? high : Math.ceil((top.value + size.value.height) / pitch) + SPARE_ROWS;
  const focus = Math.max(0, tiles.findIndex((tile) => tile.key === roving.value));
  const chosen = room.selection.chosen.value;

  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(`[data-n="${focus}"]`))?.focus();
  }, [roving.value]);

  /** @param {Tile} tile */
  const press = (tile) => {
    if (tile.point >= 0) room.choosePoint(room.directory.value.points[tile.point]?.code ?? null);
    else if (tile.code !== "") {
      room.selection.enter(tile.code);
      moved.current = true;
      roving.value = "";
    }
  };
  const drawn = [];
  for (let n = 0; n < tiles.length; n += 1) {
    const tile = /** @type {Tile} */ (tiles[n]);
    const place = /** @type {{ x: number, y: number }} */ (places[n]);
    if ((place.y < first || place.y > last) && n !== focus) continue;
    const look = painter.look(n, tile);
    const isChosen = tile.point >= 0 && room.directory.value.points[tile.point]?.code === chosen;
    const state = tile.point >= 0 ? (room.states.states[tile.point] ?? 0) : -1;
    const isDim = (figures.selected[n] ?? 0) === 0;
    const key = `${figures.signature(n)} ${look.fill} ${look.value} ${look.letter} ${look.words} ${place.x} ${place.y} ${isChosen} ${n === focus} ${state}`;
    let before = cache.current.get(tile.key);
    if (before?.key !== key) {
      before = { key, drawn: html`<button type="button" key=${tile.key} data-n=${n} data-tile=${tile.code} data-dim=${isDim ? "yes" : "no"} tabindex=${n === focus ? 0 : -1}
        class=${`tile ${look.fill}${tile.isIsland ? " tile-island" : ""}`} aria-pressed=${tile.point >= 0 ? isChosen : undefined}
        style=${{ gridColumn: String(place.x + 1), gridRow: String(place.y + 1) }}>
        <span class="visually-hidden tile-words">${`${tile.full}: ${look.words}${marksInWords(figures, n)}`}</span>
        <span class="tile-body" aria-hidden="true"><span class="tile-name">${tile.name}</span><span class="tile-short">${tile.short}</span>
        <span class="tile-value">${state >= 0 ? html`<${StateShape} shape=${stateOf(state).shape} />` : null}${look.letter !== "" && html`<b class="tile-letter">${look.letter}</b>`}${look.value}</span></span>
        ${tile.point < 0 && html`<${Marks} figures=${figures} n=${n} /><${Bar} figures=${figures} n=${n} />`}
      </button>` };
      cache.current.set(tile.key, before);
    }
    drawn.push(before.drawn);
  }
  /** @param {any} event @returns {Tile | undefined} */
  const tileOf = (event) => tiles[Number(event.target.closest?.("[data-n]")?.dataset.n ?? -1)];
  return html`<div class="map-tiles" ref=${box} id="map" role="group" aria-label=${t("map_title", { count: number(tiles.length) })} data-grid=${isGrid ? "country" : "plain"}
    onScroll=${(/** @type {any} */ event) => (top.value = event.currentTarget.scrollTop)}
    onClick=${(/** @type {any} */ event) => {
      const tile = tileOf(event);
      if (tile !== undefined) press(tile);
    }}
    onPointerOver=${(/** @type {any} */ event) => (readout.value = tileOf(event)?.key ?? null)} onPointerLeave=${() => (readout.value = null)}
    onFocusIn=${(/** @type {any} */ event) => {
      const tile = tileOf(event);
      if (tile === undefined) return;
      roving.value = tile.key;
      readout.value = tile.key;
    }} onFocusOut=${() => (readout.value = null)}
    onKeyDown=${(/** @type {any} */ event) => {
      const way = ARROWS[event.key];
      const to = way !== undefined ? neighbour(places, focus, way) : { Home: 0, End: tiles.length - 1 }[/** @type {string} */ (event.key)];
      if (event.ctrlKey || event.altKey || event.metaKey || (to === undefined && event.key !== "Backspace")) return;
      event.preventDefault();
      if (to === undefined) {
        moved.current = room.selection.leave();
        roving.value = "";
        return;
      }
      moved.current = true;
      roving.value = tiles[to]?.key ?? "";
    }}>
    <div class="map-grid" style=${isGrid ? { "--columns": wide, "--rows": high } : { "--columns": wide, "--pitch": `${plain.height}px`, height: `${high * pitch}px` }}>${drawn}</div>
  </div>`;
}

/** @param {number} tiles @param {{ width: number, height: number }} view @returns {{ columns: number, height: number }} */
function plainGrid(tiles, view) {
  const width = view.width - 2 * TILE_PX.padding + TILE_PX.gap;
  const least = Math.max(1, Math.floor(width / (TILE_PX.least + TILE_PX.gap)));
  for (let columns = Math.max(1, Math.ceil(width / (TILE_PX.most + TILE_PX.gap))); columns <= least; columns += 1) {
    const height = Math.round((width / columns - TILE_PX.gap) * TILE_PX.ratio);
    if (columns === least || Math.ceil(tiles / columns) * (height + TILE_PX.gap) <= view.height - 2 * TILE_PX.padding) return { columns, height: Math.max(48, height) };
  }
  return { columns: 1, height: 64 };
}

/** @param {readonly Tile[]} tiles @param {number} wide @param {number} from  the row after the grid @returns {{ x: number, y: number }[]} */
function placesOf(tiles, wide, from) {
  let next = 0;
  return tiles.map((tile) => {
    if (tile.row >= 0) return { x: tile.col, y: tile.row };
    const at = next++;
    return { x: at % wide, y: from + Math.floor(at / wide) };
  });
}

/** @param {TileFigures} figures @param {number} n @param {readonly number[]} states */
const sum = (figures, n, states) => states.reduce((all, state) => all + figures.count(n, state), 0);

/** @param {TileFigures} figures @param {number} n @returns {string} what the marks say, beginning with a comma; empty: there are none */
function marksInWords(figures, n) {
  return MARKS.map(({ states }) => states.filter((state) => figures.count(n, state) > 0)
    .map((state) => `, ${t("count_of", { state: t(`state_${POINT_STATES[state]?.key}`), count: number(figures.count(n, state)) })}`).join("")).join("");
}

/** @param {{ figures: TileFigures, n: number }} props */
function Marks({ figures, n }) {
  const marks = MARKS.filter(({ states }) => sum(figures, n, states) > 0);
  return marks.length > 0 && html`<span class="tile-marks" aria-hidden="true">${marks.map(({ key, states, show }) =>
    html`<span key=${key} class=${`tile-mark mark-${key}`}><${StateShape} shape=${stateOf(show).shape} />${number(sum(figures, n, states))}</span>`)}</span>`;
}

/** Of the whole tile how many are live, being called, missed; the rest is offline. @param {{ figures: TileFigures, n: number }} props */
function Bar({ figures, n }) {
  const total = figures.total[n] ?? 0;
  if (total === 0) return null;
  const busy = [5, 6, 7, 4, 3, 2];
  const parts = [["ok", sum(figures, n, [1, 10])], ["call", sum(figures, n, busy)], ["warn", sum(figures, n, [8])]];
  return html`<span class="tile-bar" aria-hidden="true">${parts.map(([key, count]) => Number(count) > 0 && html`<i key=${key} class=${`bar-${key}`} style=${{ width: `${(Number(count) * 100) / total}%` }}></i>`)}</span>`;
}

/** The colours, and of the marks those that are on the map. @param {{ painter: Painter, figures: TileFigures, tiles: number }} props */
function Legend({ painter, figures, tiles }) {
  const marks = MARKS.filter(({ states }) => Array.from({ length: tiles }).some((_, n) => sum(figures, n, states) > 0));
  return html`<div class="map-legend" role="group" aria-label=${t("map_legend")}>
    <span class="map-legend-title wide-only">${painter.title}</span>
    <ul>${painter.legend.map((each, n) => html`<li key=${n}><span class=${`swatch ${each.fill}`} aria-hidden="true">${each.letter}</span>${each.words}</li>`)}
      ${marks.map(({ key, words, show }) => html`<li key=${key} class="legend-mark"><span class=${`tile-mark mark-${key}`}><${StateShape} shape=${stateOf(show).shape} /></span>${t(words)}</li>`)}</ul>
  </div>`;
}
