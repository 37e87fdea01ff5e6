import assert from "node:assert/strict";
import { test } from "node:test";
import { entriesOf, isAbout, isOpen, movedUp, numberOf, toAcknowledge, unacknowledged, withNews } from "../../signaling/web/papers.js";
import "../../signaling/web/words-console.js";
import "../../signaling/web/words-console-boards.js";
import "../../signaling/web/words-point.js";
import { WORDS } from "../../signaling/web/words.js";

/** @param {number} number @param {string} answer @param {number} [deadline] @returns {any} */
const notice = (number, answer, deadline = number, state = "running") => ({ id: `d${number}`, answer, deadline, state });

test("news of a thing take the place of what was known, newest first, so many at most", () => {
  /** @type {{ id: string, of: number }[]} */
  let list = [];
  for (const number of [1, 2, 10, 9]) list = withNews(list, { id: `d${number}`, of: 1 }, 3);
  assert.deepEqual(list.map((each) => each.id), ["d10", "d9", "d2"]);
  list = withNews(list, { id: "d9", of: 2 }, 3);
  assert.deepEqual(list.map((each) => each.of), [1, 2, 1]);
  assert.equal(numberOf("s7-d12"), 12);
});

test("a desk has to acknowledge what waits or is overdue, the most urgent first, and nothing that was withdrawn", () => {
  const notices = [notice(3, "waiting", 9), notice(2, "overdue", 1), notice(1, "in_time"), notice(4, "late"), notice(5, "waiting", 0, "withdrawn")];
  assert.deepEqual(toAcknowledge(notices).map((each) => each.id), ["d2", "d3"]);
});

test("missing are those who have not acknowledged, in time or late", () => {
  assert.equal(unacknowledged({ addressed: 10, in_time: 6, late: 1 }), 3);
});

test("an agenda goes back as it came, its items named", () => {
  const items = /** @type {any} */ ([{ id: "i1", point: "1", subject: "x", duration_ms: 90_000 }, { id: "i2", point: "2", subject: "", duration_ms: 0 }]);
  assert.deepEqual(entriesOf(items), [
    { point: "1", subject: "x", seconds: 90, item: "i1" },
    { point: "2", subject: "", seconds: null, item: "i2" },
  ]);
});

test("one place up, and the first stays", () => {
  assert.deepEqual(movedUp(["a", "b", "c"], 2), ["a", "c", "b"]);
  assert.deepEqual(movedUp(["a", "b"], 0), ["a", "b"]);
});

test("a refusal is shown where it was asked and nowhere else", () => {
  assert.ok(isAbout("floor", "floor_full"));
  assert.ok(isAbout("floor", "outside_session"));
  assert.ok(!isAbout("proposal", "floor_full"));
  assert.ok(!isAbout(null, "floor_full"));
});

test("proposals that wait are those sent and forwarded", () => {
  const states = ["sent", "forwarded", "accepted", "declined", "noted"];
  assert.deepEqual(states.filter((state) => isOpen(/** @type {any} */ ({ state }))), ["sent", "forwarded"]);
});

test("every key that these panels put together exists", () => {
  const made = [
    ...["waiting", "called", "speaking", "done", "missed", "skipped"].map((state) => `agenda_${state}`),
    ...["running", "due", "withdrawn"].map((state) => `directive_${state}`),
    ...["waiting", "in_time", "late", "overdue"].map((answer) => `directive_answer_${answer}`),
    ...["sent", "forwarded", "accepted", "declined", "noted"].map((state) => `proposal_${state}`),
    ...["accepted", "declined", "noted", "forwarded"].map((outcome) => `proposal_do_${outcome}`),
    ...["ready", "live", "all"].map((only) => `draw_only_${only}`),
    ...["floor_full", "outside_session", "session_state"].map((code) => `floor_refused_${code}`),
  ];
  for (const key of made) assert.ok(WORDS[key], key);
});
