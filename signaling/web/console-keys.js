/** What a key means on the console. Pure: the page carries it out. */

/**
 * @typedef {"search" | "down" | "up" | "page_down" | "page_up" | "first" | "last" | "call" | "preview" | "take" | "off_air"
 *   | "end" | "help" | "call_1" | "call_2" | "call_3" | "call_4"} KeyAction
 * @typedef {{ key: string, shiftKey: boolean, ctrlKey: boolean, altKey: boolean, metaKey: boolean, isComposing?: boolean }} Key
 * @typedef {"field" | "select" | "control" | "list" | "other"} Place
 *   where the focus is: text is typed in a field, a select searches by letters, a button has its own Enter
 */

/** @type {Readonly<Record<string, KeyAction>>} */
const MOVES = { ArrowDown: "down", ArrowUp: "up", PageDown: "page_down", PageUp: "page_up", Home: "first", End: "last" };

/** @type {Readonly<Record<string, KeyAction>>} */
const LETTERS = { c: "call", x: "off_air", "?": "help", "/": "search", 1: "call_1", 2: "call_2", 3: "call_3", 4: "call_4" };

/**
 * @param {Key} key @param {Place} place
 * @param {boolean} letters  whether single characters are shortcuts (WCAG 2.1.4: they can be switched off)
 * @returns {KeyAction | null}
 */
export function keyAction(key, place, letters) {
  if (key.ctrlKey || key.altKey || key.metaKey || key.isComposing) return null;
  if (place === "select") return null;
  if (place === "field") return key.key === "ArrowDown" ? "down" : null;
  const move = MOVES[key.key];
  if (move !== undefined) return place === "list" ? move : null;
  if (key.key === "Enter") {
    if (place === "control") return null;
    return key.shiftKey ? "take" : "preview";
  }
  if (key.key === "Escape") return "end";
  return letters ? (LETTERS[key.key.toLowerCase()] ?? null) : null;
}
