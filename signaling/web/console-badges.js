/** What was seen on a point's still, as a letter and in words. A hint for the eye, never a cause. */

import { t } from "./i18n.js";

/** @import { Room } from "./console-room.js" */

/** Of each thing that can be seen its words, and its letter where it asks to be looked at. @type {Readonly<Record<string, { words: string, letter: string }>>} */
export const BADGE_WORDS = {
  any: { words: "badge_any", letter: "" },
  black: { words: "badge_black", letter: "badge_letter_black" },
  frozen: { words: "badge_frozen", letter: "badge_letter_frozen" },
  covered: { words: "badge_covered", letter: "badge_letter_covered" },
  empty: { words: "badge_empty", letter: "badge_letter_empty" },
  person: { words: "badge_person", letter: "" },
};

/** @param {Room} room @param {number} index @returns {string} one letter; empty: nothing that asks to be looked at */
export function badgeLetter(room, index) {
  const badge = room.stills.badgeOf(index);
  const letter = BADGE_WORDS[badge]?.letter ?? "";
  return letter === "" ? "" : t(letter);
}

/** With the confidence where it is a guess. @param {Room} room @param {number} index @returns {string} empty: nothing to say */
export function badgeWords(room, index) {
  const badge = room.stills.badgeOf(index);
  const words = BADGE_WORDS[badge]?.words;
  if (words === undefined) return "";
  if (badge !== "empty" && badge !== "person") return t(words);
  return t("badge_sure", { badge: t(words), percent: Math.abs(room.stills.chair[index] ?? 0) });
}
