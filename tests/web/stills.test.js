import assert from "node:assert/strict";
import { test } from "node:test";
import { StillMarks, parseStills } from "../../signaling/web/stills.js";

/** @param {unknown} head @param {number[][]} [sheets] @returns {ArrayBuffer} */
function bytes(head, sheets = []) {
  const text = Buffer.from(typeof head === "string" ? head : JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const all = Buffer.concat([length, text, ...sheets.map((sheet) => Buffer.from(sheet))]);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
}

const HEAD = { at: 5, next: 7, tile: [64, 36], columns: 16, sheets: [2, 3], stills: [[4, 1, 0, 0, 0, 0]], gone: [9], directory: "v" };

test("an answer comes apart into its head and its sheets", () => {
  const { head, sheets } = parseStills(bytes(HEAD, [[1, 2], [3, 4, 5]]));
  assert.equal(head.next, 7);
  assert.deepEqual(sheets.map((sheet) => [...sheet]), [[1, 2], [3, 4, 5]]);
});

test("bytes that are no answer are refused with one kind of error, wherever they end", () => {
  const whole = Buffer.from(bytes(HEAD, [[1, 2], [3, 4, 5]]));
  for (let end = 0; end < whole.length; end += 1) {
    const cut = whole.buffer.slice(whole.byteOffset, whole.byteOffset + end);
    assert.throws(() => parseStills(cut), RangeError, `${end} bytes`);
  }
  for (const head of ["{", "null", "[]", "\u00ff\u00fe", { ...HEAD, sheets: 3 }, { ...HEAD, stills: null }, { ...HEAD, sheets: [-1] }, { ...HEAD, sheets: [0.5] }]) {
    assert.throws(() => parseStills(bytes(head, [[1, 2], [3, 4, 5]])), RangeError, JSON.stringify(head));
  }
  assert.throws(() => parseStills(new Uint8Array([255, 255, 255, 255, 0]).buffer), RangeError);
});

test("marks are kept by point, counted, forgotten; a point that is not there is not noted", () => {
  const sut = new StillMarks();
  sut.reset(3);
  assert.equal(sut.note([1, 100, 4, -80, 0, 0]), true);
  assert.equal(sut.note([1, 110, 6, -80, -1, 0]), true);
  assert.equal(sut.note([3, 100, 1, 0, 0, 0]), false);
  assert.deepEqual([sut.count, sut.at[1], sut.has(1, "covered"), sut.has(1, "frozen"), sut.has(1, "black"), sut.has(1, "empty")], [1, 110, true, true, false, true]);
  sut.forget(1);
  sut.forget(1);
  sut.forget(2);
  assert.deepEqual([sut.count, sut.has(1, "any")], [0, false]);
});

test("the badge that matters most is said; a person is no reason to look", () => {
  const sut = new StillMarks();
  sut.reset(4);
  sut.note([0, 1, 1 + 2, -90, 0, 0]);
  sut.note([1, 1, 2, 70, 0, 0]);
  sut.note([2, 1, 0, -60, 0, 0]);
  sut.note([3, 1, 0, 95, 0, 0]);
  assert.deepEqual([0, 1, 2, 3].map((i) => sut.badgeOf(i)), ["black", "frozen", "empty", "person"]);
  assert.deepEqual([0, 1, 2, 3].map((i) => sut.has(i, "any")), [true, true, true, false]);
  assert.equal(sut.has(3, "person"), true);
});
