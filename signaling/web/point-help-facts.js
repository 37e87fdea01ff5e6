/** The three helps: what this machine knows of the trouble, worst first, each with what can be done about it here. Pure. */

/** @import { DeviceState, PictureLevel } from "./types.js" */
/** @import { LineState } from "./protocol.js" */
/** @import { MediaState } from "./media-peer.js" */

/** @typedef {"picture" | "sound" | "line"} Topic */
/** What a button does. @typedef {"retry_line" | "rejoin" | "with_picture" | "volume" | "unmute" | "tone" | "check" | "line_test" | "reload"} Action */
/** `bad`: this is it, most likely; `good`: this is in order. @typedef {{ key: string, tone: "bad" | "good", action?: Action, values?: Record<string, string | number> }} Finding */

/**
 * @typedef {object} Facts
 * @property {boolean} online  as the browser believes
 * @property {LineState} line
 * @property {MediaState} viewer
 * @property {boolean} nodeReady
 * @property {"udp" | "tcp" | null} protocol
 * @property {number | null} rttMs
 * @property {PictureLevel} level
 * @property {boolean} isWish
 * @property {boolean} isOnAir  something is on the programme now
 * @property {DeviceState} camera
 * @property {DeviceState} microphone
 * @property {number} volume
 * @property {boolean} soundUnlocked
 * @property {boolean} isInCall
 * @property {boolean} microphoneOn
 */

/** @param {Topic} topic @param {Facts} facts @returns {Finding[]} what is wrong first */
export function findingsOf(topic, facts) {
  const found = topic === "line" ? ofLine(facts) : [...lineTrouble(facts), ...(topic === "picture" ? ofPicture(facts) : ofSound(facts))];
  return [...found.filter((each) => each.tone === "bad"), ...found.filter((each) => each.tone === "good")];
}

/** No picture and no sound comes over a line that is down: that is said first. @param {Facts} facts @returns {Finding[]} */
function lineTrouble(facts) {
  if (facts.line !== "live") return [{ key: facts.online ? "help_line_down" : "help_no_network", tone: "bad", action: "retry_line" }];
  if (!facts.nodeReady) return [{ key: "help_node_down", tone: "bad" }];
  if (facts.viewer !== "live") return [{ key: "help_viewer_down", tone: "bad", action: "rejoin" }];
  return [];
}

/** @param {Facts} facts @returns {Finding[]} */
function ofPicture(facts) {
  /** @type {Finding[]} */
  const found = [];
  if (facts.line === "live" && !facts.isOnAir) found.push({ key: "help_nothing_sent", tone: "good" });
  if (facts.level === "sound" && facts.isWish) found.push({ key: "help_sound_wish", tone: "bad", action: "with_picture" });
  else if (facts.level === "sound") found.push({ key: "help_sound_line", tone: "bad", action: "line_test" });
  else if (facts.viewer === "live") found.push({ key: "help_picture_comes", tone: "good", action: "rejoin" });
  found.push(deviceFinding("camera", facts.camera));
  return found;
}

/** @param {Facts} facts @returns {Finding[]} */
function ofSound(facts) {
  /** @type {Finding[]} */
  const found = [];
  if (facts.volume === 0) found.push({ key: "help_volume_zero", tone: "bad", action: "volume" });
  else if (facts.volume < 0.3) found.push({ key: "help_volume_low", tone: "bad", action: "volume" });
  else found.push({ key: "help_volume_good", tone: "good", action: "tone" });
  if (!facts.soundUnlocked) found.push({ key: "help_sound_locked", tone: "bad", action: "tone" });
  if (facts.isInCall && !facts.microphoneOn) found.push({ key: "help_mic_muted", tone: "bad", action: "unmute" });
  found.push(deviceFinding("microphone", facts.microphone));
  return found;
}

/** @param {"camera" | "microphone"} device @param {DeviceState} state @returns {Finding} */
function deviceFinding(device, state) {
  return { key: `help_${device}_${state}`, tone: state === "refused" || state === "absent" ? "bad" : "good", action: "check" };
}

/** @param {Facts} facts @returns {Finding[]} */
function ofLine(facts) {
  /** @type {Finding[]} */
  const found = lineTrouble(facts);
  if (facts.line === "live") found.push(facts.rttMs === null ? { key: "help_line_up", tone: "good" } : { key: "help_line_up_rtt", tone: "good", values: { ms: facts.rttMs } });
  if (facts.viewer === "live" && facts.protocol === "tcp") found.push({ key: "help_tcp", tone: "bad" });
  if (facts.viewer === "live" && facts.protocol === "udp") found.push({ key: "help_udp", tone: "good" });
  if (facts.line === "live" && facts.level === "sound" && !facts.isWish) found.push({ key: "help_sound_line", tone: "bad", action: "line_test" });
  else if (facts.line === "live" && facts.level === "quarter" && !facts.isWish) found.push({ key: "help_quarter_line", tone: "bad", action: "line_test" });
  return found;
}
