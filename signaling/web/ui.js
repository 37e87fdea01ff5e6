/** What every component needs: markup, hooks, and a clock that follows the server's. */

import { h } from "preact";
import htm from "htm";
import { signal } from "@preact/signals";

export { render } from "preact";
export { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, useComputed, useSignal } from "@preact/signals";

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = /** @type {any} */ (htm.bind(/** @type {any} */ (h)));

/** Server time minus this machine's, milliseconds. The largest difference seen is the one with the least delay. */
let offsetMs = Number.NEGATIVE_INFINITY;

/** Four times a second: the server's time. Read it only in small components that show a clock. */
export const clock = signal(Date.now());

setInterval(() => {
  clock.value = serverNow();
}, 250);

/** @param {number} at  a `welcome`'s or `tick`'s */
export function noteServerTime(at) {
  const seen = at - Date.now();
  // A machine whose clock was set meanwhile is believed anew.
  if (seen > offsetMs || offsetMs - seen > 5_000) offsetMs = seen;
}

/** @returns {number} the server's time, milliseconds since the Unix epoch */
export function serverNow() {
  return Date.now() + (Number.isFinite(offsetMs) ? offsetMs : 0);
}

/** @param {string} name @returns {string | null} */
export function recall(name) {
  try {
    return localStorage.getItem(`diemcau.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`diemcau.${name}`, value);
  } catch {
    // a browser that stores nothing works without
  }
}

/** The browser and system in short, for the report. @returns {string} at most 80 characters */
export function deviceName() {
  const agent = navigator.userAgent;
  const browser = /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(agent);
  const name = browser?.[1] === "Version" ? "Safari" : browser?.[1] === "Edg" ? "Edge" : browser?.[1];
  const system = /Windows|Android|iPhone|iPad|Mac OS X|Linux/.exec(agent)?.[0] ?? "";
  return `${name ?? "?"} ${browser?.[2] ?? ""}, ${system}`.slice(0, 80);
}
