/** Map, wall and list of one selection, with what narrows it above and the chosen point below. */

import { Chosen } from "./console-chosen.js";
import { Filters } from "./console-filters.js";
import { PointList } from "./console-list.js";
import { CountryMap } from "./console-map.js";
import { stillsOf } from "./console-stills.js";
import { PictureWall } from "./console-wall.js";
import { t } from "./i18n.js";
import { IconExpand, IconList, IconMap, IconWall } from "./icons-views.js";
import { html, recall, remember, signal, useEffect } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** @typedef {"map" | "wall" | "list"} View */

/** @type {readonly { view: View, words: string, icon: () => any }[]} */
const VIEWS = [
  { view: "map", words: "view_map", icon: IconMap },
  { view: "wall", words: "view_wall", icon: IconWall },
  { view: "list", words: "view_list", icon: IconList },
];

const remembered = recall("view");
/** Which view is shown; remembered in this browser. @type {import("@preact/signals").Signal<View>} */
export const chosenView = signal(remembered === "map" || remembered === "wall" ? remembered : "list");

/** @param {View} view */
function show(view) {
  chosenView.value = view;
  remember("view", view);
}

/** @param {{ room: Room }} props */
export function Views({ room }) {
  const { selection } = room;
  const view = chosenView.value;
  const isWide = room.viewsWide.value;
  const unit = selection.unit.value;
  const isWanted = view === "wall" || selection.badge.value !== "" || (view === "list" && isWide);
  const version = room.directory.value.version;
  useEffect(() => {
    const stills = stillsOf(room);
    const follow = () => stills.show({ unit, isPictured: view === "wall", isWanted: isWanted && version !== "" && !document.hidden });
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => document.removeEventListener("visibilitychange", follow);
  }, [view, isWanted, unit, version]);
  return html`<section class="points views" aria-labelledby="points-title" data-view=${view}>
    <div class="views-head">
      <h2 id="points-title" class="visually-hidden">${t("points_title")}</h2>
      <div class="views-tabs" role="tablist" aria-labelledby="points-title" onKeyDown=${(/** @type {any} */ event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[/** @type {string} */ (event.key)];
        const at = VIEWS.findIndex((each) => each.view === view);
        const to = step !== undefined ? (at + step + VIEWS.length) % VIEWS.length : { Home: 0, End: VIEWS.length - 1 }[/** @type {string} */ (event.key)];
        const next = to === undefined ? undefined : VIEWS[to];
        if (next === undefined) return;
        event.preventDefault();
        show(next.view);
        document.getElementById(`view-${next.view}`)?.focus();
      }}>
        ${VIEWS.map(({ view: each, words, icon }) => html`<button type="button" role="tab" key=${each} id=${`view-${each}`} class="views-tab" aria-selected=${each === view} aria-controls="view-panel"
          tabindex=${each === view ? 0 : -1} onClick=${() => show(each)}><${icon} />${t(words)}</button>`)}
      </div>
      <button type="button" id="views-wide" class="button icon-only quiet" aria-pressed=${isWide} aria-label=${t("views_wide")} title=${t("views_wide")} onClick=${() => (room.viewsWide.value = !isWide)}><${IconExpand} /></button>
    </div>
    <${Filters} room=${room} />
    <div id="view-panel" class="view-panel" role="tabpanel" aria-labelledby=${`view-${view}`}>
      ${view === "map" ? html`<${CountryMap} room=${room} />` : view === "wall" ? html`<${PictureWall} room=${room} />` : html`<${PointList} room=${room} />`}
    </div>
    <${Chosen} room=${room} />
  </section>`;
}
