/** Beside the programme (below it on a phone): what the point takes part in, asking to speak, its proposals, and the way out. */

import { t } from "./i18n.js";
import { IconLeave } from "./icons.js";
import { AttendingLine } from "./point-attending.js";
import { FloorCard } from "./point-floor.js";
import { ProposalsCard } from "./point-proposals.js";
import { html } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {{ desk: Desk }} props */
export function Aside({ desk }) {
  return html`<aside class="aside">
    <${AttendingLine} desk=${desk} />
    <${FloorCard} desk=${desk} />
    <${ProposalsCard} desk=${desk} />
    <button type="button" id="leave" class="button quiet" onClick=${() => desk.leave()}><${IconLeave} />${t("leave")}</button>
  </aside>`;
}
