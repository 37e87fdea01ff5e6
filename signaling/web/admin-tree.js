/** The units as the administration page walks them: a tree, cut to the scope of who is there, and a search over it. */

import { SearchIndex } from "./search.js";

/** @import { DirectoryJson } from "./types.js" */

/**
 * @typedef {{ code: string, name: string, kind: string, parent: string | null, children: string[], points: string[], pointCount: number }} UnitNode
 *   pointCount: of itself and of everything below
 * @typedef {{ code: string, unit: string, name: string }} PointNode
 */

export class UnitTree {
  /** The scope's own units, none below another. @type {string[]} */
  tops = [];
  /** @type {Map<string, UnitNode>} */
  #units = new Map();
  /** @type {Map<string, PointNode>} */
  #points = new Map();
  /** Codes of the scope; by level once somebody has searched. @type {string[]} */
  #order = [];
  /** @type {SearchIndex | null} */
  #index = null;

  /** @param {DirectoryJson} json @param {readonly string[]} scope */
  constructor(json, scope) {
    this.version = json.version;
    /** Roots of the directory. @type {string[]} */
    this.roots = [];
    for (const [code, name, parent, kind] of json.units) {
      this.#units.set(code, { code, name, kind, parent, children: [], points: [], pointCount: 0 });
      if (parent === null) this.roots.push(code);
      else this.#units.get(parent)?.children.push(code);
    }
    for (const [code, unit, name] of json.points) {
      this.#points.set(code, { code, unit, name });
      this.#units.get(unit)?.points.push(code);
      for (let at = this.#units.get(unit); at !== undefined; at = at.parent === null ? undefined : this.#units.get(at.parent)) at.pointCount += 1;
    }
    const own = new Set(scope);
    this.tops = json.units.map(([code]) => code).filter((code) => own.has(code) && !this.above(code).some((unit) => own.has(unit.code)));
    const inside = new Set(this.tops);
    for (const [code, , parent] of json.units) if (inside.has(code) || (parent !== null && inside.has(parent))) this.#order.push(code), inside.add(code);
  }

  /** Whether the scope has every root. */
  get isNational() {
    return this.roots.every((root) => this.tops.includes(root));
  }

  /** Units of the scope. */
  get size() {
    return this.#order.length;
  }

  /** @param {string} code @returns {UnitNode | undefined} */
  unit(code) {
    return this.#units.get(code);
  }

  /** @param {string} code @returns {PointNode | undefined} */
  point(code) {
    return this.#points.get(code);
  }

  /** Whether a unit lies within the scope. @param {string} code */
  has(code) {
    return this.#units.has(code) && (this.tops.includes(code) || this.above(code).some((unit) => this.tops.includes(unit.code)));
  }

  /** The units above, the highest first. @param {string} code @returns {UnitNode[]} */
  above(code) {
    /** @type {UnitNode[]} */
    const found = [];
    for (let parent = this.#units.get(code)?.parent ?? null; parent !== null; ) {
      const unit = this.#units.get(parent);
      if (unit === undefined) break;
      found.unshift(unit);
      parent = unit.parent;
    }
    return found;
  }

  /** From the scope's own unit down to this one. @param {string} code @returns {UnitNode[]} */
  path(code) {
    const unit = this.#units.get(code);
    const all = unit === undefined ? [] : [...this.above(code), unit];
    const first = all.findIndex((each) => this.tops.includes(each.code));
    return first < 0 ? all : all.slice(first);
  }

  /** The units above as one line, the nearest first, without the root. @param {string} code */
  place(code) {
    return this.above(code).slice(1).reverse().map((unit) => unit.name).join(", ");
  }

  /** The name of a unit; a code that the directory has no longer is itself. @param {string} code */
  name(code) {
    return this.#units.get(code)?.name ?? code;
  }

  /** Units of the scope that fit what is typed, best first; of equal ones the higher: "long an" is the province first. @param {string} query @param {number} [most] @returns {UnitNode[]} */
  search(query, most = 50) {
    if (this.#index === null) {
      const depth = new Map(this.#order.map((code) => [code, this.above(code).length]));
      this.#order.sort((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0));
      this.#index = new SearchIndex(this.#order.map((code) => ({ code, name: this.name(code), path: this.place(code) })));
    }
    return [...this.#index.find(query).subarray(0, most)].map((i) => /** @type {UnitNode} */ (this.#units.get(/** @type {string} */ (this.#order[i]))));
  }
}
