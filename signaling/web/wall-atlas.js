/**
 * The pictures of the wall: small tiles side by side on a few large canvases, one place a point. Sheets are decoded off the main
 * thread and their tiles copied; what is kept grows with the points that have a picture and never beyond `most`.
 */

/** @import { StillsAnswer } from "./stills.js" */

/** Tiles in a row and in a column of a page. */
const SIDE = 16;
const PER_PAGE = SIDE * SIDE;

export class Atlas {
  #width;
  #height;
  #most;
  /** @type {OffscreenCanvasRenderingContext2D[]} */
  #pages = [];
  /** Point index → its place. @type {Map<number, number>} */
  #placeOf = new Map();
  /** Places given back. @type {number[]} */
  #free = [];
  #next = 0;

  /** @param {{ width: number, height: number, most: number }} size  of a tile, pixels; most: points with a picture */
  constructor({ width, height, most }) {
    this.#width = width;
    this.#height = height;
    this.#most = most;
  }

  /** How many points have a picture. */
  get size() {
    return this.#placeOf.size;
  }

  /** Bytes of the pages, four a pixel. */
  get bytes() {
    return this.#pages.length * PER_PAGE * this.#width * this.#height * 4;
  }

  /** @param {number} index @returns {boolean} */
  has(index) {
    return this.#placeOf.has(index);
  }

  /**
   * Take over the tiles of an answer.
   * @param {StillsAnswer} answer
   * @returns {Promise<number[]>} points whose picture is another one now; a sheet that is no picture is left out
   */
  async receive({ head, sheets }) {
    /** @type {Map<number, [number, number][]>} */
    const bySheet = new Map();
    for (const [index, , , , sheet, place] of head.stills) {
      const list = bySheet.get(sheet);
      if (sheet < 0) continue;
      if (list === undefined) bySheet.set(sheet, [[index, place]]);
      else list.push([index, place]);
    }
    const [width, height] = head.tile;
    /** @type {number[]} */
    const changed = [];
    for (const [sheet, tiles] of bySheet) {
      const bytes = sheets[sheet];
      if (bytes === undefined) continue;
      const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" })).catch(() => null);
      if (picture === null) continue;
      for (const [index, place] of tiles) {
        const own = this.#take(index);
        if (own < 0) continue;
        const page = this.#page(Math.floor(own / PER_PAGE));
        page.drawImage(picture, (place % head.columns) * width, Math.floor(place / head.columns) * height, width, height, ...this.#corner(own), this.#width, this.#height);
        changed.push(index);
      }
      picture.close();
    }
    return changed;
  }

  /** @param {number} index */
  forget(index) {
    const place = this.#placeOf.get(index);
    if (place === undefined) return;
    this.#placeOf.delete(index);
    this.#free.push(place);
  }

  /** Forget all but these. @param {ReadonlySet<number>} points */
  keep(points) {
    for (const index of [...this.#placeOf.keys()]) if (!points.has(index)) this.forget(index);
  }

  clear() {
    this.#pages = [];
    this.#placeOf.clear();
    this.#free = [];
    this.#next = 0;
  }

  /**
   * @param {CanvasRenderingContext2D} to @param {number} index
   * @param {number} x @param {number} y @param {number} width @param {number} height
   * @returns {boolean} whether there was a picture
   */
  draw(to, index, x, y, width, height) {
    const place = this.#placeOf.get(index);
    const page = place === undefined ? undefined : this.#pages[Math.floor(place / PER_PAGE)];
    if (place === undefined || page === undefined) return false;
    to.drawImage(page.canvas, ...this.#corner(place), this.#width, this.#height, x, y, width, height);
    return true;
  }

  /** @param {number} index @returns {number} its place; −1: there is no room for another one */
  #take(index) {
    const known = this.#placeOf.get(index);
    if (known !== undefined) return known;
    const place = this.#free.pop() ?? (this.#next < this.#most ? this.#next++ : -1);
    if (place >= 0) this.#placeOf.set(index, place);
    return place;
  }

  /** @param {number} number @returns {OffscreenCanvasRenderingContext2D} */
  #page(number) {
    const known = this.#pages[number];
    if (known !== undefined) return known;
    const canvas = new OffscreenCanvas(SIDE * this.#width, SIDE * this.#height);
    const page = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.#pages[number] = page;
    return page;
  }

  /** @param {number} place @returns {[number, number]} */
  #corner(place) {
    const own = place % PER_PAGE;
    return [(own % SIDE) * this.#width, Math.floor(own / SIDE) * this.#height];
  }
}
