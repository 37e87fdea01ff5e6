/** What the sections of the administration page share: where one is, what would be lost by leaving, and whom to ask. */

import { batch, signal } from "./ui.js";
import { parseRoute } from "./admin-route.js";

/** @import { Route } from "./admin-route.js" */
/** @import { Rest } from "./admin-rest.js" */
/** @import { UnitTree } from "./admin-tree.js" */
/** @import { AccountRole } from "./admin-types.js" */

/**
 * Whom the sections work for, and through what.
 * @typedef {{ rest: Rest, tree: UnitTree, role: AccountRole, name: string }} Office
 */

/** @type {import("@preact/signals").Signal<Route>} */
export const route = signal(parseRoute(location.hash));

/** Whether something was typed and not sent. */
export const dirty = signal(false);

/** Where somebody wants to go who would lose something by it; null: nobody does. @type {import("@preact/signals").Signal<string | null>} */
export const leaving = signal(null);

let present = location.hash;

/** Go somewhere; asks first where something would be lost. @param {string} hash */
export function go(hash) {
  location.hash = hash;
}

/** Go there and let go of what was typed: it was sent, or is not wanted. @param {string} hash */
export function leaveTo(hash) {
  batch(() => {
    dirty.value = false;
    leaving.value = null;
  });
  location.hash = hash;
}

addEventListener("hashchange", () => {
  if (location.hash === present) return;
  if (dirty.value) {
    const wanted = location.hash;
    history.replaceState(null, "", present === "" ? location.pathname : present);
    leaving.value = wanted;
    return;
  }
  present = location.hash;
  route.value = parseRoute(location.hash);
});

addEventListener("beforeunload", (event) => {
  if (dirty.value) event.preventDefault();
});
