import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineIn, fieldTime } from "../../signaling/web/deadlines.js";
import { dayTime } from "../../signaling/web/i18n.js";

const MORNING = new Date(2021, 8, 2, 9, 30).getTime();
const NIGHT = new Date(2021, 8, 30, 23, 5).getTime();

test("deadlines lie ahead, whenever they are asked for", () => {
  assert.equal(fieldTime(deadlineIn("hour", MORNING)), "2021-09-02T10:30");
  assert.equal(fieldTime(deadlineIn("evening", MORNING)), "2021-09-02T17:00");
  assert.equal(fieldTime(deadlineIn("evening", NIGHT)), "2021-10-01T17:00");
  assert.equal(fieldTime(deadlineIn("morning", NIGHT)), "2021-10-01T08:00");
  for (const which of /** @type {const} */ (["hour", "evening", "morning"])) for (const now of [MORNING, NIGHT]) assert.ok(deadlineIn(which, now) > now);
});

test("a field's time is read back as the same moment", () => {
  assert.equal(new Date(fieldTime(MORNING)).getTime(), MORNING);
  assert.equal(dayTime(MORNING), "09:30 02/09");
});
