/** A page that came by a login: another token when its line was refused, and where it goes when the login is over. */

import { effect } from "./ui.js";

/** @import { EndReason, LineState } from "./protocol.js" */
/** @import { LoginSession } from "./login-session.js" */

/** Renewing does not help a line that is refused again within this time. */
const RENEWED_MS = 60_000;

/**
 * A line that ended since its token had: another token and another try, but not for ever.
 * @param {{ line: { value: { state: LineState, reason: EndReason | null } }, retry: () => void }} room @param {LoginSession} session
 */
export function renewWhenRefused(room, session) {
  let last = -RENEWED_MS;
  effect(() => {
    const { state, reason } = room.line.value;
    if (state !== "ended" || reason !== "credential" || performance.now() - last < RENEWED_MS) return;
    last = performance.now();
    void session.renew().then((isGood) => isGood && room.retry());
  });
}
