/** Icons as inline SVG, drawn here; always beside a word or with a label, never alone in meaning. */

import { html } from "./ui.js";

/** @import { Shape } from "./points.js" */

/** @param {any} body @param {string} [view] */
const icon = (body, view = "0 0 24 24") =>
  html`<svg class="icon" viewBox=${view} aria-hidden="true" focusable="false">${body}</svg>`;

/** @param {string} d */
const stroke = (d) => html`<path d=${d} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />`;

/** The mark of the product: one point sending to three. */
export const Logo = () =>
  html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path d="M16 16 6 26M16 16l10 10M16 16v12" fill="none" stroke="currentColor" stroke-width="2" />
    <circle cx="16" cy="10" r="7" fill="currentColor" />
    <circle cx="6" cy="26" r="3" fill="currentColor" /><circle cx="16" cy="28" r="3" fill="currentColor" /><circle cx="26" cy="26" r="3" fill="currentColor" />
  </svg>`;

const HANDSET = "M6 3h3.5l2 5-2.4 1.6a12 12 0 0 0 5.3 5.3L16 12.5l5 2V18a3 3 0 0 1-3 3A15 15 0 0 1 3 6a3 3 0 0 1 3-3z";

export const IconCall = () => icon(html`<path d=${HANDSET} fill="currentColor" />`);
export const IconHangUp = () => icon(html`<g transform="rotate(135 12 12)"><path d=${HANDSET} fill="currentColor" /></g>`);
export const IconMic = () => icon(stroke("M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3"));
export const IconMicOff = () => icon(stroke("M9 6a3 3 0 0 1 6 0v5M9 10v1a3 3 0 0 0 4.5 2.6M5 11a7 7 0 0 0 11 5.7M12 18v3M4 3l16 18"));
export const IconTalk = () => icon(stroke("M4 4h16v12h-9l-5 4v-4H4zM8 8.5h8M8 12h5"));
export const IconScreen = () => icon(stroke("M3 4h18v12H3zM9 20h6M12 16v4"));
export const IconCamera = () => icon(stroke("M3 7h11v10H3zM14 11l7-4v10l-7-4"));
export const IconCameraOff = () => icon(stroke("M8 7h6v6M14 17H3V7M14 11l7-4v10l-4-2.3M4 3l16 18"));
export const IconSound = () => icon(stroke("M4 9h4l5-4v14l-5-4H4zM16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"));
export const IconSoundOff = () => icon(stroke("M4 9h4l5-4v14l-5-4H4zM17 9.5l5 5M22 9.5l-5 5"));
export const IconExpand = () => icon(stroke("M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"));
export const IconCheck = () => icon(stroke("M4 12.5 9.5 18 20 6.5"));
export const IconWarning = () => icon(stroke("M12 4 2.5 20h19zM12 10v4.5M12 17.3v.2"));
export const IconClose = () => icon(stroke("M5 5l14 14M19 5 5 19"));
export const IconSearch = () => icon(stroke("M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.2 16.2 21 21"));
export const IconKeyboard = () => icon(stroke("M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8"));
export const IconSettings = () => icon(stroke("M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4"));
export const IconAccount = () => icon(stroke("M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21a8 8 0 0 1 16 0"));
export const IconPoints = () => icon(stroke("M4 6h.01M4 12h.01M4 18h.01M9 6h11M9 12h11M9 18h11"));
export const IconStage = () => icon(stroke("M3 5h18v11H3zM8 20h8M12 16v4"));
export const IconBoards = () => icon(stroke("M4 4h16v16H4zM4 10h16M10 10v10"));
export const IconCopy = () => icon(stroke("M9 9h11v11H9zM5 15H4V4h11v1"));
export const IconClock = () => icon(stroke("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2"));
export const IconLadder = () => icon(stroke("M7 3v18M17 3v18M7 8h10M7 13h10M7 18h10"));
export const IconLeave = () => icon(stroke("M10 4H4v16h6M9 12h11M16 8l4 4-4 4"));

/** One shape for each point state; colour comes from the tone's class, the word stands beside it. @param {{ shape: Shape }} props */
export function StateShape({ shape }) {
  return icon(SHAPES[shape], "0 0 16 16");
}

/** What is on air is round, what is in preview is square: shape besides colour. @param {{ tally: "air" | "preview" }} props */
export function TallyShape({ tally }) {
  return tally === "air" ? icon(html`<circle cx="8" cy="8" r="6.5" fill="currentColor" />`, "0 0 16 16") : icon(html`<rect x="1.5" y="1.5" width="13" height="13" fill="currentColor" />`, "0 0 16 16");
}

/** @type {Record<Shape, any>} */
const SHAPES = {
  ring: html`<circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2" />`,
  dot: html`<circle cx="8" cy="8" r="6" fill="currentColor" />`,
  bell: html`<path d="M8 2a4 4 0 0 1 4 4v4l2 2H2l2-2V6a4 4 0 0 1 4-4z" fill="none" stroke="currentColor" stroke-width="2" />`,
  "bell-on": html`<path d="M8 1.5a4.5 4.5 0 0 1 4.5 4.5v4l2 2.5h-13l2-2.5V6A4.5 4.5 0 0 1 8 1.5zM6 13.5h4a2 2 0 0 1-4 0z" fill="currentColor" />`,
  half: html`<path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" /><circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" stroke-width="2" />`,
  link: html`<path d="M2 8h12M5 4v8M11 4v8" fill="none" stroke="currentColor" stroke-width="2.5" />`,
  square: html`<rect x="2.5" y="2.5" width="11" height="11" rx="1.5" fill="currentColor" />`,
  live: html`<circle cx="8" cy="8" r="3.5" fill="currentColor" /><circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6" />`,
  cross: html`<path d="M3 3l10 10M13 3 3 13" fill="none" stroke="currentColor" stroke-width="2.6" />`,
  dash: html`<path d="M3 8h10" fill="none" stroke="currentColor" stroke-width="2.4" />`,
};

