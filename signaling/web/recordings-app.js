/**
 * The page of recordings, /recordings: which there are, the player, what happened. One comes by /login, or by a link with #token=…; the
 * session is in the fragment too (`session=`), and else the standing line.
 */

import "./words-recordings.js";
import { dateOf } from "./country-time.js";
import { clockTime, language, switchLanguage, t } from "./i18n.js";
import { IconWarning, Logo } from "./icons.js";
import { LoginSession, loginChannel } from "./login-session.js";
import { STOPPED, groupsOf, numberOf } from "./recording-index.js";
import { Desk, lengthOf } from "./recordings-desk.js";
import { Player } from "./recordings-player.js";
import { effect, html, render } from "./ui.js";

/** @import { RecordingPart } from "./recording-index.js" */

/** @param {{ desk: Desk }} props */
function App({ desk }) {
  return html`<div class="page">
    <header class="recordings-header">
      <${Logo} />
      <h1>${t("rec_title")}</h1>
      <label class="session-choice"><span>${t("rec_session")}</span>
        <select id="session" value=${desk.session.value} onChange=${(/** @type {any} */ event) => desk.choose(event.currentTarget.value)}>
          ${desk.sessions.value.length === 0 && html`<option value=${desk.session.value}>${desk.session.value}</option>`}
          ${desk.sessions.value.map((each) => html`<option key=${each.id} value=${each.id} selected=${each.id === desk.session.value}>${each.title || each.id}${each.opened_at === null ? "" : ` · ${dateOf(each.opened_at)}`}</option>`)}
        </select></label>
      <button type="button" class="button quiet" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button>
    </header>
    <main id="main" class="recordings">
      <${Parts} desk=${desk} />
      <${Player} desk=${desk} />
    </main>
  </div>`;
}

/** @param {{ desk: Desk }} props */
function Parts({ desk }) {
  const list = desk.list.value;
  const notice = STOPPED[list?.notice ?? ""];
  const { programme, calls } = groupsOf(list?.parts ?? []);
  return html`<nav class="parts" aria-label=${t("rec_title")}>
    <div role="status">
      ${desk.trouble.value === "forbidden" && html`<p class="parts-notice"><${IconWarning} />${t("rec_forbidden")}</p>`}
      ${desk.trouble.value === "failed" && html`<p class="parts-notice"><${IconWarning} />${t("rec_failed")}</p>`}
      ${notice !== undefined && html`<p class="parts-notice"><${IconWarning} />${t(notice)}</p>`}
      ${list === null && desk.trouble.value === "" && html`<p class="muted">${t("rec_loading")}</p>`}
      ${list !== null && list.parts.length === 0 && html`<p><strong>${t("rec_none")}</strong></p><p class="muted">${t("rec_none_text")}</p>`}
    </div>
    ${programme.length > 0 && html`<h2>${t("rec_programme")}</h2><ul id="parts-programme">${programme.map((part) => html`<${PartRow} key=${part.part} desk=${desk} part=${part} />`)}</ul>`}
    ${calls.length > 0 && html`<h2>${t("rec_calls")}</h2><ul id="parts-calls">${calls.map((part) => html`<${PartRow} key=${part.part} desk=${desk} part=${part} />`)}</ul>`}
  </nav>`;
}

/** @param {{ desk: Desk, part: RecordingPart }} props */
function PartRow({ desk, part }) {
  const isChosen = desk.chosen.value?.part === part.part;
  return html`<li><button type="button" class="part" data-part=${part.part} data-state=${part.state} aria-current=${isChosen ? "true" : undefined} onClick=${() => void desk.open(part)}>
    <span class="part-name">${part.kind === "call" ? part.title : t("rec_part", { number: numberOf(part) })}</span>
    <span class="part-length">${lengthOf(part)}</span>
    <span class="muted">${dateOf(part.started_at)} ${clockTime(part.started_at)}</span>
    ${part.state === "recording" && html`<span class="part-growing"><span class="part-dot" aria-hidden="true"></span>${t("rec_growing")}</span>`}
    ${part.recovered && html`<span class="muted part-recovered">${t("rec_recovered")}</span>`}
  </button></li>`;
}

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const fragment = new URLSearchParams(location.hash.slice(1));
const login = fragment.has("token") ? null : new LoginSession({ store: sessionStorage, channel: loginChannel(), onEnd: () => location.replace("/login#next=/recordings") });
const isIn = login === null || (login.isKept && (await login.renew()));

effect(() => {
  document.documentElement.lang = language.value;
  document.title = `${t("rec_title")} · ${t("product")}`;
});
addEventListener("hashchange", () => location.reload());
if (!isIn) {
  render(html`<main class="recordings-empty"><h1>${t("rec_no_access")}</h1><p><a class="button" href="/login#next=/recordings">${t("rec_login")}</a></p></main>`, root);
} else {
  const desk = new Desk({ token: () => fragment.get("token") ?? login?.token ?? "", session: fragment.get("session") ?? "main" });
  render(html`<${App} desk=${desk} />`, root);
  desk.start();
}
