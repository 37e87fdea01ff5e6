/** The top of the console: which session, how many are there, what is recorded, the line, the time, help and language. */

import { Recording } from "./console-recording.js";
import { SessionSwitch } from "./console-sessions.js";
import { clockTime, language, number, switchLanguage, t } from "./i18n.js";
import { IconAccount, IconCheck, IconKeyboard, IconSound, IconSoundOff, IconWarning, Logo, StateShape } from "./icons.js";
import { POINT_STATES } from "./points.js";
import { RetryWait } from "./retry-wait.js";
import { clock, html } from "./ui.js";

/** @import { Room } from "./console-room.js" */

/** @param {{ room: Room, hasAccount: boolean, onHelp: () => void }} props */
export function Header({ room, hasAccount, onHelp }) {
  const who = [t(`role_${room.role.value}`), room.subject.value.split(":")[1]].filter(Boolean).join(" · ");
  return html`<header class="console-header">
    <div class="console-name"><${Logo} /><div><h1>${t("product")}</h1><p class="muted" title=${who}>${who}</p></div></div>
    <${SessionSwitch} room=${room} />
    <${Counts} room=${room} />
    <${Recording} room=${room} />
    <${LineState} room=${room} />
    <${Clock} />
    <div class="header-buttons">
      <${Volume} room=${room} />
      ${hasAccount && html`<a id="account" class="button icon-only quiet" href="/login" aria-label=${t("account")} title=${t("account")}><${IconAccount} /></a>`}
      <button type="button" id="help" class="button icon-only quiet" aria-label=${t("help")} title=${`${t("help")} (?)`} onClick=${onHelp}><${IconKeyboard} /></button>
      <button type="button" id="language" class="button quiet" lang=${language.value === "vi" ? "en" : "vi"} onClick=${switchLanguage}>${t("switch_language")}</button>
    </div>
  </header>`;
}

/** States worth a number in the header, besides those connected. */
const COUNTED = [2, 3, 6, 7, 8, 9];

/** @param {{ room: Room }} props */
function Counts({ room }) {
  void room.painted.value;
  const { live, total, counts } = room.states;
  return html`<div class="counts" id="counts" role="group" aria-label=${t("counts_title")}>
    <span class="count-main" id="count-live">${t("live_of_all", { live: number(live), all: number(total) })}</span>
    ${COUNTED.filter((state) => (counts[state] ?? 0) > 0).map((state) => {
      const { key, shape, tone } = /** @type {NonNullable<typeof POINT_STATES[number]>} */ (POINT_STATES[state]);
      const count = number(counts[state] ?? 0);
      const said = t("count_of", { state: t(`state_${key}`), count });
      return html`<button type="button" key=${state} class=${`count tone-${tone}`} aria-pressed=${room.state.value === state} aria-label=${said} title=${`${said}. ${t("count_filter")}`}
        onClick=${() => (room.state.value = room.state.value === state ? -1 : state)}><${StateShape} shape=${shape} /><span class="count-word">${t(`state_${key}`)}</span>${count}</button>`;
    })}
  </div>`;
}

/** @param {{ room: Room }} props */
function LineState({ room }) {
  const { state, retryAt, told } = room.line.value;
  const media = room.viewer.value;
  const good = state === "live";
  const pictured = room.mediaReady.value && media === "live";
  return html`<div class="line-state" id="line" data-line=${state} data-media=${media}>
    <span class=${good ? "tone-ok" : "tone-warn"} role="status">${good ? html`<${IconCheck} />` : html`<${IconWarning} />`}${t(told ? "line_full" : good ? "console_line_live" : `line_${state}`)}<${RetryWait} at=${state === "waiting" ? retryAt : null} /></span>
    ${good && !pictured && html`<span class="tone-warn" role="status"><${IconWarning} />${room.mediaReady.value ? t(`media_${media}`) : t("media_down")}</span>`}
    ${state === "waiting" && !told && html`<button type="button" class="button small" onClick=${() => room.retry()}>${t("try_now")}</button>`}
  </div>`;
}

/** The server's time of day: everybody who looks at a console reads the same one. */
function Clock() {
  return html`<time class="wall-clock" id="clock" aria-label=${t("clock_now")}>${clockTime(clock.value)}</time>`;
}

/** @param {{ room: Room }} props */
function Volume({ room }) {
  const volume = room.volume.value;
  return html`<div class="volume">
    <button type="button" class="button icon-only quiet" aria-label=${volume > 0 ? t("mute_programme") : t("unmute_programme")} onClick=${() => room.setVolume(volume > 0 ? 0 : 1)}>
      ${volume > 0 ? html`<${IconSound} />` : html`<${IconSoundOff} />`}</button>
    <input type="range" min="0" max="1" step="0.05" value=${volume} aria-label=${t("sound_on_console")} onInput=${(/** @type {any} */ event) => room.setVolume(Number(event.currentTarget.value))} />
  </div>`;
}
