/** One account: made, or changed. Its role and scope say what it may; another one of either ends its logins, and the form says so. */

import { say, t } from "./i18n.js";
import { Action, Badge, Confirm, Copy, Crumbs, Heading, Notice, SelectField, TextField } from "./admin-parts.js";
import { newPassword } from "./admin-password.js";
import { fieldOf } from "./admin-refusals.js";
import { hashOf } from "./admin-route.js";
import { dirty, leaveTo } from "./admin-state.js";
import { shown } from "./admin-times.js";
import { UnitsPicker } from "./admin-units-picker.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { Account, Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const FIELDS = ["name", "display_name", "role", "scope", "password"];

/** @param {{ office: Office, account: Account | null }} props  null: a new one */
export function AccountForm({ office, account }) {
  const kept = useSignal(account);
  const name = useSignal(account?.name ?? "");
  const displayName = useSignal(account?.display_name ?? "");
  const role = useSignal(account?.role ?? "operator");
  const scope = useSignal(account?.scope ?? (office.tree.tops.length === 1 ? office.tree.tops.slice() : []));
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const busy = useSignal("");
  const said = useSignal("");
  /** Shown until one leaves, and nowhere else. */
  const password = useSignal("");
  const asking = useSignal("");
  useEffect(() => {
    dirty.value = false;
    return () => {
      dirty.value = false;
    };
  }, []);
  const isOwn = kept.value?.name === office.name;
  const faultField = refusal.value === null ? "" : fieldOf(refusal.value, FIELDS);
  const fault = (/** @type {string} */ field) => (refusal.value !== null && faultField === field ? say(refusal.value.message) : "");
  /** @template T @param {{ value: T }} field @returns {(value: T) => void} */
  const typing = (field) => (value) => {
    field.value = value;
    dirty.value = true;
    said.value = "";
  };

  /** @param {string} what @param {"POST" | "PUT"} method @param {string} path @param {object} body */
  const send = async (what, method, path, body) => {
    busy.value = what;
    refusal.value = null;
    said.value = "";
    const outcome = /** @type {import("./admin-types.js").Outcome<Account>} */ (await office.rest.send(method, path, body));
    busy.value = "";
    if (!outcome.ok) refusal.value = outcome.refusal;
    else kept.value = outcome.body;
    return outcome.ok;
  };
  const own = () => `/api/accounts/${encodeURIComponent(kept.value?.name ?? "")}`;
  const make = async () => {
    const made = newPassword();
    if (!(await send("save", "POST", "/api/accounts", { name: name.value.trim(), display_name: displayName.value.trim(), role: role.value, scope: scope.value, password: made }))) return;
    dirty.value = false;
    password.value = made;
    said.value = "adm_account_made";
  };
  const change = async () => {
    const before = /** @type {Account} */ (kept.value);
    const body = {
      ...(displayName.value.trim() !== before.display_name ? { display_name: displayName.value.trim() } : {}),
      ...(role.value !== before.role ? { role: role.value } : {}),
      ...(scope.value.join() !== before.scope.join() ? { scope: scope.value } : {}),
    };
    if (!(await send("save", "PUT", own(), body))) return;
    dirty.value = false;
    said.value = "adm_account_changed";
  };
  const another = async () => {
    const made = newPassword();
    if (await send("password", "PUT", own(), { password: made })) {
      password.value = made;
      said.value = "adm_password_changed";
    }
  };
  const able = async () => {
    if (await send("able", "PUT", own(), { is_disabled: !kept.value?.is_disabled })) said.value = kept.value?.is_disabled ? "adm_account_disabled" : "adm_account_enabled";
  };
  const endsLogins = kept.value !== null && (role.value !== kept.value.role || scope.value.join() !== kept.value.scope.join());
  const title = kept.value === null ? t("adm_account_new") : kept.value.display_name;
  return html`<${Heading} title=${title} lead=${kept.value && t("adm_account_lead", { name: kept.value.name, by: kept.value.made_by, at: shown(kept.value.made_at) })}>
      ${kept.value && (kept.value.is_disabled ? html`<${Badge} kind="off">${t("adm_disabled")}<//>` : html`<${Badge} kind="good">${t("adm_enabled")}<//>`)}
    <//>
    <${Crumbs} items=${[{ name: t("adm_accounts"), href: hashOf("accounts") }, { name: title }]} />
    ${said.value !== "" && html`<${Notice} kind="good" id="account-said">${t(said.value)}<//>`}
    ${refusal.value !== null && faultField === "" && html`<${Notice} kind="bad">${say(refusal.value.message)}<//>`}
    ${password.value !== "" && kept.value && html`<section class="card once" aria-labelledby="once-title"><h2 id="once-title">${t("adm_password_once")}</h2>
      <dl class="pairs"><dt>${t("adm_login_name")}</dt><dd><code>${kept.value.name}</code></dd><dt>${t("adm_password")}</dt><dd><code id="password-once">${password.value}</code></dd></dl>
      <p class="muted">${t("adm_password_once_text")}</p><div class="row"><${Copy} text=${password.value} label=${t("adm_password_copy")} /><button type="button" class="button" id="password-noted" onClick=${() => (password.value = "")}>${t("adm_password_noted")}</button></div></section>`}
    <form class="card form" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void (kept.value === null ? make() : change());
    }}>
      ${kept.value === null && html`<${TextField} id="account-name" label=${t("adm_login_name")} hint=${t("adm_login_name_hint")} value=${name.value} onInput=${typing(name)} fault=${fault("name")} required maxLength=${64} />`}
      <${TextField} id="account-display" label=${t("adm_display_name")} value=${displayName.value} onInput=${typing(displayName)} fault=${fault("display_name")} maxLength=${100} hint=${t("adm_display_name_hint")} />
      <${SelectField} id="account-role" label=${t("adm_role")} value=${role.value} onChange=${typing(role)} fault=${fault("role")} hint=${t(`adm_role_${role.value}_may`)} disabled=${isOwn} options=${["center", "operator", "observer"].map((value) => ({ value, name: t(`adm_role_${value}`) }))} />
      <${UnitsPicker} id="account-scope" label=${t("adm_scope")} tree=${office.tree} value=${scope.value} onChange=${isOwn ? () => {} : typing(scope)} fault=${fault("scope")} hint=${t(isOwn ? "adm_own_account" : "adm_scope_hint")} />
      ${endsLogins && html`<${Notice} kind="note">${t("adm_ends_logins")}<//>`}
      <div class="row"><${Action} id="account-save" type="submit" kind="primary" isBusy=${busy.value === "save"} disabled=${scope.value.length === 0}>${t(kept.value === null ? "adm_account_make" : "adm_save")}<//>
        <button type="button" class="button" onClick=${() => leaveTo(hashOf("accounts"))}>${t("adm_back_to_list")}</button></div>
    </form>
    ${kept.value !== null && !isOwn && html`<section class="card form" aria-labelledby="access-title"><h2 id="access-title">${t("adm_access")}</h2>
      <p class="muted">${t("adm_access_text")}</p>
      <div class="row"><${Action} id="password-new" isBusy=${busy.value === "password"} onClick=${() => (asking.value = "password")}>${t("adm_password_new")}<//>
        <${Action} id="account-able" kind=${kept.value.is_disabled ? "" : "danger"} isBusy=${busy.value === "able"} onClick=${() => (kept.value?.is_disabled ? void able() : (asking.value = "able"))}>${t(kept.value.is_disabled ? "adm_enable" : "adm_disable")}<//></div></section>`}
    ${asking.value !== "" && html`<${Confirm} id="account-confirm" danger=${asking.value === "able"} title=${t(asking.value === "able" ? "adm_disable_question" : "adm_password_question", { name: kept.value?.display_name ?? "" })}
      confirm=${t(asking.value === "able" ? "adm_disable" : "adm_password_new")} onClose=${() => (asking.value = "")} onConfirm=${() => {
        const what = asking.value;
        asking.value = "";
        void (what === "able" ? able() : another());
      }}><p>${t(asking.value === "able" ? "adm_disable_text" : "adm_password_text")}</p><//>`}`;
}