export const IconHelp = () => icon(stroke("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.3a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2 1-1.2 1.8v.4M12 17v.2"));
export const IconNext = () => icon(stroke("M4 12h14M13 6l6 6-6 6"));
/** What is kept: a disc in a ring. */
export const IconRecord = () => icon(html`<circle cx="12" cy="12" r="5" fill="currentColor" /><circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2" />`);
/** One picture every few seconds. */
export const IconStill = () => icon(stroke("M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z"));
const BARS = { ok: 4, less: 3, warn: 1, off: 0 };
/** How good a line is, in bars. @param {{ tone: "ok" | "less" | "warn" | "off" }} props */
export const IconBars = ({ tone }) =>
  icon([0, 1, 2, 3].map((bar) => html`<rect x=${3 + bar * 5} y=${16 - bar * 4} width="3.4" height=${4 + bar * 4} rx="1" fill="currentColor" opacity=${bar < BARS[tone] ? 1 : 0.25} />`));
export const IconHand = () => icon(stroke("M7 12V6.5a1.5 1.5 0 0 1 3 0V11M10 10V4.5a1.5 1.5 0 0 1 3 0V10.5M13 10.5V5.5a1.5 1.5 0 0 1 3 0V12M16 9a1.5 1.5 0 0 1 3 0v5a7 7 0 0 1-7 7c-3 0-4.500-1.500-6-4l-2-3.500c-.8-1.500 1-2.600 2-1.500L7 14"));
export const IconPaper = () => icon(stroke("M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"));
export const IconLineOff = () => icon(stroke("M5 10a10 10 0 0 1 5-2.700M14 7.300a10 10 0 0 1 5 2.700M8 13.500a6 6 0 0 1 8 0M12 17v.2M4 3l16 18"));
