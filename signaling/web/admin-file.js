/**
 * A table that is sent: chosen or dropped, its size looked at before anything travels, and how far it is. It is read when it is chosen:
 * a browser refuses to send a file that was changed since, which is what everybody does who corrects a fault in a spreadsheet.
 */

import { number, t } from "./i18n.js";
import { Field } from "./admin-parts.js";
import { html, useSignal } from "./ui.js";

/**
 * @param {{ id: string, label: string, hint?: any, mostBytes: number, file: File | null, onFile: (file: File | null) => void, progress: number | null }} props
 *   progress: 0 to 1 while it is sent
 */
export function FileField({ id, label, hint, mostBytes, file, onFile, progress }) {
  const fault = useSignal("");
  const isOver = useSignal(false);
  /** @param {File | null | undefined} chosen */
  const take = async (chosen) => {
    if (chosen === null || chosen === undefined) return;
    fault.value = chosen.size > mostBytes ? t("adm_file_large", { most: number(Math.round(mostBytes / 2 ** 20)) }) : chosen.size === 0 ? t("adm_file_empty") : "";
    /** @type {File | null} */
    let read = null;
    try {
      if (fault.value === "") read = new File([await chosen.arrayBuffer()], chosen.name);
    } catch {
      fault.value = t("adm_file_unreadable");
    }
    onFile(read);
  };
  return html`<${Field} id=${id} label=${label} hint=${hint} fault=${fault.value}>${(/** @type {any} */ attributes) => html`<div class="drop" data-over=${isOver.value ? "yes" : null}
    onDragOver=${(/** @type {DragEvent} */ event) => {
      event.preventDefault();
      isOver.value = true;
    }} onDragLeave=${() => (isOver.value = false)} onDrop=${(/** @type {DragEvent} */ event) => {
      event.preventDefault();
      isOver.value = false;
      void take(event.dataTransfer?.files[0]);
    }}>
    <input ...${attributes} class="visually-hidden" type="file" accept=".csv,text/csv,text/plain" onChange=${(/** @type {any} */ event) => {
      void take(event.currentTarget.files[0]);
      event.currentTarget.value = ""; // the same file once more, corrected, is chosen anew
    }} /><label class="button" for=${id}>${t("adm_file_choose")}</label>
    ${file !== null && html`<p>${t("adm_file_chosen", { name: file.name, size: number(Math.max(1, Math.round(file.size / 1024))) })}</p>`}
    ${progress !== null && html`<progress max="1" value=${progress} aria-label=${t("adm_sending")}></progress>`}
  </div>`}<//>`;
}
