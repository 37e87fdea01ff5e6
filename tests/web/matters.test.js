import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING_KNOWN, NOTHING_WAITS, consoleMatters, ladderOf, missedCalls, pointMatters, shiftToConfirm } from "../../signaling/web/matters.js";

/** @param {number} number @param {string} [state] @returns {any} */
const ladder = (number, state = "running") => ({ id: `e${number}`, record: `c${number}`, state, started_at: number });
/** @param {string} session @param {...number} numbers @returns {any} */
const missed = (session, ...numbers) => ({ type: "missed", session, calls: numbers.map((n) => ({ id: `c${n}`, placed_at: n })) });
/** @param {string} record @returns {any} */
const alert = (record) => ({ type: "alert", alert: { record } });

test("news of a ladder or a list take the place of what was known, newest first", () => {
  let known = NOTHING_KNOWN;
  for (const each of [ladder(1), ladder(2), ladder(1, "reached")]) known = consoleMatters(known, { type: "escalation", escalation: each });
  assert.deepEqual(known.ladders.map((each) => [each.id, each.state]), [["e2", "running"], ["e1", "reached"]]);
  known = consoleMatters(known, { type: "call_list", call_list: /** @type {any} */ ({ id: "l1", state: "running", started_at: 1 }) });
  assert.equal(known.lists.length, 1);
  assert.equal(ladderOf(known, "c2")?.id, "e2");
  assert.equal(ladderOf(known, "c9"), undefined);
});

test("what runs is kept however old, what is over is not", () => {
  let known = consoleMatters(NOTHING_KNOWN, { type: "escalation", escalation: ladder(1) });
  for (let n = 2; n < 30; n += 1) known = consoleMatters(known, { type: "escalation", escalation: ladder(n, "stopped") });
  assert.equal(known.ladders.length, 11);
  assert.equal(known.ladders.at(-1)?.id, "e1");
});

test("other messages are no news", () => {
  assert.equal(consoleMatters(NOTHING_KNOWN, { type: "tick", at: 1 }), NOTHING_KNOWN);
  assert.equal(pointMatters(NOTHING_WAITS, { type: "tick", at: 1 }), NOTHING_WAITS);
});

test("missed calls of several sessions stand together, and a session's list replaces its own only", () => {
  let known = pointMatters(NOTHING_WAITS, missed("main", 3, 1));
  known = pointMatters(known, missed("s7", 2));
  assert.deepEqual(missedCalls(known).map((each) => each.id), ["c3", "c2", "c1"]);
  known = pointMatters(known, missed("main"));
  assert.deepEqual(missedCalls(known).map((each) => each.id), ["c2"]);
});

test("an alert stays until it is over, and a welcome begins anew", () => {
  let known = pointMatters(pointMatters(pointMatters(NOTHING_WAITS, alert("c1")), alert("c2")), alert("c1"));
  assert.deepEqual(known.alerts.map((each) => each.record), ["c2", "c1"]);
  known = pointMatters(known, { type: "alert_over", record: "c2" });
  assert.deepEqual(known.alerts.map((each) => each.record), ["c1"]);
  assert.deepEqual(pointMatters(known, /** @type {any} */ ({ type: "welcome" })).alerts, []);
});

test("a shift is confirmed from before its start to its end, once", () => {
  /** @type {any} */
  const shift = { start: 1000_000, end: 2000_000, contacts: [], confirmed_at: null };
  const known = pointMatters(NOTHING_WAITS, { type: "roster", shifts: [shift], confirm_early_s: 100, names: [] });
  assert.equal(shiftToConfirm(known, 899_999), undefined);
  assert.equal(shiftToConfirm(known, 900_000), shift);
  assert.equal(shiftToConfirm(known, 1_999_999), shift);
  assert.equal(shiftToConfirm(known, 2_000_000), undefined);
  const done = pointMatters(known, { type: "roster", shifts: [{ ...shift, confirmed_at: 1 }], confirm_early_s: 100, names: [] });
  assert.equal(shiftToConfirm(done, 1_500_000), undefined);
});
