/** Indicators on the console: choose one, and its values stand beside the points, filtered and in order. */

import { number, say, t } from "./i18n.js";
import { IndicatorColumn, valuesPath } from "./indicator-values.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

/** @import { IndicatorWish } from "./indicator-values.js" */
/** @import { Room } from "./console-room.js" */

/** Imports are rare; a new one is seen within this time. */
const REFRESH_MS = 30_000;

/** A choice among the filters, and below it what a chosen one can do. @param {{ room: Room }} props */
export function Indicators({ room }) {
  const { known, wish, column: shown } = room.selection;
  const typed = useSignal(wish.peek().filter);
  const fault = useSignal("");
  /** The last question; an answer to an older one is not shown. */
  const asked = /** @type {{ current: number }} */ (useRef(0));

  /** @param {string} path @returns {Promise<any>} */
  const get = async (path) => {
    const response = await fetch(path, { headers: { Authorization: `Bearer ${room.token}` } });
    const body = await response.json();
    if (!response.ok) throw new Error(say(body.message));
    return body;
  };
  const loadNames = async () => {
    try {
      known.value = (await get("/api/indicators")).indicators;
    } catch {
      // the next round asks again
    }
  };
  const loadValues = async () => {
    const question = (asked.current += 1);
    const wanted = wish.peek();
    if (wanted.name === "") {
      shown.value = null;
      fault.value = "";
      return;
    }
    let failed = "";
    let column = shown.peek();
    try {
      column = new IndicatorColumn(await get(valuesPath(wanted)), wanted);
    } catch (error) {
      failed = (error instanceof Error && !(error instanceof TypeError || error instanceof SyntaxError) && error.message) || t("indicator_failed");
    }
    if (question !== asked.current) return;
    fault.value = failed;
    shown.value = column;
  };
  useEffect(() => {
    void loadNames();
    const timer = setInterval(() => {
      void loadNames();
      if (wish.peek().name !== "") void loadValues();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    typed.value = wish.value.filter;
    void loadValues();
  }, [wish.value]);
  const change = (/** @type {Partial<IndicatorWish>} */ news) => (wish.value = { ...wish.peek(), ...news });
  const { name, order, inherited } = wish.value;
  if (known.value.length === 0 && name === "") return null;
  const column = shown.value;
  return html`<label class="visually-hidden" for="indicator">${t("indicator")}</label>
    <select id="indicator" value=${name} onChange=${(/** @type {any} */ event) => change({ name: event.currentTarget.value, filter: "", order: "" })}>
      <option value="">${t("indicator_none")}</option>
      ${known.value.map((each) => html`<option key=${each.name} value=${each.name}>${each.name}</option>`)}
    </select>
    ${name !== "" && html`<form class="indicators" id="indicators" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      change({ filter: typed.value });
    }}>
      <div class="indicator-filter">
        <label class="visually-hidden" for="indicator-filter">${t("indicator_filter")}</label>
        <input id="indicator-filter" value=${typed.value} placeholder=${t("indicator_filter_example", { name })} autocomplete="off" spellcheck=${false} maxlength="500"
          aria-describedby="indicator-state" aria-invalid=${fault.value !== ""} onInput=${(/** @type {any} */ event) => (typed.value = event.currentTarget.value)} />
        <button type="submit" id="indicator-apply" class="button small">${t("indicator_apply")}</button>
        <label class="visually-hidden" for="indicator-order">${t("indicator_order")}</label>
        <select id="indicator-order" value=${order} onChange=${(/** @type {any} */ event) => change({ order: event.currentTarget.value })}>
          <option value="">${t("indicator_order_list")}</option>
          <option value="down">${t("indicator_order_down")}</option>
          <option value="up">${t("indicator_order_up")}</option>
        </select>
      </div>
      <div class="indicator-line"><label class="check-label"><input type="checkbox" id="indicator-inherited" checked=${inherited}
        onChange=${(/** @type {any} */ event) => change({ inherited: event.currentTarget.checked })} />${t("indicator_inherited")}</label>
      <span class=${fault.value === "" ? "found" : "found tone-warn"} id="indicator-state" role="status">${fault.value !== ""
        ? fault.value
        : column !== null && t("indicator_found", { count: number(column.size), date: column.date.split("-").reverse().join("/") })}</span></div>
    </form>`}`;
}

/** The value of a row's unit. @param {{ room: Room, index: number }} props */
export function PointValue({ room, index }) {
  const value = room.selection.column.value?.value(room.directory.value.unitOf(index)) ?? null;
  return html`<span class="point-value">${value === null ? "" : typeof value === "number" ? number(value) : value}</span>`;
}
