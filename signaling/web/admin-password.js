/** A password that a machine makes and a person copies once: groups of letters that nobody mistakes for another. */

/** 31 letters and digits, without 0 o, 1 l i: 4.95 bits each. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const GROUPS = 5;
const GROUP = 4;

/**
 * @param {(into: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} [random]
 * @returns {string} `k7mp-…`: twenty letters, 99 bits
 */
export function newPassword(random = (into) => crypto.getRandomValues(into)) {
  /** @type {string[]} */
  const letters = [];
  while (letters.length < GROUPS * GROUP) {
    for (const byte of random(new Uint8Array(32))) {
      // 248 is the largest multiple of 31 in a byte: what is above would make some letters likelier.
      if (byte < 248 && letters.length < GROUPS * GROUP) letters.push(/** @type {string} */ (LETTERS[byte % 31]));
    }
  }
  const groups = Array.from({ length: GROUPS }, (_, i) => letters.slice(i * GROUP, (i + 1) * GROUP).join(""));
  return groups.join("-");
}
