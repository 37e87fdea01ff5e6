/**
 * The stills as the service tells them (PROTOCOL.md): an answer is a head in JSON and sheets of small pictures. Here its bytes
 * are taken apart, and what is known of each point's still is kept in typed arrays. No page, no picture is decoded here.
 */

/** @import { Badge } from "./selection.js" */

/** A still: point index, when it was taken, flags, chair, sheet (-1: only the flags changed), place. @typedef {[number, number, number, number, number, number]} StillEntry */
/**
 * @typedef {{ at: number, next: number, tile: [number, number], columns: number, sheets: number[], stills: StillEntry[], gone: number[], directory: string }} StillsHead
 */
/** @typedef {{ head: StillsHead, sheets: Uint8Array<ArrayBuffer>[] }} StillsAnswer */

export const BLACK = 1;
export const FROZEN = 2;
export const COVERED = 4;

/** A still older than this is not shown: the service keeps none longer. */
export const STALE_MS = 60_000;
const HEAD_MOST_BYTES = 4_000_000;

/**
 * @param {ArrayBuffer} bytes @returns {StillsAnswer}
 * @throws {RangeError} when the bytes are not an answer, or end early
 */
export function parseStills(bytes) {
  if (bytes.byteLength < 4) throw new RangeError("stills: shorter than its length");
  const length = new DataView(bytes).getUint32(0);
  if (length > HEAD_MOST_BYTES || 4 + length > bytes.byteLength) throw new RangeError("stills: the head ends early");
  /** @type {StillsHead} */
  let head;
  try {
    head = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes, 4, length)));
  } catch {
    throw new RangeError("stills: the head is not JSON");
  }
  if (!Array.isArray(head?.sheets) || !Array.isArray(head.stills) || !Array.isArray(head.gone)) throw new RangeError("stills: the head lacks its lists");
  let at = 4 + length;
  const sheets = head.sheets.map((size) => {
    if (!Number.isInteger(size) || size < 0 || at + size > bytes.byteLength) throw new RangeError("stills: a sheet ends early");
    const sheet = new Uint8Array(bytes, at, size);
    at += size;
    return sheet;
  });
  return { head, sheets };
}

/** When each point's still was taken and what was seen on it, by point index. */
export class StillMarks {
  /** 0: there is none. */
  at = new Float64Array(0);
  flags = new Uint8Array(0);
  /** 0: not known; 1 … 100: a person is there, with this confidence in per cent; −1 … −100: the chair is empty. */
  chair = new Int8Array(0);
  #count = 0;

  /** How many points have a still. */
  get count() {
    return this.#count;
  }

  /** Forget all, for this many points. @param {number} points */
  reset(points) {
    this.at = new Float64Array(points);
    this.flags = new Uint8Array(points);
    this.chair = new Int8Array(points);
    this.#count = 0;
  }

  /** @param {StillEntry} entry @returns {boolean} whether there is such a point */
  note([index, at, flags, chair]) {
    const before = this.at[index];
    if (before === undefined) return false;
    if (before === 0) this.#count += 1;
    this.at[index] = at;
    this.flags[index] = flags;
    this.chair[index] = chair;
    return true;
  }

  /** @param {number} index */
  forget(index) {
    if ((this.at[index] ?? 0) === 0) return;
    this.#count -= 1;
    this.at[index] = 0;
    this.flags[index] = 0;
    this.chair[index] = 0;
  }

  /** @param {number} index @param {Badge} badge @returns {boolean} `any`: anything that asks to be looked at */
  has(index, badge) {
    const flags = this.flags[index] ?? 0;
    const chair = this.chair[index] ?? 0;
    switch (badge) {
      case "black":
        return (flags & BLACK) !== 0;
      case "frozen":
        return (flags & FROZEN) !== 0;
      case "covered":
        return (flags & COVERED) !== 0;
      case "empty":
        return chair < 0;
      case "person":
        return chair > 0;
      default:
        return flags !== 0 || chair < 0;
    }
  }

  /** The one thing to say of a still first. @param {number} index @returns {Exclude<Badge, "" | "any">| ""} */
  badgeOf(index) {
    for (const badge of /** @type {const} */ (["black", "covered", "frozen", "empty"])) if (this.has(index, badge)) return badge;
    return this.has(index, "person") ? "person" : "";
  }
}
