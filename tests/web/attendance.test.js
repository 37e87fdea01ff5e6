import assert from "node:assert/strict";
import { test } from "node:test";
import { changeOf } from "../../signaling/web/attendance.js";

/** @param {string} id @param {string} reason @param {number} level @returns {any} */
const at = (id, reason, level) => ({ session: { id, title: id }, reason, level });
const duty = at("main", "standing", 0);
const meeting = at("s1", "meeting", 1);
const above = at("main", "call", 0);

test("a meeting that opens is no notice", () => {
  assert.deepEqual(changeOf(null, duty, null), { notice: null, interrupted: null });
  assert.deepEqual(changeOf(duty, meeting, null), { notice: null, interrupted: null });
});

test("a call from above interrupts and gives back", () => {
  assert.deepEqual(changeOf(meeting, above, null), { notice: "called_above", interrupted: meeting });
  assert.deepEqual(changeOf(above, meeting, meeting), { notice: "given_back", interrupted: null });
  assert.deepEqual(changeOf(above, duty, meeting), { notice: null, interrupted: null }, "the meeting was closed meanwhile");
});

test("a call of one's own session or of a lower one interrupts nothing", () => {
  assert.equal(changeOf(meeting, at("s1", "call", 1), null).notice, null);
  assert.equal(changeOf(meeting, at("line-773", "call", 2), null).notice, null);
  assert.equal(changeOf(duty, above, null).notice, null);
});

test("of several calls from above the first interrupted session is the one to go back to", () => {
  const own = at("s2", "meeting", 2);
  const first = changeOf(own, at("line-79", "call", 1), null);
  const second = changeOf(at("line-79", "call", 1), above, first.interrupted);
  assert.deepEqual(second, { notice: "called_above", interrupted: own });
});
