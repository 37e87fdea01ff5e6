/** What the keys of the console do. */

import { isOver } from "./console-calls.js";
import { moveChoice } from "./console-list.js";
import { showPane } from "./console-panes.js";
import { press, release } from "./console-talkback.js";

/** @import { KeyAction, Place } from "./console-keys.js" */
/** @import { Room } from "./console-room.js" */

/** A first Escape arms, a second one within this time ends the call. */
const ARMED_MS = 3_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let disarm;
/** T is held: nothing is made ready for talking before it was wanted once. */
let isTalking = false;

/** T was let go. @param {Room} room */
export function letGo(room) {
  if (isTalking) release(room);
  isTalking = false;
}

/** @param {EventTarget | null} target @returns {Place} */
export function placeOf(target) {
  if (document.querySelector("dialog[open]") !== null) return "dialog";
  if (!(target instanceof HTMLElement)) return "other";
  if (target.id === "search") return "search";
  if (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea")) return "field";
  if (target instanceof HTMLSelectElement) return "select";
  if (target.id === "point-rows") return "list";
  // Enter on a call that has the focus prepares it; the space bar chooses it.
  if (target.matches(".card-name")) return "other";
  return target.matches("button, a, input, summary, [role=button], [role=tab], [role=separator]") ? "control" : "other";
}

/** @param {Room} room @param {KeyAction} action @param {{ openHelp: () => void }} page */
export function perform(room, action, page) {
  const { call, toPreview, toTake, toTakeOff, toEnd, ending, toEscalate, toTalk } = room.transport.value;
  switch (action) {
    case "search":
      showPane("views");
      document.getElementById("search")?.focus();
      break;
    case "call":
      if (call !== null) room.place(call);
      break;
    case "preview":
      if (toPreview !== null) room.act("preview", toPreview.id);
      break;
    case "take":
      if (toTake !== null) room.take(toTake);
      break;
    case "off_air":
      if (toTakeOff !== null) room.act("off_air", toTakeOff.id);
      break;
    case "escalate":
      if (toEscalate !== null) room.order({ kind: "escalate", call: toEscalate.id });
      break;
    case "end":
      if (toEnd === null) break;
      clearTimeout(disarm);
      if (room.armed.value === toEnd.id) {
        room.armed.value = null;
        room.act(ending, toEnd.id);
      } else {
        room.armed.value = toEnd.id;
        disarm = setTimeout(() => (room.armed.value = null), ARMED_MS);
      }
      break;
    case "incident": {
      const shown = room.chosenCall.value ?? room.calls.value[0]?.id;
      if (shown !== undefined) room.openIncident(shown);
      break;
    }
    case "wide":
      room.viewsWide.value = !room.viewsWide.value;
      break;
    case "help":
      page.openHelp();
      break;
    case "talk":
      isTalking = true;
      press(room, toTalk);
      break;
    case "call_1":
    case "call_2":
    case "call_3":
    case "call_4": {
      const chosen = room.wall.value[Number(action.at(-1)) - 1];
      if (chosen == null) break;
      room.chooseCall(chosen.id);
      if (!isOver(chosen)) showPane("stage");
      break;
    }
    default:
      document.getElementById("point-rows")?.focus();
      moveChoice(room, action);
  }
}
