/**
 * Draws the wall on a canvas as large as what is seen of it. Only cells that changed are drawn; a drawing that takes longer than
 * a few milliseconds goes on in the next frame, so that no key and no click waits for ten thousand pictures.
 */

import { cornerOf, inView } from "./wall-layout.js";
import { ShapeSheet, TONES } from "./wall-shapes.js";
import { stateOf } from "./points.js";
import { STALE_MS } from "./stills.js";

/** @import { Atlas } from "./wall-atlas.js" */
/** @import { Layout } from "./wall-layout.js" */
/** @import { PointStates } from "./points.js" */
/** @import { StillMarks } from "./stills.js" */

/** What one frame may take; the machine has other things to do. */
const SLICE_MS = 7;
/** The clock is asked after so many cells. */
const PER_LOOK = 16;
const GROUND = "#0c1117";
const EMPTY = "#222c38";
const HEAD = "#1d3a5c";
const CHOSEN = "#8fc1ff";
const FOCUS = "#ffd54a";

/** @typedef {{ badge: (index: number) => string, name: (index: number) => string, head: (group: number) => { short: string, name: string } }} Words */

export class WallPainter {
  #to;
  #atlas;
  /** Larger pictures of what is in view, where there are some. @type {Atlas | null} */
  large = null;
  #states;
  #marks;
  #words;
  /** @type {Int32Array} */
  #cells = new Int32Array(0);
  /** Point → place among the cells, −1: not on the wall. */
  #placeOf = new Int32Array(0);
  /** @type {Layout | null} */
  #layout = null;
  #top = 0;
  /** By cell. */
  #dirty = new Uint8Array(0);
  /** State, flags and chair as they were drawn last, by cell: 32 bits. */
  #drawn = new Int32Array(0);
  /** Cells in view: first, and the one after the last. */
  #first = 0;
  #end = 0;
  #cursor = 0;
  #left = 0;
  #frame = 0;
  #shapes = new ShapeSheet(64);
  /** Of cells, for keyboard and choice; −1: none. */
  #focus = -1;
  #chosen = -1;
  #now = 0;
  /** Cells drawn and frames that drew since the beginning; for diagnosis. */
  work = { cells: 0, frames: 0, longestMs: 0 };

  /** @param {HTMLCanvasElement} canvas @param {{ atlas: Atlas, states: PointStates, marks: StillMarks, words: Words }} of */
  constructor(canvas, { atlas, states, marks, words }) {
    this.#to = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.#atlas = atlas;
    this.#states = states;
    this.#marks = marks;
    this.#words = words;
  }

  /** @param {Int32Array} cells @param {number} points  how many the directory has */
  setCells(cells, points) {
    this.#cells = cells;
    this.#placeOf = new Int32Array(points).fill(-1);
    cells.forEach((index, at) => {
      if (index >= 0) this.#placeOf[index] = at;
    });
    this.#dirty = new Uint8Array(cells.length);
    this.#drawn = new Int32Array(cells.length);
  }

