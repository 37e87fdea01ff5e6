import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING_WAITS } from "../../signaling/web/matters.js";
import { cardsOf, sheetOf, stillAside } from "../../signaling/web/point-cards.js";

const NOW = 1_795_000_000_000;
const question = /** @type {any} */ ({ id: "r1", state: "asking", deadline: NOW + 1000 });
const alert = /** @type {any} */ ({ record: "c9" });
const missed = /** @type {any} */ ({ id: "c7", placed_at: NOW - 5000 });
const shift = /** @type {any} */ ({ start: NOW - 1000, end: NOW + 1000, confirmed_at: null, contacts: [] });
const notice = (/** @type {string} */ id, /** @type {number} */ deadline) => /** @type {any} */ ({ id, deadline, state: "running", answer: "waiting" });

/** @param {Partial<Parameters<typeof cardsOf>[0]>} [known] */
const cards = (known = {}) => cardsOf({ phase: "idle", question: null, matters: NOTHING_WAITS, directives: [], now: NOW, ...known });
const everything = () => cards({ phase: "asked", question, matters: { ...NOTHING_WAITS, alerts: [alert], missed: { main: [missed] }, shifts: [shift] }, directives: [notice("d1", NOW + 9), notice("d2", NOW + 5)] });

test("the most urgent is first", () => {
  assert.deepEqual(everything().map((card) => card.key), ["roll-call-r1", "alert-c9", "directive-d2-waiting", "directive-d1-waiting", "missed-c7", `shift-${shift.start}`]);
  assert.deepEqual(cards(), []);
});

test("one card is open at a time, none in a call, where the bar counts them", () => {
  const sheet = sheetOf(everything(), new Set(), false);
  assert.deepEqual([sheet.open?.kind, sheet.place, sheet.waiting], ["roll_call", 1, 0]);
  const inCall = sheetOf(everything(), new Set(), true);
  assert.deepEqual([inCall.open, inCall.waiting], [null, 6]);
});

test("what was put aside waits in the bar; a question with a clock and an alert cannot be", () => {
  const all = everything();
  const aside = new Set(all.map((card) => card.key));
  assert.equal(sheetOf(all, aside, false).open?.kind, "roll_call");
  const rest = all.slice(2);
  assert.deepEqual(sheetOf(rest, aside, false), { open: null, place: 0, waiting: 4 });
  aside.delete("missed-c7");
  assert.deepEqual([sheetOf(rest, aside, false).open?.key, sheetOf(rest, aside, false).place], ["missed-c7", 3]);
});

test("a directive that is overdue comes up again, though it was put aside", () => {
  const aside = new Set(["directive-d1-waiting"]);
  const overdue = cards({ directives: [{ ...notice("d1", NOW - 1), answer: "overdue" }] });
  assert.equal(sheetOf(overdue, aside, false).open?.key, "directive-d1-overdue");
});

test("what is over is forgotten", () => {
  const aside = new Set(["missed-c7", "missed-c1"]);
  assert.deepEqual([...stillAside(aside, everything())], ["missed-c7"]);
  const kept = new Set(["missed-c7"]);
  assert.equal(stillAside(kept, everything()), kept, "the same set, so that nothing is drawn anew");
});
