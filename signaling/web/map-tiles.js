/**
 * What the map shows of a unit: a tile for each unit right below it and for each desk of its own, and what they add up to. Pure.
 *
 * The 63 provinces lie on their grid; every other directory (34 provinces, ministries, districts, communes) gets a plain grid in
 * its own order. No depth is assumed: a unit with one desk and nothing below is that desk.
 */

import { shortName } from "./directory.js";
import { fold } from "./search.js";
import { VN63 } from "./vn63-tilegrid.js";

/** @import { Directory, Unit } from "./directory.js" */

/**
 * A tile. `code`: its unit; `point`: index of the one desk that it is, −1: a unit to go into; `from` … `to`: its stretch of
 * `byTree`; `row`, `col`: on the grid of provinces, −1: in order after it; `isIsland`: also counted in another tile.
 * @typedef {{ key: string, code: string, name: string, full: string, short: string, point: number, from: number, to: number, row: number, col: number, isIsland: boolean }} Tile
 */
/** @typedef {{ tiles: Tile[], columns: number, rows: number }} TileMap  columns 0: a plain grid, as many as fit */

/** Of the 63 provinces at least so many must be there for their grid, by code; some are written in more than one way. */
const MOST_OF_63 = 60;
const SAME_NAMES = 55;

/**
 * @param {Directory} directory @param {string} code  the unit shown; empty: the country
 * @returns {TileMap}
 */
export function tilesOf(directory, code) {
  const below = directory.below(code);
  const shown = code === "" ? (directory.roots.length === 1 ? directory.roots[0] : undefined) : directory.unit(code);
  /** @type {Tile[]} */
  const tiles = [];
  for (let place = shown?.from ?? 0; shown !== undefined && place < shown.from + shown.own; place += 1) {
    tiles.push(deskTile(directory, place));
  }
  for (const unit of below) tiles.push(unitTile(directory, unit));
  const isCountry = shown === undefined || shown.parent === null;
  const islands = isCountry ? islandTiles(directory, below) : [];
  const cells = new Map(VN63.cells.map((cell) => [cell.code, cell]));
  const known = isCountry ? below.filter((unit) => cells.has(unit.code)) : [];
  const isNational = known.length >= MOST_OF_63 && known.filter((unit) => fold(cells.get(unit.code)?.name ?? "") === fold(unit.name)).length >= SAME_NAMES;
  if (isNational) {
    for (const tile of tiles) {
      const cell = cells.get(tile.code);
      if (cell !== undefined) [tile.row, tile.col] = [cell.row, cell.col];
    }
  } else {
    for (const tile of islands) [tile.row, tile.col] = [-1, -1];
  }
  const all = [...tiles, ...islands];
  shorten(all);
  return { tiles: all, columns: isNational ? VN63.columns : 0, rows: isNational ? VN63.rows : 0 };
}

/** @param {Directory} directory @param {Unit} unit @returns {Tile} */
function unitTile(directory, unit) {
  const isDesk = unit.to - unit.from === 1;
  const point = isDesk ? (directory.byTree[unit.from] ?? -1) : -1;
  return { key: unit.code, code: unit.code, name: shortName(unit.name), full: unit.name, short: "", point, from: unit.from, to: unit.to, row: -1, col: -1, isIsland: false };
}

/** @param {Directory} directory @param {number} place @returns {Tile} */
function deskTile(directory, place) {
  const point = directory.byTree[place] ?? -1;
  const name = directory.points[point]?.name ?? "";
  return { key: `desk ${directory.points[point]?.code}`, code: directory.unitOf(point), name, full: name, short: "", point, from: place, to: place + 1, row: -1, col: -1, isIsland: false };
}

/** @param {Directory} directory @param {readonly Unit[]} below @returns {Tile[]} the archipelagos of the provinces that are there */
function islandTiles(directory, below) {
  return VN63.islands.flatMap((island) => {
    const province = below.find((unit) => fold(shortName(unit.name)) === fold(island.provinceName));
    if (province === undefined) return [];
    const own = named(province, island.name.replace(/^Quần đảo /u, ""));
    const tile = unitTile(directory, own ?? province);
    const [from, to] = own === undefined ? [0, 0] : [own.from, own.to];
    return [{ ...tile, key: `island ${island.name}`, name: island.name.replace(/^Quần đảo /u, ""), full: island.name, point: own === undefined ? -1 : tile.point, from, to, row: island.row, col: island.col, isIsland: true }];
  });
}

