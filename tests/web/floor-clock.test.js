import assert from "node:assert/strict";
import { test } from "node:test";
import { floorClock } from "../../signaling/web/floor-clock.js";

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
