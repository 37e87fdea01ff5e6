/**
 * Finding one of ten thousand points while typing, with or without diacritics.
 *
 * Each row becomes one folded line " phuong 10 quan 4 thanh pho ho chi minh 27301 " once; a query is folded the same
 * way and every word of it must begin a word of the line. What matches is ranked by how near the match is to the
 * point's own name. The words of all lines are kept sorted, so that a key looks at what its word begins and at nothing else.
 */

/** @typedef {{ code: string, name: string, path: string }} SearchRow  path: the units above, nearest first */

/**
 * Lower case without diacritics; đ becomes d; anything but letters and digits becomes one space.
 * @param {string} text
 * @returns {string}
 */
export function fold(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replaceAll("đ", "d")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** What people write for long names. Matched on whole folded words. @type {[RegExp, string][]} */
const SHORTHAND = [
  [/\b(?:tp ?hcm|hcm|tp ho chi minh)\b/g, "thanh pho ho chi minh"],
  [/\bhn\b/g, "ha noi"],
  [/\bp ?(\d+)\b/g, "phuong $1"],
  [/\bq ?(\d+)\b/g, "quan $1"],
];

/** How near a match is, best first; see `#tier`. */
const TIERS = 5;
/** Of a query; nobody types more. */
const MOST_WORDS = 60;

const MARKS = /[\u0300-\u036f]/;

export class SearchIndex {
  /** Each row's folded name, then also its units and its code, between spaces. @type {string[]} */
  #names;
  /** @type {string[]} */
  #lines;
  /** With diacritics, for a query that has some. @type {string[]} */
  #exact;
  /** Every word of every line once, sorted; `#starts[n]` … `#starts[n + 1]` of `#rows` are the rows that have it. @type {string[]} */
  #words;
  #starts;
  #rows;

  /** @param {readonly SearchRow[]} rows */
  constructor(rows) {
    /** Ten thousand points lie in some hundred units. @type {Map<string, string>} */
    const folded = new Map();
    const once = (/** @type {string} */ text) => {
      let known = folded.get(text);
      if (known === undefined) folded.set(text, (known = fold(text)));
      return known;
    };
    this.#names = rows.map((row) => ` ${once(row.name)} `);
    this.#lines = rows.map((row, i) => `${this.#names[i]}${once(row.path)} ${row.code.toLowerCase()} `);
    this.#exact = rows.map((row) => row.name.toLowerCase().normalize("NFC"));
    /** @type {Map<string, number[]>} */
    const rowsOf = new Map();
    this.#lines.forEach((line, i) => {
      for (const word of line.split(" ")) {
        const known = rowsOf.get(word);
        if (known === undefined) rowsOf.set(word, [i]);
        else if (known.at(-1) !== i) known.push(i);
      }
    });
    rowsOf.delete("");
    this.#words = [...rowsOf.keys()].sort(); // by code units, as they are compared below
    this.#starts = new Int32Array(this.#words.length + 1);
    this.#words.forEach((word, n) => (this.#starts[n + 1] = (this.#starts[n] ?? 0) + (rowsOf.get(word)?.length ?? 0)));
    this.#rows = new Int32Array(this.#starts[this.#words.length] ?? 0);
    this.#words.forEach((word, n) => this.#rows.set(rowsOf.get(word) ?? [], this.#starts[n]));
  }

  get size() {
    return this.#lines.length;
  }

  /**
   * @param {string} query  as typed; empty finds every row in order
   * @param {(index: number) => boolean} [admit]  rows to consider
   * @returns {Int32Array} row numbers, best first, equal ones in their own order
   */
  find(query, admit) {
    const typed = query.toLowerCase().normalize("NFC").trim();
    const phrase = expand(fold(query));
    const words = phrase === "" ? [] : phrase.split(" ");
    const marked = MARKS.test(typed.normalize("NFD")) || typed.includes("đ");
    const found = this.#matching(words, admit);
    if (phrase === "") return found;
    const begins = ` ${phrase}`;
    const whole = ` ${phrase} `;
    const tiers = new Uint8Array(found.length);
    const counts = new Int32Array(TIERS + 1);
    for (let n = 0; n < found.length; n += 1) {
      const tier = this.#tier(/** @type {number} */ (found[n]), whole, begins, words, marked ? typed : "");
      tiers[n] = tier;
      counts[tier + 1] = (counts[tier + 1] ?? 0) + 1;
    }
    for (let tier = 1; tier < TIERS; tier += 1) counts[tier] = (counts[tier] ?? 0) + (counts[tier - 1] ?? 0);
    const ranked = new Int32Array(found.length);
    for (let n = 0; n < found.length; n += 1) {
      const tier = tiers[n] ?? 0;
      const at = counts[tier] ?? 0;
      counts[tier] = at + 1;
      ranked[at] = found[n] ?? 0;
    }
    return ranked;
  }

  /** Rows in which every word begins a word, in order. @param {readonly string[]} words @param {((index: number) => boolean) | undefined} admit */
  #matching(words, admit) {
    const found = new Int32Array(this.size);
    /** How many of the words each row has. */
    const has = new Uint8Array(this.size);
    words.slice(0, MOST_WORDS).forEach((word, nth) => {
      for (let n = this.#firstFrom(word); n < this.#words.length && this.#words[n]?.startsWith(word); n += 1) {
        for (let at = this.#starts[n] ?? 0; at < (this.#starts[n + 1] ?? 0); at += 1) {
          const row = /** @type {number} */ (this.#rows[at]);
          if (has[row] === nth) has[row] = nth + 1;
        }
      }
    });
    const all = Math.min(words.length, MOST_WORDS);
    let count = 0;
    for (let row = 0; row < has.length; row += 1) if (has[row] === all && (admit === undefined || admit(row))) found[count++] = row;
    return found.slice(0, count);
  }

  /** The first of the sorted words that does not come before this one. @param {string} word */
  #firstFrom(word) {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {string} */ (this.#words[middle]) < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * 0: the diacritics typed are the name's; 1: the whole words in one piece; 2: the beginning in one piece;
   * 3: all words in the name; 4: the rest.
   * @param {number} i @param {string} whole @param {string} begins @param {readonly string[]} words @param {string} typed
   */
  #tier(i, whole, begins, words, typed) {
    const line = /** @type {string} */ (this.#lines[i]);
    if (typed !== "" && this.#exact[i]?.includes(typed)) return 0;
    if (line.includes(begins)) return line.includes(whole) ? 1 : 2;
    const name = /** @type {string} */ (this.#names[i]);
    return words.every((word) => name.includes(` ${word}`)) ? 3 : 4;
  }
}

/** @param {string} folded */
function expand(folded) {
  return SHORTHAND.reduce((text, [short, long]) => text.replace(short, long), folded);
}
