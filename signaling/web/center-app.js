/**
 * The center's screen: whom the chair sees and is seen by, who is next, the time, and nothing else; what is done with points is done at
 * the console. One comes by /login, or by a link /center#token=… whose token is read from the fragment.
 */

import "./words-center.js";
import "./words-console.js"; // what the room says is said at the console too
import { failedOf, shownOf } from "./center-view.js";
import { Large } from "./center-stage.js";
import { Side, Top } from "./center-side.js";
import { Center } from "./console-center.js";
import { Room } from "./console-room.js";
import { Talkback, press, release } from "./console-talkback.js";
import { exposeDiagnosis } from "./diagnosis.js";
import { language, say, t } from "./i18n.js";
import { IconCamera, IconHangUp, IconMic, IconMicOff, IconScreen, IconWarning } from "./icons.js";
import { renewWhenRefused } from "./login-renewal.js";
import { LoginSession, loginChannel } from "./login-session.js";
import { RetryWait } from "./retry-wait.js";
import { canBeSpokenTo } from "./talkback.js";
import { TwicePressed } from "./twice-pressed.js";
import { clock, effect, html, recall, render, useEffect } from "./ui.js";
import { keepAwake } from "./wake-lock.js";

/** Where one logs in, and comes back from. */
const LOGIN = "/login#next=/center";
/** A notice stays as long as it takes to be read. */
const NOTICE_MS = 15_000;

/** @param {{ room: Room, center: Center }} props */
function App({ room, center }) {
  const line = room.line.value;
  if (line.state === "ended") {
    return html`<main class="hall-ended" role="alert"><h1>${t(`ended_${line.reason ?? "left"}`)}</h1>
      <p>${line.reason === "credential" ? t("hall_no_token_text") : t(`ended_${line.reason ?? "left"}_text`)}</p>
      ${line.error !== null && html`<p>${say(line.error.message)}</p>`}
      ${line.reason === "credential"
        ? html`<a class="button primary" href=${LOGIN}>${t("hall_login")}</a>`
        : html`<button type="button" class="button primary" onClick=${() => (line.reason === "protocol" ? location.reload() : room.retry())}>${line.reason === "protocol" ? t("reload") : t("try_now")}</button>`}</main>`;
  }
  return html`<div class="hall">
    <${Top} room=${room} />
    <main id="main" class="hall-main"><${Large} room=${room} /><${Side} room=${room} center=${center} /></main>
    <footer class="hall-foot">
      <${Buttons} room=${room} center=${center} />
      <${News} room=${room} center=${center} />
    </footer>
    <div class="visually-hidden" role="status" aria-live="polite">${room.announcement.value}</div>
  </div>`;
}

/** At most four, and the language: start; or microphone, screen, talk, stop. @param {{ room: Room, center: Center }} props */
function Buttons({ room, center }) {
  const phase = center.phase.value;
  const spokenTo = callSpokenTo(room);
  const mic = center.microphoneOn.value;
  const screen = center.screen.value !== null;
  const isCenter = room.role.value === "center";
  return html`<div class="hall-buttons">
    ${isCenter && phase !== "on" && html`<button type="button" id="center-start" class="button primary hall-start" disabled=${phase === "opening"} onClick=${() => void center.start()}><${IconCamera} />${t(phase === "opening" ? "hall_starting" : "hall_start")}</button>`}
    ${isCenter && phase === "on" && html`
      <button type="button" id="center-mic" class="button" aria-pressed=${!mic} onClick=${() => center.toggleMicrophone()}>${mic ? html`<${IconMic} />` : html`<${IconMicOff} />`}${t(mic ? "hall_mic_off" : "hall_mic_on")}</button>
      ${"getDisplayMedia" in (navigator.mediaDevices ?? {}) && html`<button type="button" id="center-screen" class="button" aria-pressed=${screen} onClick=${() => void center.toggleScreen()}><${IconScreen} />${t(screen ? "screen_stop" : "screen_share")}</button>`}`}
    ${isCenter && phase === "on" && html`<${TwicePressed} id="center-stop" class="button danger" icon=${html`<${IconHangUp} />`} label=${t("hall_end")} again=${t("hall_end_confirm")} onPress=${() => center.stop()} />`}
    ${isCenter && (phase === "on" || spokenTo !== null) && html`<${Talkback} room=${room} call=${spokenTo} settings=${false} />`}
  </div>`;
}

