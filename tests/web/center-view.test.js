import assert from "node:assert/strict";
import { test } from "node:test";
import { FAILED_SHOWN_MS, clockOf, failedOf, minutes, nextOf, presentOf, shownOf, tallyOf } from "../../signaling/web/center-view.js";

const NOW = 1_795_000_000_000;

/** @param {string} id @param {string} state @param {Record<string, unknown>} [fields] @returns {any} */
const call = (id, state, fields = {}) => ({
  id, state, point: `p-${id}`, point_name: `Xã ${id}`, cause: null, placed_at: NOW - 60_000, preview_at: null, on_air_at: null, ended_at: null, ...fields,
});
const NONE = { items: [], next: null };
const FLOOR = { holder: null, queue: [] };

test("who is on air is large, the newest first, and two at most", () => {
  const calls = [call("c3", "on_air"), call("c2", "preview"), call("c1", "on_air")];
  assert.deepEqual(shownOf(calls, [{ call: "c1" }, { call: "c3" }]).map((each) => each.call.id), ["c1", "c3"]);
  assert.deepEqual(shownOf(calls, [{ call: "c1" }, { call: "c3" }, { call: "c9" }]).length, 2);
});

test("nobody on air: who is in preview, else who is being called, else nobody", () => {
  const ringing = call("c2", "delivered");
  assert.deepEqual(shownOf([ringing, call("c1", "preview")], []).map((each) => [each.call.id, each.tally]), [["c1", "preview"]]);
  assert.deepEqual(shownOf([ringing, call("c1", "ended")], []).map((each) => [each.call.id, each.tally]), [["c2", "calling"]]);
  assert.deepEqual(shownOf([call("c1", "failed"), call("c0", "ended")], []), []);
  assert.equal(tallyOf(call("c1", "connected")), "calling");
});

test("a stage that is ahead of the calls shows nothing that is not there", () => {
  assert.deepEqual(shownOf([call("c1", "preview")], [{ call: "c1" }]).map((each) => each.tally), ["preview"]);
});

test("who comes next: ready ones, the agenda, the floor, those being called; nobody twice, nobody who is large", () => {
  const calls = [call("c4", "ringing"), call("c3", "preview"), call("c2", "preview"), call("c1", "on_air")];
  const agenda = { items: [{ id: "i1", point: "p-c2", point_name: "Xã c2", subject: "x" }, { id: "i2", point: "p-9", point_name: "Xã 9", subject: "Ô-xy" }], next: "i2" };
  const floor = { holder: null, queue: [{ point: "p-9", point_name: "Xã 9", subject: "" }, { point: "p-8", point_name: "Xã 8", subject: "Nước" }] };
  const shown = shownOf(calls, [{ call: "c1" }]);
  const known = /** @type {any} */ ({ calls, shown, agenda, floor });
  assert.deepEqual(nextOf(known).map(({ point, why, subject }) => [point, why, subject]), [["p-c2", "preview", ""], ["p-c3", "preview", ""], ["p-9", "agenda", "Ô-xy"]]);
  const fewer = /** @type {any} */ ({ calls: [call("c4", "ringing"), call("c1", "on_air")], shown, agenda: NONE, floor });
  assert.deepEqual(nextOf(fewer).map(({ point, why }) => [point, why]), [["p-9", "floor"], ["p-8", "floor"], ["p-c4", "calling"]]);
  assert.deepEqual(nextOf(/** @type {any} */ ({ calls: [call("c1", "on_air")], shown, agenda: NONE, floor: FLOOR })), []);
});

test("a call that failed is told of for a while, unless it was called off or its point called again", () => {
  const failed = call("c1", "failed", { cause: "no_answer", ended_at: NOW - 1_000 });
  assert.equal(failedOf([failed], NOW), failed);
  assert.equal(failedOf([failed], NOW + FAILED_SHOWN_MS), null);
  assert.equal(failedOf([{ ...failed, cause: "cancelled" }], NOW), null);
  const again = call("c2", "ringing", { point: failed.point, placed_at: NOW });
  assert.equal(failedOf([again, failed], NOW), null);
  assert.equal(failedOf([call("c3", "ringing"), failed], NOW), failed);
});

test("the clock: what is left of a speaker's time, else how long it lasts", () => {
  const shown = { call: call("c1", "on_air", { on_air_at: NOW - 65_000 }), tally: /** @type {const} */ ("on_air") };
  assert.deepEqual(clockOf(shown, null, NOW), { word: "elapsed", seconds: 65 });
  const holder = /** @type {any} */ ({ point: "p-c1", deadline: NOW + 1_500 });
  assert.deepEqual(clockOf(shown, holder, NOW), { word: "left", seconds: 2 });
  assert.deepEqual(clockOf(shown, holder, NOW + 4_000), { word: "over", seconds: 2 });
  assert.deepEqual(clockOf(shown, { ...holder, point: "p-c2" }, NOW), { word: "elapsed", seconds: 65 }, "another one's time");
  assert.deepEqual(clockOf({ call: call("c1", "delivered"), tally: "calling" }, null, NOW), { word: "ringing", seconds: 60 });
  const counted = { call: call("c1", "preview", { air_at: NOW + 2_400, preview_at: NOW }), tally: /** @type {const} */ ("preview") };
  assert.deepEqual(clockOf(counted, null, NOW), { word: "counting", seconds: 3 });
  assert.deepEqual(clockOf(counted, null, NOW + 5_000), { word: "counting", seconds: 0 });
  assert.equal(clockOf({ call: call("c1", "preview"), tally: "preview" }, null, NOW), null);
  assert.deepEqual([minutes(5), minutes(125), minutes(3_725)], ["0:05", "2:05", "1:02:05"]);
});

test("who is present is of the newest roll call", () => {
  assert.equal(presentOf([]), null);
  const board = (/** @type {number} */ asked) => /** @type {any} */ ({ total: { asked, present: 3, late: 1, no_answer: 1, offline: 0 } });
  assert.deepEqual(presentOf([board(5), board(9)]), { present: 4, asked: 5 });
  assert.equal(presentOf([board(0)]), null);
});
