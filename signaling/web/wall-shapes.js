/** The shapes of the states once more, for canvases: as in icons.js, drawn once for each size and kept as pictures. */

import { POINT_STATES, stateOf } from "./points.js";

/** @import { Shape, Tone } from "./points.js" */

/** Colours of the tones on the console; style sheets do not reach a canvas. @type {Readonly<Record<Tone, string>>} */
export const TONES = { off: "#93a1b1", ok: "#9fd8ff", call: "#ffd54a", preview: "#5fdc96", air: "#ff8090", warn: "#ffb25c", quiet: "#b09f8c" };

const BELL = "M8 2a4 4 0 0 1 4 4v4l2 2H2l2-2V6a4 4 0 0 1 4-4z";
/** In a square of 16: what is filled, what is a line and how thick. @type {Readonly<Record<Shape, { fill?: string, line?: string, width?: number }>>} */
const SHAPES = {
  ring: { line: "M13 8a5 5 0 1 1-10 0a5 5 0 1 1 10 0", width: 2 },
  dot: { fill: "M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0" },
  bell: { line: BELL, width: 2 },
  "bell-on": { fill: `${BELL}M6 13.5h4a2 2 0 0 1-4 0z` },
  half: { fill: "M8 2a6 6 0 0 1 0 12z", line: "M13 8a5 5 0 1 1-10 0a5 5 0 1 1 10 0", width: 2 },
  link: { line: "M2 8h12M5 4v8M11 4v8", width: 2.5 },
  square: { fill: "M2.5 2.5h11v11h-11z" },
  live: { fill: "M11.5 8a3.5 3.5 0 1 1-7 0a3.5 3.5 0 1 1 7 0", line: "M14.5 8a6.5 6.5 0 1 1-13 0a6.5 6.5 0 1 1 13 0", width: 1.6 },
  cross: { line: "M3 3l10 10M13 3 3 13", width: 2.6 },
  dash: { line: "M3 8h10", width: 2.4 },
};

/** One picture for each state, in one size. */
export class ShapeSheet {
  #sheet;
  #size;

  /** @param {number} size  pixels */
  constructor(size) {
    this.#size = size;
    this.#sheet = new OffscreenCanvas(size * (POINT_STATES.length + 1), size);
    const to = /** @type {OffscreenCanvasRenderingContext2D} */ (this.#sheet.getContext("2d"));
    for (let n = 0; n <= POINT_STATES.length; n += 1) {
      const { shape, tone } = stateOf(n);
      const { fill, line, width } = SHAPES[shape];
      to.save();
      to.translate(n * size, 0);
      to.scale(size / 16, size / 16);
      to.fillStyle = to.strokeStyle = TONES[tone];
      if (fill !== undefined) to.fill(new Path2D(fill));
      if (line !== undefined) {
        to.lineWidth = width ?? 2;
        to.stroke(new Path2D(line));
      }
      to.restore();
    }
  }

  /** @param {CanvasRenderingContext2D} to @param {number} state @param {number} x @param {number} y @param {number} size */
  draw(to, state, x, y, size) {
    const n = Math.min(state, POINT_STATES.length);
    to.drawImage(this.#sheet, n * this.#size, 0, this.#size, this.#size, x, y, size, size);
  }
}
