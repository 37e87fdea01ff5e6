/** The field that chooses a unit: type its name, or take one above the point that is chosen. Empty is the account's whole scope. */

import { t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { html, useComputed, useSignal } from "./ui.js";
import { UnitSearch, unitsAbove } from "./unit-search.js";

/** @import { UnitChoice } from "./unit-search.js" */
/** @import { Room } from "./console-room.js" */
/** @typedef {import("@preact/signals").Signal<UnitChoice | null>} Picked */

const MOST = 8;

/** Made when somebody types, once for each directory. @type {{ version: string, search: UnitSearch } | null} */
let made = null;

/** @param {Room} room @returns {UnitSearch} */
function searchOf(room) {
  const directory = room.directory.peek();
  if (made === null || made.version !== directory.version) made = { version: directory.version, search: new UnitSearch(directory) };
  return made.search;
}

/** The units of an order. @param {UnitChoice | null} picked @returns {string[] | null} null: the account's scope */
export function unitsOf(picked) {
  return picked === null ? null : [picked.code];
}

/** @param {{ room: Room, id: string, picked: Picked }} props */
export function UnitPicker({ room, id, picked }) {
  const typed = useSignal("");
  const isOpen = useSignal(false);
  const at = useSignal(-1);
  const found = useComputed(() => {
    if (!isOpen.value) return [];
    const point = room.chosenPoint.value;
    if (typed.value.trim() === "") return point === null ? [] : unitsAbove(room.directory.value, point);
    return searchOf(room).find(typed.value, MOST);
  });
  const choices = found.value;
  const take = (/** @type {UnitChoice | null} */ choice) => {
    picked.value = choice;
    typed.value = "";
    isOpen.value = false;
    at.value = -1;
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (moves !== undefined) {
      event.preventDefault();
      isOpen.value = true;
      at.value = Math.max(-1, Math.min(choices.length - 1, at.value + moves));
    } else if (event.key === "Enter" && isOpen.value && choices.length > 0) {
      event.preventDefault();
      take(choices[Math.max(0, at.value)] ?? null);
    } else if (event.key === "Escape" && isOpen.value) {
      event.preventDefault();
      isOpen.value = false;
    }
  };
  return html`<div class="unit-picker">
    <label for=${id}>${t("unit_scope")}</label>
    <div class="unit-field" data-picked=${picked.value?.code ?? ""}>
      <input id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} aria-autocomplete="list" aria-expanded=${isOpen.value && choices.length > 0} aria-controls=${`${id}-list`}
        aria-activedescendant=${at.value >= 0 ? `${id}-${at.value}` : undefined} value=${isOpen.value || picked.value === null ? typed.value : picked.value.name}
        placeholder=${picked.value === null ? t("roll_call_own_scope") : picked.value.name}
        onFocus=${() => (isOpen.value = true)} onBlur=${() => (isOpen.value = false)} onKeyDown=${onKeyDown}
        onInput=${(/** @type {any} */ event) => {
          typed.value = event.currentTarget.value;
          isOpen.value = true;
          at.value = -1;
        }} />
      ${picked.value !== null && html`<button type="button" class="button icon-only quiet" aria-label=${t("unit_whole")} title=${t("unit_whole")} onClick=${() => take(null)}><${IconClose} /></button>`}
    </div>
    <ul id=${`${id}-list`} role="listbox" aria-label=${t("unit_scope")} class="unit-choices" hidden=${!isOpen.value || (choices.length === 0 && typed.value.trim() === "")}>
      ${choices.map((each, place) => html`<li key=${each.code} id=${`${id}-${place}`} role="option" aria-selected=${place === at.value} data-unit=${each.code}
        onMouseDown=${(/** @type {Event} */ event) => {
          event.preventDefault();
          take(each);
        }}>${each.name}${each.path !== "" && html`<small class="muted">${each.path}</small>`}</li>`)}
      ${choices.length === 0 && html`<li class="muted" role="presentation">${t("unit_none")}</li>`}
    </ul>
  </div>`;
}
