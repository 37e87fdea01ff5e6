/**
 * The console: who is there, whom to call, what is on air. One comes by /login, or by a link /console#token=… whose token is
 * read from the fragment.
 */

import "./words-console.js";
import { CenterPanel, Center } from "./console-center.js";
import { isOver } from "./console-calls.js";
import { keyAction } from "./console-keys.js";
import { PointList, moveChoice } from "./console-list.js";
import { AgendaPanel } from "./console-agenda.js";
import { DirectivesPanel } from "./console-directives.js";
import { DrawPanel } from "./console-draw.js";
import { FloorPanel } from "./console-floor.js";
import { ProposalsPanel } from "./console-proposals.js";
import { CallListPanel, MatterPanel } from "./console-matters.js";
import { Recording } from "./console-recording.js";
import { RollCallPanel } from "./console-rollcall.js";
import { Room } from "./console-room.js";
import { SessionPanel } from "./console-sessions.js";
import { Stage } from "./console-stage.js";
import { Recent, Trail } from "./console-trail.js";
import { LoginSession, loginChannel } from "./login-session.js";
import { exposeDiagnosis } from "./diagnosis.js";
import { language, number, say, switchLanguage, t } from "./i18n.js";
import { IconCheck, IconClose, IconKeyboard, IconSound, IconSoundOff, IconWarning, Logo, StateShape } from "./icons.js";
import { POINT_STATES } from "./points.js";
import { RetryWait } from "./retry-wait.js";
import { effect, html, recall, remember, render, signal, useEffect, useRef } from "./ui.js";

/** @import { KeyAction, Place } from "./console-keys.js" */

const help = signal(false);
const letters = signal(recall("keys") !== "off");
/** A first Escape arms, a second one within three seconds ends the call. @type {import("@preact/signals").Signal<string | null>} */
const escaped = signal(null);

/** @param {{ room: Room, center: Center }} props */
function App({ room, center }) {
  const line = room.line.value;
  const isCenter = room.role.value === "center";
  return html`
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    }}>${t("skip")}</a>
    <${Header} room=${room} />
    ${line.state === "ended"
      ? html`<main id="main" class="console-ended" role="alert"><h1>${t(`ended_${line.reason ?? "left"}`)}</h1>
          <p>${line.reason === "credential" ? t("no_token_text") : t(`ended_${line.reason ?? "left"}_text`)}</p>
          ${line.error !== null && html`<p class="muted">${say(line.error.message)}</p>`}
          <button type="button" class="button primary" onClick=${() => (line.reason === "protocol" ? location.reload() : room.retry())}>${line.reason === "protocol" ? t("reload") : t("try_now")}</button></main>`
      : html`<div class="console">
          <${PointList} room=${room} />
          <main id="main" tabindex="-1">
            <${Notices} room=${room} />
            <${Stage} room=${room} center=${isCenter ? center : null} />
          </main>
          <aside aria-label=${t("trail_title")}>
            ${isCenter && html`<${CenterPanel} center=${center} />`}
            <${SessionPanel} room=${room} />
            <${MatterPanel} room=${room} />
            <${Trail} room=${room} />
            <${FloorPanel} room=${room} />
            <${RollCallPanel} room=${room} />
            <${CallListPanel} room=${room} />
            <${AgendaPanel} room=${room} />
            <${DrawPanel} room=${room} />
            <${DirectivesPanel} room=${room} />
            <${ProposalsPanel} room=${room} />
            <${Recent} room=${room} />
          </aside>
        </div>`}
    <div class="visually-hidden" role="status" aria-live="polite">${room.announcement.value}</div>
    ${help.value && html`<${Help} />`}`;
}

/** @param {{ room: Room }} props */
function Header({ room }) {
  const volume = room.volume.value;
  return html`<header class="console-header">
    <${Logo} />
    <div class="console-name"><h1>${t("console_title")}</h1><p class="muted">${[room.sessionTitle.value, t(`role_${room.role.value}`), room.subject.value.split(":")[1]].filter(Boolean).join(" · ")}</p></div>
    <${Counts} room=${room} />
    <${LineState} room=${room} />
    <${Recording} room=${room} />
    <div class="volume">
      <button type="button" class="button icon-only quiet" aria-label=${volume > 0 ? t("mute_programme") : t("unmute_programme")} onClick=${() => room.setVolume(volume > 0 ? 0 : 1)}>
        ${volume > 0 ? html`<${IconSound} />` : html`<${IconSoundOff} />`}</button>
      <input type="range" min="0" max="1" step="0.05" value=${volume} aria-label=${t("sound_on_console")} onInput=${(/** @type {any} */ event) => room.setVolume(Number(event.currentTarget.value))} />
    </div>
    ${login !== null && html`<a id="account" class="button quiet" href="/login">${t("account")}</a>`}
    <button type="button" id="help" class="button icon-only quiet" aria-label=${t("help")} title=${t("help")} onClick=${() => (help.value = true)}><${IconKeyboard} /></button>
    <button type="button" class="button quiet" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button>
  </header>`;
}

