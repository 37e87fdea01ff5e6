/** A panel that somebody opened over the programme: the device check, or the help. */

import { t } from "./i18n.js";
import { IconClose } from "./icons.js";
import { DeviceCheck } from "./point-check.js";
import { Help } from "./point-help.js";
import { html, useEffect, useRef } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */

/** Which is open. @typedef {"" | "check" | "help"} Panel */

/** @param {{ desk: Desk, panel: Panel, onPanel: (panel: Panel) => void }} props */
export function PanelOver({ desk, panel, onPanel }) {
  const box = /** @type {{ current: HTMLElement | null }} */ (useRef(null));
  // Noted while it is drawn for the first time: once the page below is inert, nothing there has the focus any more.
  const before = useRef(document.activeElement);
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    return () => {
      // Back to the button that opened it, for those who use the keyboard; the page below is inert until it was drawn.
      const opener = before.current;
      queueMicrotask(() => opener instanceof HTMLElement && opener.isConnected && opener.focus());
    };
  }, []);
  return html`<div class="sheet-back" onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && onPanel("")}>
    <section class="sheet sheet-wide" id=${`panel-${panel}`} role="dialog" aria-modal="true" aria-labelledby=${panel === "check" ? "check-title" : "help-title"} tabindex="-1" ref=${box}>
      <header class="sheet-head"><span class="sheet-place"></span>
        <button type="button" id="panel-close" class="button" onClick=${() => onPanel("")}><${IconClose} />${t("close")}</button></header>
      ${panel === "check" ? html`<${DeviceCheck} desk=${desk} />` : html`<${Help} desk=${desk} onPanel=${onPanel} />`}
    </section>
  </div>`;
}
