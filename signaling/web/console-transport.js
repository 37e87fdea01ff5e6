/** The buttons below the two monitors. Each says what it does, and to whom. */

import { Talkback } from "./console-talkback.js";
import { t } from "./i18n.js";
import { IconCall, IconHangUp } from "./icons.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function TransportBar({ room }) {
  const { call, toPreview, toTake, counting, toTakeOff, toEnd, ending, toTalk } = room.transport.value;
  const busy = room.busy.value;
  const point = call === null ? undefined : room.directory.value.point(call);
  const counts = toTake !== null && toTake.air_at != null;
  const stops = toTakeOff !== null && toTakeOff === counting && toTakeOff.state !== "on_air";
  return html`<div class="transport" id="transport" role="toolbar" aria-label=${t("transport_title")}>
    <${Order} kind="place_call" look="call" keys="C" word=${t("call_point")} whom=${point?.name ?? ""} disabled=${call === null || busy.has(call)}
      icon=${html`<${IconCall} />`} onPress=${() => call !== null && room.place(call)} />
    <${Order} kind="preview" look="preview" keys="Enter" word=${t("preview")} call=${toPreview} busy=${busy} onPress=${() => toPreview !== null && room.act("preview", toPreview.id)} />
    <${Order} kind="take" look="take" keys="Shift+Enter" word=${t(counts ? "take_now" : "take")} call=${toTake} busy=${busy} onPress=${() => toTake !== null && room.take(toTake)} />
    <${Countdowns} room=${room} />
    <${Order} kind="off_air" look="off-air" keys="X" word=${t(stops ? "take_cancel" : "off_air")} call=${toTakeOff} busy=${busy} onPress=${() => toTakeOff !== null && room.act("off_air", toTakeOff.id)} />
    <${Order} kind=${ending} look="danger" keys="Escape" word=${t(ending)} call=${toEnd} busy=${busy} icon=${html`<${IconHangUp} />`} asksTwice=${ending === "end_call"}
      isArmed=${toEnd !== null && room.armed.value === toEnd.id} onPress=${() => toEnd !== null && room.act(ending, toEnd.id)} />
    <div class="transport-talk"><${Talkback} room=${room} call=${toTalk} /></div>
  </div>`;
}

/**
 * One button: the word, and below it the name of whom it is about. What cannot be taken back is pressed twice.
 * @param {{ kind: string, look: string, keys: string, word: string, whom?: string, call?: import("./types.js").CallView | null, busy?: ReadonlySet<string>, disabled?: boolean,
 *   icon?: any, asksTwice?: boolean, isArmed?: boolean, onPress: () => void }} props
 */
function Order({ kind, look, keys, word, whom, call, busy, disabled, icon = null, asksTwice = false, isArmed = false, onPress }) {
  const pressed = useSignal(/** @type {string | null} */ (null));
  const id = call?.id ?? null;
  useEffect(() => {
    if (pressed.value === null) return undefined;
    const timer = setTimeout(() => (pressed.value = null), 3_000);
    return () => clearTimeout(timer);
  }, [pressed.value]);
  const armed = asksTwice && (isArmed || (pressed.value !== null && pressed.value === id));
  const name = whom ?? call?.point_name ?? "";
  const off = disabled ?? (call === null || (id !== null && (busy?.has(id) ?? false)));
  return html`<button type="button" class=${`order ${look}`} data-command=${kind} data-call=${id ?? ""} data-armed=${armed ? "yes" : "no"} disabled=${off} aria-keyshortcuts=${keys} onClick=${() => {
      if (asksTwice && !armed) {
        pressed.value = id;
        return;
      }
      pressed.value = null;
      onPress();
    }}><span class="order-word">${icon}${armed ? t("end_confirm") : word}</span><span class="order-name">${name}</span></button>`;
}

/** How long LÊN HÌNH counts down. */
const DELAYS = [0, 3, 5];

/** @param {{ room: Room }} props */
function Countdowns({ room }) {
  return html`<label class="countdown-choice" title=${t("countdown_title")}><span>${t("countdown_short")}</span>
    <select id="take-delay" aria-label=${t("countdown_title")} value=${String(room.takeDelayS.value)} onChange=${(/** @type {any} */ event) => room.setTakeDelay(Number(event.currentTarget.value))}>
      ${DELAYS.map((seconds) => html`<option key=${seconds} value=${String(seconds)}>${seconds === 0 ? t("countdown_none") : t("countdown_seconds", { seconds })}</option>`)}
    </select></label>`;
}