/** States worth a number in the header, besides those connected. */
const COUNTED = [2, 3, 6, 7, 8, 9];

/** @param {{ room: Room }} props */
function Counts({ room }) {
  void room.painted.value;
  const { live, total, counts } = room.states;
  return html`<div class="counts" id="counts">
    <span class="count-main" id="count-live">${t("live_of_all", { live: number(live), all: number(total) })}</span>
    ${COUNTED.filter((state) => (counts[state] ?? 0) > 0).map((state) => {
      const { key, shape, tone } = /** @type {NonNullable<typeof POINT_STATES[number]>} */ (POINT_STATES[state]);
      return html`<button type="button" key=${state} class=${`count tone-${tone}`} aria-pressed=${room.state.value === state}
        onClick=${() => (room.state.value = room.state.value === state ? -1 : state)}><${StateShape} shape=${shape} />${t("count_of", { state: t(`state_${key}`), count: number(counts[state] ?? 0) })}</button>`;
    })}
  </div>`;
}

/** @param {{ room: Room }} props */
function LineState({ room }) {
  const { state, retryAt, told } = room.line.value;
  const media = room.viewer.value;
  const good = state === "live";
  const pictured = room.mediaReady.value && media === "live";
  return html`<div class="line-state" id="line" data-line=${state} data-media=${media}>
    <span class=${good ? "tone-ok" : "tone-warn"} role="status">${good ? html`<${IconCheck} />` : html`<${IconWarning} />`}${t(told ? "line_full" : `line_${state}`)}<${RetryWait} at=${state === "waiting" ? retryAt : null} /></span>
    ${good && !pictured && html`<span class="tone-warn" role="status"><${IconWarning} />${room.mediaReady.value ? t(`media_${media}`) : t("media_down")}</span>`}
    ${state === "waiting" && !told && html`<button type="button" class="button small" onClick=${() => room.retry()}>${t("try_now")}</button>`}
  </div>`;
}

/** @param {{ room: Room }} props */
function Notices({ room }) {
  const chosen = room.chosenCall.value === null ? undefined : room.call(room.chosenCall.value);
  return html`<div class="notices" role="region" aria-label=${t("errors_title")} aria-live="assertive" id="notices">
    ${room.notices.value.map((notice) => html`<p class="notice-item" key=${notice.id} data-tone=${notice.tone}><${IconWarning} /><span>${notice.text}${notice.times > 1 ? ` (×${notice.times})` : ""}</span>
      <button type="button" class="button icon-only quiet" aria-label=${t("close")} onClick=${() => room.dismiss(notice.id)}><${IconClose} /></button></p>`)}
    ${escaped.value !== null && chosen !== undefined && chosen.id === escaped.value && html`<p class="notice-item" data-tone="warn"><${IconWarning} /><span>Esc: ${t("end_confirm")} — ${t("end_call")} ${chosen.point_name}</span></p>`}
  </div>`;
}

const KEYS = [
  ["/", "key_search"], ["↑ ↓", "key_arrows"], ["C", "key_call"], ["1 2 3 4", "key_calls"], ["Enter", "key_preview"],
  ["Shift + Enter", "key_take"], ["X", "key_off_air"], ["Esc", "key_end"], ["?", "key_help"],
];

