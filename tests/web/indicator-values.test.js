import assert from "node:assert/strict";
import { test } from "node:test";
import { Directory } from "../../signaling/web/directory.js";
import { IndicatorColumn, valuesPath } from "../../signaling/web/indicator-values.js";

/** @param {Record<string, unknown>} [fields] @returns {import("../../signaling/web/indicator-values.js").IndicatorWish} */
const wish = (fields = {}) => ({ name: "ca mới", filter: "", order: "", inherited: false, ...fields });
const UNITS = ["a", "b", "c", "d"];
/** @param {number} row */
const unitOf = (row) => /** @type {string} */ (UNITS[row]);
/** @param {IndicatorColumn} column @param {readonly number[]} rows @param {(row: number) => string} [of] */
const arrange = (column, rows, of = unitOf) => [...column.arrange(Int32Array.from(rows), of)];
/** @param {[string, number | string | null][]} units @param {Record<string, unknown>} [fields] */
const column = (units, fields) =>
  new IndicatorColumn({ name: "ca mới", kind: "number", date: "2021-09-02", total: units.length, has_more: false, units: units.map(([unit, value]) => ({ unit, value })) }, wish(fields));

test("what is asked for stands in the address, and nothing that is not", () => {
  const query = (/** @type {string} */ path) => Object.fromEntries(new URL(path, "http://127.0.0.1").searchParams);
  assert.deepEqual(query(valuesPath(wish())), { name: "ca mới", limit: "20000" });
  assert.deepEqual(query(valuesPath(wish({ filter: " ca mới > 5 & x ", order: "down", inherited: true }))), {
    name: "ca mới", limit: "20000", filter: "ca mới > 5 & x", sort: "-ca mới", inherited: "true",
  });
  assert.equal(query(valuesPath(wish({ order: "up" })))["sort"], "ca mới");
});

test("without filter and order the rows stay, with their values beside them", () => {
  const sut = column([["b", 5], ["a", 0], ["c", null]]);
  assert.deepEqual(arrange(sut, [3, 0, 1]), [3, 0, 1]);
  assert.deepEqual(UNITS.map((unit) => sut.value(unit)), [0, 5, null, null]);
  assert.equal(sut.size, 2);
});

test("a filter keeps what the server found", () => {
  assert.deepEqual(arrange(column([["b", 5], ["d", 7]], { filter: "ca mới > 4" }), [3, 2, 1, 0]), [3, 1]);
  assert.deepEqual(arrange(column([], { filter: "ca mới > 4" }), [0, 1]), []);
});

test("the order is the server's, those without a value last in their own order", () => {
  const sut = column([["c", 9], ["a", 3]], { order: "down" });
  assert.deepEqual(arrange(sut, [3, 0, 1, 2]), [2, 0, 3, 1]);
  const rows = Int32Array.of(1, 0);
  sut.arrange(rows, unitOf);
  assert.deepEqual([...rows], [1, 0], "the rows given are left alone");
});

test("several points of one unit share its value and stay together", () => {
  const directory = new Directory({
    version: "v", units: [["VN", "Việt Nam", null, "country"], ["a", "Xã A", "VN", "commune"], ["b", "Xã B", "VN", "commune"]],
    points: [["a", "a", "Xã A"], ["a-2", "a", "Xã A (2)"], ["b", "b", "Xã B"]],
  });
  assert.deepEqual([0, 1, 2, 3].map((index) => directory.unitOf(index)), ["a", "a", "b", ""]);
  const sut = column([["b", 9], ["a", 3]], { order: "down" });
  assert.deepEqual(arrange(sut, [0, 1, 2], (row) => directory.unitOf(row)), [2, 0, 1]);
});
