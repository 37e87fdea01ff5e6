/**
 * What waits for somebody here, one card at a time, in a sheet over the programme that cannot be missed. In a call, and for what was put
 * aside, a bar says how many wait.
 */

import { t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { DirectiveCard } from "./point-directives.js";
import { cardsOf, sheetOf, stillAside } from "./point-cards.js";
import { AlertCard, MissedCard, ShiftCard } from "./point-matters.js";
import { RollCallCard } from "./point-question.js";
import { clock, html, signal, useComputed, useEffect, useRef } from "./ui.js";

/** @import { Card } from "./point-cards.js" */
/** @import { Desk } from "./point-desk.js" */

/** Keys of what somebody put aside. @type {import("@preact/signals").Signal<ReadonlySet<string>>} */
const aside = signal(new Set());

/** The state of the sheet, for the page around it. @param {Desk} desk */
export function sheetState(desk) {
  const { phase, question } = desk.presence.shown.value;
  // A shift can begin while nobody touches anything: looked at once a minute, so that the page is not drawn four times a second for it.
  const cards = cardsOf({ phase, question, matters: desk.matters.value, directives: desk.papers.directives.value, now: minute.value * 60_000 });
  const call = desk.call.value.phase;
  return { cards, ...sheetOf(cards, aside.value, call !== "idle" && call !== "over") };
}

const minute = signal(Math.floor(clock.value / 60_000));
clock.subscribe((now) => (minute.value = Math.floor(now / 60_000)));

/** @param {{ desk: Desk }} props  the bar; nothing while the sheet is open or nothing waits */
export function WaitingBar({ desk }) {
  const state = useComputed(() => sheetState(desk)).value;
  useEffect(() => {
    aside.value = stillAside(aside.value, state.cards);
  }, [state.cards]);
  if (state.waiting === 0) return null;
  const inCall = desk.call.value.phase !== "idle" && desk.call.value.phase !== "over";
  return html`<p class="strip-item waiting-bar" id="waiting-bar"><${IconWarning} /><span role="status">${t("cards_wait", { count: state.waiting })}</span>
    ${inCall ? html`<span class="after-call">${t("cards_after_call")}</span>` : html`<button type="button" id="cards-open" class="button small" onClick=${() => (aside.value = new Set())}>${t("cards_open")}</button>`}</p>`;
}

/** @param {{ desk: Desk }} props */
export function Sheet({ desk }) {
  const { cards, open, place } = useComputed(() => sheetState(desk)).value;
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  useEffect(() => {
    // What the card asks for, not the button that puts it aside: that must not be what Enter does first.
    const asked = /** @type {NodeListOf<HTMLElement> | undefined} */ (box.current?.querySelectorAll("input:not([value]), input[value=''], textarea, button:not(:disabled)"));
    const first = [...(asked ?? [])].find((each) => each.closest(".sheet-head") === null);
    (first ?? box.current)?.focus({ preventScroll: true });
    box.current?.scrollTo(0, 0);
  }, [open?.key]);
  if (open === null) return null;
  return html`<div class="sheet-back">
    <section class="sheet" id="sheet" role="alertdialog" aria-modal="true" aria-labelledby="card-title" tabindex="-1" ref=${box} data-card=${open.kind}>
      ${(cards.length > 1 || open.canWait) && html`<header class="sheet-head">
        <span class="sheet-place">${cards.length > 1 ? t("cards_place", { place, count: cards.length }) : ""}</span>
        ${open.canWait && html`<button type="button" id="card-later" class="button quiet" onClick=${() => later(desk, open)}>${t("cards_later")}</button>`}
      </header>`}
      <${Body} key=${open.key} desk=${desk} card=${open} />
    </section>
  </div>`;
}

/** @param {Desk} desk @param {Card} card */
function later(desk, card) {
  if (card.kind === "roll_call") desk.presence.dismiss();
  else aside.value = new Set([...aside.value, card.key]);
}

/** @param {{ desk: Desk, card: Card }} props */
function Body({ desk, card }) {
  switch (card.kind) {
    case "roll_call":
      return html`<${RollCallCard} desk=${desk} />`;
    case "alert":
      return html`<${AlertCard} desk=${desk} alert=${card.alert} />`;
    case "directive":
      return html`<${DirectiveCard} desk=${desk} notice=${card.notice} />`;
    case "missed":
      return html`<${MissedCard} desk=${desk} call=${card.call} />`;
    case "shift":
      return html`<${ShiftCard} desk=${desk} shift=${card.shift} />`;
  }
}
