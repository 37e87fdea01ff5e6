/** Vietnamese first, English on a switch that is remembered. Reading `t` in a component follows the switch. */

import { signal } from "@preact/signals-core";
import { dateOf, hourOf, isoOf } from "./country-time.js";
import { WORDS } from "./words.js";

/** @import { Language, Words } from "./types.js" */

const REMEMBERED = "diemcau.language";

/** @type {import("@preact/signals-core").Signal<Language>} */
export const language = signal(remembered());

/**
 * @param {string} key  of words.js @param {Record<string, string | number>} [values]  for its `{names}`
 * @returns {string} an unknown key comes back as it is, so that a new state of the server is still readable
 */
export function t(key, values) {
  const pair = WORDS[key];
  if (pair === undefined) return key;
  const text = pair[language.value === "en" ? 1 : 0];
  if (values === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** As `t`, where the key may not exist. @param {string} key @param {string} otherwise @returns {string} */
export function tOr(key, otherwise) {
  return WORDS[key] === undefined ? otherwise : t(key);
}

/** A server's words in the page's language. @param {Words | undefined | null} words @returns {string} */
export function say(words) {
  return words?.[language.value] ?? words?.vi ?? "";
}

/** Vietnamese ⇄ English, remembered in this browser. */
export function switchLanguage() {
  language.value = language.value === "vi" ? "en" : "vi";
  try {
    localStorage.setItem(REMEMBERED, language.value);
  } catch {
    // a browser that stores nothing still switches
  }
}

/** @param {number} count @returns {string} 11.367 or 11,367 */
export function number(count) {
  // The browser's own is some hundred milliseconds late when it is asked first, on a page that waits for it.
  if (Number.isSafeInteger(count) && count >= 0) return String(count).replace(/\B(?=(?:\d{3})+$)/g, language.value === "vi" ? "." : ",");
  return count.toLocaleString(language.value === "vi" ? "vi-VN" : "en-GB");
}

/** @param {number} at  milliseconds since the Unix epoch @returns {string} 14:05:09 */
export function clockTime(at) {
  return isoOf(at).slice(11, 19);
}

/** @param {number} at  milliseconds since the Unix epoch @returns {string} 17:00 02/09 */
export function dayTime(at) {
  return `${hourOf(at)} ${dateOf(at).slice(0, 5)}`;
}

/** @param {number} ms @returns {string} 2:05 or 1:02:05 */
export function elapsed(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** @returns {Language} */
function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) === "en" ? "en" : "vi";
  } catch {
    return "vi";
  }
}
