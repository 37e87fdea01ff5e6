/** The line test as a button, and what came of it in plain words. */

import { t } from "./i18n.js";
import { IconBars } from "./icons.js";
import { measureLine, verdictOf } from "./line-test.js";
import { html, useSignal } from "./ui.js";

/** @import { Measured, Verdict } from "./line-test.js" */

/** @type {Record<Verdict, "ok" | "less" | "warn" | "off">} */
const TONES = { both: "ok", small: "less", sound: "warn", weak: "off" };

export function LineCheck() {
  const state = useSignal(/** @type {"idle" | "busy" | "failed" | "full" | Measured} */ ("idle"));
  const run = async () => {
    if (state.value === "busy") return;
    state.value = "busy";
    try {
      state.value = await measureLine();
    } catch (reason) {
      state.value = reason instanceof Response && reason.status === 503 ? "full" : "failed";
    }
  };
  const found = state.value;
  const verdict = typeof found === "object" ? verdictOf(found) : null;
  return html`<div class="line-check" id="line-check" data-verdict=${verdict ?? found}>
    <button type="button" id="line-test" class="button" aria-disabled=${found === "busy"} onClick=${() => void run()}><${IconBars} tone=${verdict === null ? "less" : TONES[verdict]} />${t("line_test")}</button>
    <p role="status">${found === "busy" && t("line_test_busy")}
      ${(found === "failed" || found === "full") && t(`line_test_${found}`)}
      ${verdict !== null && typeof found === "object" && html`<strong>${t(`line_verdict_${verdict}`)}</strong>
        <span class="muted">${t("line_measured", { down: speed(found.downKbps), up: speed(found.upKbps), ms: found.rttMs })}</span>`}</p>
  </div>`;
}

/** @param {number} kbps @returns {string} 850 kb/s, 2.4 Mb/s, or "over 20 Mb/s": so little is moved that more is not known */
function speed(kbps) {
  if (kbps >= 20_000) return "> 20 Mb/s";
  return kbps >= 1_000 ? `${(kbps / 1_000).toFixed(1)} Mb/s` : `${kbps} kb/s`;
}
