/** The console's three panes: their widths, moved by pointer and by key and remembered; on a narrow screen one at a time. */

import { t } from "./i18n.js";
import { IconBoards, IconPoints, IconStage, TallyShape } from "./icons.js";
import { ONE_PANE_PX, fitted, movedByKey, recalled } from "./panes.js";
import { effect, html, recall, remember, signal, useEffect, useRef } from "./ui.js";

/** @import { Room } from "./console-room.js" */
/** @typedef {"views" | "stage" | "boards"} Pane */

const shares = signal(recalled(recall("panes")));
/** The pane of a narrow screen. @type {import("@preact/signals").Signal<Pane>} */
export const shownPane = signal("stage");
const narrow = matchMedia(`(max-width: ${ONE_PANE_PX - 1}px)`);

/** Text in sixteenths of a pixel's usual size: the least widths grow with it. */
function scale() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}

/** @param {{ room: Room, views: any, stage: any, boards: any }} props */
export function Panes({ room, views, stage, boards }) {
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  useEffect(() => {
    const lay = () => {
      const { left, right } = fitted(shares.value, innerWidth, scale());
      box.current?.style.setProperty("--left", `${(left * 100).toFixed(2)}%`);
      box.current?.style.setProperty("--right", `${(right * 100).toFixed(2)}%`);
    };
    const stop = effect(lay);
    addEventListener("resize", lay);
    return () => {
      stop();
      removeEventListener("resize", lay);
    };
  }, []);
  return html`<div class="console" ref=${box} data-pane=${shownPane.value} data-wide=${room.viewsWide.value ? "yes" : "no"}>
      <div class="pane pane-views">${views}</div>
      <${Separator} side="left" label=${t("pane_left_width")} />
      <main id="main" class="pane pane-stage" tabindex="-1">${stage}</main>
      <${Separator} side="right" label=${t("pane_right_width")} />
      <aside class="pane pane-boards" aria-label=${t("boards_title")}>${boards}</aside>
    </div>
    <${PaneBar} room=${room} />`;
}

/** @param {{ side: "left" | "right", label: string }} props */
function Separator({ side, label }) {
  const now = fitted(shares.value, innerWidth, scale());
  const keep = (/** @type {import("./panes.js").Shares} */ wanted) => {
    shares.value = fitted(wanted, innerWidth, scale());
    remember("panes", `${shares.value.left.toFixed(4)} ${shares.value.right.toFixed(4)}`);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const moved = movedByKey(event.key, side, fitted(shares.value, innerWidth, scale()));
    if (moved === null) return;
    event.preventDefault();
    event.stopPropagation();
    keep(moved);
  };
  const onPointerMove = (/** @type {PointerEvent} */ event) => {
    const target = /** @type {HTMLElement} */ (event.currentTarget);
    if (!target.hasPointerCapture(event.pointerId)) return;
    const at = event.clientX / innerWidth;
    keep({ ...fitted(shares.value, innerWidth, scale()), [side]: side === "left" ? at : 1 - at });
  };
  return html`<div class="separator" data-side=${side} role="separator" tabindex="0" aria-orientation="vertical" aria-label=${label}
    aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(now[side] * 100)} title=${t("pane_hint")} onKeyDown=${onKeyDown}
    onPointerDown=${(/** @type {any} */ event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove=${onPointerMove}
    onDblClick=${() => keep({ ...shares.value, [side]: recalled(null)[side] })}></div>`;
}

/** @type {readonly [Pane, string, any][]} */
const BAR = [["views", "points_title", IconPoints], ["stage", "pane_stage", IconStage], ["boards", "boards_title", IconBoards]];

/** @param {{ room: Room }} props */
function PaneBar({ room }) {
  const onAir = room.stage.value.on_air.length;
  const running = room.wall.value.filter((call) => call !== null).length;
  return html`<nav class="pane-bar" aria-label=${t("pane_bar")}>
    ${BAR.map(([pane, word, Icon]) => html`<button type="button" key=${pane} class="pane-button" data-pane=${pane} aria-current=${shownPane.value === pane ? "true" : undefined}
      onClick=${() => (shownPane.value = pane)}><${Icon} /><span>${t(word)}</span>
      ${pane === "stage" && onAir > 0 ? html`<span class="pane-mark tally-air" title=${t("call_on_air")}><${TallyShape} tally="air" />${onAir}<span class="visually-hidden">${t("call_on_air")}</span></span>` : pane === "stage" && running > 0 ? html`<span class="pane-mark">${running}</span>` : null}</button>`)}
  </nav>`;
}

/** Bring a pane to the front where only one is shown. @param {Pane} pane */
export function showPane(pane) {
  if (narrow.matches) shownPane.value = pane;
}
