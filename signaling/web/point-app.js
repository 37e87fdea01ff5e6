/** The point page /p/CODE#SECRET: checks the devices, joins, rings. The secret is read from the fragment and stays there. */

import "./words-point.js";
import { exposeDiagnosis } from "./diagnosis.js";
import { language, say, switchLanguage, t } from "./i18n.js";
import { IconCheck, IconWarning, Logo } from "./icons.js";
import { Aside } from "./point-aside.js";
import { DeviceCheck } from "./point-check.js";
import { Desk } from "./point-desk.js";
import { Live, tallyOf } from "./point-live.js";
import { PanelOver } from "./point-panels.js";
import { Ring } from "./point-ring.js";
import { Sheet, sheetState } from "./point-sheet.js";
import { Strip } from "./point-strip.js";
import { RetryWait } from "./retry-wait.js";
import { effect, html, render, useComputed, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Panel } from "./point-panels.js" */

/** @param {{ desk: Desk }} props */
function App({ desk }) {
  const panel = useSignal(/** @type {Panel} */ (""));
  const { phase } = desk.call.value;
  const line = desk.line.value;
  const ringing = phase === "ringing" || phase === "resuming";
  const joined = desk.joined.value && line.state !== "ended";
  if (ringing || phase === "opening" || !joined) panel.value = "";
  const hasSheet = useComputed(() => sheetState(desk).open !== null).value && joined;
  const covered = ringing || hasSheet || panel.value !== "";
  useEffect(() => {
    if (!covered && document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  }, [covered]);
  return html`
    <div class="page" inert=${covered} data-tally=${tallyOf(desk)} data-joined=${joined ? "yes" : "no"}>
      <a class="skip" href="#main" onClick=${skipToMain}>${t("skip")}</a>
      <${Header} desk=${desk} />
      <main id="main" tabindex="-1">
        ${!desk.joined.value && html`<${Joining} desk=${desk} />`}
        ${desk.joined.value && !joined && html`<${Ended} desk=${desk} />`}
        ${joined && html`
          <${Strip} desk=${desk} />
          ${phase === "over" && html`<${Over} desk=${desk} />`}
          <div class="desk">
            <${Live} desk=${desk} onPanel=${(/** @type {Panel} */ which) => (panel.value = which)} />
            <${Aside} desk=${desk} />
          </div>`}
      </main>
    </div>
    ${hasSheet && !ringing && html`<${Sheet} desk=${desk} />`}
    ${panel.value !== "" && !hasSheet && html`<${PanelOver} key=${panel.value} desk=${desk} panel=${panel.value} onPanel=${(/** @type {Panel} */ which) => (panel.value = which)} />`}
    ${ringing && html`<${Ring} desk=${desk} />`}`;
}

/** @param {Event} event  the fragment holds the secret: focus moves without touching it */
function skipToMain(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** @param {{ desk: Desk }} props */
function Header({ desk }) {
  const point = desk.point.value;
  const path = point === null ? [] : point.path.slice(1, -1).reverse();
  return html`<header class="header">
    <${Logo} />
    <div class="header-name">
      <h1 class="header-unit">${point?.name ?? t("product")}</h1>
      <p class="muted">${point === null ? t("tagline") : path.join(", ")}</p>
    </div>
    ${desk.joined.value && html`<${LineState} desk=${desk} />`}
    <button type="button" class="button quiet language" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button>
  </header>`;
}

/** @param {{ desk: Desk }} props */
function LineState({ desk }) {
  const { state, retryAt, told } = desk.line.value;
  const open = desk.stage.value.session_state === "open";
  const good = state === "live" && open;
  const words = good ? t("ready_to_be_called") : state === "live" ? t(`session_${desk.stage.value.session_state}`) : t(told ? "line_full" : `line_${state}`);
  const busy = good && desk.call.value.phase !== "idle" && desk.call.value.phase !== "over";
  return html`<div class=${`chip ${good ? "chip-ok" : state === "ended" ? "chip-off" : "chip-warn"}`} id="line" data-line=${state}>
    ${good ? html`<${IconCheck} />` : html`<${IconWarning} />`}
    <span role="status">${busy ? t("line_live") : words}<${RetryWait} at=${state === "waiting" ? retryAt : null} /></span>
    ${state === "waiting" && !told && html`<button type="button" class="button small" onClick=${() => desk.retry()}>${t("try_now")}</button>`}
  </div>`;
}

/** @param {{ desk: Desk }} props */
function Joining({ desk }) {
  return html`<div class="joining">
    <div class="joining-action">
      <button type="button" id="join" class="button big" onClick=${() => desk.join()}>${t("join")}</button>
      <p class="muted">${t("join_hint")}</p>
    </div>
    <${DeviceCheck} desk=${desk} />
  </div>`;
}

/** @param {{ desk: Desk }} props */
function Ended({ desk }) {
  const { reason, error } = desk.line.value;
  const why = reason ?? "left";
  return html`<section class="notice notice-large" role="alert" id="ended" data-reason=${why}>
    <h2>${t(`ended_${why}`)}</h2>
    <p>${t(`ended_${why}_text`)}</p>
    ${error !== null && why !== "replaced" && html`<p class="muted">${say(error.message)}</p>`}
    ${why === "protocol"
      ? html`<button type="button" class="button big" onClick=${() => location.reload()}>${t("reload")}</button>`
      : html`<button type="button" class="button big" onClick=${() => desk.retry()}>${why === "replaced" ? t("ended_replaced_action") : t("try_now")}</button>`}
  </section>`;
}

const SMOOTH = new Set(["ended", "hung_up", "declined_here", "declined", "cancelled"]);

/** @param {{ desk: Desk }} props */
function Over({ desk }) {
  const { over, call } = desk.call.value;
  const button = /** @type {{ current: HTMLButtonElement | null }} */ (useRef(null));
  useEffect(() => button.current?.focus(), [call?.id]);
  const smooth = SMOOTH.has(over ?? "");
  return html`<section class=${`notice ${smooth ? "" : "notice-warn"}`} role="alert" id="over" data-over=${over}>
    <div><h2>${smooth ? html`<${IconCheck} />` : html`<${IconWarning} />`}${t(smooth ? "over_title" : "over_failed_title")}</h2>
      <p>${t(`over_${over}`)} ${t("over_camera_off")}</p></div>
    <button type="button" class="button large" ref=${button} onClick=${() => desk.dismiss()}>${t("dismiss")}</button>
  </section>`;
}

/** @param {{ title: string, text: string }} props */
function Broken({ title, text }) {
  return html`<main class="notice notice-large"><h1>${t(title)}</h1><p>${t(text)}</p></main>`;
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const fragment = new URLSearchParams(location.hash.slice(1));
const secret = location.hash.slice(1).split("&")[0] ?? "";
effect(() => {
  document.documentElement.lang = language.value;
});
// Another secret typed into the bar is another page.
addEventListener("hashchange", () => location.reload());
if (secret === "") {
  render(html`<${Broken} title="no_secret" text="no_secret_text" />`, root);
} else {
  const desk = new Desk({ code, secret, session: fragment.get("session") ?? "main" });
  exposeDiagnosis(desk);
  document.title = `${t("product")} · ${code}`;
  effect(() => {
    const name = desk.point.value?.name;
    if (name !== undefined) document.title = `${name} · ${t("product")}`;
  });
  render(html`<${App} desk=${desk} />`, root);
}