function Help() {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="help" ref=${dialog} aria-labelledby="help-title" onClose=${() => (help.value = false)}>
    <h2 id="help-title">${t("help")}</h2>
    <dl>${KEYS.map(([key, words]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${t(words ?? "")}</dd></div>`)}</dl>
    <label class="check-label"><input type="checkbox" checked=${letters.value} onChange=${(/** @type {any} */ event) => {
      letters.value = event.currentTarget.checked;
      remember("keys", letters.value ? "on" : "off");
    }} />${t("keys_on")}</label>
    <button type="button" class="button primary" onClick=${() => dialog.current?.close()}>${t("close")}</button>
  </dialog>`;
}

/** @param {EventTarget | null} target @returns {Place} */
function placeOf(target) {
  if (!(target instanceof HTMLElement)) return "other";
  if (target.matches("input:not([type=checkbox]):not([type=range]), textarea")) return "field";
  if (target instanceof HTMLSelectElement) return "select";
  if (target.id === "point-rows") return "list";
  return target.matches("button, a, input, summary, [role=button]") ? "control" : "other";
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let disarm;

/** @param {Room} room @param {KeyAction} action */
function perform(room, action) {
  const call = room.chosenCall.value === null ? undefined : room.call(room.chosenCall.value);
  const active = call !== undefined && !isOver(call) ? call : undefined;
  switch (action) {
    case "search":
      document.getElementById("search")?.focus();
      break;
    case "call":
      if (room.chosenPoint.value !== null && room.callOf(room.chosenPoint.value) === undefined) room.place(room.chosenPoint.value);
      break;
    case "preview":
      if (active?.state === "connected") room.act("preview", active.id);
      break;
    case "take":
      if (active?.state === "connected" || active?.state === "preview") room.act("take", active.id);
      break;
    case "off_air":
      if (active?.state === "on_air") room.act("off_air", active.id);
      break;
    case "end":
      if (active === undefined) break;
      clearTimeout(disarm);
      if (escaped.value === active.id) {
        escaped.value = null;
        room.end(active);
      } else {
        escaped.value = active.id;
        disarm = setTimeout(() => (escaped.value = null), 3_000);
      }
      break;
    case "help":
      help.value = true;
      break;
    case "call_1":
    case "call_2":
    case "call_3":
    case "call_4": {
      const chosen = room.wall.value[Number(action.at(-1)) - 1];
      if (chosen) room.chooseCall(chosen.id);
      break;
    }
    default:
      document.getElementById("point-rows")?.focus();
      moveChoice(room, action);
  }
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const fragment = new URLSearchParams(location.hash.slice(1));
/** Renewing does not help a line that is refused again within this time. */
const RENEWED_MS = 60_000;
/** Set once there is one, when this page came by /login. @type {Room | null} */
let renewed = null;
const login = fragment.has("token") ? null : new LoginSession({
  store: sessionStorage,
  channel: loginChannel(),
  onToken: (token) => renewed?.useToken(token),
  onEnd: () => location.replace("/login"),
});
if (login !== null && (!login.isKept || !(await login.renew()))) location.replace("/login");
const token = fragment.get("token") ?? login?.token ?? "";

/** A line that ended since its token had: another token and another try, but not for ever. @param {Room} room @param {LoginSession} session */
function renewWhenRefused(room, session) {
  let last = -RENEWED_MS;
  effect(() => {
    const { state, reason } = room.line.value;
    if (state !== "ended" || reason !== "credential" || performance.now() - last < RENEWED_MS) return;
    last = performance.now();
    void session.renew().then((isGood) => isGood && room.retry());
  });
}
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t("console_title")} · ${t("product")}`;
});
addEventListener("hashchange", () => location.reload());
if (token === "") {
  render(html`<main class="console-ended"><h1>${t("no_token")}</h1><p>${t("no_token_text")}</p></main>`, root);
} else {
  const room = new Room({ token, session: fragment.get("session") ?? "main" });
  const center = new Center(room);
  exposeDiagnosis({
    diagnosis: () => {
      const of = room.diagnosis();
      return {
        ...of,
        media: { whep: room.viewer.value, whip: center.media.value },
        peers: { .../** @type {Record<string, number>} */ (of["peers"]), whip: center.whip.peer === null ? 0 : 1 },
        peerNames: { .../** @type {Record<string, string>} */ (of["peerNames"]), whip: center.whip.peerName },
      };
    },
    stats: () => room.stats(),
  });
  addEventListener("keydown", (event) => {
    if (help.value || event.defaultPrevented) return;
    const action = keyAction(event, placeOf(event.target), letters.value);
    if (action === null) return;
    event.preventDefault();
    perform(room, action);
  });
  render(html`<${App} room=${room} center=${center} />`, root);
  if (login !== null) {
    renewed = room;
    renewWhenRefused(room, login);
  }
  room.start();
}
