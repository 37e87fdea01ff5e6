/** The ring: the whole page, one large button. Also the way back into a call after the page was loaded anew. */

import { t } from "./i18n.js";
import { IconCall, IconHangUp } from "./icons.js";
import { clock, html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** @param {{ desk: Desk }} props */
export function Ring({ desk }) {
  const { phase, call } = desk.call.value;
  const button = /** @type {{ current: HTMLButtonElement | null }} */ (useRef(null));
  const declining = useSignal(false);
  const id = call?.id;
  useEffect(() => {
    button.current?.focus();
    return whenShown(() => desk.shown());
  }, [id]);
  if (phase === "resuming") {
    return html`<div class="ring ring-resume" role="alertdialog" aria-modal="true" aria-labelledby="ring-title" aria-describedby="ring-text">
      <h1 id="ring-title">${t("resume_title")}</h1>
      <p id="ring-text">${t("resume_text")}</p>
      <button type="button" id="answer" class="button big answer" ref=${button} onClick=${() => desk.answer()}><${IconCall} />${t("resume")}</button>
      <button type="button" id="decline" class="button ring-decline" onClick=${() => desk.hangUp()}><${IconHangUp} />${t("hang_up")}</button>
    </div>`;
  }
  return html`<div class="ring" role="alertdialog" aria-modal="true" aria-labelledby="ring-title" aria-describedby="ring-text">
    <div class="ring-waves" aria-hidden="true"><span></span><span></span><span></span><${IconCall} /></div>
    <h1 id="ring-title">${t("ring_title")}</h1>
    <p id="ring-text" class="ring-name">${t("ring_for", { name: desk.point.value?.name ?? call?.point_name ?? "" })}</p>
    <${Deadline} desk=${desk} />
    <button type="button" id="answer" class="button big answer" ref=${button} onClick=${() => desk.answer()}><${IconCall} />${t("answer")}</button>
    <p class="ring-hint">${t("answer_hint")}</p>
    ${declining.value
      ? html`<${DeclineForm} onBack=${() => (declining.value = false)} onDecline=${(/** @type {string} */ reason) => desk.decline(reason)} />`
      : html`<button type="button" id="decline" class="button ring-decline" onClick=${() => (declining.value = true)}><${IconHangUp} />${t("decline")}</button>`}
  </div>`;
}

/** @param {{ onBack: () => void, onDecline: (reason: string) => void }} props */
function DeclineForm({ onBack, onDecline }) {
  const reason = useSignal("");
  const field = /** @type {{ current: HTMLInputElement | null }} */ (useRef(null));
  useEffect(() => field.current?.focus(), []);
  return html`<form class="ring-form" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    onDecline(reason.value.trim());
  }}>
    <label for="decline-reason">${t("decline_reason")}</label>
    <input id="decline-reason" ref=${field} maxlength="200" autocomplete="off" value=${reason.value}
      onInput=${(/** @type {any} */ event) => (reason.value = event.currentTarget.value)} />
    <div class="row">
      <button type="button" class="button ring-decline" onClick=${onBack}>${t("back")}</button>
      <button type="submit" id="decline-send" class="button ring-decline">${t("decline_confirm")}</button>
    </div>
  </form>`;
}

/** @param {{ desk: Desk }} props */
function Deadline({ desk }) {
  const deadline = desk.call.value.call?.answer_deadline ?? null;
  const seconds = deadline === null ? null : Math.max(0, Math.ceil((deadline - clock.value) / 1000));
  return html`<p class="ring-clock" aria-hidden="true">${seconds === null ? "" : t("ring_seconds", { seconds })}</p>`;
}

/**
 * Call back once the browser has painted what was just rendered. A hidden page paints nothing: it sounds all the same,
 * so it says at once that it rings, and its report says that it is hidden.
 * @param {() => void} done @returns {() => void} cancel
 */
function whenShown(done) {
  if (document.visibilityState !== "visible") {
    done();
    return () => {};
  }
  let handle = requestAnimationFrame(() => {
    handle = requestAnimationFrame(finish);
  });
  // A visible page whose window is covered may paint late; the ring sounds by then.
  const late = setTimeout(finish, 500);
  function finish() {
    cancelAnimationFrame(handle);
    clearTimeout(late);
    done();
  }
  return () => {
    cancelAnimationFrame(handle);
    clearTimeout(late);
  };
}
