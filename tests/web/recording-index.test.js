import assert from "node:assert/strict";
import { test } from "node:test";
import { BEFORE_MS, groupsOf, numberOf, rowAt, rowsOf, seekTo, sizeOf } from "../../signaling/web/recording-index.js";

const START = 1_795_000_000_000;
/** @param {number} from_ms @param {string} what @param {string | null} [name] @returns {any} */
const event = (from_ms, what, name = null) => ({ at: START + from_ms, from_ms, what, name, point: null, call: null, by: "center" });
/** @param {string} part @param {string} kind @returns {any} */
const part = (part, kind) => ({ part, kind });

test("events and who was shown, by time; who came on air is said once", () => {
  const rows = rowsOf({
    part: "programme-001",
    started_at: START,
    shown: [
      { feed: "center", name: "Trung tâm", from_ms: 0, to_ms: 60_000 },
      { feed: "point:26740", name: "Phường 10", from_ms: 60_400, to_ms: 90_000 },
      { feed: "center", name: "Trung tâm", from_ms: 90_000, to_ms: null },
    ],
    events: [event(20_000, "call_placed", "Phường 10"), event(60_000, "call_taken", "Phường 10"), event(89_900, "call_taken_off_air", "Phường 10")],
  });
  assert.deepEqual(rows.map((row) => [row.what, row.name]), [
    ["shown", null], ["call_placed", "Phường 10"], ["call_taken", "Phường 10"], ["call_taken_off_air", "Phường 10"], ["shown", null],
  ]);
  assert.equal(rows[4]?.at, START + 90_000);
});

test("somebody shown whom the log does not name at that moment is not lost", () => {
  const shown = [{ feed: "point:1", name: "Phường 1", from_ms: 30_000, to_ms: null }];
  assert.deepEqual(rowsOf({ part: "p-001", started_at: START, shown, events: [event(60_000, "call_taken", "Phường 1")] }).map((row) => row.what), ["shown", "call_taken"]);
});

test("the row of a moment", () => {
  const rows = rowsOf({ part: "p-001", started_at: START, shown: [], events: [event(1_000, "call_placed"), event(5_000, "call_taken")] });
  assert.deepEqual([0, 1_000, 4_999, 5_000, 1e9].map((at) => rowAt(rows, at)), [-1, 0, 0, 1, 1]);
  assert.equal(rowAt([], 5), -1);
});

test("playing begins a little before", () => {
  assert.equal(seekTo(event(61_000, "call_taken")), (61_000 - BEFORE_MS) / 1000);
  assert.equal(seekTo(event(200, "call_taken")), 0);
});

test("parts by kind, numbers and sizes", () => {
  const parts = [part("call-c1-001", "call"), part("programme-001", "programme"), part("programme-012", "programme")];
  assert.deepEqual(groupsOf(parts).programme.map(numberOf), [1, 12]);
  assert.equal(groupsOf(parts).calls.length, 1);
  assert.equal(sizeOf(999, "vi"), "999 B");
  assert.equal(sizeOf(1_250_000_000, "vi"), "1,3 GB");
  assert.equal(sizeOf(1_250_000_000, "en"), "1.3 GB");
  assert.equal(sizeOf(45_600_000, "en"), "46 MB");
});
