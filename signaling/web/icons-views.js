/** Icons of the three views; see icons.js. */

import { html } from "./ui.js";

export { IconExpand } from "./icons.js";

/** @param {any} body */
const icon = (body) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${body}</svg>`;

/** @param {string} d */
const stroke = (d) => html`<path d=${d} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />`;

export const IconMap = () => icon(stroke("M9 4h5v5H9zM9 9h5v5H9zM14 14h5v5h-5zM4 9h5"));
export const IconWall = () => icon(stroke("M3 5h8v6H3zM13 5h8v6h-8zM3 13h8v6H3zM13 13h8v6h-8z"));
export const IconList = () => icon(stroke("M9 6h12M9 12h12M9 18h12M4 6h.01M4 12h.01M4 18h.01"));
