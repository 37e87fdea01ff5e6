/** The roster of one point: shifts, and in each of them the contacts in the order in which they are tried. */

import { number, say, t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { Action, Badge, Crumbs, Empty, Heading, Loading, Notice, Refused, SelectField, TextField, useAnswer } from "./admin-parts.js";
import { hashOf } from "./admin-route.js";
import { MAX_CONTACTS, MAX_SHIFTS, bodyOf, draftsOf, faultsOf, moved, newContact, nextShift } from "./admin-shifts.js";
import { dirty } from "./admin-state.js";
import { shown } from "./admin-times.js";
import { html, serverNow, useEffect, useSignal } from "./ui.js";

/** @import { Refusal, Roster } from "./admin-types.js" */
/** @import { ContactDraft, Faults, ShiftDraft } from "./admin-shifts.js" */
/** @import { Office } from "./admin-state.js" */

/** @param {{ office: Office, point: string }} props */
export function RosterEditor({ office, point }) {
  const { body, refusal } = useAnswer(point, () => /** @type {Promise<import("./admin-types.js").Outcome<Roster>>} */ (office.rest.get(`/api/rosters/${encodeURIComponent(point)}`)));
  if (body === null) return html`<${Heading} title=${t("adm_roster")} />${refusal === null ? html`<${Loading} />` : html`<${Refused} refusal=${refusal} />`}`;
  return html`<${Editor} office=${office} roster=${body} />`;
}

/** @param {{ office: Office, roster: Roster }} props */
function Editor({ office, roster }) {
  const kept = useSignal(roster);
  const shifts = useSignal(draftsOf(roster));
  const isTried = useSignal(false);
  const isBusy = useSignal(false);
  const isSaved = useSignal(false);
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  useEffect(() => {
    dirty.value = false;
    return () => {
      dirty.value = false;
    };
  }, []);
  const { tree } = office;
  const unit = tree.point(roster.point)?.unit ?? "";
  const desks = (tree.unit(unit)?.points ?? []).filter((code) => code !== roster.point);
  const mayEdit = office.role !== "observer";
  const faults = isTried.value ? faultsOf(shifts.value, desks) : {};
  /** @param {ShiftDraft[]} next */
  const put = (next) => {
    shifts.value = next;
    dirty.value = true;
    isSaved.value = false;
  };
  const save = async () => {
    isTried.value = true;
    refusal.value = null;
    const found = Object.keys(faultsOf(shifts.value, desks))[0];
    if (found !== undefined) {
      requestAnimationFrame(() => document.getElementById(found)?.focus());
      return;
    }
    isBusy.value = true;
    const outcome = /** @type {import("./admin-types.js").Outcome<Roster>} */ (await office.rest.send("PUT", `/api/rosters/${encodeURIComponent(roster.point)}`, bodyOf(shifts.value)));
    isBusy.value = false;
    if (!outcome.ok) {
      refusal.value = outcome.refusal;
      return;
    }
    kept.value = outcome.body;
    shifts.value = draftsOf(outcome.body);
    dirty.value = false;
    isTried.value = false;
    isSaved.value = true;
  };
  return html`<${Heading} title=${t("adm_roster_of", { name: roster.point_name })} lead=${kept.value.set_at === null ? t("adm_roster_never") : t("adm_roster_set", { at: shown(kept.value.set_at), by: kept.value.set_by ?? "" })}>
      ${office.role === "center" && html`<a class="button" href=${hashOf("units", "point", roster.point)}>${t("adm_link_and_code")}</a>`}<//>
    <${Crumbs} items=${[...tree.path(unit).map((each) => ({ name: each.name, href: hashOf("rosters", "unit", each.code) })), { name: t("adm_point_crumb", { code: roster.point }) }]} />
    ${isSaved.value && html`<${Notice} kind="good" id="roster-saved">${t("adm_saved")}<//>`}
    ${refusal.value !== null && html`<${Notice} kind="bad">${say(refusal.value.message)}<//>`}
    ${Object.keys(faults).length > 0 && html`<${Notice} kind="bad">${t("adm_faults_in_form", { count: number(Object.keys(faults).length) })}<//>`}
    <form class="shifts" novalidate onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      void save();
    }}><fieldset class="bare" disabled=${!mayEdit}>
      ${shifts.value.length === 0 && html`<${Empty}>${t("adm_roster_empty")}<//>`}
      ${shifts.value.map((shift, place) => html`<${Shift} key=${shift.key} shift=${shift} place=${place} faults=${faults} desks=${desks.map((code) => ({ value: code, name: tree.point(code)?.name ?? code }))}
        onChange=${(/** @type {ShiftDraft} */ next) => put(shifts.value.map((each) => (each.key === shift.key ? next : each)))} onRemove=${() => put(shifts.value.filter((each) => each.key !== shift.key))} />`)}
    </fieldset>
    ${mayEdit && html`<div class="row bar"><button type="button" id="shift-add" class="button" disabled=${shifts.value.length >= MAX_SHIFTS} onClick=${() => put([...shifts.value, nextShift(shifts.value, serverNow())])}>${t("adm_shift_add")}</button>
      <${Action} id="roster-save" type="submit" kind="primary" isBusy=${isBusy.value} disabled=${!dirty.value}>${t("adm_save")}<//>${dirty.value && html`<span class="muted">${t("adm_unsaved")}</span>`}</div>`}
    </form>`;
}

/** @param {{ shift: ShiftDraft, place: number, faults: Faults, desks: { value: string, name: string }[], onChange: (shift: ShiftDraft) => void, onRemove: () => void }} props */
function Shift({ shift, place, faults, desks, onChange, onRemove }) {
  const id = `shift-${place}`;
  const fault = (/** @type {string} */ name) => (faults[name] === undefined ? "" : t(faults[name]));
  const contacts = (/** @type {ContactDraft[]} */ next) => onChange({ ...shift, contacts: next });
  return html`<fieldset class="card shift"><legend>${t("adm_shift_number", { number: number(place + 1) })} ${shift.confirmedBy !== null && html`<${Badge} kind="good">${t("adm_shift_confirmed", { name: shift.confirmedBy })}<//>`}</legend>
    <div class="fields"><${TextField} id=${`${id}-start`} type="datetime-local" label=${t("adm_shift_start")} value=${shift.start} fault=${fault(`${id}-start`)} onInput=${(/** @type {string} */ start) => onChange({ ...shift, start })} />
      <${TextField} id=${`${id}-end`} type="datetime-local" label=${t("adm_shift_end")} value=${shift.end} fault=${fault(`${id}-end`)} onInput=${(/** @type {string} */ end) => onChange({ ...shift, end })} /></div>
    <ol class="contacts">${shift.contacts.map((contact, order) => {
      const at = `${id}-contact-${order}`;
      const put = (/** @type {Partial<ContactDraft>} */ some) => contacts(shift.contacts.map((each) => (each.key === contact.key ? { ...each, ...some } : each)));
      return html`<li key=${contact.key} class="contact"><span class="order" aria-hidden="true">${order + 1}</span>
        <div class="fields"><${TextField} id=${`${at}-name`} label=${t("adm_contact_name")} value=${contact.name} maxLength=${100} fault=${fault(`${at}-name`)} onInput=${(/** @type {string} */ name) => put({ name })} />
          <${TextField} id=${`${at}-function`} label=${t("adm_contact_function")} value=${contact.function} maxLength=${100} onInput=${(/** @type {string} */ duty) => put({ function: duty })} />
          <${SelectField} id=${`${at}-kind`} label=${t("adm_contact_kind")} value=${contact.kind} options=${[{ value: "phone", name: t("adm_contact_phone") }, { value: "point", name: t("adm_contact_point") }]} onChange=${(/** @type {any} */ kind) => put({ kind, target: "" })} />
          ${contact.kind === "phone" ? html`<${TextField} id=${`${at}-target`} type="tel" label=${t("adm_contact_number")} value=${contact.target} maxLength=${100} fault=${fault(`${at}-target`)} onInput=${(/** @type {string} */ target) => put({ target })} />`
            : html`<${SelectField} id=${`${at}-target`} label=${t("adm_contact_desk")} value=${contact.target} fault=${fault(`${at}-target`)} hint=${desks.length === 0 ? t("adm_contact_no_desk") : ""} options=${[{ value: "", name: t("adm_choose") }, ...desks]} onChange=${(/** @type {string} */ target) => put({ target })} />`}
          <${TextField} id=${`${at}-note`} label=${t("adm_contact_note")} value=${contact.note} maxLength=${200} onInput=${(/** @type {string} */ note) => put({ note })} /></div>
        <div class="row contact-order"><button type="button" class="button" disabled=${order === 0} onClick=${() => contacts(moved(shift.contacts, order, order - 1))}>${t("adm_up")}</button>
          <button type="button" class="button" disabled=${order === shift.contacts.length - 1} onClick=${() => contacts(moved(shift.contacts, order, order + 1))}>${t("adm_down")}</button>
          <button type="button" class="button" disabled=${shift.contacts.length === 1} aria-label=${t("adm_contact_remove", { name: contact.name })} onClick=${() => contacts(shift.contacts.filter((each) => each.key !== contact.key))}><${IconClose} /></button></div></li>`;
    })}</ol>
    <div class="row"><button type="button" class="button" disabled=${shift.contacts.length >= MAX_CONTACTS} onClick=${() => contacts([...shift.contacts, newContact()])}>${t("adm_contact_add")}</button><button type="button" class="button quiet" onClick=${onRemove}>${t("adm_shift_remove")}</button></div>
  </fieldset>`;
}
