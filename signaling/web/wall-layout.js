/** Where everything on the wall stands: cells in rows, tiles of 16 : 9, as large as fits or as large as asked for. Pure. */

/**
 * A cell is a point's index, or −1 − g for the head of group g.
 * @typedef {{ tile: number, width: number, height: number, label: number, columns: number, rows: number, content: number }} Layout
 *   tile: width of a picture; width, height: of a cell with its gap and its label, pixels; content: height of all rows
 */

/** Widths of a tile one can choose from; 0: as large as lets all be seen at once. */
export const ZOOMS = [0, 24, 36, 48, 64, 96, 160, 240, 320];
/** Smaller pictures show nothing: then one scrolls. */
export const SMALLEST = 12;
const LARGEST_FIT = 320;
/** From this width on the name stands below the picture. */
const LABELLED = 96;
const LABEL = 20;
/** More than any directory has: a place and a point go into one number. */
const MOST_POINTS = 2_097_152;

/** @param {number} tile @returns {{ width: number, height: number, label: number }} */
function cellOf(tile) {
  const gap = tile >= 48 ? 4 : tile >= 24 ? 2 : 1;
  const label = tile >= LABELLED ? LABEL : 0;
  return { width: tile + gap, height: Math.round((tile * 9) / 16) + label + gap, label };
}

/**
 * @param {number} cells @param {number} zoom  of `ZOOMS` @param {{ width: number, height: number }} view  pixels
 * @returns {Layout}
 */
export function layoutOf(cells, zoom, view) {
  let tile = zoom;
  if (zoom === 0) {
    let low = SMALLEST;
    let high = LARGEST_FIT;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (fits(cells, middle, view)) low = middle;
      else high = middle - 1;
    }
    tile = low;
  }
  tile = Math.max(SMALLEST, Math.min(tile, view.width));
  const { width, height, label } = cellOf(tile);
  const columns = Math.max(1, Math.floor(view.width / width));
  const rows = Math.ceil(cells / columns);
  return { tile, width, height, label, columns, rows, content: rows * height };
}

/** @param {number} cells @param {number} tile @param {{ width: number, height: number }} view */
function fits(cells, tile, view) {
  const { width, height } = cellOf(tile);
  const columns = Math.floor(view.width / width);
  return columns > 0 && Math.ceil(cells / columns) * height <= view.height;
}

/** @param {Layout} layout @param {number} at  place of a cell @returns {{ x: number, y: number }} its corner in the content */
export function cornerOf(layout, at) {
  return { x: (at % layout.columns) * layout.width, y: Math.floor(at / layout.columns) * layout.height };
}

/** @param {Layout} layout @param {number} cells @param {number} x @param {number} y  in the content @returns {number} place of the cell there; −1: none */
export function cellAt(layout, cells, x, y) {
  const column = Math.floor(x / layout.width);
  const at = Math.floor(y / layout.height) * layout.columns + column;
  return x < 0 || y < 0 || column >= layout.columns || at >= cells ? -1 : at;
}

/** The cells in view. @param {Layout} layout @param {number} cells @param {number} top @param {number} height @returns {[number, number]} first, end */
export function inView(layout, cells, top, height) {
  const first = Math.max(0, Math.floor(top / layout.height)) * layout.columns;
  const end = Math.min(cells, Math.ceil((top + height) / layout.height) * layout.columns);
  return [Math.min(first, end), end];
}

/** @param {number} zoom @param {number} by  1 or −1 @param {number} tile  width now, where zoom is 0 @returns {number} the next of `ZOOMS` */
export function nextZoom(zoom, by, tile) {
  const now = zoom === 0 ? tile : zoom;
  const sizes = ZOOMS.slice(1);
  if (by > 0) return sizes.find((size) => size > now) ?? (sizes.at(-1) ?? now);
  return sizes.filter((size) => size < now).at(-1) ?? 0;
}

/**
 * The cells of some rows in the order of the tree, each group with its head before it.
 * @param {Int32Array} rows  points @param {Int32Array} placeOf  in the order of the tree
 * @param {readonly { from: number, to: number }[]} groups  stretches in their order @returns {Int32Array}
 */
export function groupedCells(rows, placeOf, groups) {
  const byPlace = Float64Array.from(rows, (row) => (placeOf[row] ?? 0) * MOST_POINTS + row);
  byPlace.sort();
  const cells = new Int32Array(rows.length + groups.length);
  let at = 0;
  let group = -1;
  for (const key of byPlace) {
    const place = Math.floor(key / MOST_POINTS);
    let next = group;
    while (next + 1 < groups.length && place >= (groups[next + 1]?.from ?? 0)) next += 1;
    if (next !== group) {
      group = next;
      if (place < (groups[group]?.to ?? 0)) cells[at++] = -1 - group;
    }
    cells[at++] = key % MOST_POINTS;
  }
  return cells.slice(0, at);
}
