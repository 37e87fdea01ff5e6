/** What went wrong or wants to be known, over the stage: never more than a few, each said once and counted. */

import { t } from "./i18n.js";
import { IconClose, IconWarning } from "./icons.js";
import { html } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function Notices({ room }) {
  const armed = room.armed.value === null ? undefined : room.call(room.armed.value);
  return html`<div class="notices" role="region" aria-label=${t("errors_title")} aria-live="assertive" id="notices">
    ${room.notices.value.map((notice) => html`<p class="notice-item" key=${notice.id} data-tone=${notice.tone}><${IconWarning} /><span>${notice.text}${notice.times > 1 ? ` (×${notice.times})` : ""}</span>
      <button type="button" class="button icon-only quiet" aria-label=${t("close")} onClick=${() => room.dismiss(notice.id)}><${IconClose} /></button></p>`)}
    ${armed !== undefined && html`<p class="notice-item" data-tone="warn"><${IconWarning} /><span>Esc: ${t("end_confirm")} — ${t("end_call")} ${armed.point_name}</span></p>`}
  </div>`;
}
