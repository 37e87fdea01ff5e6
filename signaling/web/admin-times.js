/** Moments as the administration's forms and tables show them, in the country's time. */

import { inputOf, isoOf } from "./country-time.js";

export { dayOf, inputOf, momentOf } from "./country-time.js";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** @param {number | null | undefined} at @returns {string} 02/09/2021 18:20, in one piece */
export function shown(at) {
  if (at === null || at === undefined) return "";
  const [date = "", time = ""] = inputOf(at).split("T");
  return `${date.split("-").reverse().join("/")}\u00a0${time}`;
}

/** @param {string} date  2021-09-02 @returns {string} 02/09/2021 */
export function shownDay(date) {
  return date.split("-").reverse().join("/");
}

/** A length of time: 0:07, 12:05, 1:02:03. @param {number} ms */
export function shownLength(ms) {
  const seconds = Math.round(ms / 1000);
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** A moment on an axis: as fine as the time that the axis shows. @param {number} at @param {number} spanMs @returns {string} 18:20:05, 18:20 or 02/09 */
export function axisTime(at, spanMs) {
  const text = isoOf(at);
  if (spanMs > 2 * DAY_MS) return `${text.slice(8, 10)}/${text.slice(5, 7)}`;
  return text.slice(11, spanMs < HOUR_MS / 3 ? 19 : 16);
}