/** @param {Unit} unit @param {string} name @returns {Unit | undefined} the highest unit below that has the name in its own */
function named(unit, name) {
  for (const child of unit.children) if (child.name.includes(name)) return child;
  for (const child of unit.children) {
    const found = named(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Initials for tiles too small for a name, told apart where they are equal. @param {Tile[]} tiles */
function shorten(tiles) {
  const used = new Set();
  for (const tile of tiles) {
    const words = tile.name.split(/[\s-]+/u).filter((word) => word !== "");
    const initials = words.map((word) => (/^\d/.test(word) ? word : ([...word][0] ?? "").toUpperCase()));
    const first = [...(words[0] ?? "")].slice(0, 2).join("");
    const last = [...(words.at(-1) ?? "")].slice(0, 2).join("");
    const tries = [initials.join(""), [first, ...initials.slice(1)].join(""), [...initials.slice(0, -1), last].join("")];
    tile.short = (tries.find((each) => !used.has(each)) ?? tries[0] ?? "").slice(0, 5);
    used.add(tile.short);
  }
}

/** Figures of tiles, one stretch of sixteen states each. */
export class TileFigures {
  /** Matched points of each tile by state: 16 numbers a tile. */
  counts;
  /** Points of each tile in this account's scope. */
  total;
  /** Of these, how many the selection has. */
  selected;

  /**
   * @param {readonly Tile[]} tiles @param {Int32Array} byTree @param {Uint8Array} states
   * @param {Int32Array} matched @param {Int32Array} rows  both of the selection
   */
  constructor(tiles, byTree, states, matched, rows) {
    this.counts = new Uint32Array(tiles.length * 16);
    this.total = new Uint32Array(tiles.length);
    this.selected = new Uint32Array(tiles.length);
    const mark = new Uint8Array(byTree.length);
    for (const i of matched) mark[i] = 1;
    for (const i of rows) mark[i] = 2;
    tiles.forEach(({ from, to }, n) => {
      for (let place = from; place < to; place += 1) {
        const i = /** @type {number} */ (byTree[place]);
        const state = states[i] ?? 0;
        if (state === 15) continue;
        this.total[n] = (this.total[n] ?? 0) + 1;
        if (mark[i] === 0) continue;
        this.counts[n * 16 + state] = (this.counts[n * 16 + state] ?? 0) + 1;
        if (mark[i] === 2) this.selected[n] = (this.selected[n] ?? 0) + 1;
      }
    });
  }

  /** @param {number} n  the tile @param {number} state @returns {number} */
  count(n, state) {
    return this.counts[n * 16 + state] ?? 0;
  }

  /** Matched points of a tile with a page connected. @param {number} n @returns {number} */
  live(n) {
    let live = 0;
    for (let state = 1; state < 15; state += 1) if (state !== 9) live += this.count(n, state);
    return live;
  }

  /** Matched points of a tile. @param {number} n @returns {number} */
  matched(n) {
    let all = 0;
    for (let state = 0; state < 16; state += 1) all += this.count(n, state);
    return all;
  }

  /** Equal for equal figures: what is drawn of a tile need not be drawn anew. @param {number} n @returns {string} */
  signature(n) {
    return `${this.total[n]} ${this.selected[n]} ${this.counts.subarray(n * 16, n * 16 + 16).join()}`;
  }
}

/**
 * The neighbour of a tile in a direction, by where tiles lie; the nearest straight ahead before those aside.
 * @param {readonly { x: number, y: number }[]} places  middles @param {number} at
 * @param {"left" | "right" | "up" | "down"} way @returns {number} the same one where there is none
 */
export function neighbour(places, at, way) {
  const here = places[at];
  if (here === undefined) return at;
  let best = at;
  let least = Infinity;
  places.forEach(({ x, y }, n) => {
    const ahead = { left: here.x - x, right: x - here.x, up: here.y - y, down: y - here.y }[way];
    const aside = Math.abs(way === "left" || way === "right" ? y - here.y : x - here.x);
    if (n === at || ahead < 0.5) return;
    const far = ahead + aside * 3;
    if (far < least) [best, least] = [n, far];
  });
  return best;
}
