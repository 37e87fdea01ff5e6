import assert from "node:assert/strict";
import { test } from "node:test";
import { foundCalls } from "../../signaling/web/record-search.js";

/** @type {any[]} */
const CALLS = [
  { id: "c3", record: "c3", point: "26740", point_name: "Phường 10", state: "failed", answered_at: null },
  { id: "c2", record: "c2", point: "27259", point_name: "Thị trấn Long Bình", state: "ended", answered_at: 4 },
  { id: "c1", record: "c1", point: "26740", point_name: "Phường 10", state: "failed", answered_at: 3 },
];

test("by name, code or id, without diacritics; the order stays", () => {
  assert.deepEqual(foundCalls(CALLS, "phuong 10", "all").map((each) => each.id), ["c3", "c1"]);
  assert.deepEqual(foundCalls(CALLS, "27259", "all").map((each) => each.id), ["c2"]);
  assert.deepEqual(foundCalls(CALLS, "c1", "all").map((each) => each.id), ["c1"]);
  assert.equal(foundCalls(CALLS, "", "all").length, 3);
});

test("by what became of it: one that was answered and broke is both", () => {
  assert.deepEqual(foundCalls(CALLS, "", "failed").map((each) => each.id), ["c3", "c1"]);
  assert.deepEqual(foundCalls(CALLS, "", "answered").map((each) => each.id), ["c2", "c1"]);
});
