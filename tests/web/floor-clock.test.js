import assert from "node:assert/strict";
import { test } from "node:test";
import { floorClock, floorProgress } from "../../signaling/web/floor-clock.js";

/** @param {Record<string, unknown>} fields @returns {any} */
const request = (fields) => ({ deadline: 60_000, warned_at: null, ...fields });

test("nobody speaks, no clock", () => assert.equal(floorClock(request({ deadline: null }), 0), null));

test("time left is rounded up, and warns once the server warned", () => {
  assert.deepEqual(floorClock(request({}), 100), { seconds: 60, tone: "ok" });
  assert.deepEqual(floorClock(request({ warned_at: 30_000 }), 30_001), { seconds: 30, tone: "warn" });
});

test("over the time is counted upwards", () => {
  assert.deepEqual(floorClock(request({ warned_at: 30_000 }), 60_000), { seconds: 0, tone: "over" });
  assert.deepEqual(floorClock(request({ warned_at: 30_000 }), 75_900), { seconds: 15, tone: "over" });
});

test("what has passed of a speaker's time", () => {
  const request = /** @type {any} */ ({ started_at: 1000, deadline: 11_000 });
  assert.deepEqual(floorProgress(request, 6000), { elapsedMs: 5000, share: 0.5 });
  assert.deepEqual(floorProgress(request, 20_000), { elapsedMs: 19_000, share: 1 });
  assert.equal(floorProgress(/** @type {any} */ ({ started_at: null, deadline: null }), 5), null);
});
