/** A point's permanent link: shown when asked for, with its QR code, to copy, to print, to replace. It travels in no address. */

import { generate } from "lean-qr";
import { number, t } from "./i18n.js";
import { Action, Confirm, Copy, Notice, Refused } from "./admin-parts.js";
import { qrPath } from "./admin-qr.js";
import { save, withQuery } from "./admin-rest.js";
import { html, useSignal } from "./ui.js";

/** @import { LinkAnswer, Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */
/** @import { UnitNode } from "./admin-tree.js" */

/** As the service prints at most (signaling/sheets_api.py). */
const MAX_SHEET_POINTS = 1000;

/** @param {{ link: string, label: string }} props */
export function QrCode({ link, label }) {
  const { path, side } = qrPath(generate(link));
  return html`<svg class="qr" viewBox=${`0 0 ${side} ${side}`} role="img" aria-label=${label} shape-rendering="crispEdges"><rect width=${side} height=${side} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}

/** @param {{ office: Office, code: string, name: string, place: string }} props */
export function LinkCard({ office, code, name, place }) {
  const answer = useSignal(/** @type {LinkAnswer | null} */ (null));
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const busy = useSignal("");
  const isAsking = useSignal(false);
  const isReplaced = useSignal(false);
  /** @param {"show" | "rotate"} what */
  const ask = async (what) => {
    busy.value = what;
    refusal.value = null;
    const path = `/api/points/${encodeURIComponent(code)}/${what === "show" ? "link" : "rotate"}`;
    const outcome = await (what === "show" ? office.rest.get(path) : office.rest.send("POST", path));
    busy.value = "";
    if (!outcome.ok) {
      refusal.value = outcome.refusal;
      return;
    }
    answer.value = /** @type {LinkAnswer} */ (outcome.body);
    isReplaced.value = what === "rotate";
  };
  return html`<section class="card link-card" aria-labelledby="link-title">
    <h2 id="link-title">${t("adm_link_and_code")}</h2>
    <p class="muted no-print">${t("adm_link_warning")}</p>
    <${Refused} refusal=${refusal.value} />
    ${isReplaced.value && html`<${Notice} kind="good" id="link-replaced">${t("adm_link_replaced")}<//>`}
    ${answer.value === null
      ? html`<div class="row"><${Action} id="link-show" kind="primary" isBusy=${busy.value === "show"} onClick=${() => void ask("show")}>${t("adm_link_show")}<//></div>`
      : html`<div class="link-sheet"><${QrCode} link=${answer.value.link} label=${t("adm_qr_label", { name })} />
          <div class="link-words"><p class="link-name">${name}</p><p>${place}</p><p class="link" id="link">${answer.value.link}</p><p class="muted">${t("adm_link_use")}</p></div></div>
        <div class="row no-print"><${Copy} id="link-copy" text=${answer.value.link} label=${t("adm_link_copy")} /><button type="button" class="button" onClick=${() => print()}>${t("adm_link_print")}</button></div>`}
    <div class="link-rotate no-print"><h3>${t("adm_link_rotate_title")}</h3><p class="muted">${t("adm_link_rotate_text")}</p>
      <${Action} id="link-rotate" kind="danger" isBusy=${busy.value === "rotate"} onClick=${() => (isAsking.value = true)}>${t("adm_link_rotate")}<//></div>
    ${isAsking.value && html`<${Confirm} id="rotate-confirm" danger title=${t("adm_rotate_question", { name })} confirm=${t("adm_link_rotate")} onClose=${() => (isAsking.value = false)} onConfirm=${() => {
      isAsking.value = false;
      void ask("rotate");
    }}><ul><li>${t("adm_rotate_1")}</li><li>${t("adm_rotate_2")}</li><li>${t("adm_rotate_3")}</li></ul><//>`}
  </section>`;
}

/** The sheets of all points of a unit. @param {{ office: Office, unit: UnitNode }} props */
export function SheetsButton({ office, unit }) {
  const isBusy = useSignal(false);
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  const isTooLarge = unit.pointCount > MAX_SHEET_POINTS;
  if (isTooLarge || unit.pointCount === 0) return isTooLarge ? html`<p class="field-hint sheets">${t("adm_sheets_large", { most: number(MAX_SHEET_POINTS) })}</p>` : null;
  return html`<div class="sheets"><${Action} id="sheets" isBusy=${isBusy.value} onClick=${async () => {
    isBusy.value = true;
    refusal.value = null;
    const outcome = await office.rest.file(withQuery("/api/sheets", { unit: unit.code }));
    isBusy.value = false;
    if (outcome.ok) save(outcome.body, `links-${unit.code}.pdf`);
    else refusal.value = outcome.refusal;
  }}>${t("adm_sheets")}<//>
    <${Refused} refusal=${refusal.value} /></div>`;
}
