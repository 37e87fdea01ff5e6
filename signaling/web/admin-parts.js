/** The parts that every section of the administration page is made of: headings, fields, notices, dialogs, tables. */

import { say, number, t } from "./i18n.js";
import { IconCheck, IconClose, IconWarning } from "./icons.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Fault, Refusal } from "./admin-types.js" */

/** The section's heading gets the focus when one comes there. @param {{ title: string, lead?: any, children?: any }} props */
export function Heading({ title, lead, children }) {
  return html`<header class="heading">
    <div class="heading-words"><h1 id="title" tabindex="-1">${title}</h1>${lead && html`<p class="muted">${lead}</p>`}</div>
    ${children && html`<div class="row">${children}</div>`}
  </header>`;
}

/** @param {{ items: { href?: string, name: string }[] }} props */
export function Crumbs({ items }) {
  return html`<nav class="crumbs" aria-label=${t("adm_crumbs")}><ol>
    ${items.map((item, i) => html`<li key=${i}>${item.href ? html`<a href=${item.href}>${item.name}</a>` : html`<span aria-current="page">${item.name}</span>`}</li>`)}
  </ol></nav>`;
}

/** @param {{ kind: "good" | "bad" | "note", children: any, id?: string }} props */
export function Notice({ kind, children, id }) {
  return html`<div id=${id} class=${`notice notice-${kind}`} role=${kind === "bad" ? "alert" : "status"}>
    ${kind === "good" ? html`<${IconCheck} />` : html`<${IconWarning} />`}<div>${children}</div>
  </div>`;
}

/** @param {{ refusal: Refusal | null, id?: string }} props */
export function Refused({ refusal, id }) {
  return refusal && html`<${Notice} kind="bad" id=${id}>${say(refusal.message)}<//>`;
}

/** Every fault of a table, by its line. @param {{ refusal: Refusal }} props */
export function FaultList({ refusal }) {
  if (refusal.faults.length === 0) return html`<${Refused} refusal=${refusal} />`;
  return html`<div class="faults" role="alert">
    <p class="faults-head"><${IconWarning} /> ${t("adm_faults", { count: number(refusal.faults.length + refusal.moreFaults) })}</p>
    <${Scroll} label=${t("adm_faults_table")}><table>
      <thead><tr><th scope="col" class="n">${t("adm_line")}</th><th scope="col">${t("adm_column")}</th><th scope="col">${t("adm_what_to_do")}</th></tr></thead>
      <tbody>${refusal.faults.map((/** @type {Fault} */ fault, i) => html`<tr key=${i}><td class="n">${number(fault.line)}</td><td><code>${fault.column}</code></td><td>${say(fault.message)}</td></tr>`)}</tbody>
    </table><//>
    ${refusal.moreFaults > 0 && html`<p class="muted">${t("adm_faults_more", { count: number(refusal.moreFaults) })}</p>`}
  </div>`;
}

/** What is wider than the page is scrolled by itself, by keyboard too. @param {{ label: string, children: any }} props */
export function Scroll({ label, children }) {
  return html`<div class="scroll" role="region" aria-label=${label} tabindex="0">${children}</div>`;
}

/**
 * A label, its field, a hint and what is wrong with it.
 * @param {{ id: string, label: string, hint?: any, fault?: string, children: (attributes: Record<string, any>) => any }} props
 */
