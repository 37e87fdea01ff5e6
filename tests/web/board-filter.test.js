import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals-core";
import { showOnly, shownFilter, shownKey } from "../../signaling/web/board-filter.js";

function narrowed() {
  let cleared = 0;
  const points = signal(/** @type {any} */ (null));
  const selection = { points, clear: () => {
    cleared += 1;
    points.value = null;
  } };
  return { room: { selection }, points, cleared: () => cleared };
}

/** @param {string} key @param {string[]} codes */
const filter = (key, ...codes) => ({ key, label: key, codes: new Set(codes) });

test("a counter shows its points alone: what narrowed the selection before goes", () => {
  const { room, points, cleared } = narrowed();
  showOnly(room, filter("a", "1", "2"));
  assert.equal(shownKey(room), "a");
  assert.deepEqual([...points.value.codes], ["1", "2"]);
  assert.equal(cleared(), 1);
});

test("its points follow the numbers without touching what was chosen since", () => {
  const { room, points, cleared } = narrowed();
  showOnly(room, filter("a", "1"));
  showOnly(room, filter("a", "1", "3"));
  assert.equal(cleared(), 1);
  assert.equal(points.value.codes.size, 2);
  showOnly(room, null);
  assert.equal(shownKey(room), "");
});

test("points that somebody else named are nobody's counter", () => {
  const { room, points } = narrowed();
  points.value = { label: "x", codes: new Set() };
  assert.equal(shownFilter(room), null);
});
