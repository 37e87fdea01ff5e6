import assert from "node:assert/strict";
import { test } from "node:test";
import { TABS, marksOf, movedTab, shortCount, unsettled } from "../../signaling/web/board-marks.js";
import "../../signaling/web/words-console-boards.js";
import { WORDS } from "../../signaling/web/words.js";

/** @param {object} [more] @returns {any} */
const facts = (more) => ({ calls: [], floor: { holder: null, queue: [], waiting: 0 }, boards: [], directives: [], draw: null, ladders: [], proposals: [], agenda: { items: [], next: null }, ...more });
/** @param {string} id @param {object} [more] @returns {any} */
const call = (id, more) => ({ id, record: id, state: "failed", cause: "no_answer", answered_at: null, called_back_at: null, explained_at: null, ...more });

test("nothing anywhere: no counts, no marks", () => {
  for (const mark of Object.values(marksOf(facts()))) assert.deepEqual(mark, { count: 0, urgent: false, stamp: 0 });
});

test("every tab has its words", () => {
  for (const tab of TABS) assert.ok(WORDS[`board_${tab}`], tab);
  for (const tab of TABS) if (tab !== "draw") assert.ok(WORDS[`board_${tab}_count`], tab);
});

test("a failed call is unsettled until somebody called back, explained, or was reached on its record", () => {
  const calls = [call("c1"), call("c2", { called_back_at: 5 }), call("c3", { explained_at: 5 }), call("c4", { cause: "cancelled" }), call("c5"),
    call("c6", { record: "c5", state: "ended", cause: null, answered_at: 3 }), call("c7", { record: "c1" })];
  assert.deepEqual(unsettled(calls).map((each) => each.id), ["c1"]);
  const mark = marksOf(facts({ calls })).record;
  assert.deepEqual([mark.count, mark.stamp], [1, 5]);
});

test("a telephone to dial and a speaker over time are urgent, a desk that rings by itself is not", () => {
  const ladder = { state: "running", current: 0, started_at: 9, ended_at: null, steps: [{ kind: "phone" }] };
  assert.equal(marksOf(facts({ ladders: [ladder] })).roster.urgent, true);
  assert.equal(marksOf(facts({ ladders: [{ ...ladder, steps: [{ kind: "above" }] }] })).roster.urgent, false);
  assert.equal(marksOf(facts({ floor: { holder: { warned_at: 4 }, queue: [], waiting: 2 } })).floor.urgent, true);
});

test("a roll call counts who is missing while it asks, and is news when it closed", () => {
  const board = { state: "asking", closed_at: null, total: { asked: 10, present: 6, late: 1, no_answer: 2, offline: 1 } };
  assert.equal(marksOf(facts({ boards: [board] })).rollcall.count, 3);
  assert.deepEqual(marksOf(facts({ boards: [{ ...board, state: "closed", closed_at: 70 }] })).rollcall, { count: 0, urgent: false, stamp: 70 });
});

test("a directive counts once it is due and somebody is missing", () => {
  const total = { addressed: 3, in_time: 2, late: 0, silent: 1, offline: 0 };
  const due = { state: "due", deadline: 50, total };
  assert.deepEqual(marksOf(facts({ directives: [due, { ...due, state: "running" }, { ...due, total: { ...total, late: 1 } }] })).directives, { count: 1, urgent: false, stamp: 50 });
});

test("keys go round the tabs", () => {
  assert.equal(movedTab(TABS, "record", "ArrowLeft"), "agenda");
  assert.equal(movedTab(TABS, "agenda", "ArrowRight"), "record");
  assert.equal(movedTab(TABS, "floor", "Home"), "record");
  assert.equal(movedTab(TABS, "floor", "End"), "agenda");
  assert.equal(movedTab(TABS, "floor", "x"), null);
});

test("a badge is short", () => {
  assert.deepEqual([0, 999, 1000, 9_811, 11_367].map(shortCount), ["0", "999", "1k", "9.8k", "11k"]);
});
