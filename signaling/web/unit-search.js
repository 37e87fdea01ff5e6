/** Units found by name while typing, with or without diacritics: pure. */

import { SearchIndex } from "./search.js";

/** @import { Directory, Unit } from "./directory.js" */
/** A unit to choose. @typedef {{ code: string, name: string, path: string }} UnitChoice */

export class UnitSearch {
  /** @type {UnitChoice[]} */
  #units = [];
  #index;

  /** @param {Directory} directory */
  constructor(directory) {
    const walk = (/** @type {Unit} */ unit, /** @type {string} */ above) => {
      this.#units.push({ code: unit.code, name: unit.name, path: above });
      const path = unit.parent === null ? "" : above === "" ? unit.name : `${unit.name}, ${above}`;
      for (const child of unit.children) walk(child, path);
    };
    for (const root of directory.roots) walk(root, "");
    this.#index = new SearchIndex(this.#units);
  }

  /** @param {string} query @param {number} most @returns {UnitChoice[]} the best first; of no query none */
  find(query, most) {
    if (query.trim() === "") return [];
    return [...this.#index.find(query).slice(0, most)].flatMap((row) => this.#units[row] ?? []);
  }
}

/** The unit of a point and those above it, the nearest first, without the root. @param {Directory} directory @param {string} point  code @returns {UnitChoice[]} */
export function unitsAbove(directory, point) {
  const path = directory.pathOf(directory.unitOf(directory.indexOf(point)));
  const choices = path.map((unit, depth) => ({ code: unit.code, name: unit.name, path: path.slice(1, depth).reverse().map((each) => each.name).join(", ") }));
  return choices.slice(path.length > 1 ? 1 : 0).reverse();
}
