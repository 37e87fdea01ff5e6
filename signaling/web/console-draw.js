/** The draw on the console: so many points by lot, the same again from the seed that is shown, and all of them called in turn. */

import { Answer, failureOf, orderOver } from "./answers.js";
import { CallInTurn, Failure, Nothing, PointRow } from "./board-parts.js";
import { dayTime, number, t } from "./i18n.js";
import { html, signal, useEffect } from "./ui.js";
import { UnitPicker, unitsOf } from "./unit-picker.js";

/** @import { Draw } from "./types.js" */
/** @import { Room } from "./console-room.js" */
/** @import { UnitChoice } from "./unit-search.js" */

const form = { count: signal(5), only: signal(/** @type {"ready" | "live" | "all"} */ ("ready")), filter: signal("") };
/** @type {import("@preact/signals").Signal<UnitChoice | null>} */
const picked = signal(null);
const isBusy = signal(false);
const failure = signal("");
const indicators = new Answer();
const earlier = new Answer();
/** The draw that is looked at; empty: the newest. */
const shown = signal("");

/** @param {{ room: Room }} props */
export function DrawPanel({ room }) {
  const newest = room.papers.draw.value;
  useEffect(() => void earlier.load(room, `/api/sessions/${room.session}/draws?limit=20`), [newest?.id]);
  useEffect(() => void indicators.load(room, "/api/indicators"), []);
  /** @type {Draw[]} */
  const known = earlier.state.value.data?.draws ?? (newest === null ? [] : [newest]);
  const draw = known.find((each) => each.id === shown.value) ?? newest;
  return html`<section class="board-panel" id="draw" aria-labelledby="draw-title">
    <h2 id="draw-title" class="visually-hidden">${t("draw_title")}</h2>
    <${Form} room=${room} />
    ${failure.value !== "" && html`<${Failure} words=${failure.value} id="draw-failure" />`}
    ${draw === null
      ? html`<${Nothing} title=${t("draw_none")} text=${t("draw_none_text")} />`
      : html`${known.length > 1 && html`<label class="visually-hidden" for="draw-shown">${t("draw_title")}</label>
          <select id="draw-shown" value=${draw.id} onChange=${(/** @type {any} */ event) => (shown.value = event.currentTarget.value)}>
            ${known.map((each) => html`<option key=${each.id} value=${each.id}>${t("draw_option", { time: dayTime(each.at), count: each.k, filter: each.filter })}</option>`)}</select>`}
          <${Drawn} room=${room} draw=${draw} />`}
  </section>`;
}

/** @param {{ room: Room }} props */
function Form({ room }) {
  const names = /** @type {{ name: string, kind: string, categories: string[] }[]} */ (indicators.state.value.data?.indicators ?? []);
  const go = async () => {
    isBusy.value = true;
    failure.value = "";
    try {
      await orderOver(room, { kind: "draw_points", count: form.count.peek(), units: unitsOf(picked.peek()), only: form.only.peek(), filter: form.filter.peek().trim() });
      shown.value = "";
    } catch (error) {
      failure.value = failureOf(error);
    }
    isBusy.value = false;
  };
  return html`<form class="board-fields" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    void go();
  }}>
    <div class="board-pair"><div><label for="draw-count">${t("draw_count")}</label><input id="draw-count" type="number" min="1" max="100" required value=${form.count.value} onInput=${(/** @type {any} */ event) => (form.count.value = Number(event.currentTarget.value))} /></div>
      <div><label for="draw-only">${t("draw_only")}</label><select id="draw-only" value=${form.only.value} onChange=${(/** @type {any} */ event) => (form.only.value = event.currentTarget.value)}>
        ${["ready", "live", "all"].map((each) => html`<option key=${each} value=${each}>${t(`draw_only_${each}`)}</option>`)}</select></div></div>
    <${UnitPicker} room=${room} id="draw-unit" picked=${picked} />
    <div><label for="draw-filter">${t("draw_filter")}</label>
      <input id="draw-filter" maxlength="300" autocomplete="off" spellcheck=${false} value=${form.filter.value} aria-describedby="draw-filter-hint" onInput=${(/** @type {any} */ event) => (form.filter.value = event.currentTarget.value)} />
      <div id="draw-filter-hint">${names.length === 0 ? html`<small class="muted">${t("draw_filter_none")}</small>` : html`<div class="board-presets">${names.slice(0, 8).map((each) => html`<button type="button" key=${each.name} class="button small quiet"
        onClick=${() => (form.filter.value = joined(form.filter.peek(), each))}>${each.name}</button>`)}</div>`}</div></div>
    <button type="submit" id="draw-go" class="button primary" disabled=${isBusy.value}>${t("draw_go", { count: form.count.value })}</button>
  </form>`;
}

/** A condition with one more beginning of one. @param {string} filter @param {{ name: string, kind: string, categories: string[] }} indicator */
function joined(filter, { name, kind, categories }) {
  const next = kind === "number" ? `${name} > ` : `${name} = ${categories[0] ?? ""}`;
  return filter.trim() === "" ? next : `${filter.trim()} ${t("draw_and")} ${next}`;
}

/** @param {{ room: Room, draw: Draw }} props */
function Drawn({ room, draw }) {
  const codes = draw.drawn.map((each) => each.point);
  return html`<div class="board-body" id="drawn" data-draw=${draw.id}>
    <p class="board-total">${t("draw_result", { count: number(draw.drawn.length), candidates: number(draw.candidates) })}</p>
    <p class="muted">${[dayTime(draw.at), ...unitNames(room, draw), draw.filter, draw.left_out > 0 ? t("draw_left_out", { count: number(draw.left_out) }) : "", draw.started_over ? t("draw_started_over") : ""].filter(Boolean).join(" · ")}</p>
    <div class="board-actions"><${CallInTurn} room=${room} id="draw-call" count=${codes.length} label=${t("draw_call")} codes=${async () => codes} /></div>
    <ol class="board-point-rows">${draw.drawn.map((each) => html`<${PointRow} key=${each.point} room=${room} code=${each.point} name=${`${each.place}. ${each.point_name}`}
      word=${[room.directory.value.point(each.point)?.path, each.last_called === null ? t("draw_never") : t("draw_last", { time: dayTime(each.last_called) })].filter(Boolean).join(" · ")} />`)}</ol>
    <details class="draw-proof"><summary>${t("draw_proof")}</summary>
      <p>${t("draw_seed")}</p><p><code id="draw-seed">${draw.seed}</code></p>
      <p class="muted">${t("draw_proof_text", { draw: draw.id })}</p></details>
  </div>`;
}

/** @param {Room} room @param {Draw} draw */
function unitNames(room, draw) {
  return draw.units.map((unit) => room.directory.value.unit(unit)?.name ?? unit);
}