  /** @param {Layout} layout @param {{ width: number, height: number, ratio: number }} view @param {number} top  of the content, pixels */
  setView(layout, view, top) {
    const { canvas } = this.#to;
    this.#layout = layout;
    this.#top = top;
    const width = Math.max(1, Math.round(view.width * view.ratio));
    const height = Math.max(1, Math.round(view.height * view.ratio));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#to.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    this.#to.fillStyle = GROUND;
    this.#to.fillRect(0, 0, view.width, view.height);
    [this.#first, this.#end] = inView(layout, this.#cells.length, top, view.height);
    this.#dirty.fill(0);
    this.#left = 0;
    for (let at = this.#first; at < this.#end; at += 1) this.#soil(at);
    this.#cursor = this.#first;
    this.#schedule();
  }

  /** @param {number} chosen @param {number} focus  places of cells; −1: none */
  setMarked(chosen, focus) {
    for (const at of [this.#chosen, this.#focus, chosen, focus]) if (at >= 0) this.#soil(at);
    this.#chosen = chosen;
    this.#focus = focus;
    this.#schedule();
  }

  /** Pictures that are other ones now. @param {Iterable<number>} points */
  changed(points) {
    for (const index of points) {
      const at = this.#placeOf[index] ?? -1;
      if (at >= 0) this.#soil(at);
    }
    this.#schedule();
  }

  /** States and badges may have changed: a pass over what is in view. @param {number} now  server's time, milliseconds */
  refresh(now) {
    this.#now = now;
    if (this.#layout === null) return;
    for (let at = this.#first; at < this.#end; at += 1) {
      const index = this.#cells[at] ?? -1;
      if (index >= 0 && this.#drawn[at] !== this.#print(index)) this.#soil(at);
    }
    this.#schedule();
  }

  /** @param {number} index @returns {number} place among the cells; −1: not on the wall */
  placeOf(index) {
    return this.#placeOf[index] ?? -1;
  }

  /** Nothing is drawn any more. */
  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#layout = null;
  }

  /** What a cell looks like besides its picture. @param {number} index */
  #print(index) {
    const isOld = this.#now - (this.#marks.at[index] ?? 0) > STALE_MS;
    return 1 + (((this.#states.states[index] ?? 0) << 20) | ((this.#marks.flags[index] ?? 0) << 12) | (((this.#marks.chair[index] ?? 0) + 128) << 2) | (isOld ? 0 : 2));
  }

  /** What is out of view is drawn when it comes into view. @param {number} at */
  #soil(at) {
    if (at < this.#first || at >= this.#end || this.#dirty[at] === 1) return;
    this.#dirty[at] = 1;
    this.#left += 1;
  }

  #schedule() {
    if (this.#left === 0 || this.#frame !== 0 || this.#layout === null) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#slice();
      this.#schedule();
    });
  }

  #slice() {
    const layout = this.#layout;
    if (layout === null) return;
    const began = performance.now();
    let done = 0;
    for (let looked = this.#first; looked < this.#end && this.#left > 0; looked += 1) {
      const at = this.#cursor;
      this.#cursor = at + 1 >= this.#end ? this.#first : at + 1;
      if (this.#dirty[at] !== 1) continue;
      this.#dirty[at] = 0;
      this.#left -= 1;
      this.#cell(layout, at);
      done += 1;
      if (done % PER_LOOK === 0 && performance.now() - began > SLICE_MS) break;
    }
    this.work.cells += done;
    this.work.frames += done > 0 ? 1 : 0;
    this.work.longestMs = Math.max(this.work.longestMs, performance.now() - began);
  }

  /** @param {Layout} layout @param {number} at */
  #cell(layout, at) {
    const to = this.#to;
    const corner = cornerOf(layout, at);
    const x = corner.x;
    const y = corner.y - this.#top;
    const width = layout.tile;
    const height = Math.round((layout.tile * 9) / 16);
    const index = this.#cells[at] ?? -1;
    to.fillStyle = GROUND;
    to.fillRect(x - 1, y - 1, layout.width + 1, layout.height + 1);
    if (index < 0) this.#head(-1 - index, x, y, width, height);
    else this.#point(index, x, y, width, height, layout.label);
    if (index >= 0) this.#drawn[at] = this.#print(index);
    if (at !== this.#chosen && at !== this.#focus) return;
    to.lineWidth = width >= 48 ? 3 : 2;
    to.strokeStyle = at === this.#focus ? FOCUS : CHOSEN;
    to.strokeRect(x + to.lineWidth / 2, y + to.lineWidth / 2, width - to.lineWidth, height - to.lineWidth);
  }

  /** @param {number} group @param {number} x @param {number} y @param {number} width @param {number} height */
  #head(group, x, y, width, height) {
    const to = this.#to;
    const { short, name } = this.#words.head(group);
    to.fillStyle = HEAD;
    to.fillRect(x, y, width, height);
    if (width < 18) return;
    const text = width >= 64 ? name : short;
    const size = Math.max(7, Math.min(16, Math.floor(height * 0.5), Math.floor((width - 2) / Math.max(2, text.length * 0.55))));
    this.#text(text, x + width / 2, y + height / 2, width - 2, size, "#fff", "center");
  }

  /** @param {number} index @param {number} x @param {number} y @param {number} width @param {number} height @param {number} label */
  #point(index, x, y, width, height, label) {
    const to = this.#to;
    const state = this.#states.states[index] ?? 0;
    const { tone } = stateOf(state);
    const isFresh = this.#now - (this.#marks.at[index] ?? 0) <= STALE_MS;
    const isPicture = isFresh && ((this.large?.draw(to, index, x, y, width, height) ?? false) || this.#atlas.draw(to, index, x, y, width, height));
    if (!isPicture) {
      to.fillStyle = EMPTY;
      to.fillRect(x, y, width, height);
      const size = Math.max(5, Math.min(height - 2, Math.max(9, height * 0.45)));
      this.#shapes.draw(to, state, x + (width - size) / 2, y + (height - size) / 2, size);
    } else if (state !== 1) {
      if (tone === "off" || tone === "quiet") {
        to.fillStyle = "rgb(12 17 23 / 60%)";
        to.fillRect(x, y, width, height);
      }
      const size = Math.min(height * 0.5, Math.max(8, height * 0.28));
      to.fillStyle = "rgb(12 17 23 / 75%)";
      to.fillRect(x, y, size + 3, size + 3);
      this.#shapes.draw(to, state, x + 1.5, y + 1.5, size);
    }
    if (state >= 2 && state <= 8) {
      to.lineWidth = width >= 64 ? 4 : width >= 24 ? 2 : 1;
      to.strokeStyle = state === 7 ? "#e5384f" : state === 6 ? "#2fb36a" : TONES[tone];
      to.setLineDash(state === 8 ? [3, 2] : []);
      to.strokeRect(x + to.lineWidth / 2, y + to.lineWidth / 2, width - to.lineWidth, height - to.lineWidth);
      to.setLineDash([]);
    }
    if (isFresh) this.#badge(index, x, y, width, height);
    if (label > 0) this.#text(this.#words.name(index), x + 2, y + height + label / 2 + 1, width - 4, 13, "#edf2f8", "left");
  }

  /** A letter in a box that no state has; on the smallest tiles the box alone. @param {number} index @param {number} x @param {number} y @param {number} width @param {number} height */
  #badge(index, x, y, width, height) {
    const letter = this.#words.badge(index);
    if (letter === "") return;
    const to = this.#to;
    const size = width >= 24 ? Math.min(22, Math.max(9, height * 0.42)) : Math.max(3, height * 0.4);
    to.fillStyle = "#ffb25c";
    to.beginPath();
    to.moveTo(x + width, y + height);
    to.lineTo(x + width - size * 1.15, y + height);
    to.lineTo(x + width - size * 1.15, y + height - size * 0.75);
    to.lineTo(x + width - size * 0.85, y + height - size * 1.05);
    to.lineTo(x + width, y + height - size * 1.05);
    to.fill();
    if (width >= 24) this.#text(letter, x + width - size * 0.56, y + height - size * 0.48, size, Math.floor(size * 0.85), "#2b1900", "center");
  }

  /** @param {string} text @param {number} x @param {number} y @param {number} most @param {number} size @param {string} colour @param {CanvasTextAlign} align */
  #text(text, x, y, most, size, colour, align) {
    const to = this.#to;
    to.font = `600 ${size}px "Be Vietnam Pro", system-ui, sans-serif`;
    to.fillStyle = colour;
    to.textAlign = align;
    to.textBaseline = "middle";
    let shown = text;
    if (to.measureText(shown).width > most) {
      while (shown.length > 1 && to.measureText(`${shown}…`).width > most) shown = shown.slice(0, -1);
      shown = `${shown}…`;
    }
    to.fillText(shown, x, y);
  }
}
