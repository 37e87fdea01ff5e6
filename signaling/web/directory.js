/**
 * The directory as the console uses it: points in the order of the state frame, and the tree of units above them.
 *
 * Once more the points stand in the order of the tree (`byTree`), where everything below a unit is one stretch: counting a
 * province is a loop over neighbours, and nothing is looked up. The tree may have any depth and several roots.
 */

/** @import { DirectoryJson } from "./types.js" */

/** @typedef {{ code: string, name: string, path: string, top: string }} DirectoryPoint  top: code of the unit under the root */
/**
 * A unit; `from` … `to`: its stretch of `byTree`, itself and everything below; `own`: how many of these are its own, they come first.
 * @typedef {{ code: string, name: string, kind: string, parent: Unit | null, children: Unit[], from: number, to: number, own: number }} Unit
 */

/** Deeper than any country; a directory that goes round in circles ends here. */
const DEEPEST = 64;

export class Directory {
  version = "";
  /** @type {DirectoryPoint[]} */
  points = [];
  /** Units directly under the root (provinces, ministries) that have points. @type {{ code: string, name: string }[]} */
  tops = [];
  /** Units without a parent that have points. @type {Unit[]} */
  roots = [];
  /** Indexes of the points in the order of the tree. */
  byTree = new Int32Array(0);
  /** Where in `byTree` a point stands. */
  placeOf = new Int32Array(0);
  /** @type {Map<string, number>} */
  #indexOf = new Map();
  /** Units of the points. @type {string[]} */
  #units = [];
  /** @type {Map<string, Unit>} */
  #unit = new Map();

  /** @param {DirectoryJson} [json] */
  constructor(json) {
    if (json === undefined) return;
    this.version = json.version;
    this.#units = json.points.map(([, unit]) => unit);
    this.#grow(json);
    /** Names from a unit up to below the root, nearest first, and what is directly below the root. @type {Map<string, { path: string, top: string }>} */
    const above = new Map();
    /** @param {string} code */
    const ancestry = (code) => {
      const known = above.get(code);
      if (known !== undefined) return known;
      const parent = this.#unit.get(code)?.parent ?? null;
      let result = { path: "", top: code };
      above.set(code, result);
      if (parent !== null && parent.parent !== null) {
        const higher = ancestry(parent.code);
        result = { path: higher.path === "" ? parent.name : `${parent.name}, ${higher.path}`, top: higher.top };
      }
      above.set(code, result);
      return result;
    };
    const used = new Set();
    this.points = json.points.map(([code, unit, name], i) => {
      const { path, top } = ancestry(unit);
      const own = this.#unit.get(unit)?.name ?? "";
      used.add(top);
      this.#indexOf.set(code, i);
      return { code, name, path: own === name || own === "" ? path : path === "" ? own : `${own}, ${path}`, top };
    });
    this.tops = json.units
      .filter(([code]) => used.has(code))
      .map(([code, name]) => ({ code, name: shortName(name) }))
      .sort((a, b) => a.name.localeCompare(b.name, "vi"));
  }

  /** @param {DirectoryJson} json */
  #grow(json) {
    for (const [code, name, , kind] of json.units) {
      this.#unit.set(code, { code, name, kind, parent: null, children: [], from: 0, to: 0, own: 0 });
    }
    /** @type {Unit[]} */
    const roots = [];
    for (const [code, , parent] of json.units) {
      const unit = /** @type {Unit} */ (this.#unit.get(code));
      unit.parent = (parent === null ? undefined : this.#unit.get(parent)) ?? null;
      (unit.parent?.children ?? roots).push(unit);
    }
    /** @type {Map<string, number[]>} */
    const own = new Map();
    this.#units.forEach((code, i) => {
      const list = own.get(code);
      if (list === undefined) own.set(code, [i]);
      else list.push(i);
    });
    this.byTree = new Int32Array(this.#units.length);
    this.placeOf = new Int32Array(this.#units.length);
    let place = 0;
    /** @param {number[]} list */
    const put = (list) => {
      for (const i of list) {
        this.byTree[place] = i;
        this.placeOf[i] = place;
        place += 1;
      }
    };
    /** @param {Unit} unit @param {number} depth */
    const walk = (unit, depth) => {
      unit.from = place;
      const list = own.get(unit.code) ?? [];
      unit.own = list.length;
      put(list);
      own.delete(unit.code);
      if (depth < DEEPEST) for (const child of unit.children) walk(child, depth + 1);
      unit.to = place;
      unit.children = unit.children.filter((child) => child.to > child.from);
    };
    for (const root of roots) walk(root, 0);
    for (const list of own.values()) put(list); // whose unit nobody knows: in the country, below no unit
    this.roots = roots.filter((root) => root.to > root.from);
  }

  /** @param {string} code @returns {number} -1: unknown */
  indexOf(code) {
    return this.#indexOf.get(code) ?? -1;
  }

  /** The unit of a point. @param {number} index @returns {string} its code; empty: unknown */
  unitOf(index) {
    return this.#units[index] ?? "";
  }

  /** @param {string} code @returns {Unit | undefined} */
  unit(code) {
    return this.#unit.get(code);
  }

  /** @param {string} code @returns {DirectoryPoint | undefined} */
  point(code) {
    return this.points[this.indexOf(code)];
  }

  /** From the root down to the unit itself. @param {string} code @returns {Unit[]} empty: unknown */
  pathOf(code) {
    /** @type {Unit[]} */
    const path = [];
    for (let unit = this.#unit.get(code) ?? null; unit !== null && path.length <= DEEPEST; unit = unit.parent) path.unshift(unit);
    return path;
  }

  /**
   * What a unit is made of: its children with points; of the whole country those of its only root, or the roots.
   * @param {string} code  empty: the country @returns {Unit[]}
   */
  below(code) {
    const only = code === "" ? (this.roots.length === 1 ? this.roots[0] : undefined) : this.#unit.get(code);
    return only?.children ?? (code === "" ? this.roots : []);
  }

  /** The stretch of `byTree` of a unit. @param {string} code  empty: the country @returns {[number, number]} from, to */
  stretch(code) {
    if (code === "") return [0, this.byTree.length];
    const unit = this.#unit.get(code);
    return unit === undefined ? [0, 0] : [unit.from, unit.to];
  }

  /**
   * The smallest unit above all of some points.
   * @param {(index: number) => boolean} isWanted @returns {string} its code; empty: there is none, or it is the only root
   */
  homeOf(isWanted) {
    let first = -1;
    let last = -1;
    for (let place = 0; place < this.byTree.length; place += 1) {
      if (!isWanted(/** @type {number} */ (this.byTree[place]))) continue;
      if (first < 0) first = place;
      last = place;
    }
    if (first < 0) return "";
    const path = this.pathOf(this.unitOf(/** @type {number} */ (this.byTree[first])));
    const home = path.reverse().find((unit) => unit.from <= first && last < unit.to);
    return home === undefined || (home.parent === null && this.roots.length === 1) ? "" : home.code;
  }
}

/** A province's name as people say it. @param {string} name @returns {string} */
export function shortName(name) {
  return name.replace(/^(Tỉnh|Thành phố|Quận|Huyện|Thị xã|Phường|Xã|Thị [tT]rấn) (?=\p{Lu})/u, "");
}
