import assert from "node:assert/strict";
import { test } from "node:test";
import { dateOf, hourOf, inputOf, momentOf } from "../../signaling/web/country-time.js";
import { deadlineIn } from "../../signaling/web/deadlines.js";
import { dayTime } from "../../signaling/web/i18n.js";

const MORNING = Date.UTC(2021, 8, 2, 2, 30);
const NIGHT = Date.UTC(2021, 8, 30, 16, 5);

test("deadlines lie ahead, whenever they are asked for", () => {
  assert.equal(inputOf(deadlineIn("hour", MORNING)), "2021-09-02T10:30");
  assert.equal(inputOf(deadlineIn("evening", MORNING)), "2021-09-02T17:00");
  assert.equal(inputOf(deadlineIn("evening", NIGHT)), "2021-10-01T17:00");
  assert.equal(inputOf(deadlineIn("morning", NIGHT)), "2021-10-01T08:00");
  for (const which of /** @type {const} */ (["hour", "evening", "morning"])) for (const now of [MORNING, NIGHT]) assert.ok(deadlineIn(which, now) > now);
});

test("a field's time is the country's and read back as the same moment, wherever the machine is", () => {
  assert.equal(inputOf(MORNING), "2021-09-02T09:30");
  assert.equal(momentOf(inputOf(MORNING)), MORNING);
  assert.deepEqual([dateOf(NIGHT), hourOf(NIGHT)], ["30/09/2021", "23:05"]);
  assert.equal(dayTime(MORNING), "09:30 02/09");
});
