/** The floor on the console: who speaks and how long, who waits, and what can be done about it, by keys as well. */

import { Nothing } from "./board-parts.js";
import { floorClock, floorProgress } from "./floor-clock.js";
import { elapsed, number, t } from "./i18n.js";
import { clock, html, recall, remember, signal, useRef } from "./ui.js";

/** @import { FloorRequest } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const MORE_S = [60, 180];
/** 0: the time that the service gives by itself. */
const TURNS_S = [0, 120, 180, 300, 600];
const turn = signal(Number(recall("floor_turn_s") ?? 0) || 0);

/** @param {Room} room @param {string} point */
function give(room, point) {
  room.floorOrder({ kind: "give_floor", point, seconds: turn.peek() === 0 ? null : turn.peek() });
}

/** @param {{ room: Room }} props */
export function FloorPanel({ room }) {
  const { holder, queue, waiting } = room.floor.value;
  return html`<section class="board-panel" id="floor" aria-labelledby="floor-title">
    <h2 id="floor-title" class="visually-hidden">${t("floor_title")}</h2>
    <${Holder} room=${room} holder=${holder} />
    <div class="board-fields floor-turn"><div><label for="floor-turn">${t("floor_turn")}</label>
      <select id="floor-turn" value=${String(turn.value)} onChange=${(/** @type {any} */ event) => {
        turn.value = Number(event.currentTarget.value);
        remember("floor_turn_s", event.currentTarget.value);
      }}>${TURNS_S.map((each) => html`<option key=${each} value=${String(each)}>${each === 0 ? t("floor_turn_usual") : t("board_minutes", { minutes: each / 60 })}</option>`)}</select></div>
      <${Invite} room=${room} /></div>
    <h3 class="board-heading">${t("floor_waiting_count", { count: number(waiting) })}</h3>
    ${queue.length === 0 ? html`<${Nothing} title=${t("floor_queue_none")} text=${t("floor_queue_none_text")} />` : html`<${Queue} room=${room} queue=${queue} />`}
    ${waiting > queue.length && html`<p class="muted">${t("floor_more", { count: number(waiting - queue.length) })}</p>`}
  </section>`;
}

/** @param {{ room: Room, holder: FloorRequest | null }} props */
function Holder({ room, holder }) {
  if (holder === null) return html`<div class="floor-holder" id="floor-holder" data-state="none"><p class="muted">${t("floor_nobody")}</p></div>`;
  return html`<div class="floor-holder" id="floor-holder" data-point=${holder.point} data-state=${holder.state}>
    <p><button type="button" class="link floor-name" onClick=${() => room.choosePoint(holder.point)}>${holder.point_name}</button> · ${t(`floor_${holder.state}`)}</p>
    ${holder.subject !== "" && html`<p class="muted">${holder.subject}</p>`}
    <${Clock} holder=${holder} />
    <div class="board-actions">
      ${holder.state === "speaking" && MORE_S.map((each) => html`<button type="button" key=${each} id=${each === MORE_S[0] ? "floor-extend" : undefined} class="button small" onClick=${() => room.floorOrder({ kind: "extend_floor", point: holder.point, seconds: each })}>${t("floor_extend", { minutes: each / 60 })}</button>`)}
      <button type="button" id="floor-take-back" class="button small danger" onClick=${() => room.floorOrder({ kind: "take_back_floor", point: holder.point })}>${t("floor_take_back")}</button>
    </div>
  </div>`;
}

/** @param {{ holder: FloorRequest }} props */
function Clock({ holder }) {
  const now = clock.value;
  const left = floorClock(holder, now);
  const progress = floorProgress(holder, now);
  if (left === null || progress === null) return html`<p class="floor-clock" data-tone="ok"><span>${t("floor_not_yet")}</span></p>`;
  return html`<p class="floor-clock" data-tone=${left.tone}><strong role="timer">${left.tone === "over" ? "+" : ""}${elapsed(left.seconds * 1000)}</strong>
      <span>${t(left.tone === "over" ? "floor_is_over" : left.tone === "warn" ? "floor_is_ending" : "floor_is_left")} · ${t("floor_spoken", { time: elapsed(progress.elapsedMs) })}</span></p>
    <div class="floor-bar" data-tone=${left.tone} aria-hidden="true"><span style=${{ width: `${Math.round(progress.share * 100)}%` }}></span></div>`;
}

/** @param {{ room: Room }} props */
function Invite({ room }) {
  const chosen = room.chosenPoint.value;
  const { holder } = room.floor.value;
  const name = chosen === null ? "" : (room.directory.value.point(chosen)?.name ?? chosen);
  const cannot = chosen === null || chosen === holder?.point;
  return html`<button type="button" id="floor-invite" class="button small" disabled=${cannot} onClick=${() => chosen !== null && give(room, chosen)}>${cannot ? t("floor_invite_none") : t("floor_invite", { name })}</button>`;
}

/** @param {{ room: Room, queue: readonly FloorRequest[] }} props */
function Queue({ room, queue }) {
  const list = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  /** Up and down move from row to row; Delete takes a row out. @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const rows = [...(list.current?.querySelectorAll("li") ?? [])];
    const at = rows.findIndex((row) => row.contains(/** @type {Node} */ (event.target)));
    const request = queue[at];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.querySelector("button")?.focus();
    } else if (event.key === "Delete" && request !== undefined) {
      event.preventDefault();
      room.floorOrder({ kind: "withdraw_floor", point: request.point });
    }
  };
  return html`<ol class="floor-queue" ref=${list} onKeyDown=${onKeyDown} aria-label=${t("floor_queue")} aria-describedby="floor-keys">${queue.map((request) => html`<li key=${request.id} data-point=${request.point}>
      <span class="floor-place">${request.place}</span>
      <button type="button" class="button small primary" data-command="give_floor" aria-label=${t("floor_give_named", { name: request.point_name })} onClick=${() => give(room, request.point)}>${t("floor_give")}</button>
      <div class="floor-who"><button type="button" class="link" onClick=${() => room.choosePoint(request.point)}>${request.point_name}</button>
        <small class="muted">${request.subject === "" ? t("floor_no_subject") : request.subject} · <${Since} at=${request.asked_at} /></small></div>
      <button type="button" class="button small quiet" data-command="withdraw_floor" aria-label=${t("floor_remove_named", { name: request.point_name })} onClick=${() => room.floorOrder({ kind: "withdraw_floor", point: request.point })}>${t("floor_remove")}</button>
    </li>`)}</ol><p class="muted board-hint" id="floor-keys">${t("floor_keys")}</p>`;
}

/** @param {{ at: number }} props */
function Since({ at }) {
  return t("floor_since", { time: elapsed(clock.value - at) });
}
