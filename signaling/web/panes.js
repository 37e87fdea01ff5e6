/** How the window is divided among three panes: pure. Widths are shares of the window, so that another screen keeps the proportions. */

/** Narrowest useful panes, pixels at a text of 16. */
export const LEAST_PX = { left: 270, middle: 440, right: 280 };

/** Below this width there is one pane at a time. */
export const ONE_PANE_PX = 900;

/** @typedef {{ left: number, right: number }} Shares  of the window's width, 0 … 1 */

/** @type {Readonly<Shares>} */
export const USUAL = { left: 0.235, right: 0.235 };

/**
 * The shares as this window can show them: no pane below its least width, the middle one first.
 * @param {Shares} wanted @param {number} width  of the window, pixels @param {number} [scale]  text size of 16 pixels
 * @returns {Shares}
 */
export function fitted(wanted, width, scale = 1) {
  const least = { left: (LEAST_PX.left * scale) / width, middle: (LEAST_PX.middle * scale) / width, right: (LEAST_PX.right * scale) / width };
  const left = Math.min(Math.max(wanted.left, least.left), Math.max(least.left, 1 - least.middle - least.right));
  const right = Math.min(Math.max(wanted.right, least.right), Math.max(least.right, 1 - least.middle - left));
  return { left, right };
}

/**
 * What a key on a separator does to its pane's share.
 * @param {string} key @param {"left" | "right"} side @param {Shares} shares
 * @returns {Shares | null} null where the key means nothing here
 */
export function movedByKey(key, side, shares) {
  const outward = side === "left" ? "ArrowRight" : "ArrowLeft";
  const inward = side === "left" ? "ArrowLeft" : "ArrowRight";
  const step = { [outward]: 0.02, [inward]: -0.02, PageUp: 0.1, PageDown: -0.1 }[key];
  if (key === "Home") return { ...shares, [side]: 0 };
  if (key === "End") return { ...shares, [side]: 1 };
  if (key === "Enter") return { ...shares, [side]: USUAL[side] };
  return step === undefined ? null : { ...shares, [side]: shares[side] + step };
}

/** @param {string | null} kept  "0.25 0.2" @returns {Shares} the usual ones where nothing usable was kept */
export function recalled(kept) {
  const [left = Number.NaN, right = Number.NaN] = (kept ?? "").split(" ").map(Number);
  return left > 0 && left < 1 && right > 0 && right < 1 ? { left, right } : { ...USUAL };
}
