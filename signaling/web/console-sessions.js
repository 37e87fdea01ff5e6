/** Sessions on the console: which there are, going to another one, opening a meeting over some units, closing this one. */

import { number, say, t } from "./i18n.js";
import { IconSettings } from "./icons.js";
import { effect, html, signal, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @import { SessionView } from "./types.js" */

const REFRESH_MS = 10_000;

/** @type {import("@preact/signals").Signal<SessionView[]>} */
const sessions = signal([]);
const isOpen = signal(false);

/** Go to another session: the page is loaded anew with the same access. @param {string} session */
function go(session) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  fragment.set("session", session);
  location.hash = fragment.toString();
}

/**
 * Ask the service; a refusal is shown as a notice. @param {Room} room @param {string} path @param {object} [body]
 * @returns {Promise<any>} null where it was refused
 */
async function ask(room, path, body) {
  try {
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${room.token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    room.notify(say(answer.message));
  } catch {
    room.notify(t("error_not_sent"));
  }
  return null;
}

/** @param {Room} room */
async function refresh(room) {
  if (room.line.peek().state !== "live") return;
  const answer = await ask(room, "/api/sessions");
  if (answer !== null) sessions.value = answer.sessions;
}

/** @param {SessionView} view */
function nameOf(view) {
  return view.kind === "standing" ? t("session_standing") : view.title;
}

/** The switch in the header, and the dialog behind its button. @param {{ room: Room }} props */
export function SessionSwitch({ room }) {
  useEffect(() => {
    const stop = effect(() => {
      if (room.line.value.state === "live") void refresh(room);
    });
    const timer = setInterval(() => void refresh(room), REFRESH_MS);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, []);
  const shown = sessions.value.filter((each) => each.state !== "closed" || each.id === room.session);
  return html`<div class="session-switch">
    <label class="visually-hidden" for="session-choose">${t("session_chosen")}</label>
    <select id="session-choose" value=${room.session} title=${room.sessionTitle.value} onChange=${(/** @type {any} */ event) => go(event.currentTarget.value)}>
      ${shown.length === 0 && html`<option value=${room.session}>${room.sessionTitle.value}</option>`}
      ${shown.map((each) => html`<option key=${each.id} value=${each.id}>${t("session_option", { title: nameOf(each), center: each.center_name, state: t(`session_state_${each.state}`), live: number(each.live), points: number(each.points) })}</option>`)}
    </select>
    ${room.role.value === "center" && html`<button type="button" id="session-more" class="button icon-only quiet" aria-label=${t("sessions_title")} title=${t("sessions_title")} aria-haspopup="dialog"
      onClick=${() => (isOpen.value = true)}><${IconSettings} /></button>`}
    ${isOpen.value && html`<${SessionDialog} room=${room} />`}
  </div>`;
}

/** Open a meeting, close this one: the center's alone. @param {{ room: Room }} props */
function SessionDialog({ room }) {
  const dialog = /** @type {{ current: HTMLDialogElement | null }} */ (useRef(null));
  const title = useSignal("");
  const unit = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const own = sessions.value.find((each) => each.id === room.session);
  return html`<dialog class="dialog sessions" id="sessions" ref=${dialog} aria-labelledby="sessions-title" onClose=${() => (isOpen.value = false)}>
    <h2 id="sessions-title">${t("sessions_title")}</h2>
    <form class="session-form" onSubmit=${async (/** @type {Event} */ event) => {
      event.preventDefault();
      const view = await ask(room, "/api/sessions", { title: title.value, units: [unit.value] });
      if (view !== null) go(view.id);
    }}>
      <label>${t("session_title")}<input id="session-title" required maxlength="200" value=${title.value} onInput=${(/** @type {any} */ event) => (title.value = event.currentTarget.value)} /></label>
      <label>${t("session_unit")}<input id="session-unit" required list="session-units" autocomplete="off" value=${unit.value} onInput=${(/** @type {any} */ event) => (unit.value = event.currentTarget.value.trim())} /></label>
      <datalist id="session-units">${room.directory.value.tops.map((top) => html`<option key=${top.code} value=${top.code}>${top.name}</option>`)}</datalist>
      <button type="submit" id="session-open" class="button primary">${t("session_open")}</button>
    </form>
    ${own !== undefined && own.kind !== "standing" && own.state === "open" && html`<button type="button" id="session-close" class="button danger"
      onClick=${async () => {
        if ((await ask(room, `/api/sessions/${encodeURIComponent(room.session)}/close`, {})) !== null) go("main");
      }}>${t("session_close")}</button>`}
    <button type="button" class="button" onClick=${() => dialog.current?.close()}>${t("close")}</button>
  </dialog>`;
}
