/**
 * The console: who is there, whom to call, what is on air. One comes by /login, or by a link /console#token=… whose token is
 * read from the fragment.
 */

import "./words-console.js";
import "./words-console-boards.js";
import "./words-console-stage.js";
import "./words-console-views.js";
import { Center, CenterPanel } from "./console-center.js";
import { letGo, perform, placeOf } from "./console-commands.js";
import { Boards } from "./console-desk.js";
import { Header } from "./console-header.js";
import { Help, helpOpen, letters } from "./console-help.js";
import { Incident } from "./console-incident.js";
import { listenToKeys } from "./console-keys.js";
import { Notices } from "./console-notices.js";
import { Panes } from "./console-panes.js";
import { Room } from "./console-room.js";
import { Stage } from "./console-stage.js";
import { Views } from "./console-views.js";
import { LoginSession, loginChannel } from "./login-session.js";
import { exposeDiagnosis } from "./diagnosis.js";
import { language, say, t } from "./i18n.js";
import { effect, html, render } from "./ui.js";

/** @param {{ room: Room, center: Center }} props */
function App({ room, center }) {
  const isCenter = room.role.value === "center";
  return html`
    <a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    }}>${t("skip")}</a>
    <${Header} room=${room} hasAccount=${login !== null} onHelp=${() => (helpOpen.value = true)} />
    ${room.line.value.state === "ended"
      ? html`<${Ended} room=${room} />`
      : html`<${Panes} room=${room}
          views=${html`<${Views} room=${room} />`}
          stage=${html`<${Notices} room=${room} /><${Stage} room=${room} center=${isCenter ? center : null} />`}
          boards=${html`${isCenter && html`<${CenterPanel} center=${center} />`}
            <${Boards} room=${room} />`} />`}
    <div class="visually-hidden" role="status" aria-live="polite">${room.announcement.value}</div>
    ${room.incident.value !== null && html`<${Incident} room=${room} />`}
    ${helpOpen.value && html`<${Help} />`}`;
}

/** @param {{ room: Room }} props */
function Ended({ room }) {
  const { reason, error } = room.line.value;
  return html`<main id="main" class="console-ended" role="alert" tabindex="-1"><h2>${t(`ended_${reason ?? "left"}`)}</h2>
    <p>${reason === "credential" ? t("no_token_text") : t(`ended_${reason ?? "left"}_text`)}</p>
    ${error !== null && html`<p class="muted">${say(error.message)}</p>`}
    <button type="button" class="button primary" onClick=${() => (reason === "protocol" ? location.reload() : room.retry())}>${reason === "protocol" ? t("reload") : t("try_now")}</button></main>`;
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
  listenToKeys(window, {
    placeOf,
    letters: () => letters.value,
    perform: (action) => perform(room, action, { openHelp: () => (helpOpen.value = true) }),
    released: () => letGo(room),
  });
  render(html`<${App} room=${room} center=${center} />`, root);
  if (login !== null) {
    renewed = room;
    renewWhenRefused(room, login);
  }
  room.start();
}
