/** Keeps the screen on while the page waits; the browser drops the lock when the page is hidden, so it is asked again. */

/** @type {WakeLockSentinel | null} */
let lock = null;
let wanted = false;

/** @param {boolean} on */
export function keepAwake(on) {
  wanted = on;
  if (on) void acquire();
  else void lock?.release().catch(() => {});
}

async function acquire() {
  if (!wanted || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
  if (lock !== null && !lock.released) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    // battery saver or policy: the page works, the screen may sleep
  }
}

document.addEventListener("visibilitychange", () => void acquire());
