import assert from "node:assert/strict";
import { test } from "node:test";
import { LIVE_BOUNDS, MISSING_BOUNDS, STEPS, categoryMarks, median, mode, quantileBounds, stepOf } from "../../signaling/web/map-scale.js";

test("a share has its step; all connected is a step of its own, none missing too", () => {
  assert.deepEqual([0, 0.49, 0.5, 0.8, 0.949, 0.95, 0.999, 1].map((share) => stepOf(share, LIVE_BOUNDS)), [0, 0, 1, 2, 2, 3, 3, 4]);
  assert.deepEqual([0, 0.001, 0.05, 0.2, 0.5, 1].map((share) => stepOf(share, MISSING_BOUNDS)), [0, 1, 2, 3, 4, 4]);
  assert.equal(stepOf(-1, LIVE_BOUNDS), -1);
});

test("five steps of about as many values, equal ones together", () => {
  assert.deepEqual(quantileBounds([10, 3, 1, 2, 9, 8, 7, 6, 5, 4]), [1, 3, 5, 7, 9]);
  assert.deepEqual(quantileBounds([0, 0, 0, 0, 0, 0, 0, 0, 12, 300]), [0, 12]);
  assert.deepEqual(quantileBounds([5]), [5]);
  assert.deepEqual(quantileBounds([]), []);
  const values = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1000);
  const bounds = quantileBounds(values);
  assert.equal(bounds.length, STEPS);
  assert.ok(values.every((value) => stepOf(value, bounds) >= 0), "no value is below the first step");
});

test("the middle of values, the most frequent word", () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([4, 1, 9, 5]), 4.5);
  assert.equal(mode(["b", "a", "a"]), "a");
  assert.equal(mode([]), null);
});

test("categories differ in letter, and in colour or pattern; a word that is a colour gets it", () => {
  const zones = categoryMarks(["xanh", "đỏ", "vàng", "cam"]);
  assert.deepEqual([...zones].map(([name, mark]) => [name, mark.tone, mark.letter]), [["cam", "orange", "C"], ["đỏ", "red", "Đ"], ["vàng", "yellow", "V"], ["xanh", "green", "X"]]);
  const many = categoryMarks(["an", "anh", "am", "b", "bo", "ca", "da", "e"]);
  const marks = [...many.values()];
  assert.equal(new Set(marks.map((mark) => mark.letter)).size, marks.length);
  assert.equal(new Set(marks.map((mark) => mark.tone)).size, marks.length);
  const twice = categoryMarks(["xanh", "xanh lá"]);
  assert.notEqual(twice.get("xanh")?.tone, twice.get("xanh lá")?.tone);
});
