/** The card of a directive: its text when opened, and who has read it. */

import { dateOf } from "./country-time.js";
import { clockTime, say, t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { PersonFields, isNobody } from "./point-person.js";
import { html, signal } from "./ui.js";

/** @import { Notice } from "./types.js" */
/** @import { Desk } from "./point-desk.js" */

/** Texts that were opened, by directive; null: could not be had. @type {import("@preact/signals").Signal<Record<string, string | null>>} */
const texts = signal({});

/** @param {{ desk: Desk, notice: Notice }} props */
export function DirectiveCard({ desk, notice }) {
  const text = texts.value[notice.id];
  const refusal = desk.papers.refusal.value;
  const isOverdue = notice.answer === "overdue";
  const time = `${clockTime(notice.deadline)} ${dateOf(notice.deadline)}`;
  return html`<div class="card" id="directives"><article data-directive=${notice.id} data-answer=${notice.answer}>
    <p class="card-kind"><${IconWarning} />${t("directive_kind")}</p>
    <h2 id="card-title">${notice.title}</h2>
    <p class=${isOverdue ? "tone-warn" : "muted"}>${t(isOverdue ? "directive_overdue" : "directive_until", { time })}</p>
    ${text === undefined && html`<button type="button" class="button large primary" data-command="read" onClick=${() => void read(desk, notice.id)}>${t("directive_read")}</button>`}
    ${text === null && html`<p role="alert">${t("directive_failed")} <button type="button" class="button" onClick=${() => void read(desk, notice.id)}>${t("try_now")}</button></p>`}
    ${typeof text === "string" && html`<div class="directive-text" tabindex="0">${text.split("\n").map((line, place) => html`<p key=${place}>${line}</p>`)}</div>
      <form onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        desk.acknowledge(notice.id);
      }}>
        <${PersonFields} desk=${desk} id="directive-name" withFunction />
        <button type="submit" class="button large primary" data-command="acknowledge" disabled=${isNobody(desk)}>${t("directive_acknowledge")}</button>
      </form>
      ${refusal?.about === "directive" && html`<p role="alert" class="refusal">${say(refusal.error.message)}</p>`}`}
  </article></div>`;
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
