/** The chosen point: who it is, how it is, its last still, who is on duty, and the button that calls it. */

import { badgeWords } from "./console-badges.js";
import { clockTime, elapsed, t } from "./i18n.js";
import { IconCall, StateShape } from "./icons.js";
import { isLive, stateOf } from "./points.js";
import { StillFeed } from "./still-feed.js";
import { html, serverNow, useEffect, useRef, useSignal } from "./ui.js";

/** @import { RosterShift } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** Somebody who goes through the list by key asks for nothing on the way. */
const ASK_AFTER_MS = 300;
const STILL = { width: 160, height: 90 };

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

/** The last still: asked for as the wall asks for large ones, so that none is an answer too. @param {{ room: Room, code: string }} props */
function Still({ room, code }) {
  const takenAt = useSignal(0);
  const canvas = /** @type {{ current: HTMLCanvasElement | null }} */ (useRef(null));
  useEffect(() => {
    const feed = new StillFeed({
      path: `/api/sessions/${room.session}/stills`,
      token: () => room.token,
      onAnswer: async ({ head, sheets }) => {
        if (head.directory !== room.directory.peek().version) return false;
        const index = room.directory.peek().indexOf(code);
        if (head.gone.includes(index)) takenAt.value = 0;
        const still = head.stills.find((each) => each[0] === index);
        const sheet = sheets[still?.[4] ?? -1];
        if (still === undefined || sheet === undefined) return true;
        const [width, height] = head.tile;
        const place = still[5];
        const picture = await createImageBitmap(new Blob([sheet], { type: "image/jpeg" }), (place % head.columns) * width, Math.floor(place / head.columns) * height, width, height).catch(() => null);
        if (picture === null) return true;
        canvas.current?.getContext("2d")?.drawImage(picture, 0, 0, STILL.width, STILL.height);
        picture.close();
        takenAt.value = still[1];
        return true;
      },
    });
    const timer = setTimeout(() => feed.show(`size=medium&points=${encodeURIComponent(code)}`), ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      feed.show("");
    };
  }, [code]);
  return html`<canvas class="chosen-still" ref=${canvas} width=${STILL.width} height=${STILL.height} hidden=${takenAt.value === 0} role="img"
    aria-label=${t("still_of", { age: elapsed(Math.max(0, serverNow() - takenAt.value)) })}></canvas>`;
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
