/** Accounts: who there is, and making and changing one. A password is made here, shown once, and kept nowhere. */

import { number, t } from "./i18n.js";
import { AccountForm } from "./admin-account-form.js";
import { Badge, Empty, Heading, Loading, Paged, Refused, useAnswer } from "./admin-parts.js";
import { hashOf } from "./admin-route.js";
import { shown } from "./admin-times.js";
import { fold } from "./search.js";
import { html, useSignal } from "./ui.js";

/** @import { Account } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const A_TIME = 1000;
/** Of the list; a country has some ten thousand. */
const MOST_ROUNDS = 20;

/** @param {{ office: Office, parts: string[] }} props  `[]`, `new`, a name */
export function Accounts({ office, parts }) {
  const [name, second] = parts;
  if (name === "new" && second === undefined) return html`<${AccountForm} key="new" office=${office} account=${null} />`;
  if (name === "of" && second !== undefined) return html`<${OneAccount} key=${second} office=${office} name=${second} />`;
  return html`<${AccountList} office=${office} />`;
}

/** @param {{ office: Office, name: string }} props */
function OneAccount({ office, name }) {
  const { body, refusal } = useAnswer(name, () => /** @type {Promise<import("./admin-types.js").Outcome<Account>>} */ (office.rest.get(`/api/accounts/${encodeURIComponent(name)}`)));
  if (body === null) return html`<${Heading} title=${name} />${refusal === null ? html`<${Loading} />` : html`<${Refused} refusal=${refusal} />`}`;
  return html`<${AccountForm} office=${office} account=${body} />`;
}

/** @param {Office} office @returns {Promise<import("./admin-types.js").Outcome<Account[]>>} */
async function allAccounts(office) {
  /** @type {Account[]} */
  const accounts = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const after = accounts.at(-1)?.name ?? "";
    const outcome = /** @type {import("./admin-types.js").Outcome<{ accounts: Account[], has_more: boolean }>} */ (await office.rest.get(`/api/accounts?limit=${A_TIME}&after=${encodeURIComponent(after)}`));
    if (!outcome.ok) return outcome;
    accounts.push(...outcome.body.accounts);
    if (!outcome.body.has_more) break;
  }
  return { ok: true, body: accounts };
}

/** @param {{ office: Office }} props */
function AccountList({ office }) {
  const typed = useSignal("");
  const role = useSignal("");
  const { body, refusal } = useAnswer("accounts", () => allAccounts(office));
  const wanted = fold(typed.value);
  const rows = (body ?? []).filter((account) => (role.value === "" || account.role === role.value) && (wanted === "" || fold(`${account.name} ${account.display_name} ${account.scope.map((unit) => office.tree.name(unit)).join(" ")}`).includes(wanted)));
  return html`<${Heading} title=${t("adm_accounts")} lead=${t("adm_accounts_lead")}><a class="button primary" id="account-new" href=${hashOf("accounts", "new")}>${t("adm_account_new")}</a><//>
    <div class="filters"><label>${t("adm_find")}<input id="account-search" type="search" value=${typed.value} onInput=${(/** @type {any} */ event) => (typed.value = event.currentTarget.value)} /></label>
      <label>${t("adm_role")}<select value=${role.value} onChange=${(/** @type {any} */ event) => (role.value = event.currentTarget.value)}><option value="">${t("adm_all")}</option>${["center", "operator", "observer"].map((each) => html`<option key=${each} value=${each}>${t(`adm_role_${each}`)}</option>`)}</select></label></div>
    <${Refused} refusal=${refusal} />
    ${body === null ? refusal === null && html`<${Loading} />` : rows.length === 0 ? html`<${Empty}>${t(body.length === 0 ? "adm_accounts_none" : "adm_nothing_found")}<//>` : html`<section class="card" aria-label=${t("adm_accounts")}>
      <${Paged} rows=${rows} label=${t("adm_accounts_count", { count: number(rows.length) })} head=${html`<tr><th scope="col">${t("adm_login_name")}</th><th scope="col">${t("adm_display_name")}</th><th scope="col">${t("adm_role")}</th><th scope="col">${t("adm_scope")}</th><th scope="col">${t("adm_state")}</th><th scope="col">${t("adm_changed")}</th></tr>`}
        row=${(/** @type {Account} */ account) => html`<tr key=${account.name} data-account=${account.name}><th scope="row"><a href=${hashOf("accounts", "of", account.name)}>${account.name}</a></th><td>${account.display_name}</td><td>${t(`adm_role_${account.role}`)}</td>
          <td>${account.scope.slice(0, 3).map((unit) => office.tree.name(unit)).join(", ")}${account.scope.length > 3 && ` … (${number(account.scope.length)})`}</td>
          <td>${account.is_disabled ? html`<${Badge} kind="off">${t("adm_disabled")}<//>` : html`<${Badge} kind="good">${t("adm_enabled")}<//>`}</td><td>${shown(account.changed_at)}<br /><span class="muted">${account.changed_by}</span></td></tr>`} />
    </section>`}`;
}
