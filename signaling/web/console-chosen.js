/** The chosen point: who it is, how it is, its last still, who is on duty, and the button that calls it. */

import { badgeWords } from "./console-badges.js";
import { clockTime, elapsed, t } from "./i18n.js";
import { IconCall, StateShape } from "./icons.js";
import { isLive, stateOf } from "./points.js";
import { html, serverNow, useEffect, useSignal } from "./ui.js";

/** @import { RosterShift } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** Somebody who goes through the list by key asks for nothing on the way. */
const ASK_AFTER_MS = 300;
const STILL_AGAIN_MS = 10_000;

/** @param {{ room: Room }} props */
export function Chosen({ room }) {
  const code = room.selection.chosen.value;
  const point = code === null ? undefined : room.directory.value.point(code);
  void room.painted.value;
  void room.badged.value;
  if (code === null || point === undefined) return html`<p class="chosen muted">${t("choose_point")}</p>`;
  const index = room.directory.value.indexOf(code);
  const nibble = room.states.states[index] ?? 0;
  const state = stateOf(nibble);
  const since = room.states.since[index] ?? 0;
  const badge = badgeWords(room, index);
  const busy = room.busy.value.has(code) || room.callOf(code) !== undefined;
  return html`<div class="chosen" aria-label=${t("chosen_point")} role="group" data-point=${code}>
    ${isLive(nibble) && html`<${Still} key=${code} room=${room} code=${code} />`}
    <div class="chosen-words"><strong>${point.name}</strong><small class="muted">${point.path}${point.path === "" ? "" : " · "}${code}</small>
      <small class=${`tone-${state.tone}`}><${StateShape} shape=${state.shape} /> ${t(`state_${state.key}`)}${since > 0 ? ` · ${t("since", { time: clockTime(since) })}` : ""}${badge === "" ? "" : html` · <span class=${room.stills.has(index, "any") ? "chosen-badge" : ""}>${badge}</span>`}</small>
      <${Duty} key=${code} room=${room} code=${code} /></div>
    <button type="button" id="call" class="button primary" disabled=${busy} aria-label=${t("call_point_named", { name: point.name })} onClick=${() => room.place(code)}>
      <${IconCall} />${t("call_point")}</button>
  </div>`;
}

/** @param {Room} room @param {string} path @param {AbortSignal} signal */
const ask = (room, path, signal) => fetch(path, { headers: { Authorization: `Bearer ${room.token}` }, signal });

/** The last still as it was sent. @param {{ room: Room, code: string }} props */
function Still({ room, code }) {
  const shown = useSignal(/** @type {{ url: string, at: number } | null} */ (null));
  useEffect(() => {
    const aborting = new AbortController();
    const load = async () => {
      try {
        const response = await ask(room, `/api/stills/${code}`, aborting.signal);
        const blob = response.ok ? await response.blob() : null;
        if (aborting.signal.aborted) return;
        if (shown.value !== null) URL.revokeObjectURL(shown.value.url);
        shown.value = blob === null ? null : { url: URL.createObjectURL(blob), at: Date.parse(response.headers.get("Last-Modified") ?? "") || serverNow() };
      } catch {
        // the next round asks again
      }
    };
    const first = setTimeout(() => void load(), ASK_AFTER_MS);
    const again = setInterval(() => void load(), STILL_AGAIN_MS);
    return () => {
      aborting.abort();
      clearTimeout(first);
      clearInterval(again);
      if (shown.peek() !== null) URL.revokeObjectURL(shown.peek()?.url ?? "");
    };
  }, [code]);
  if (shown.value === null) return null;
  return html`<img class="chosen-still" src=${shown.value.url} width="96" height="54" alt=${t("still_of", { age: elapsed(Math.max(0, serverNow() - shown.value.at)) })} />`;
}

/** Who is on duty now, where a roster says so. @param {{ room: Room, code: string }} props */
function Duty({ room, code }) {
  const shift = useSignal(/** @type {RosterShift | null} */ (null));
  useEffect(() => {
    const aborting = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const response = await ask(room, `/api/rosters/${code}`, aborting.signal);
        if (!response.ok) return;
        const now = serverNow();
        /** @type {{ shifts: RosterShift[] }} */
        const { shifts } = await response.json();
        shift.value = shifts.find((each) => each.start <= now && now < each.end) ?? null;
      } catch {
        // a point without a word about its duty is still a point
      }
    }, ASK_AFTER_MS);
    return () => {
      aborting.abort();
      clearTimeout(timer);
    };
  }, [code]);
  const contact = shift.value?.contacts[0];
  if (shift.value === null || contact === undefined) return null;
  const name = shift.value.confirmed_by ?? contact.name;
  return html`<small class="chosen-duty">${t(shift.value.confirmed_at === null ? "duty_of_unconfirmed" : "duty_of_confirmed", { name })}${contact.kind === "phone" && html` · <a href=${`tel:${contact.target.replace(/[^\d+]/g, "")}`}>${contact.target}</a>`}</small>`;
}
