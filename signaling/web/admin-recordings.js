/** What was recorded of a session: parts with their time and size, downloaded as they are. Nothing where the service records nothing. */

import { number, t } from "./i18n.js";
import { Action, Empty, Paged, Refused, useAnswer } from "./admin-parts.js";
import { save } from "./admin-rest.js";
import { shown, shownLength } from "./admin-times.js";
import { html, useSignal } from "./ui.js";

/** @import { Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

/** @typedef {{ name: string, started_at: number, ended_at: number | null, bytes: number }} Recording */

/** @param {{ office: Office, session: string }} props */
export function Recordings({ office, session }) {
  const path = `/api/sessions/${encodeURIComponent(session)}/recordings`;
  const { body, refusal } = useAnswer(session, () => /** @type {Promise<import("./admin-types.js").Outcome<{ recordings: Recording[] }>>} */ (office.rest.get(path)));
  const busy = useSignal("");
  const refused = useSignal(/** @type {Refusal | null} */ (null));
  if (body === null) return refusal !== null && refusal.status !== 404 && refusal.status !== 403 ? html`<${Refused} refusal=${refusal} />` : null;
  return html`<section class="card" aria-labelledby="recordings-title"><h2 id="recordings-title">${t("adm_recordings")}</h2>
    <${Refused} refusal=${refused.value} />
    ${body.recordings.length === 0 ? html`<${Empty}>${t("adm_recordings_none")}<//>` : html`<${Paged} size=${20} rows=${body.recordings} label=${t("adm_recordings")}
      head=${html`<tr><th scope="col">${t("adm_file")}</th><th scope="col">${t("adm_opened")}</th><th scope="col" class="n">${t("adm_length")}</th><th scope="col" class="n">${t("adm_megabytes")}</th><th scope="col">${t("adm_download")}</th></tr>`}
      row=${(/** @type {Recording} */ each) => html`<tr key=${each.name}><th scope="row">${each.name}</th><td>${shown(each.started_at)}</td><td class="n">${each.ended_at === null ? t("adm_running") : shownLength(each.ended_at - each.started_at)}</td><td class="n">${number(Math.round(each.bytes / 2 ** 20))}</td>
        <td><${Action} isBusy=${busy.value === each.name} onClick=${async () => {
          busy.value = each.name;
          refused.value = null;
          const outcome = await office.rest.file(`${path}/${encodeURIComponent(each.name)}`);
          busy.value = "";
          if (outcome.ok) save(outcome.body, each.name);
          else refused.value = outcome.refusal;
        }}>${t("adm_download")}<//></td></tr>`} />`}</section>`;
}
