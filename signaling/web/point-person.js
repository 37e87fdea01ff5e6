/** Who is at the desk: the name, and the function where it is asked for. The same in every card, remembered. */

import { t } from "./i18n.js";
import { html } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {{ desk: Desk, id: string, withFunction?: boolean }} props  names come from the present shift */
export function PersonFields({ desk, id, withFunction = false }) {
  const { personName: name, personFunction: occupation } = desk;
  return html`<div class="fields">
    <label>${t("person_name")}<input id=${id} required maxlength="100" autocomplete="name" list="roster-names" value=${name.value}
      onInput=${(/** @type {any} */ event) => (name.value = event.currentTarget.value)} /></label>
    ${withFunction && html`<label>${t("person_function")}<input id="person-function" maxlength="100" autocomplete="organization-title" value=${occupation.value}
      onInput=${(/** @type {any} */ event) => (occupation.value = event.currentTarget.value)} /></label>`}
    <datalist id="roster-names">${desk.matters.value.names.map((each) => html`<option key=${each.name} value=${each.name}>${each.function}</option>`)}</datalist>
  </div>`;
}

/** @param {Desk} desk @returns {string} the name as it is sent; remembered */
export function nameOf(desk) {
  desk.rememberPerson();
  return desk.personName.value.trim();
}

/** @param {Desk} desk */
export function isNobody(desk) {
  return desk.personName.value.trim() === "";
}
