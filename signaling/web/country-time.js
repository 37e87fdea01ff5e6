/** The country's own time (UTC+7, no summer time), wherever a machine thinks it is: all who look at one meeting read one time. */

const OFFSET_MS = 7 * 3_600_000;
const INPUT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

/** @param {number} at  milliseconds since the Unix epoch @returns {string} 2021-09-02T18:20:05.000 */
export function isoOf(at) {
  return new Date(at + OFFSET_MS).toISOString().slice(0, -1);
}

/** @param {number} at @returns {string} what `<input type="datetime-local">` takes */
export function inputOf(at) {
  return isoOf(at).slice(0, 16);
}

/** @param {string} text  of such an input @returns {number | null} null: there is no such moment */
export function momentOf(text) {
  const found = INPUT.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) - OFFSET_MS;
  return inputOf(at) === text ? at : null;
}

/** The beginning of the day. @param {number} at */
export function dayOf(at) {
  return Math.floor((at + OFFSET_MS) / 86_400_000) * 86_400_000 - OFFSET_MS;
}

/** @param {number} at @returns {string} 02/09/2021 */
export function dateOf(at) {
  return isoOf(at).slice(0, 10).split("-").reverse().join("/");
}

/** @param {number} at @returns {string} 18:20 */
export function hourOf(at) {
  return isoOf(at).slice(11, 16);
}
