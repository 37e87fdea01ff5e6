/** The three helps: pick what is wrong; see what this machine knows of it, with buttons that do what helps. */

import { t } from "./i18n.js";
import { IconCameraOff, IconCheck, IconLineOff, IconSoundOff, IconWarning } from "./icons.js";
import { findingsOf } from "./point-help-facts.js";
import { LineCheck } from "./point-line-check.js";
import { isSoundUnlocked, testTone } from "./sound.js";
import { html, useEffect, useSignal } from "./ui.js";

/** @import { Desk } from "./point-desk.js" */
/** @import { Action, Finding, Topic } from "./point-help-facts.js" */
/** @import { Panel } from "./point-panels.js" */

/** @type {{ topic: Topic, Icon: () => any }[]} */
const TOPICS = [
  { topic: "picture", Icon: IconCameraOff },
  { topic: "sound", Icon: IconSoundOff },
  { topic: "line", Icon: IconLineOff },
];

/** @param {Desk} desk */
function factsOf(desk) {
  const { media } = desk;
  const { level, is_wish: isWish } = media.picture.value;
  const stage = desk.stage.value;
  return {
    online: navigator.onLine,
    line: desk.line.value.state,
    viewer: media.viewer.value,
    nodeReady: media.ready.value,
    protocol: media.protocol.value,
    rttMs: media.rttMs.value,
    level,
    isWish,
    isOnAir: stage.center_live || stage.on_air.length > 0,
    camera: desk.devices.camera.value,
    microphone: desk.devices.microphone.value,
    volume: desk.volume.value,
    soundUnlocked: isSoundUnlocked(),
    isInCall: desk.call.value.phase === "sending",
    microphoneOn: desk.sending.microphoneOn.value,
  };
}

/** @param {{ desk: Desk, onPanel: (panel: Panel) => void }} props */
export function Help({ desk, onPanel }) {
  const topic = useSignal(/** @type {Topic} */ (desk.line.value.state === "live" ? "picture" : "line"));
  const testing = useSignal(false);
  useEffect(() => void desk.media.look(), [topic.value]);
  /** @param {Action} action */
  const act = (action) => {
    if (action === "retry_line") desk.retry();
    else if (action === "rejoin") desk.media.rejoin();
    else if (action === "with_picture") desk.media.toggleSoundOnly();
    else if (action === "volume") desk.setVolume(1);
    else if (action === "unmute") desk.sending.toggleMicrophone();
    else if (action === "tone") testTone();
    else if (action === "check") onPanel("check");
    else if (action === "line_test") testing.value = true;
    else location.reload();
  };
  const findings = findingsOf(topic.value, factsOf(desk));
  return html`<div class="help">
    <h2 id="help-title">${t("help_title")}</h2>
    <div class="help-topics" role="group" aria-labelledby="help-title">
      ${TOPICS.map(({ topic: each, Icon }) => html`<button type="button" key=${each} class="button help-topic" data-topic=${each} aria-pressed=${topic.value === each}
        onClick=${() => (topic.value = each)}><${Icon} />${t(`help_${each}`)}</button>`)}
    </div>
    <ul class="findings" aria-live="polite">${findings.map((finding) => html`<${Line} key=${finding.key} finding=${finding} onAct=${act} />`)}</ul>
    <ol class="help-steps">${[1, 2, 3].map((step) => html`<li key=${step}>${t(`help_${topic.value}_step${step}`)}</li>`)}</ol>
    ${(testing.value || topic.value === "line") && html`<${LineCheck} />`}
    <${Hotline} />
    <p class="row"><button type="button" class="button" data-action="reload" onClick=${() => act("reload")}>${t("reload")}</button><span class="muted">${t("help_reload_text")}</span></p>
  </div>`;
}

/** The technicians' number, which came with the page: it is there without a line to the service. */
function Hotline() {
  const number = document.querySelector('meta[name="hotline"]')?.getAttribute("content") ?? "";
  return number !== "" && html`<p class="hotline">${t("help_hotline")} <a href=${`tel:${number.replace(/[^+0-9]/g, "")}`}>${number}</a></p>`;
}

/** @param {{ finding: Finding, onAct: (action: Action) => void }} props */
function Line({ finding, onAct }) {
  const { action } = finding;
  return html`<li class=${`finding finding-${finding.tone}`} data-finding=${finding.key}>
    ${finding.tone === "bad" ? html`<${IconWarning} />` : html`<${IconCheck} />`}<span>${t(finding.key, finding.values)}</span>
    ${action !== undefined && html`<button type="button" class="button small" data-action=${action} onClick=${() => onAct(action)}>${t(`help_do_${action}`)}</button>`}
  </li>`;
}
