/** What a key means on the console: one table for the page, for its help and for its tests. */

import { tinykeys } from "tinykeys";

/**
 * @typedef {"search" | "down" | "up" | "page_down" | "page_up" | "first" | "last" | "call" | "preview" | "take" | "off_air" | "escalate"
 *   | "end" | "help" | "incident" | "wide" | "talk" | "call_1" | "call_2" | "call_3" | "call_4"} KeyAction
 * @typedef {"search" | "field" | "select" | "control" | "list" | "dialog" | "other"} Place
 *   where the focus is: text is typed in a field, a select searches by letters, a button has its own Enter, a dialog its own keys
 */

/**
 * Keys in the words of tinykeys. Characters that need Shift on one keyboard and not on another are there twice.
 * @type {readonly { action: KeyAction, keys: readonly string[], shown: string, kind: "letter" | "move" | "enter" | "escape" }[]}
 */
export const KEYS = [
  { action: "search", keys: ["/", "Shift+/"], shown: "/", kind: "letter" },
  { action: "down", keys: ["ArrowDown"], shown: "↓", kind: "move" },
  { action: "up", keys: ["ArrowUp"], shown: "↑", kind: "move" },
  { action: "page_down", keys: ["PageDown"], shown: "PgDn", kind: "move" },
  { action: "page_up", keys: ["PageUp"], shown: "PgUp", kind: "move" },
  { action: "first", keys: ["Home"], shown: "Home", kind: "move" },
  { action: "last", keys: ["End"], shown: "End", kind: "move" },
  { action: "call", keys: ["c", "Shift+C"], shown: "C", kind: "letter" },
  { action: "preview", keys: ["Enter"], shown: "Enter", kind: "enter" },
  { action: "take", keys: ["Shift+Enter"], shown: "Shift + Enter", kind: "enter" },
  { action: "off_air", keys: ["x", "Shift+X"], shown: "X", kind: "letter" },
  { action: "escalate", keys: ["e", "Shift+E"], shown: "E", kind: "letter" },
  { action: "talk", keys: ["t", "Shift+T"], shown: "T", kind: "letter" },
  { action: "end", keys: ["Escape"], shown: "Esc", kind: "escape" },
  { action: "call_1", keys: ["1"], shown: "1", kind: "letter" },
  { action: "call_2", keys: ["2"], shown: "2", kind: "letter" },
  { action: "call_3", keys: ["3"], shown: "3", kind: "letter" },
  { action: "call_4", keys: ["4"], shown: "4", kind: "letter" },
  { action: "incident", keys: ["i", "Shift+I"], shown: "I", kind: "letter" },
  { action: "wide", keys: ["m", "Shift+M"], shown: "M", kind: "letter" },
  { action: "help", keys: ["?", "Shift+?"], shown: "?", kind: "letter" },
];

/** Rows of the help: several keys of one kind are one row. @type {readonly [string, readonly string[]][]} */
export const ROWS = [
  ["key_search", ["search"]],
  ["key_arrows", ["up", "down", "page_up", "page_down", "first", "last"]],
  ["key_call", ["call"]],
  ["key_calls", ["call_1", "call_2", "call_3", "call_4"]],
  ["key_preview", ["preview"]],
  ["key_take", ["take"]],
  ["key_off_air", ["off_air"]],
  ["key_talk", ["talk"]],
  ["key_escalate", ["escalate"]],
  ["key_end", ["end"]],
  ["key_incident", ["incident"]],
  ["key_wide", ["wide"]],
  ["key_help", ["help"]],
];

/**
 * Whether a key counts where the focus is.
 * @param {typeof KEYS[number]} key @param {Place} place
 * @param {boolean} letters  whether single characters are shortcuts (WCAG 2.1.4: they can be switched off)
 */
export function counts(key, place, letters) {
  if (place === "dialog" || place === "select" || place === "field") return false;
  if (place === "search") return key.action === "down";
  if (key.kind === "move") return place === "list";
  if (key.kind === "enter") return place !== "control" || key.action === "take";
  return key.kind === "escape" || letters;
}

/**
 * Listen from now on.
 * @param {Window | HTMLElement} target
 * @param {object} options
 * @param {(target: EventTarget | null) => Place} options.placeOf
 * @param {() => boolean} options.letters
 * @param {(action: KeyAction, isHeld: boolean) => void} options.perform  `isHeld`: the key repeats by itself
 * @param {() => void} options.released  T was let go, or the window lost the keyboard
 * @returns {() => void} what ends it
 */
export function listenToKeys(target, { placeOf, letters, perform, released }) {
  /** @type {Record<string, (event: KeyboardEvent) => void>} */
  const bindings = {};
  for (const key of KEYS) {
    for (const name of key.keys) {
      bindings[name] = (event) => {
        if (event.defaultPrevented || event.isComposing || !counts(key, placeOf(event.target), letters())) return;
        event.preventDefault();
        if (!event.repeat || key.kind === "move") perform(key.action, event.repeat);
      };
    }
  }
  // A sequence is never meant: no key waits for another.
  const stop = tinykeys(target, bindings, { timeout: 0 });
  const onKeyUp = (/** @type {Event} */ event) => /** @type {KeyboardEvent} */ (event).key.toLowerCase() === "t" && released();
  target.addEventListener("keyup", onKeyUp);
  addEventListener("blur", released);
  return () => {
    stop();
    target.removeEventListener("keyup", onKeyUp);
    removeEventListener("blur", released);
  };
}
