/** The icons of the boards' tabs, and the marks of their counters; always beside a word. */

import { html } from "./ui.js";

/** @import { Mark } from "./board-sources.js" */
/** @import { Tab } from "./board-marks.js" */

/** @param {any} body @param {string} view */
const icon = (body, view) => html`<svg class="icon" viewBox=${view} aria-hidden="true" focusable="false">${body}</svg>`;
/** @param {string} d */
const line = (d) => html`<path d=${d} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />`;

/** @type {Readonly<Record<Tab, string>>} */
const TAB_PATHS = {
  record: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
  floor: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3M8.5 21h7",
  rollcall: "M4 6.5l1.6 1.6L8.5 5M4 13.5l1.6 1.6 2.9-3.1M4 20h4M12 7h8M12 14h8M12 20h8",
  directives: "M3 10v4h4l8 4.5v-13L7 10zM18.5 9a4 4 0 0 1 0 6M7 14l1.5 6H11l-1-5",
  draw: "M4 4h16v16H4zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01",
  roster: "M8 4a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2 20a6 6 0 0 1 10-4.5M17 11a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM17 13.5V16l1.6 1",
  proposals: "M4 5h16v11H10l-4 4v-4H4zM12 13V8.2M9.7 10.3 12 8l2.3 2.3",
  agenda: "M4 6h.01M8 6h12M4 12h.01M8 12h12M4 18h.01M8 18h7",
};

/** @param {{ tab: Tab }} props */
export function TabIcon({ tab }) {
  return icon(line(TAB_PATHS[tab]), "0 0 24 24");
}

/** @type {Readonly<Record<Mark, any>>} */
const MARKS = {
  check: html`<path d="M2.5 8.5 6.5 12.5 13.5 4" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" />`,
  clock: html`<path d="M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.6" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" />`,
  silence: html`<path d="M8 1.8 15 14H1zM8 6.4v3.4M8 11.7v.1" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />`,
  ring: html`<circle cx="8" cy="8" r="5.4" fill="none" stroke="currentColor" stroke-width="2.2" />`,
  gap: html`<path d="M3 3h10v10H3zM5.5 8h5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="2.4 1.8" />`,
};

/** The shape of a counter: what it counts is told without its colour too. @param {{ mark: Mark }} props */
export function CounterMark({ mark }) {
  return icon(MARKS[mark], "0 0 16 16");
}

export const IconNext = () => icon(line("M9 5l7 7-7 7"), "0 0 24 24");
export const IconUp = () => icon(line("M12 20V5M6 11l6-6 6 6"), "0 0 24 24");
export const IconDown = () => icon(line("M12 4v15M6 13l6 6 6-6"), "0 0 24 24");
export const IconWide = () => icon(line("M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"), "0 0 24 24");
export const IconNarrow = () => icon(line("M20 10h-6V4M14 10l6-6M4 14h6v6M10 14l-6 6"), "0 0 24 24");
export const IconPhone = () => icon(line("M6 3h3.5l2 5-2.4 1.6a12 12 0 0 0 5.3 5.3L16 12.5l5 2V18a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z"), "0 0 24 24");
export const IconSave = () => icon(line("M12 3v12M7 10.5l5 5 5-5M4 20h16"), "0 0 24 24");
