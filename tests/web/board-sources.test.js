import assert from "node:assert/strict";
import { test } from "node:test";
import { DIRECTIVE_COUNTERS, DUTY_COUNTERS, ROLL_CALL_COUNTERS, allOf, directiveSource, dutySource, missingIn, missingStatuses, openedOf, rollCallSource, shares } from "../../signaling/web/board-sources.js";
import "../../signaling/web/words-console-boards.js";
import { WORDS } from "../../signaling/web/words.js";

const ROLL_CALL = rollCallSource("main", "r3");
const TALLY = { asked: 10, present: 5, late: 1, no_answer: 3, offline: 1 };

test("what is missing and what is there add up to everybody, whatever is counted", () => {
  assert.equal(allOf(ROLL_CALL, TALLY), TALLY.asked);
  assert.equal(missingIn(ROLL_CALL, TALLY), 4);
  assert.equal(missingIn(directiveSource("d1"), { addressed: 9, in_time: 2, late: 1, silent: 4, offline: 2 }), 6);
  assert.equal(missingIn(dutySource(), { unconfirmed: 4, no_roster: 3, waiting: 2, confirmed: 1 }), 7);
});

test("those who can be reached are called before those without a connection", () => {
  assert.deepEqual(missingStatuses(ROLL_CALL), ["no_answer", "offline"]);
  assert.deepEqual(missingStatuses(directiveSource("d1")), ["silent", "offline"]);
  assert.deepEqual(missingStatuses(dutySource()), ["unconfirmed", "no_roster"]);
});

test("the whole scope is asked for without a unit, a unit by its code", () => {
  assert.equal(ROLL_CALL.path("", "missing", 50), "/api/sessions/main/roll-calls/r3?status=missing&limit=50");
  assert.equal(ROLL_CALL.path("T 1&x", "late", 5), "/api/sessions/main/roll-calls/r3?unit=T+1%26x&status=late&limit=5");
  assert.equal(directiveSource("d1").path("79", "silent", 5), "/api/directives/d1/points?unit=79&status=silent&limit=5");
  assert.equal(dutySource().path("79", "missing", 5), "/api/rosters?unit=79&status=missing&limit=5");
});

test("answers of the service are read alike", () => {
  const board = /** @type {any} */ ({ total: TALLY, units: [{ unit: "79", name: "HCM", ...TALLY }], units_left_out: 2 });
  const points = [
    { point: "1", point_name: "Một", presence: "absent", cause: "offline", confirmed_at: null, name: null, function: null },
    { point: "2", point_name: "Hai", presence: "waiting", cause: null, confirmed_at: null, name: null, function: null },
  ];
  const opened = ROLL_CALL.read({ roll_call: board, points, has_more: true });
  assert.deepEqual(opened.units.map((row) => [row.code, row.name]), [["79", "HCM"]]);
  assert.deepEqual(opened.points.map((row) => row.word), ["presence_absent_offline", "presence_waiting"]);
  assert.deepEqual([opened.unitsLeftOut, opened.hasMore], [2, true]);
  assert.deepEqual(openedOf(board).points, []);
  const named = { point: "1", point_name: "Một", answer: "late", cause: null, acknowledged_at: 5, name: "Lan", function: "Trực ban" };
  assert.deepEqual(directiveSource("d1").read({ directive: board, points: [named], has_more: false }).points,
    [{ code: "1", name: "Một", word: "directive_answer_late", at: 5, who: "Lan, Trực ban" }]);
});

test("every word of the counters exists, and no two counters of a board share a mark", () => {
  for (const counters of [ROLL_CALL_COUNTERS, DIRECTIVE_COUNTERS, DUTY_COUNTERS]) {
    assert.equal(new Set(counters.map((each) => each.mark)).size, counters.length);
    for (const each of counters) assert.ok(WORDS[each.word], each.word);
  }
  for (const key of ["presence_waiting", "presence_absent_offline", "presence_absent_no_answer", "directive_answer_offline"]) assert.ok(WORDS[key], key);
});

test("a bar shows what is there however little, and is whole", () => {
  const parts = shares([11_000, 1, 0, 300]);
  assert.ok(Math.abs(parts.reduce((sum, each) => sum + each, 0) - 100) < 1e-9);
  assert.equal(parts[2], 0);
  assert.ok((parts[1] ?? 0) > 0.9);
  assert.deepEqual(shares([0, 0]), [0, 0]);
});
