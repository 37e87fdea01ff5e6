/** Choosing units by name: a combobox (WAI-ARIA 1.2) over the tree, and the chosen ones as tags. */

import { t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { Field } from "./admin-parts.js";
import { html, useSignal } from "./ui.js";

/** @import { UnitTree } from "./admin-tree.js" */

const MOST = 10;

/** @param {{ id: string, label: string, tree: UnitTree, value: readonly string[], onChange: (units: string[]) => void, isOne?: boolean, hint?: any, fault?: string }} props */
export function UnitsPicker({ id, label, tree, value, onChange, isOne, hint, fault }) {
  const typed = useSignal("");
  const active = useSignal(0);
  const isOpen = useSignal(false);
  const found = isOpen.value ? tree.search(typed.value, MOST + value.length).filter((unit) => !value.includes(unit.code)).slice(0, MOST) : [];
  const shown = isOpen.value && found.length > 0;
  const at = Math.min(active.value, found.length - 1);
  /** @param {string} code */
  const choose = (code) => {
    onChange(isOne ? [code] : [...value, code]);
    typed.value = "";
    active.value = 0;
    isOpen.value = false;
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen.value) isOpen.value = true;
      else active.value = (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(1, found.length);
    } else if (event.key === "Enter" && shown) {
      event.preventDefault();
      choose(/** @type {any} */ (found[at]).code);
    } else if (event.key === "Escape" && isOpen.value) {
      event.preventDefault();
      isOpen.value = false;
    } else if (event.key === "Backspace" && typed.value === "" && value.length > 0) {
      onChange(value.slice(0, -1));
    }
  };
  return html`<${Field} id=${id} label=${label} hint=${hint} fault=${fault}>${(/** @type {any} */ attributes) => html`<div class="picker">
    ${value.length > 0 && html`<ul class="tags" aria-label=${t("adm_chosen")}>${value.map((code) => html`<li key=${code} class="tag" data-unit=${code}><span>${tree.name(code)}</span>
      <button type="button" aria-label=${t("adm_remove_unit", { name: tree.name(code) })} onClick=${() => onChange(value.filter((each) => each !== code))}><${IconClose} /></button></li>`)}</ul>`}
    <input ...${attributes} type="text" role="combobox" autocomplete="off" spellcheck="false" placeholder=${t("adm_unit_search")} aria-expanded=${shown ? "true" : "false"} aria-autocomplete="list"
      aria-controls=${`${id}-list`} aria-activedescendant=${shown ? `${id}-option-${at}` : null} value=${typed.value}
      onInput=${(/** @type {any} */ event) => {
        typed.value = event.currentTarget.value;
        active.value = 0;
        isOpen.value = true;
      }} onFocus=${() => (isOpen.value = true)} onClick=${() => (isOpen.value = true)} onBlur=${() => (isOpen.value = false)} onKeyDown=${onKey} />
    <ul id=${`${id}-list`} role="listbox" class="options" aria-label=${label} hidden=${!shown}>${found.map((unit, i) => html`<li key=${unit.code} id=${`${id}-option-${i}`} role="option" aria-selected=${i === at ? "true" : "false"} data-unit=${unit.code}
      onMouseDown=${(/** @type {Event} */ event) => {
        event.preventDefault();
        choose(unit.code);
      }}><strong>${unit.name}</strong><span class="muted">${[tree.place(unit.code), unit.code].filter(Boolean).join(" · ")}</span></li>`)}</ul>
    ${isOpen.value && typed.value !== "" && found.length === 0 && html`<p class="muted" role="status">${t("adm_no_unit_found")}</p>`}
  </div>`}<//>`;
}
