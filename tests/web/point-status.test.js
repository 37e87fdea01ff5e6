import assert from "node:assert/strict";
import { test } from "node:test";
import { airAtOf, digitOf, isRecorded, nextOf, qualityOf } from "../../signaling/web/point-status.js";

const line = /** @type {any} */ ({ line: "live", told: false, viewer: "live", viewerTold: false, nodeReady: true, level: "full", isWish: false, isSending: false, uplink: "idle" });
const quality = (/** @type {object} */ over) => qualityOf({ ...line, ...over });

test("the worst of the line is said", () => {
  assert.deepEqual(quality({}), { key: "quality_full", tone: "ok" });
  assert.equal(quality({ level: "half" }).tone, "less");
  assert.deepEqual(quality({ level: "quarter" }), { key: "quality_quarter", tone: "warn" });
  assert.deepEqual(quality({ level: "sound" }), { key: "quality_sound", tone: "warn" });
  assert.deepEqual(quality({ level: "sound", isWish: true }), { key: "sound_only_wish", tone: "less" });
  assert.equal(quality({ level: "quarter", isWish: true }).tone, "ok", "what one asked for is no fault of the line");
  assert.equal(quality({ viewer: "broken" }).key, "media_broken");
  assert.equal(quality({ viewer: "broken", nodeReady: false }).key, "media_down");
  assert.equal(quality({ isSending: true, uplink: "broken", viewer: "broken" }).key, "uplink_trouble");
  assert.equal(quality({ line: "waiting", viewer: "broken" }).key, "line_waiting");
  assert.equal(quality({ line: "waiting", told: true }).key, "line_full");
  assert.equal(quality({ line: "ended" }).tone, "off", "offline is grey");
});

const facts = /** @type {any} */ ({ isLive: true, stage: { session_state: "open", center_live: true, on_air: [] }, phase: "idle", call: null, request: null, mine: "26740" });
const next = (/** @type {object} */ over) => nextOf({ ...facts, ...over });

test("what happens next, as far as the desk can know", () => {
  assert.equal(next({}).key, "next_ready");
  assert.equal(next({ isLive: false }).key, "next_offline");
  assert.equal(next({ stage: { ...facts.stage, session_state: "closed" } }).key, "session_closed");
  assert.deepEqual(next({ request: { state: "waiting", place: 3 } }), { key: "next_place", tone: "ok", values: { place: 3 } });
  assert.equal(next({ request: { state: "waiting", place: 1 } }).key, "next_first");
  assert.equal(next({ request: { state: "called" } }).key, "next_called");
  const onAir = { ...facts.stage, on_air: [{ call: "c1", point: "26740", name: "Phường 10" }, { call: "c2", point: "1", name: "Phường 1" }] };
  assert.deepEqual(next({ stage: onAir }).values, { name: "Phường 1" }, "not oneself");
  assert.equal(next({ phase: "sending", call: { state: "preview" } }).key, "next_preview");
  assert.equal(next({ phase: "sending", call: { state: "preview", air_at: 5 } }).key, "next_countdown");
  assert.equal(next({ phase: "sending", call: { state: "on_air" } }).key, "next_on_air");
});

test("3, 2, 1, and nothing before or after", () => {
  assert.deepEqual([12_000, 3_250, 3_000, 2_251, 2_250, 1_250, 251, 250, 0, -5].map((left) => digitOf(100_000 + left, 100_000)), [null, 3, 3, 3, 2, 1, 1, null, null, null]);
  assert.equal(digitOf(null, 0), null);
  assert.equal(airAtOf(/** @type {any} */ ({ state: "preview", air_at: 7 })), 7);
  assert.equal(airAtOf(/** @type {any} */ ({ state: "on_air", air_at: 7 })), null);
  assert.equal(airAtOf(/** @type {any} */ ({ state: "preview" })), null);
  assert.equal(airAtOf(null), null);
});

test("a stage that says nothing of recording is not recorded", () => {
  assert.equal(isRecorded(facts.stage), false);
  assert.equal(isRecorded({ ...facts.stage, recording: true }), true);
});
