/** The agenda of speakers on the console: who is next, who has spoken and how long; add, move, skip, remove. */

import { IconDown, IconUp } from "./board-icons.js";
import { Nothing } from "./board-parts.js";
import { CallLists } from "./console-calling.js";
import { elapsed, t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { entriesOf, movedUp } from "./papers.js";
import { clock, html, signal } from "./ui.js";

/** @import { AgendaItem } from "./types.js" */
/** @import { Room } from "./console-room.js" */

const subject = signal("");
const minutes = signal(3);

/** @param {{ room: Room }} props */
export function AgendaPanel({ room }) {
  const { items, next } = room.papers.agenda.value;
  /** @param {ReturnType<typeof entriesOf>} entries */
  const set = (entries) => room.order({ kind: "set_agenda", items: entries });
  return html`<section class="board-panel" id="agenda" aria-labelledby="agenda-title">
    <h2 id="agenda-title" class="visually-hidden">${t("agenda_title")}</h2>
    <h3 class="board-heading">${t("agenda_title")}</h3>
    ${items.length === 0
      ? html`<${Nothing} title=${t("agenda_none")} text=${t("agenda_none_text")} />`
      : html`<button type="button" id="agenda-next" class="button primary" disabled=${next === null} onClick=${() => room.order({ kind: "next_speaker" })}>${nextWords(items, next)}</button>
        <ol class="agenda-items">${items.map((item, place) => html`<li key=${item.id} data-item=${item.id} data-state=${item.state} data-next=${item.id === next ? "yes" : "no"}>
          <span class="floor-place">${item.place}</span>
          <div class="floor-who"><button type="button" class="link" onClick=${() => room.choosePoint(item.point)}>${item.point_name}</button>
            <small class="muted">${[item.subject, item.id === next ? t("agenda_is_next") : t(`agenda_${item.state}`)].filter(Boolean).join(" · ")} <${Spoken} item=${item} /></small></div>
          <div class="agenda-tools">
            <button type="button" class="button icon-only quiet" data-command="up" disabled=${place === 0} aria-label=${t("agenda_up", { name: item.point_name })} title=${t("agenda_up", { name: item.point_name })} onClick=${() => set(movedUp(entriesOf(items), place))}><${IconUp} /></button>
            <button type="button" class="button icon-only quiet" data-command="down" disabled=${place === items.length - 1} aria-label=${t("agenda_down", { name: item.point_name })} title=${t("agenda_down", { name: item.point_name })} onClick=${() => set(movedUp(entriesOf(items), place + 1))}><${IconDown} /></button>
            <button type="button" class="button icon-only quiet" data-command="remove" disabled=${item.state === "called" || item.state === "speaking"} aria-label=${t("agenda_remove", { name: item.point_name })} title=${t("agenda_remove", { name: item.point_name })}
              onClick=${() => set(entriesOf(items).filter((each) => each.item !== item.id))}><${IconClose} /></button>
            ${(item.state === "waiting" || item.state === "missed") && html`<button type="button" class="button small quiet" data-command="skip" onClick=${() => room.order({ kind: "skip_speaker", item: item.id })}>${t("agenda_skip")}</button>`}
          </div></li>`)}</ol>`}
    <${AddForm} room=${room} items=${items} set=${set} />
    <${CallLists} room=${room} />
  </section>`;
}

/** @param {readonly AgendaItem[]} items @param {string | null} next */
function nextWords(items, next) {
  const item = items.find((each) => each.id === next);
  return item === undefined ? t("agenda_over") : t("agenda_next", { name: item.point_name });
}

/** @param {{ room: Room, items: readonly AgendaItem[], set: (entries: ReturnType<typeof entriesOf>) => void }} props */
function AddForm({ room, items, set }) {
  const chosen = room.chosenPoint.value;
  if (chosen === null) return html`<p class="muted board-hint">${t("agenda_choose")}</p>`;
  return html`<form class="board-fields" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    set([...entriesOf(items), { point: chosen, subject: subject.peek().trim(), seconds: Math.round(minutes.peek() * 60), item: null }]);
    subject.value = "";
  }}>
    <div class="board-pair"><div><label for="agenda-subject">${t("agenda_subject")}</label><input id="agenda-subject" maxlength="200" value=${subject.value} onInput=${(/** @type {any} */ event) => (subject.value = event.currentTarget.value)} /></div>
      <div class="agenda-minutes"><label for="agenda-minutes">${t("agenda_minutes")}</label><input id="agenda-minutes" type="number" min="1" max="240" required value=${minutes.value} onInput=${(/** @type {any} */ event) => (minutes.value = Number(event.currentTarget.value))} /></div></div>
    <button type="submit" id="agenda-add" class="button small">${t("agenda_add", { name: room.directory.value.point(chosen)?.name ?? chosen })}</button>
  </form>`;
}

/** @param {{ item: AgendaItem }} props */
function Spoken({ item }) {
  if (item.state === "speaking" && item.started_at !== null) return elapsed(clock.value - item.started_at);
  return item.state === "done" ? elapsed(item.spoken_ms) : null;
}
