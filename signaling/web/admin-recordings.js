/** What was recorded of a session: parts with their time and size, to see and to download. Nothing where the service records nothing. */

import { number, t } from "./i18n.js";
import { Action, Badge, Empty, Paged, Refused, useAnswer } from "./admin-parts.js";
import { shown, shownLength } from "./admin-times.js";
import { html, useSignal } from "./ui.js";

/** @import { Refusal } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

/** @typedef {{ part: string, kind: "programme" | "call", title: string, state: "recording" | "ready", started_at: number, length_ms: number, bytes: number }} Recording */

/** @param {{ office: Office, session: string }} props */
export function Recordings({ office, session }) {
  const path = `/api/sessions/${encodeURIComponent(session)}/recordings`;
  const { body, refusal } = useAnswer(session, () => /** @type {Promise<import("./admin-types.js").Outcome<{ parts: Recording[] }>>} */ (office.rest.get(path)));
  const busy = useSignal("");
  const refused = useSignal(/** @type {Refusal | null} */ (null));
  if (body === null) return refusal !== null && refusal.status !== 404 && refusal.status !== 403 ? html`<${Refused} refusal=${refusal} />` : null;
  /** A file of hours is not read into the page: a ticket lets the browser fetch it by itself. @param {Recording} recording */
  const download = async (recording) => {
    busy.value = recording.part;
    refused.value = null;
    const outcome = /** @type {import("./admin-types.js").Outcome<{ path: string }>} */ (await office.rest.send("POST", `${path}/${encodeURIComponent(recording.part)}/ticket`));
    busy.value = "";
    if (!outcome.ok) {
      refused.value = outcome.refusal;
      return;
    }
    const anchor = document.createElement("a");
    anchor.href = `${outcome.body.path}?download`;
    anchor.download = `${session}-${recording.part}.mkv`;
    anchor.click();
  };
  return html`<section class="card" aria-labelledby="recordings-title"><h2 id="recordings-title">${t("adm_recordings")}</h2>
    <${Refused} refusal=${refused.value} />
    ${body.parts.length === 0 ? html`<${Empty}>${t("adm_recordings_none")}<//>` : html`<div class="row"><a class="button" href=${`/recordings#session=${encodeURIComponent(session)}`}>${t("adm_recordings_see")}</a></div>
    <${Paged} size=${20} rows=${body.parts} label=${t("adm_recordings")}
      head=${html`<tr><th scope="col">${t("adm_file")}</th><th scope="col">${t("adm_state")}</th><th scope="col">${t("adm_opened")}</th><th scope="col" class="n">${t("adm_length")}</th><th scope="col" class="n">${t("adm_megabytes")}</th><th scope="col">${t("adm_download")}</th></tr>`}
      row=${(/** @type {Recording} */ each) => html`<tr key=${each.part}><th scope="row">${each.title || each.part}</th><td>${each.state === "ready" ? html`<${Badge} kind="good">${t("adm_recording_ready")}<//>` : html`<${Badge} kind="note">${t("adm_recording_running")}<//>`}</td><td>${shown(each.started_at)}</td><td class="n">${shownLength(each.length_ms)}</td><td class="n">${number(Math.ceil(each.bytes / 2 ** 20))}</td>
        <td><${Action} isBusy=${busy.value === each.part} onClick=${() => void download(each)}>${t("adm_download")}<//></td></tr>`} />`}</section>`;
}
