import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import "../../signaling/web/words-point.js";
import { findingsOf } from "../../signaling/web/point-help-facts.js";
import { nextOf, qualityOf } from "../../signaling/web/point-status.js";
import { WORDS } from "../../signaling/web/words.js";

const WEB = new URL("../../signaling/web/", import.meta.url);

/** Every combination of some values. @template T @param {Record<string, any[]>} choices @returns {T[]} */
function all(choices) {
  /** @type {any[]} */
  let made = [{}];
  for (const [name, values] of Object.entries(choices)) made = made.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  return made;
}

const DEVICES = ["ok", "absent", "refused", "unknown"];
const LINES = ["idle", "connecting", "greeting", "live", "waiting", "ended"];
const LEVELS = ["full", "half", "quarter", "sound"];

test("whatever the help finds, and does about it, has words; and no word of it is left over", () => {
  const told = new Set();
  const facts = all({
    online: [true, false], line: LINES, viewer: ["live", "broken"], nodeReady: [true, false], protocol: ["udp", "tcp", null], rttMs: [null, 40],
    level: LEVELS, isWish: [true, false], isOnAir: [true, false],
  });
  const common = { camera: "ok", microphone: "ok", volume: 1, soundUnlocked: true, isInCall: false, microphoneOn: true };
  const sounds = all({ camera: DEVICES, microphone: DEVICES, volume: [0, 0.1, 1], soundUnlocked: [true, false], isInCall: [true], microphoneOn: [true, false] });
  const good = { online: true, line: "live", viewer: "live", nodeReady: true, protocol: "udp", rttMs: 40, level: "full", isWish: false, isOnAir: true };
  for (const each of [...facts.map((one) => ({ ...one, ...common })), ...sounds.map((one) => ({ ...good, ...one }))]) {
    for (const topic of /** @type {const} */ (["picture", "sound", "line"])) {
      for (const finding of findingsOf(topic, /** @type {any} */ (each))) {
        told.add(finding.key);
        if (finding.action) told.add(`help_do_${finding.action}`);
      }
    }
  }
  for (const topic of ["picture", "sound", "line"]) for (const key of [`help_${topic}`, ...[1, 2, 3].map((step) => `help_${topic}_step${step}`)]) told.add(key);
  for (const key of told) assert.ok(WORDS[key], key);
  const named = readdirSync(WEB).filter((name) => name.startsWith("point-")).map((name) => readFileSync(new URL(name, WEB), "utf8")).join("\n");
  const left = Object.keys(WORDS).filter((key) => /^help_/.test(key) && !told.has(key) && !named.includes(`"${key}"`));
  assert.deepEqual(left, []);
});

test("whatever the strip says has words", () => {
  const told = new Set();
  for (const facts of all({ line: LINES, told: [true, false], viewer: ["idle", "joining", "live", "broken"], viewerTold: [true, false], nodeReady: [true, false], level: LEVELS, isWish: [true, false], isSending: [true, false], uplink: ["live", "broken"] })) {
    told.add(qualityOf(/** @type {any} */ (facts)).key);
  }
  const call = { state: "preview" };
  for (const state of ["open", "closed", "prepared"]) {
    for (const request of [null, { state: "waiting", place: 1 }, { state: "waiting", place: 3 }, { state: "called" }, { state: "speaking" }]) {
      for (const phase of ["idle", "ringing", "resuming", "opening", "sending", "over"]) {
        for (const isLive of [true, false]) told.add(nextOf(/** @type {any} */ ({ isLive, stage: { session_state: state, center_live: true, on_air: [] }, phase, call, request, mine: "1" })).key);
      }
    }
  }
  for (const key of [...told, "next_listen", "next_countdown", "next_on_air", ...["sending", "waiting", "no_camera", "refused"].map((state) => `stills_${state}`), ...["both", "small", "sound", "weak"].map((verdict) => `line_verdict_${verdict}`)]) assert.ok(WORDS[key], key);
});
