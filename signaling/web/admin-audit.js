/** The audit: who changed which account, and who came in or did not. For a national center. */

import { number, t, tOr } from "./i18n.js";
import { Action, Empty, Heading, Loading, Refused, Scroll } from "./admin-parts.js";
import { withQuery } from "./admin-rest.js";
import { hashOf } from "./admin-route.js";
import { shown } from "./admin-times.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { AuditEntry, Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

const A_TIME = 100;

/** @param {{ office: Office, parts: string[] }} props  `[]` or `logins` */
export function Audit({ office, parts }) {
  const stream = parts[0] === "logins" ? "logins" : "changes";
  return html`<${Heading} title=${t("adm_audit")} lead=${t("adm_audit_lead")} />
    <nav class="tabs" aria-label=${t("adm_audit")}>${["changes", "logins"].map((each) => html`<a key=${each} href=${each === "changes" ? hashOf("audit") : hashOf("audit", each)} aria-current=${each === stream ? "page" : null}>${t(`adm_audit_${each}`)}</a>`)}</nav>
    <${Entries} key=${stream} office=${office} stream=${stream} />`;
}

/** @param {{ office: Office, stream: string }} props */
function Entries({ office, stream }) {
  const entries = useSignal(/** @type {AuditEntry[]} */ ([]));
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const isBusy = useSignal(false);
  const isEnd = useSignal(false);
  const more = async () => {
    isBusy.value = true;
    const outcome = /** @type {import("./admin-types.js").Outcome<{ entries: AuditEntry[] }>} */ (await office.rest.get(withQuery("/api/audit", { stream, limit: A_TIME, before: entries.value.at(-1)?.id })));
    isBusy.value = false;
    if (!outcome.ok) {
      refusal.value = outcome.refusal;
      return;
    }
    refusal.value = null;
    isEnd.value = outcome.body.entries.length < A_TIME;
    entries.value = [...entries.value, ...outcome.body.entries];
  };
  useEffect(() => void more(), []);
  return html`<${Refused} refusal=${refusal.value} />
    ${entries.value.length === 0 ? (isBusy.value ? html`<${Loading} />` : refusal.value === null && html`<${Empty}>${t("adm_audit_none")}<//>`) : html`<section class="card" aria-label=${t(`adm_audit_${stream}`)}>
      <${Scroll} label=${t(`adm_audit_${stream}`)}><table id="audit">
        <thead><tr><th scope="col">${t("adm_time")}</th><th scope="col">${t("adm_what")}</th><th scope="col">${t("adm_login_name")}</th><th scope="col">${stream === "changes" ? t("adm_by") : t("adm_address")}</th><th scope="col">${t("adm_detail")}</th></tr></thead>
        <tbody>${entries.value.map((entry) => html`<tr key=${entry.id}><td>${shown(entry.at)}</td><td>${tOr(`adm_audit_${entry.what}`, entry.what)}</td><td>${entry.account === "" ? "—" : entry.account}</td><td>${stream === "changes" ? entry.by : entry.address}</td><td>${detailOf(entry, office)}</td></tr>`)}</tbody>
      </table><//>
      ${!isEnd.value && html`<${Action} isBusy=${isBusy.value} onClick=${() => void more()}>${t("adm_older")}<//>`}
    </section>`}`;
}

/** @param {AuditEntry} entry @param {Office} office @returns {string} */
function detailOf(entry, office) {
  /** @param {string} field @param {unknown} value */
  const told = (field, value) => {
    if (field === "scope" && Array.isArray(value)) return value.map((unit) => office.tree.name(String(unit))).join(", ");
    if (field === "role") return tOr(`adm_role_${value}`, String(value));
    if (field === "is_disabled") return t(value === true ? "adm_disabled" : "adm_enabled");
    return String(value);
  };
  const fields = Object.keys({ ...entry.before, ...entry.after }).filter((field) => tOr(`adm_field_${field}`, "") !== "");
  const changes = fields.map((field) => {
    const after = told(field, entry.after[field]);
    return field in entry.before ? `${t(`adm_field_${field}`)}: ${told(field, entry.before[field])} → ${after}` : `${t(`adm_field_${field}`)}: ${after}`;
  });
  if (entry.password_changed) changes.push(t("adm_password_changed_short"));
  if (entry.reason !== "") changes.push(tOr(`adm_reason_${entry.reason}`, entry.reason));
  if (entry.locked_s > 0) changes.push(t("adm_locked_for", { seconds: number(entry.locked_s) }));
  return changes.join("; ");
}
