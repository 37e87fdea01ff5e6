/** A QR code as one SVG path: sharp at any size, on paper too. */

/** The quiet zone of ISO/IEC 18004 §9.1, in modules. */
export const QUIET = 4;

/**
 * @param {{ size: number, get(x: number, y: number): boolean }} code
 * @returns {{ path: string, side: number }} the dark modules as runs; the side of the square they are in, quiet zone included
 */
export function qrPath(code) {
  let path = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      if (!code.get(x, y)) continue;
      const start = x;
      while (code.get(x + 1, y)) x += 1;
      path += `M${start + QUIET} ${y + QUIET}h${x + 1 - start}v1h-${x + 1 - start}z`;
    }
  }
  return { path, side: code.size + 2 * QUIET };
}
