import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, TOLD_MOST_MS, TOLD_SPREAD_MS, waitAsTold } from "../../signaling/web/retry.js";

const WAITS = { leastMs: 100, firstMs: 500, lastMs: 8_000, lostMs: 2_000 };

test("waits grow to a ceiling, are random down to the least, and begin anew after success", () => {
  const longest = new Backoff({ ...WAITS, random: () => 0.999999 });
  const waits = Array.from({ length: 7 }, () => Math.round(longest.next()));
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  longest.reset();
  assert.equal(Math.round(longest.next()), 500);
  const shortest = new Backoff({ ...WAITS, random: () => 0 });
  assert.ok(Array.from({ length: 7 }, () => shortest.next()).every((ms) => ms === 100));
});

test("what worked and broke is spread wider, but not while somebody speaks over it", () => {
  const sut = new Backoff({ ...WAITS, random: () => 0.999999 });
  assert.equal(Math.round(sut.next({ isLost: true })), 2_000);
  assert.equal(Math.round(sut.next()), 1_000);
  sut.reset();
  for (let n = 0; n < 5; n += 1) assert.equal(Math.round(sut.next({ isLost: true, hurries: true })), 500);
  assert.equal(Math.round(sut.next()), 500, "hurried tries do not count");
});

test("what the server said is obeyed, spread over a second, bounded, and counts as a failure", () => {
  assert.equal(waitAsTold(12_000, 0), 12_000);
  assert.equal(waitAsTold(12_000, 0.5), 12_000 + 0.5 * TOLD_SPREAD_MS);
  assert.equal(waitAsTold(1e9, 0), TOLD_MOST_MS);
  assert.equal(waitAsTold(-5, 0), 0);
  const sut = new Backoff({ ...WAITS, random: () => 0 });
  assert.equal(sut.next({ toldMs: 30_000, hurries: true }), 30_000, "also in a hurry");
  const late = new Backoff({ ...WAITS, random: () => 0.999999 });
  late.next({ toldMs: 1_000 });
  assert.equal(Math.round(late.next()), 1_000);
});
