/** When the next try is: seconds that count down for the eye, and are said once to those who listen. */

import { t } from "./i18n.js";
import { clock, html, serverNow } from "./ui.js";

/** Put it into a live region (`role="status"`): what ticks is hidden from it. @param {{ at: number | null }} props  server time, ms */
export function RetryWait({ at }) {
  if (at === null) return null;
  const seconds = Math.ceil((at - serverNow()) / 1000);
  return html`${seconds > 1 && html`<span class="visually-hidden">, ${t("retry_in", { seconds })}</span>`}<${Ticking} at=${at} />`;
}

/** @param {{ at: number }} props */
function Ticking({ at }) {
  const seconds = Math.ceil((at - clock.value) / 1000);
  return seconds > 1 ? html` <span aria-hidden="true" class="retry-in">${t("retry_in", { seconds })}</span>` : null;
}
