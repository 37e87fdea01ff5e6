/** Sessions: which there are, preparing, opening and closing them, and what is left of one: its report and its recordings. */

import { number, say, t } from "./i18n.js";
import { Action, Badge, Confirm, Crumbs, Empty, Heading, Loading, Notice, Paged, Refused, TextField, useAnswer } from "./admin-parts.js";
import { Recordings } from "./admin-recordings.js";
import { fieldOf } from "./admin-refusals.js";
import { hashOf } from "./admin-route.js";
import { dirty, leaveTo } from "./admin-state.js";
import { shown } from "./admin-times.js";
import { UnitsPicker } from "./admin-units-picker.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { Refusal, Session } from "./admin-types.js" */
/** @import { Office } from "./admin-state.js" */

/** @param {{ office: Office, parts: string[] }} props  `[]`, `new`, `of, id` */
export function Sessions({ office, parts }) {
  const [what, id] = parts;
  if (what === "new" && office.role === "center") return html`<${NewSession} office=${office} />`;
  if (what === "of" && id !== undefined) return html`<${OneSession} key=${id} office=${office} id=${id} />`;
  return html`<${SessionList} office=${office} />`;
}

/** @param {Session} session */
const titleOf = (session) => (session.kind === "standing" ? t("adm_standing_line") : session.title);

/** @param {{ session: Session }} props */
const State = ({ session }) => html`<${Badge} kind=${session.state === "open" ? "good" : session.state === "prepared" ? "note" : "off"}>${t(`adm_session_${session.state}`)}<//>`;

/** @param {{ office: Office }} props */
function SessionList({ office }) {
  const { body, refusal, isBusy, again } = useAnswer("sessions", () => /** @type {Promise<import("./admin-types.js").Outcome<{ sessions: Session[] }>>} */ (office.rest.get("/api/sessions")));
  return html`<${Heading} title=${t("adm_sessions")} lead=${t("adm_sessions_lead")}><${Action} isBusy=${isBusy} onClick=${again}>${t("adm_refresh")}<//>${office.role === "center" && html`<a class="button primary" id="session-new" href=${hashOf("sessions", "new")}>${t("adm_session_new")}</a>`}<//>
    <${Refused} refusal=${refusal} />
    ${body === null ? refusal === null && html`<${Loading} />` : html`<section class="card" aria-label=${t("adm_sessions")}><${Paged} rows=${body.sessions} label=${t("adm_sessions")}
      head=${html`<tr><th scope="col">${t("adm_session")}</th><th scope="col">${t("adm_state")}</th><th scope="col">${t("adm_center")}</th><th scope="col" class="n">${t("adm_live_of")}</th><th scope="col">${t("adm_opened")}</th><th scope="col">${t("adm_closed")}</th><th scope="col">${t("adm_report")}</th></tr>`}
      row=${(/** @type {Session} */ session) => html`<tr key=${session.id} data-session=${session.id}><th scope="row"><a href=${hashOf("sessions", "of", session.id)}>${titleOf(session)}</a><br /><span class="muted">${session.id} · ${t(`adm_session_kind_${session.kind}`)}</span></th>
        <td><${State} session=${session} /></td><td>${session.center_name}</td><td class="n">${number(session.live)} / ${number(session.points)}</td><td>${shown(session.opened_at)}</td><td>${shown(session.closed_at)}</td><td><a href=${hashOf("reports", "session", session.id)}>${t("adm_see_report")}</a></td></tr>`} /></section>
      <p class="muted">${t("adm_sessions_kept")}</p>`}`;
}

