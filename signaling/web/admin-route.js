/** Which section of the administration page is shown: in the fragment, so that a link leads there and the back button back. */

/** @typedef {{ section: string, parts: string[] }} Route */

export const SECTIONS = ["units", "rosters", "indicators", "sessions", "reports", "accounts", "audit"];

/** @param {string} hash  `#/accounts/lan` @returns {Route} what is unknown is the first section */
export function parseRoute(hash) {
  const [section = "", ...parts] = hash.replace(/^#?\/?/, "").split("/").map(decoded).filter((part) => part !== "");
  return SECTIONS.includes(section) ? { section, parts } : { section: /** @type {string} */ (SECTIONS[0]), parts: [] };
}

/** @param {string} section @param {...(string | number)} parts @returns {string} */
export function hashOf(section, ...parts) {
  return `#/${[section, ...parts].map((part) => encodeURIComponent(part)).join("/")}`;
}

/** Who sees which section. @param {string} role @param {boolean} isNational  the scope has all roots @returns {string[]} */
export function sectionsFor(role, isNational) {
  return SECTIONS.filter((section) => (section === "accounts" ? role === "center" : section !== "audit" || (role === "center" && isNational)));
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
