/** The agenda of speakers on the console: who is next, who has spoken and how long; add, move, skip, remove. */

import { elapsed, t } from "./i18n.js";
import { entriesOf, movedUp } from "./papers.js";
import { clock, html, useSignal } from "./ui.js";

/** @import { AgendaItem } from "./types.js" */
/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room }} props */
export function AgendaPanel({ room }) {
  const { items, next } = room.papers.agenda.value;
  const subject = useSignal("");
  const minutes = useSignal(3);
  const chosen = room.chosenPoint.value;
  /** @param {ReturnType<typeof entriesOf>} entries */
  const set = (entries) => room.order({ kind: "set_agenda", items: entries });
  return html`<section class="roll-calls" id="agenda" aria-labelledby="agenda-title">
    <h2 id="agenda-title">${t("agenda_title")}</h2>
    <button type="button" id="agenda-next" class="button small primary" disabled=${next === null} onClick=${() => room.order({ kind: "next_speaker" })}>${t("agenda_next")}</button>
    <ol class="board-units">${items.map((item, place) => html`<li key=${item.id} data-item=${item.id} data-state=${item.state}>
      <span>${item.place}. ${item.point_name}${item.subject === "" ? "" : `: ${item.subject}`} <small class="muted">${t(`agenda_${item.state}`)}${item.id === next ? ` · ${t("agenda_is_next")}` : ""} <${Spoken} item=${item} /></small></span>
      <div class="card-buttons">
        ${place > 0 && html`<button type="button" class="button small" data-command="up" onClick=${() => set(movedUp(entriesOf(items), place))}>${t("agenda_up")}</button>`}
        ${(item.state === "waiting" || item.state === "missed") && html`<button type="button" class="button small" data-command="skip" onClick=${() => room.order({ kind: "skip_speaker", item: item.id })}>${t("agenda_skip")}</button>`}
        ${item.state !== "called" && item.state !== "speaking" && html`<button type="button" class="button small" data-command="remove" onClick=${() => set(entriesOf(items).filter((each) => each.item !== item.id))}>${t("agenda_remove")}</button>`}
      </div></li>`)}</ol>
    ${chosen === null
      ? html`<p class="muted">${t("agenda_choose")}</p>`
      : html`<form class="roll-call-form" onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          set([...entriesOf(items), { point: chosen, subject: subject.value.trim(), seconds: Math.round(minutes.value * 60), item: null }]);
          subject.value = "";
        }}>
          <label>${t("agenda_subject")}<input id="agenda-subject" maxlength="200" value=${subject.value} onInput=${(/** @type {any} */ event) => (subject.value = event.currentTarget.value)} /></label>
          <label>${t("agenda_minutes")}<input id="agenda-minutes" type="number" min="1" max="240" required value=${minutes.value} onInput=${(/** @type {any} */ event) => (minutes.value = Number(event.currentTarget.value))} /></label>
          <button type="submit" id="agenda-add" class="button small">${t("agenda_add", { name: room.directory.value.point(chosen)?.name ?? chosen })}</button>
        </form>`}
  </section>`;
}

/** @param {{ item: AgendaItem }} props */
function Spoken({ item }) {
  if (item.state === "speaking" && item.started_at !== null) return elapsed(clock.value - item.started_at);
  return item.state === "done" ? elapsed(item.spoken_ms) : null;
}
