/** From figures to colours of the map: five steps for shares and numbers, letters and patterns for categories. Pure. */

/** How many steps every sequential scale has. */
export const STEPS = 5;
/** Categories with a colour, a pattern and a letter of their own; the rest shares the last one. */
export const MOST_CATEGORIES = 8;

/** Lower bounds of the share that is connected. */
export const LIVE_BOUNDS = [0, 0.5, 0.8, 0.95, 1];
/** Lower bounds of the share that is missing from a roll call; above nought is the second step. */
export const MISSING_BOUNDS = [0, Number.MIN_VALUE, 0.05, 0.2, 0.5];

/** @param {number} value @param {readonly number[]} bounds  lower bounds of the steps, ascending @returns {number} the step, 0 …; −1: below all */
export function stepOf(value, bounds) {
  let step = -1;
  for (const bound of bounds) if (value >= bound) step += 1;
  return step;
}

/**
 * Lower bounds that put about as many values in each step; equal values are never parted, so there may be fewer steps.
 * @param {readonly number[]} values @returns {number[]} ascending, all different
 */
export function quantileBounds(values) {
  const sorted = Float64Array.from(values).sort();
  /** @type {number[]} */
  const bounds = [];
  for (let step = 0; step < STEPS; step += 1) {
    const value = sorted[Math.floor((step * sorted.length) / STEPS)];
    if (value !== undefined && value !== bounds.at(-1)) bounds.push(value);
  }
  return bounds;
}

/** @param {readonly number[]} values  not empty @returns {number} */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}

/** What a category named like this is shown in, because the word is a colour itself. @type {[RegExp, string][]} */
const NAMED = [
  [/^(?:vùng )?(?:xanh|green)/u, "green"],
  [/^(?:vùng )?(?:đỏ|red)/u, "red"],
  [/^(?:vùng )?(?:vàng|yellow)/u, "yellow"],
  [/^(?:vùng )?(?:cam|orange)/u, "orange"],
];

/**
 * How each category is told apart: a colour, a pattern (by its place) and a letter, all different.
 * @param {readonly string[]} categories @returns {Map<string, { tone: string, letter: string, place: number }>}
 */
export function categoryMarks(categories) {
  const sorted = [...new Set(categories)].sort((a, b) => a.localeCompare(b, "vi"));
  /** @type {Map<string, { tone: string, letter: string, place: number }>} */
  const marks = new Map();
  const letters = new Set();
  const tones = new Set();
  sorted.forEach((category, n) => {
    const place = Math.min(n, MOST_CATEGORIES - 1);
    const word = category.toLowerCase().normalize("NFC");
    const named = NAMED.find(([pattern]) => pattern.test(word))?.[1];
    const tone = named !== undefined && !tones.has(named) ? named : `c${place}`;
    const own = [...word.replace(/^vùng /u, "")].map((each) => each.toUpperCase()).find((each) => /[\p{L}\p{N}]/u.test(each) && !letters.has(each));
    const letter = own ?? String(n + 1);
    letters.add(letter);
    tones.add(tone);
    marks.set(category, { tone, letter, place });
  });
  return marks;
}

/** The most frequent one. @param {Iterable<string>} values @returns {string | null} of equally frequent ones the first; null: none */
export function mode(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = null;
  let most = 0;
  for (const [value, count] of counts) if (count > most) [best, most] = [value, count];
  return best;
}
