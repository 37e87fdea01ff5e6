/** The directory as the console uses it: points in the order of the state frame, with their province and path. */

/** @import { DirectoryJson } from "./types.js" */

/** @typedef {{ code: string, name: string, path: string, top: string }} DirectoryPoint  top: code of the unit under the root */

export class Directory {
  version = "";
  /** @type {DirectoryPoint[]} */
  points = [];
  /** Units directly under the root (provinces, ministries) that have points. @type {{ code: string, name: string }[]} */
  tops = [];
  /** @type {Map<string, number>} */
  #indexOf = new Map();
  /** Units of the points. @type {string[]} */
  #units = [];

  /** @param {DirectoryJson} [json] */
  constructor(json) {
    if (json === undefined) return;
    this.version = json.version;
    const units = new Map(json.units.map(([code, name, parent]) => [code, { code, name, parent }]));
    /** @type {Map<string, { names: string[], top: string }>} */
    const above = new Map();
    /** @param {string} code @returns {{ names: string[], top: string }} names of the unit's ancestors below the root, nearest first */
    const ancestry = (code) => {
      const known = above.get(code);
      if (known !== undefined) return known;
      const unit = units.get(code);
      const parent = unit?.parent ? units.get(unit.parent) : undefined;
      const result = { names: /** @type {string[]} */ ([]), top: code };
      above.set(code, result);
      if (parent !== undefined && parent.parent !== null) {
        const higher = ancestry(parent.code);
        result.names = [parent.name, ...higher.names];
        result.top = higher.top;
      }
      return result;
    };
    const used = new Set();
    this.#units = json.points.map(([, unit]) => unit);
    this.points = json.points.map(([code, unit, name], i) => {
      const { names, top } = ancestry(unit);
      const own = units.get(unit)?.name ?? "";
      used.add(top);
      this.#indexOf.set(code, i);
      return { code, name, path: (own === name ? names : [own, ...names]).join(", "), top };
    });
    this.tops = json.units
      .filter(([code]) => used.has(code))
      .map(([code, name]) => ({ code, name: name.replace(/^(Tỉnh|Thành phố) /u, "") }))
      .sort((a, b) => a.name.localeCompare(b.name, "vi"));
  }

  /** @param {string} code @returns {number} -1: unknown */
  indexOf(code) {
    return this.#indexOf.get(code) ?? -1;
  }

  /** The unit of a point. @param {number} index @returns {string} its code; empty: unknown */
  unitOf(index) {
    return this.#units[index] ?? "";
  }

  /** @param {string} code @returns {DirectoryPoint | undefined} */
  point(code) {
    return this.points[this.indexOf(code)];
  }
}
