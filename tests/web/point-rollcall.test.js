import assert from "node:assert/strict";
import { test } from "node:test";
import { AGAIN_LEAST_MS, ANSWER_WAIT_MS, CONFIRMED_SHOWN_MS, RollCallAnswer } from "../../signaling/web/point-rollcall.js";

/** @param {Record<string, unknown>} [fields] @returns {any} */
const question = (fields = {}) => ({ id: "r1", state: "asking", started_at: 0, deadline: 60_000, presence: "waiting", cause: null, confirmed_at: null, name: null, function: null, ...fields });
/** @param {string} code @returns {any} */
const error = (code) => ({ code, message: { vi: code, en: code }, retry_after_s: null });

function asked() {
  const sut = new RollCallAnswer(() => 0);
  sut.receive(question(), 0);
  return sut;
}

function sending() {
  const sut = asked();
  sut.confirm(" Lan ", " Chủ tịch ", 1_000);
  return sut;
}

test("a question is shown until somebody confirms, and nothing puts it away", () => {
  const sut = asked();
  assert.equal(sut.phase, "asked");
  sut.dismiss();
  assert.equal(sut.phase, "asked");
  assert.equal(sut.nextTimeout(), null);
  assert.deepEqual(sut.orders(), []);
});

test("a confirmation is said once, trimmed and cut", () => {
  const sut = sending();
  assert.deepEqual(sut.orders(), [{ roll_call: "r1", name: "Lan", function: "Chủ tịch" }]);
  sut.confirm("Lan", "", 1_100);
  assert.deepEqual(sut.orders(), []);
  const long = asked();
  long.confirm("x".repeat(300), "y".repeat(300), 0);
  assert.deepEqual(long.orders().map((each) => [each.name.length, each.function.length]), [[100, 100]]);
});

test("without a name nothing is said", () => {
  const sut = asked();
  sut.confirm("   ", "Chủ tịch", 0);
  assert.equal(sut.phase, "asked");
  assert.deepEqual(sut.orders(), []);
});

test("what the server wrote down is shown for a while", () => {
  const sut = sending();
  sut.receive(question({ presence: "present", confirmed_at: 1, name: "Lan", function: "" }), 2_000);
  assert.equal(sut.phase, "confirmed");
  sut.handleTimeout(2_000 + CONFIRMED_SHOWN_MS - 1);
  assert.equal(sut.phase, "confirmed");
  sut.handleTimeout(2_000 + CONFIRMED_SHOWN_MS);
  assert.equal(sut.phase, "idle");
});

test("an answer that nothing follows is said again", () => {
  const sut = sending();
  sut.orders();
  sut.handleTimeout(1_000 + ANSWER_WAIT_MS - 1);
  assert.deepEqual(sut.orders(), []);
  sut.handleTimeout(1_000 + ANSWER_WAIT_MS);
  assert.equal(sut.orders().length, 1);
});

test("a server that is busy is asked again after a while, not at once", () => {
  const sut = sending();
  sut.orders();
  sut.receiveError(error("unavailable"), 1_500);
  assert.equal(sut.nextTimeout(), 1_500 + AGAIN_LEAST_MS);
  assert.deepEqual(sut.orders(), []);
  sut.handleTimeout(1_500 + AGAIN_LEAST_MS);
  assert.equal(sut.orders().length, 1);
});

test("an answer under way survives a reconnect and a question that is told again", () => {
  const sut = sending();
  sut.orders();
  sut.lineChanged(2_000);
  sut.receive(question({ deadline: 90_000 }), 2_001);
  assert.equal(sut.phase, "sending");
  assert.equal(sut.orders().length, 1);
});

test("a refused answer can be corrected", () => {
  const sut = sending();
  sut.receiveError(error("name_missing"), 1_200);
  assert.equal(sut.phase, "asked");
  assert.equal(sut.refusal?.code, "name_missing");
  sut.confirm("Lan", "", 1_300);
  assert.equal(sut.refusal, null);
});

test("errors about other things are not about the answer", () => {
  const sut = sending();
  sut.receiveError(error("call_over"), 1_200);
  assert.equal(sut.phase, "sending");
});

test("whoever missed it can say so late, or put it away; it does not come back by itself", () => {
  const sut = asked();
  sut.receive(question({ state: "closed", presence: "absent", cause: "no_answer" }), 60_000);
  assert.equal(sut.phase, "missed");
  sut.dismiss();
  assert.equal(sut.phase, "idle");
  sut.receive(question({ state: "closed", presence: "absent", cause: "no_answer" }), 61_000);
  assert.equal(sut.phase, "idle");
  sut.receive(question({ id: "r2" }), 62_000);
  assert.equal(sut.phase, "asked");
});

test("a late confirmation is said like any other", () => {
  const sut = asked();
  sut.receive(question({ state: "closed", presence: "absent", cause: "no_answer" }), 60_000);
  sut.confirm("Lan", "", 61_000);
  assert.equal(sut.orders().length, 1);
  sut.receive(question({ state: "closed", presence: "late", confirmed_at: 5, name: "Lan", function: "" }), 62_000);
  assert.equal(sut.phase, "confirmed");
});
