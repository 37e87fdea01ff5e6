/** The administration page: who is there, the sections of the side bar, and the one that is shown. One comes by /login. */

import "./words-admin.js";
import { language, say, switchLanguage, t } from "./i18n.js";
import { Logo } from "./icons.js";
import { LoginSession, loginChannel } from "./login-session.js";
import { Accounts } from "./admin-accounts.js";
import { Audit } from "./admin-audit.js";
import { Indicators } from "./admin-indicators.js";
import { Confirm, Loading, Refused } from "./admin-parts.js";
import { Reports } from "./admin-reports.js";
import { Rest } from "./admin-rest.js";
import { Rosters } from "./admin-rosters.js";
import { hashOf, sectionsFor } from "./admin-route.js";
import { Sessions } from "./admin-sessions.js";
import { leaveTo, leaving, route } from "./admin-state.js";
import { UnitTree } from "./admin-tree.js";
import { Units } from "./admin-units.js";
import { effect, html, noteServerTime, render, signal, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

/** @type {Readonly<Record<string, any>>} */
const VIEWS = { units: Units, rosters: Rosters, indicators: Indicators, sessions: Sessions, reports: Reports, accounts: Accounts, audit: Audit };

/** Whether name and password are wanted again. */
const isLoggedOut = signal(false);
/** @type {import("@preact/signals").Signal<Office | null>} */
const office = signal(null);
/** @type {import("@preact/signals").Signal<Refusal | null>} */
const broken = signal(null);

/** Where the login leads back to. */
const toLogin = () => location.replace(`/login#next=${encodeURIComponent(`/admin${location.hash}`)}`);

const login = new LoginSession({ store: sessionStorage, channel: loginChannel(), onEnd: () => (isLoggedOut.value = true) });
const rest = new Rest(login, () => (isLoggedOut.value = true));

function App() {
  const at = office.value;
  return html`<a class="skip" href="#main" onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      document.getElementById("main")?.focus();
    }}>${t("skip")}</a>
    <header class="top"><${Logo} /><p class="top-name">${t("product")} <span>${t("adm_title")}</span></p>
      ${login.account !== null && html`<p class="top-who"><strong>${login.account.display_name}</strong><span class="muted">${t(`adm_role_${login.account.role}`)}${at !== null && ` · ${at.tree.tops.slice(0, 2).map((unit) => at.tree.name(unit)).join(", ")}`}</span></p>`}
      <div class="row top-actions"><a class="button quiet" href="/console">${t("adm_to_console")}</a><button type="button" id="language" class="button quiet" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button><a class="button quiet" href="/login">${t("adm_own_access")}</a></div></header>
    ${at === null ? html`<main id="main" class="content" tabindex="-1">${broken.value === null ? html`<${Loading} />` : html`<${Refused} refusal=${broken.value} /><button type="button" class="button primary" onClick=${() => void start()}>${t("adm_refresh")}</button>`}</main>` : html`<${Desk} at=${at} />`}
    ${leaving.value !== null && html`<${Confirm} id="leave-confirm" danger title=${t("adm_leave_question")} confirm=${t("adm_leave")} cancel=${t("adm_stay")} onClose=${() => (leaving.value = null)} onConfirm=${() => leaveTo(leaving.value ?? "")}><p>${t("adm_leave_text")}</p><//>`}
    ${isLoggedOut.value && html`<${LogInAgain} />`}`;
}

/** @param {{ at: Office }} props */
function Desk({ at }) {
  const sections = sectionsFor(at.role, at.tree.isNational);
  const section = sections.includes(route.value.section) ? route.value.section : "units";
  const View = VIEWS[section];
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else {
      scrollTo(0, 0);
      document.getElementById("title")?.focus();
    }
    // On a phone the sections are a row that is wider than the page.
    document.getElementById(`go-${section}`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [route.value]);
  useEffect(() => effect(() => void (document.title = `${t(`adm_${section}`)} · ${t("adm_title")} · ${t("product")}`)), [section]);
  return html`<div class="frame">
    <nav class="side" aria-label=${t("adm_sections")}><ul>${sections.map((each) => html`<li key=${each}><a id=${`go-${each}`} href=${hashOf(each)} aria-current=${each === section ? "page" : null}>${t(`adm_${each}`)}</a></li>`)}</ul></nav>
    <main id="main" class="content" tabindex="-1" data-section=${section}><${View} office=${at} parts=${route.value.section === section ? route.value.parts : []} /></main>
  </div>`;
}

/** The login ended while somebody worked: what was typed stays behind this. */
function LogInAgain() {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  const name = useSignal(office.peek()?.name ?? "");
  const password = useSignal("");
  const said = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} id="again" class="dialog" aria-labelledby="again-title" onCancel=${(/** @type {Event} */ event) => event.preventDefault()}>
    <h2 id="again-title">${t("adm_again_title")}</h2><p class="muted">${t("adm_again_text")}</p>
    <form onSubmit=${async (/** @type {Event} */ event) => {
      event.preventDefault();
      const answer = await login.logIn(name.value, password.value);
      password.value = "";
      if (answer.status !== 200) said.value = say(answer.body?.message) || t("adm_unreachable");
      else if (office.peek() !== null && answer.body.account.name !== office.peek()?.name) location.reload();
      else isLoggedOut.value = false;
    }}>
      ${said.value !== "" && html`<p role="alert" class="field-fault">${said.value}</p>`}
      <div class="field"><label for="again-name">${t("adm_login_name")}</label><input id="again-name" autocomplete="username" value=${name.value} onInput=${(/** @type {any} */ event) => (name.value = event.currentTarget.value)} required /></div>
      <div class="field"><label for="again-password">${t("adm_password")}</label><input id="again-password" type="password" autocomplete="current-password" value=${password.value} onInput=${(/** @type {any} */ event) => (password.value = event.currentTarget.value)} required /></div>
      <div class="row dialog-actions"><a class="button" href="/login">${t("adm_leave_page")}</a><button type="submit" class="button primary">${t("adm_log_in")}</button></div>
    </form></dialog>`;
}

async function start() {
  broken.value = null;
  const account = login.account;
  if (account === null) return;
  const outcome = /** @type {import("./admin-types.js").Outcome<import("./types.js").DirectoryJson>} */ (await rest.get("/api/directory"));
  if (!outcome.ok) {
    broken.value = outcome.refusal;
    return;
  }
  office.value = { rest, tree: new UnitTree(outcome.body, account.scope), role: account.role, name: account.name };
  // Forms offer times of the server's clock, not of this machine's.
  const sessions = /** @type {import("./admin-types.js").Outcome<{ at: number }>} */ (await rest.get("/api/sessions"));
  if (sessions.ok) noteServerTime(sessions.body.at);
}

effect(() => {
  document.documentElement.lang = language.value;
});
if (!login.isKept || !(await login.renew())) toLogin();
else {
  render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
  void start();
}