/** @param {Room} room */
function callSpokenTo(room) {
  const [shown] = shownOf(room.calls.value, room.stage.value.on_air);
  return shown !== undefined && canBeSpokenTo(shown.call) ? shown.call : null;
}

/** One calm line: the connection when it is not there, else what did not work, else the call that failed. @param {{ room: Room, center: Center }} props */
function News({ room, center }) {
  const { state, retryAt, told } = room.line.value;
  const notice = room.notices.value.at(-1);
  useEffect(() => {
    if (notice === undefined) return undefined;
    const timer = setTimeout(() => room.dismiss(notice.id), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice?.id]);
  const media = room.mediaReady.value ? room.viewer.value : "down";
  let words = null;
  if (state !== "live") words = html`${t(told ? "line_full" : `line_${state}`)}<${RetryWait} at=${state === "waiting" ? retryAt : null} />`;
  else if (center.failure.value !== "") words = t("center_failed", { why: center.failure.value });
  else if (media === "broken" || media === "down") words = t(`media_${media}`);
  else if (notice !== undefined) words = notice.text;
  return html`<div class="hall-news" id="line" data-line=${state} data-media=${media} role="status">
    ${words !== null ? html`<p><${IconWarning} /><span>${words}</span></p>` : html`<${Failed} room=${room} />`}
  </div>`;
}

/** Why nobody is there, where one was called and did not come. @param {{ room: Room }} props */
function Failed({ room }) {
  const failed = failedOf(room.calls.value, clock.value);
  if (failed === null) return null;
  return html`<p id="hall-failed" data-cause=${failed.cause}><${IconWarning} /><span>${t("hall_failed", { name: failed.point_name, cause: t(`cause_${failed.cause}`) })}</span></p>`;
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const fragment = new URLSearchParams(location.hash.slice(1));
/** Set once there is one, when this page came by /login. @type {Room | null} */
let renewed = null;
const login = fragment.has("token") ? null : new LoginSession({
  store: sessionStorage,
  channel: loginChannel(),
  onToken: (token) => renewed?.useToken(token),
  onEnd: () => location.replace(LOGIN),
});
if (login !== null && (!login.isKept || !(await login.renew()))) location.replace(LOGIN);
const token = fragment.get("token") ?? login?.token ?? "";
effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t("hall_title")} · ${t("product")}`;
});
addEventListener("hashchange", () => location.reload());

if (token === "") {
  render(html`<main class="hall-ended"><h1>${t("hall_no_token")}</h1><p>${t("hall_no_token_text")}</p><a class="button primary" href=${LOGIN}>${t("hall_login")}</a></main>`, root);
} else {
  const room = new Room({ token, session: fragment.get("session") ?? "main" });
  const center = new Center(room);
  bindTalk(room);
  exposeDiagnosis({
    diagnosis: () => ({ ...room.diagnosis(), media: { whep: room.viewer.value, whip: center.media.value } }),
    stats: () => room.stats(),
  });
  render(html`<${App} room=${room} center=${center} />`, root);
  if (login !== null) {
    renewed = room;
    renewWhenRefused(room, login);
  }
  room.start();
  keepAwake(true);
}

/** T is held to talk, unless single letters were switched off at the console. @param {Room} room */
function bindTalk(room) {
  const isTalk = (/** @type {KeyboardEvent} */ event) => event.code === "KeyT" && !event.ctrlKey && !event.altKey && !event.metaKey;
  addEventListener("keydown", (event) => {
    if (!isTalk(event) || event.repeat || recall("keys") === "off") return;
    press(room, callSpokenTo(room));
  });
  addEventListener("keyup", (event) => isTalk(event) && release(room));
}
