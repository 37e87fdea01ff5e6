/** Recording in the console's header: whether it goes on, and the button that starts and stops it. */

import { t } from "./i18n.js";
import { IconWarning } from "./icons.js";
import { STOPPED } from "./recording-index.js";
import { html, useEffect, useState } from "./ui.js";

/** @import { Room } from "./console-room.js" */

const ARMED_MS = 3_000;
/** The recorder says every two seconds how it goes; a full disk is not noticed much later than it matters. */
const LOOK_MS = 15_000;

/**
 * Why nothing is written though the session is to be recorded; empty while all is well, and for who may not know.
 * @param {Room} room @param {boolean} isOn @returns {string}
 */
function useStopped(room, isOn) {
  const [stopped, say] = useState("");
  useEffect(() => {
    say("");
    if (!isOn) return undefined;
    const timer = setInterval(async () => {
      try {
        const response = await fetch(`/api/sessions/${encodeURIComponent(room.session)}/recordings`, { headers: { Authorization: `Bearer ${room.token}` } });
        if (response.status === 403) clearInterval(timer);
        if (response.ok) say(STOPPED[(await response.json()).notice ?? ""] ?? "");
      } catch {
        // The console's line says that the service is not reached.
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [isOn, room.session]);
  return stopped;
}

/**
 * Starting is one press, stopping two: a recording that ended by mistake cannot be made up for.
 * @param {{ room: Room }} props
 */
export function Recording({ room }) {
  const isOn = room.stage.value.recording === true;
  const [isArmed, arm] = useState(false);
  const stopped = useStopped(room, isOn);
  useEffect(() => {
    if (!isArmed) return undefined;
    const timer = setTimeout(() => arm(false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [isArmed]);
  const press = () => {
    if (!isOn) room.order({ kind: "start_recording" });
    else if (isArmed) room.order({ kind: "stop_recording" });
    arm(isOn && !isArmed);
  };
  return html`<div class="recording" data-recording=${isOn ? "on" : "off"}>
    ${isOn && stopped === "" && html`<${RecordingBadge} />`}
    ${stopped !== "" && html`<span id="recording-stopped" class="recording-stopped" role="alert"><${IconWarning} />${t(stopped)}</span>`}
    ${room.role.value !== "observer" && html`<button type="button" id="record" class="button quiet" aria-pressed=${isOn} data-armed=${isArmed ? "yes" : "no"} onClick=${press}>
      ${t(!isOn ? "rec_start" : isArmed ? "rec_stop_confirm" : "rec_stop")}</button>`}
    <a class="button quiet recordings-link" href=${recordingsLink(room.session)} target="_blank" rel="opener">${t("rec_open")}</a>
  </div>`;
}

/** What everybody in the session sees while it is recorded: a dot in a ring, and the word. */
export function RecordingBadge() {
  return html`<span class="recording-badge" role="status"><svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6" /><circle cx="8" cy="8" r="3.5" fill="currentColor" /></svg>${t("recording_on")}</span>`;
}

/** A link that came with a token goes on with it; who logged in has the login in the tab's own storage, which a new tab inherits. @param {string} session @returns {string} */
function recordingsLink(session) {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  const values = new URLSearchParams(token === null ? { session } : { session, token });
  return `/recordings#${values}`;
}
