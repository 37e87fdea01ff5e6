/** The table of the keys, and the switch that turns single characters off. */

import { KEYS, ROWS } from "./console-keys.js";
import { t } from "./i18n.js";
import { html, recall, remember, signal, useEffect, useRef } from "./ui.js";

export const helpOpen = signal(false);
/** Whether single characters are shortcuts (WCAG 2.1.4). */
export const letters = signal(recall("keys") !== "off");

export function Help() {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog class="dialog help" ref=${dialog} aria-labelledby="help-title" onClose=${() => (helpOpen.value = false)}>
    <h2 id="help-title">${t("help")}</h2>
    <dl>${ROWS.map(([words, actions]) => html`<div key=${words}><dt>${KEYS.filter((key) => actions.includes(key.action)).map((key) => html`<kbd key=${key.shown}>${key.shown}</kbd> `)}</dt><dd>${t(words)}</dd></div>`)}</dl>
    <label class="check-label"><input type="checkbox" id="letters" checked=${letters.value} onChange=${(/** @type {any} */ event) => {
      letters.value = event.currentTarget.checked;
      remember("keys", letters.value ? "on" : "off");
    }} />${t("keys_on")}</label>
    <button type="button" class="button primary" onClick=${() => dialog.current?.close()}>${t("close")}</button>
  </dialog>`;
}
