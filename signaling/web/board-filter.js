/** A counter of a board as a filter of the points: while it is pressed, list, map and wall show just those that it counts. */

/** @import { Room } from "./console-room.js" */

/** `key` says which counter of which board it is. @typedef {{ key: string, label: string, codes: ReadonlySet<string> }} BoardFilter */

/** @param {Room} room @returns {string} the key of the counter that is pressed; empty: none */
export function shownKey(room) {
  return room.selection.points.value?.key ?? "";
}

/** @param {Room} room @param {BoardFilter | null} filter  null: all points again */
export function showOnly(room, filter) {
  room.selection.points.value = filter;
}
