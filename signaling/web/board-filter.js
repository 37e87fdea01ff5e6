/** A counter of a board as a filter of the points: while it is pressed, list, map and wall show just those that it counts. */

import { batch } from "@preact/signals-core";

/** @import { Selection } from "./selection.js" */

/** `key` says which counter of which board it is. @typedef {{ key: string, label: string, codes: ReadonlySet<string> }} BoardFilter */
/** Whose points are narrowed: the console's room. @typedef {{ selection: Pick<Selection, "points" | "clear"> }} Narrowed */

/** The counter that is pressed. @param {Narrowed} room @returns {BoardFilter | null} null: none, or somebody else named the points */
export function shownFilter(room) {
  const named = room.selection.points.value;
  return named !== null && "key" in named ? /** @type {BoardFilter} */ (named) : null;
}

/** @param {Narrowed} room @returns {string} the key of the counter that is pressed; empty: none */
export function shownKey(room) {
  return shownFilter(room)?.key ?? "";
}

/**
 * Show just these points; whatever else narrowed the selection goes, so that all of them are seen.
 * @param {Narrowed} room @param {BoardFilter | null} filter  null: all points again
 */
export function showOnly(room, filter) {
  batch(() => {
    if (filter !== null && shownKey(room) !== filter.key) room.selection.clear();
    room.selection.points.value = filter;
  });
}