/** @param {{ office: Office, id: string }} props */
function OneSession({ office, id }) {
  const path = `/api/sessions/${encodeURIComponent(id)}`;
  const { body, refusal } = useAnswer(id, () => /** @type {Promise<import("./admin-types.js").Outcome<Session>>} */ (office.rest.get(path)));
  const later = useSignal(/** @type {Session | null} */ (null));
  const refused = useSignal(/** @type {Refusal | null} */ (null));
  const busy = useSignal("");
  const isAsking = useSignal(false);
  const session = later.value ?? body;
  if (session === null) return html`<${Heading} title=${t("adm_session")} />${refusal === null ? html`<${Loading} />` : html`<${Refused} refusal=${refusal} />`}`;
  /** @param {"open" | "close"} what */
  const move = async (what) => {
    busy.value = what;
    refused.value = null;
    const outcome = /** @type {import("./admin-types.js").Outcome<Session>} */ (await office.rest.send("POST", `${path}/${what}`));
    busy.value = "";
    if (outcome.ok) later.value = outcome.body;
    else refused.value = outcome.refusal;
  };
  const isCenter = office.role === "center";
  const pair = (/** @type {string} */ key, /** @type {any} */ value) => value !== "" && html`<dt>${t(key)}</dt><dd>${value}</dd>`;
  return html`<${Heading} title=${titleOf(session)} lead=${`${session.id} · ${t(`adm_session_kind_${session.kind}`)}`}><${State} session=${session} /><//>
    <${Crumbs} items=${[{ name: t("adm_sessions"), href: hashOf("sessions") }, { name: titleOf(session) }]} />
    <${Refused} refusal=${refused.value} />
    ${later.value !== null && html`<${Notice} kind="good" id="session-said">${t(`adm_session_now_${later.value.state}`)}<//>`}
    <section class="card" aria-label=${t("adm_session")}><dl class="pairs">
      ${pair("adm_center", session.center_name)}${pair("adm_scope", session.units.slice(0, 12).map((unit) => office.tree.name(unit)).join(", ") + (session.units.length > 12 ? ` … (${number(session.units.length)})` : ""))}
      ${pair("adm_live_of", `${number(session.live)} / ${number(session.points)}`)}${pair("adm_prepared_by", session.by ?? "")}
      ${pair("adm_opened", session.opened_at === null ? "" : `${shown(session.opened_at)} · ${session.opened_by ?? ""}`)}${pair("adm_closed", session.closed_at === null ? "" : `${shown(session.closed_at)} · ${session.closed_by ?? ""}`)}
    </dl>
    <div class="row">
      ${isCenter && session.state === "prepared" && html`<${Action} id="session-open" kind="primary" isBusy=${busy.value === "open"} onClick=${() => void move("open")}>${t("adm_session_open_now")}<//>`}
      ${isCenter && session.state === "open" && session.kind !== "standing" && html`<${Action} id="session-close" kind="danger" isBusy=${busy.value === "close"} onClick=${() => (isAsking.value = true)}>${t("adm_session_close")}<//>`}
      ${session.state === "open" && html`<a class="button" href=${`/console#session=${encodeURIComponent(session.id)}`}>${t("adm_to_console")}</a>`}
      ${isCenter && session.state === "open" && html`<a class="button" id="to-center" href=${`/center#session=${encodeURIComponent(session.id)}`}>${t("adm_to_center")}</a>`}
      <a class="button" id="session-report" href=${hashOf("reports", "session", session.id)}>${t("adm_see_report")}</a>
    </div></section>
    <${Recordings} office=${office} session=${session.id} />
    ${isAsking.value && html`<${Confirm} id="close-confirm" danger title=${t("adm_close_question", { title: titleOf(session) })} confirm=${t("adm_session_close")} onClose=${() => (isAsking.value = false)} onConfirm=${() => {
      isAsking.value = false;
      void move("close");
    }}><p>${t("adm_close_text", { live: number(session.live) })}</p><//>`}`;
}

/** @param {{ office: Office }} props */
function NewSession({ office }) {
  const title = useSignal("");
  const units = useSignal(/** @type {string[]} */ ([]));
  const id = useSignal("");
  const busy = useSignal("");
  const refusal = useSignal(/** @type {Refusal | null} */ (null));
  useEffect(() => () => {
    dirty.value = false;
  }, []);
  const place = refusal.value === null ? "" : fieldOf(refusal.value, ["title", "units", "id"]);
  const fault = (/** @type {string} */ field) => (refusal.value !== null && place === field ? say(refusal.value.message) : "");
  /** @template T @param {{ value: T }} field @returns {(value: T) => void} */
  const typing = (field) => (value) => {
    field.value = value;
    dirty.value = true;
  };
  /** @param {boolean} open */
  const make = async (open) => {
    busy.value = open ? "open" : "prepare";
    refusal.value = null;
    const wanted = { title: title.value.trim(), units: units.value, open, ...(id.value.trim() === "" ? {} : { id: id.value.trim() }) };
    const outcome = /** @type {import("./admin-types.js").Outcome<Session>} */ (await office.rest.send("POST", "/api/sessions", wanted));
    busy.value = "";
    if (outcome.ok) leaveTo(hashOf("sessions", "of", outcome.body.id));
    else refusal.value = outcome.refusal;
  };
  const isReady = title.value.trim() !== "" && units.value.length > 0;
  return html`<${Heading} title=${t("adm_session_new")} lead=${t("adm_session_new_lead")} />
    <${Crumbs} items=${[{ name: t("adm_sessions"), href: hashOf("sessions") }, { name: t("adm_session_new") }]} />
    ${refusal.value !== null && place === "" && html`<${Notice} kind="bad">${say(refusal.value.message)}<//>`}
    <form class="card form" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      if (isReady) void make(false);
    }}>
      <${TextField} id="session-title" label=${t("adm_session_name")} value=${title.value} onInput=${typing(title)} fault=${fault("title")} required maxLength=${200} />
      <${UnitsPicker} id="session-units" label=${t("adm_session_units")} hint=${t("adm_session_units_hint")} tree=${office.tree} value=${units.value} onChange=${typing(units)} fault=${fault("units")} />
      <${TextField} id="session-id" label=${t("adm_session_id")} hint=${t("adm_session_id_hint")} value=${id.value} onInput=${typing(id)} fault=${fault("id")} maxLength=${20} />
      ${units.value.length > 0 && html`<p class="muted">${t("adm_session_points", { points: number(units.value.reduce((sum, unit) => sum + (office.tree.unit(unit)?.pointCount ?? 0), 0)) })}</p>`}
      <div class="row"><${Action} id="session-prepare" type="submit" isBusy=${busy.value === "prepare"} disabled=${!isReady}>${t("adm_session_prepare")}<//>
        <${Action} id="session-make-open" kind="primary" isBusy=${busy.value === "open"} disabled=${!isReady} onClick=${() => void make(true)}>${t("adm_session_make_open")}<//></div>
    </form>
    <${Empty}>${t("adm_session_open_hint")}<//>`;
}
