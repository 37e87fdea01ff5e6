import assert from "node:assert/strict";
import { test } from "node:test";
import { currentStep, marksFor, nextStep, runningFirst, shiftOf, telOf } from "../../signaling/web/roster-board.js";

/** @param {number} start @param {number} end @returns {any} */
const shift = (start, end) => ({ start, end, contacts: [], confirmed_at: null, confirmed_by: null });
/** @param {string} id @param {object} [more] @returns {any} */
const ladder = (id, more) => ({ id, state: "running", current: 0, deadline: 100, started_at: 1, steps: [], ...more });

test("the present shift, else the next one, else none", () => {
  const shifts = [shift(30, 40), shift(10, 20)];
  assert.deepEqual(shiftOf(shifts, 10), { shift: shifts[1], isNow: true });
  assert.deepEqual(shiftOf(shifts, 20), { shift: shifts[0], isNow: false });
  assert.equal(shiftOf(shifts, 40), null);
});

test("a number is dialled as digits, whatever stands between them", () => {
  assert.equal(telOf("0901 234 567"), "tel:0901234567");
  assert.equal(telOf("+84 (28) 3825.1234"), "tel:+842838251234");
  assert.equal(telOf("hỏi lễ tân"), "");
  assert.equal(telOf("12+3"), "tel:123");
});

test("the ladder whose clock ends first stands on top; those that are over are not among them", () => {
  const ladders = [ladder("e1"), ladder("e2", { deadline: 50 }), ladder("e3", { state: "reached" }), ladder("e4", { deadline: null })];
  assert.deepEqual(runningFirst(ladders).map((each) => each.id), ["e2", "e1", "e4"]);
});

test("who is tried, who comes next, and what may be said of each", () => {
  const steps = [{ step: 0, state: "failed" }, { step: 1, state: "current" }, { step: 2, state: "waiting" }];
  const running = ladder("e1", { current: 1, steps });
  assert.equal(currentStep(running)?.step, 1);
  assert.equal(nextStep(running)?.step, 2);
  assert.deepEqual(steps.map((each) => marksFor(running, /** @type {any} */ (each)).length), [1, 4, 0]);
  const over = ladder("e2", { state: "stopped", current: null, steps });
  assert.equal(currentStep(over), null);
  assert.deepEqual(marksFor(over, /** @type {any} */ (steps[1])), []);
});