export function Field({ id, label, hint, fault, children }) {
  const described = [fault ? `${id}-fault` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return html`<div class="field" data-fault=${fault ? "yes" : null}>
    <label for=${id}>${label}</label>
    ${children({ id, "aria-invalid": fault ? "true" : null, "aria-describedby": described || null })}
    ${fault && html`<p class="field-fault" id=${`${id}-fault`}><${IconWarning} /> ${fault}</p>`}
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

/** @param {{ id: string, label: string, value: string, onInput: (value: string) => void, hint?: any, fault?: string, type?: string, required?: boolean, maxLength?: number, autoComplete?: string, list?: string, disabled?: boolean }} props */
export function TextField({ id, label, value, onInput, hint, fault, type = "text", required, maxLength, autoComplete = "off", list, disabled }) {
  return html`<${Field} id=${id} label=${label} hint=${hint} fault=${fault}>${(/** @type {any} */ attributes) => html`<input ...${attributes} type=${type} value=${value} required=${required}
    maxlength=${maxLength} autocomplete=${autoComplete} spellcheck="false" list=${list} disabled=${disabled} onInput=${(/** @type {any} */ event) => onInput(event.currentTarget.value)} />`}<//>`;
}

/** @param {{ id: string, label: string, value: string, options: { value: string, name: string }[], onChange: (value: string) => void, hint?: any, fault?: string, disabled?: boolean }} props */
export function SelectField({ id, label, value, options, onChange, hint, fault, disabled }) {
  return html`<${Field} id=${id} label=${label} hint=${hint} fault=${fault}>${(/** @type {any} */ attributes) => html`<select ...${attributes} value=${value} disabled=${disabled}
    onChange=${(/** @type {any} */ event) => onChange(event.currentTarget.value)}>${options.map((option) => html`<option key=${option.value} value=${option.value} selected=${option.value === value}>${option.name}</option>`)}</select>`}<//>`;
}

/**
 * A question before something that cannot be taken back, or that others notice.
 * @param {{ id: string, title: string, children: any, confirm: string, onConfirm: () => void, onClose: () => void, danger?: boolean, cancel?: string }} props
 */
export function Confirm({ id, title, children, confirm, onConfirm, onClose, danger, cancel }) {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} id=${id} class="dialog" aria-labelledby=${`${id}-title`} onClose=${onClose}>
    <h2 id=${`${id}-title`}>${title}</h2>
    <div class="dialog-words">${children}</div>
    <div class="row dialog-actions">
      <button type="button" class="button" onClick=${() => dialog.current?.close()}>${cancel ?? t("adm_cancel")}</button>
      <button type="button" class=${`button ${danger ? "alarm" : "primary"}`} data-confirm="yes" onClick=${onConfirm}>${confirm}</button>
    </div>
  </dialog>`;
}

/** A value that is shown once, or wanted elsewhere. @param {{ text: string, label: string, id?: string }} props */
export function Copy({ text, label, id }) {
  const done = useSignal(false);
  useEffect(() => {
    done.value = false;
  }, [text]);
  return html`<button type="button" id=${id} class="button" onClick=${async () => {
    try {
      await navigator.clipboard.writeText(text);
      done.value = true;
    } catch {
      // without the permission the text is there to be selected
    }
  }}>${done.value ? html`<${IconCheck} /> ${t("adm_copied")}` : label}</button><span class="visually-hidden" role="status">${done.value ? t("adm_copied") : ""}</span>`;
}

/** @param {{ isBusy: boolean, children: any, id?: string, kind?: string, onClick?: () => void, type?: string, disabled?: boolean }} props */
export function Action({ isBusy, children, id, kind = "", onClick, type = "button", disabled }) {
  return html`<button type=${type} id=${id} class=${`button ${kind}`} aria-busy=${isBusy ? "true" : null} disabled=${isBusy || disabled} onClick=${onClick}>${isBusy && html`<span class="spinner" aria-hidden="true"></span>`}${children}</button>`;
}

export const Loading = () => html`<p class="loading muted" role="status"><span class="spinner" aria-hidden="true"></span> ${t("adm_loading")}</p>`;

/** @param {{ children: any }} props */
export const Empty = ({ children }) => html`<p class="empty muted">${children}</p>`;

/** State by word and shape. @param {{ kind: "good" | "bad" | "off" | "note", children: any }} props */
export const Badge = ({ kind, children }) => html`<span class=${`badge badge-${kind}`}>${kind === "good" ? html`<${IconCheck} />` : kind === "bad" ? html`<${IconWarning} />` : kind === "off" ? html`<${IconClose} />` : html`<span class="dot" aria-hidden="true"></span>`}${children}</span>`;

/**
 * Rows by the page: a report has ten thousand.
 * @param {{ rows: any[], head: any, row: (row: any, place: number) => any, label: string, size?: number }} props
 */
export function Paged({ rows, head, row, label, size = 50 }) {
  const page = useSignal(0);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(page.value, pages - 1);
  return html`<${Scroll} label=${label}><table><thead>${head}</thead><tbody>${rows.slice(at * size, (at + 1) * size).map((each, i) => row(each, at * size + i))}</tbody></table><//>
    ${pages > 1 && html`<nav class="pager" aria-label=${t("adm_pages")}>
      <button type="button" class="button" disabled=${at === 0} onClick=${() => (page.value = at - 1)}>${t("adm_previous")}</button>
      <span>${t("adm_rows", { from: number(at * size + 1), to: number(Math.min(rows.length, (at + 1) * size)), all: number(rows.length) })}</span>
      <button type="button" class="button" disabled=${at === pages - 1} onClick=${() => (page.value = at + 1)}>${t("adm_next")}</button>
    </nav>`}`;
}

/**
 * Ask once when one comes, and again when `key` changes; an older answer is not shown. `key` null asks nothing.
 * @template T @param {string | null} key @param {() => Promise<import("./admin-types.js").Outcome<T>>} ask
 * @returns {{ body: T | null, refusal: Refusal | null, isBusy: boolean, again: () => void }}
 */
export function useAnswer(key, ask) {
  const found = useSignal(/** @type {{ key: string | null, body: T | null, refusal: Refusal | null, isBusy: boolean }} */ ({ key: null, body: null, refusal: null, isBusy: key !== null }));
  const asked = /** @type {{ current: number }} */ (useRef(0));
  const again = () => {
    const question = (asked.current += 1);
    found.value = { ...found.peek(), isBusy: true };
    void ask().then((outcome) => {
      if (question !== asked.current) return;
      found.value = outcome.ok ? { key, body: outcome.body, refusal: null, isBusy: false } : { key, body: null, refusal: outcome.refusal, isBusy: false };
    });
  };
  useEffect(() => {
    if (key === null) asked.current += 1;
    else again();
  }, [key]);
  const { body, refusal, isBusy } = found.value;
  return found.value.key === key ? { body, refusal, isBusy, again } : { body: null, refusal: null, isBusy: key !== null, again };
}
