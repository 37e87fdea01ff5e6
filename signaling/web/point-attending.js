/** What the point takes part in: its title, and the notice when a higher level calls and when the point is given back. */

import { t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { html } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {{ desk: Desk }} props */
export function AttendingLine({ desk }) {
  const attending = desk.part.attending.value;
  if (attending === null) return null;
  const notice = desk.part.notice.value;
  const { session, kind, center, reason } = attending;
  const about = { center: center || session.title, title: session.title };
  const title = kind === "standing" ? t("attending_standing") : t(kind === "line" ? "attending_line" : "attending_meeting", { title: session.title, center });
  return html`<div class="attending" id="attending" data-session=${session.id} data-reason=${reason}>
    <p class="muted">${title}</p>
    ${notice !== null && html`<p class="notice ${notice === "called_above" ? "notice-warn" : ""}" role="status" id="attending-notice" data-notice=${notice}>
      <${IconWarning} /><span>${notice === "called_above" ? t("attending_called_above", about) : t("attending_given_back", about)}</span></p>`}
  </div>`;
}
