/** Directives on the point's page: what is to be read, its text when opened, and who has read it. */

import { clockTime, say, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { toAcknowledge } from "./papers.js";
import { html, recall, remember, signal, useSignal } from "./ui.js";

/** @import { Notice } from "./types.js" */
/** @import { Desk } from "./point-desk.js" */

/** Texts that were opened, by directive; null: could not be had. @type {import("@preact/signals").Signal<Record<string, string | null>>} */
const texts = signal({});

/** @param {{ desk: Desk }} props */
export function DirectivesCard({ desk }) {
  const waiting = toAcknowledge(desk.papers.directives.value);
  if (waiting.length === 0) return null;
  return html`<section class="notice notice-warn" id="directives" aria-labelledby="directives-title">
    <div><h2 id="directives-title"><${IconWarning} />${t("directives_to_read", { count: waiting.length })}</h2>
      ${waiting.map((notice) => html`<${Directive} key=${notice.id} desk=${desk} notice=${notice} />`)}</div>
  </section>`;
}

/** @param {{ desk: Desk, notice: Notice }} props */
function Directive({ desk, notice }) {
  const name = useSignal(recall("person_name") ?? "");
  const occupation = useSignal(recall("person_function") ?? "");
  const text = texts.value[notice.id];
  const refusal = desk.papers.refusal.value;
  return html`<article data-directive=${notice.id} data-answer=${notice.answer}>
    <h3>${notice.title}</h3>
    <p class=${notice.answer === "overdue" ? "tone-warn" : "muted"}>${t(notice.answer === "overdue" ? "directive_overdue" : "directive_until", { time: `${clockTime(notice.deadline)} ${new Date(notice.deadline).toLocaleDateString("vi-VN")}` })}</p>
    ${text === undefined && html`<button type="button" class="button large" data-command="read" onClick=${() => void read(desk, notice.id)}>${t("directive_read")}</button>`}
    ${text === null && html`<p role="alert">${t("directive_failed")} <button type="button" class="button" onClick=${() => void read(desk, notice.id)}>${t("try_now")}</button></p>`}
    ${typeof text === "string" && html`${text.split("\n").map((line, place) => html`<p key=${place}>${line}</p>`)}
      <form class="roll-call-fields" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        remember("person_name", name.value.trim());
        remember("person_function", occupation.value.trim());
        desk.acknowledge(notice.id, name.value, occupation.value);
      }}>
        <label>${t("person_name")}<input required maxlength="100" autocomplete="name" value=${name.value} onInput=${(/** @type {any} */ event) => (name.value = event.currentTarget.value)} /></label>
        <label>${t("person_function")}<input maxlength="100" autocomplete="organization-title" value=${occupation.value} onInput=${(/** @type {any} */ event) => (occupation.value = event.currentTarget.value)} /></label>
        <button type="submit" class="button large" data-command="acknowledge" disabled=${name.value.trim() === ""}>${t("directive_acknowledge")}</button>
      </form>
      ${refusal?.about === "directive" && html`<p role="alert">${say(refusal.error.message)}</p>`}`}
  </article>`;
}

/** @param {Desk} desk @param {string} directive */
async function read(desk, directive) {
  /** @type {string | null} */
  let text = null;
  try {
    const response = await fetch(`/api/directives/${directive}`, { headers: { Authorization: `Bearer ${desk.token}` } });
    if (response.ok) text = (await response.json()).text;
  } catch {
    // shown as failed
  }
  texts.value = { ...texts.value, [directive]: text };
}
