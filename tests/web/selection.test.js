import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals-core";
import { Directory } from "../../signaling/web/directory.js";
import { IndicatorColumn } from "../../signaling/web/indicator-values.js";
import { PointStates } from "../../signaling/web/points.js";
import { Selection } from "../../signaling/web/selection.js";
import { StillMarks } from "../../signaling/web/stills.js";

/** @type {import("../../signaling/web/types.js").DirectoryJson} */
const JSON_ = {
  version: "v1",
  units: [
    ["VN", "Việt Nam", null, "country"], ["79", "Thành phố Hồ Chí Minh", "VN", "province"], ["773", "Quận 4", "79", "district"],
    ["27271", "Phường 10", "773", "commune"], ["89", "Tỉnh An Giang", "VN", "province"], ["886", "Huyện An Phú", "89", "district"],
    ["30337", "Thị trấn Long Bình", "886", "commune"], ["30340", "Xã Khánh An", "886", "commune"],
  ],
  // Not in the order of the tree: nothing may depend on that.
  points: [["30340", "30340", "Xã Khánh An"], ["79", "79", "Thành phố Hồ Chí Minh"], ["30337", "30337", "Thị trấn Long Bình"], ["27271", "27271", "Phường 10"], ["886", "886", "Huyện An Phú"]],
};

/** @param {number[]} states */
function room(states) {
  const points = new PointStates();
  const painted = signal(0);
  const badged = signal(0);
  const badges = new StillMarks();
  badges.reset(states.length);
  const set = (/** @type {number[]} */ to) => {
    const packed = Buffer.from(to.flatMap((state, i) => (i % 2 === 0 ? [(state << 4) | (to[i + 1] ?? 0)] : [])));
    points.receiveFrame({ version: points.version + 1, count: to.length, states: packed.toString("base64") });
    painted.value += 1;
  };
  set(states);
  const directory = signal(new Directory(JSON_));
  const sut = new Selection({ directory, states: points, painted, badges, badged });
  const codes = () => [...sut.rows.value].map((i) => directory.value.points[i]?.code);
  return { sut, set, badges, badged, codes, directory };
}

const LIVE = [1, 1, 0, 9, 1];

test("only the connected are shown at first, all when asked, what is hidden is counted", () => {
  const { sut, codes } = room(LIVE);
  assert.deepEqual(codes(), ["30340", "79", "886"]);
  assert.equal(sut.hidden.value, 2);
  sut.onlyLive.value = false;
  assert.deepEqual(codes(), JSON_.points.map(([code]) => code));
  assert.equal(sut.isNarrow.value, false);
});

test("a unit is everything below it, its own desk included, whatever the depth", () => {
  const { sut, codes } = room(LIVE);
  sut.onlyLive.value = false;
  sut.enter("89");
  assert.deepEqual(codes(), ["30340", "30337", "886"]);
  assert.deepEqual(sut.path().map((unit) => unit.code), ["89"]);
  sut.enter("886");
  assert.deepEqual(sut.path().map((unit) => unit.code), ["89", "886"]);
  assert.equal(sut.leave(), true);
  assert.equal(sut.unit.value, "89");
  assert.equal(sut.leave(), true);
  assert.deepEqual([sut.unit.value, sut.leave()], ["", false]);
  sut.enter("VN");
  assert.equal(sut.unit.value, "", "the only root is the whole");
  sut.unit.value = "gone";
  assert.deepEqual(codes(), []);
});

test("state, text, named points and badge narrow together, and clear takes all of them away", () => {
  const { sut, codes, badges, badged } = room([1, 1, 8, 9, 1]);
  sut.state.value = 8;
  assert.deepEqual(codes(), ["30337"]);
  sut.state.value = -1;
  sut.query.value = "an phu";
  assert.deepEqual(codes(), ["30340", "30337", "886"]);
  sut.points.value = { label: "thiếu", codes: new Set(["27271", "30337", "30340"]) };
  assert.deepEqual(codes(), ["30340", "30337"]);
  badges.note([2, 1, 4, 0, -1, 0]);
  badges.note([4, 1, 1, 0, -1, 0]);
  sut.badge.value = "any";
  badged.value += 1;
  assert.deepEqual(codes(), ["30337"]);
  assert.equal(sut.isNarrow.value, true);
  sut.clear();
  assert.equal(sut.isNarrow.value, false);
  assert.equal(codes().length, 4);
});

test("points that a board named are shown connected or not", () => {
  const { sut, codes } = room(LIVE);
  sut.points.value = { label: "thiếu", codes: new Set(["27271", "79"]) };
  assert.deepEqual(codes(), ["79", "27271"]);
});

test("rows follow the states when they are painted", () => {
  const { sut, set, codes } = room([0, 0, 0, 0, 0]);
  assert.deepEqual(codes(), []);
  set([0, 0, 0, 7, 0]);
  assert.deepEqual(codes(), ["27271"]);
  sut.state.value = 7;
  assert.deepEqual(codes(), ["27271"]);
  set([0, 0, 0, 1, 0]);
  assert.deepEqual(codes(), []);
});

test("an account sees its own part: nothing else is found, and its map begins there", () => {
  const { sut, codes } = room([1, 15, 0, 15, 1]);
  sut.onlyLive.value = false;
  assert.deepEqual(codes(), ["30340", "30337", "886"]);
  assert.equal(sut.home.value, "886");
  assert.equal(sut.shown.value, "886");
  assert.deepEqual(sut.path(), []);
  sut.enter("886");
  assert.equal(sut.unit.value, "");
  sut.enter("30337");
  assert.deepEqual(sut.path().map((unit) => unit.code), ["30337"]);
  assert.deepEqual([sut.leave(), sut.unit.value], [true, ""]);
});

test("an indicator orders and narrows what the rest left", () => {
  const { sut, codes } = room(LIVE);
  sut.onlyLive.value = false;
  const units = [{ unit: "27271", value: 9 }, { unit: "30337", value: 4 }];
  sut.column.value = new IndicatorColumn(
    { name: "ca", kind: "number", date: "2021-09-02", total: 2, has_more: false, units },
    { name: "ca", filter: "ca > 1", order: "down", inherited: false },
  );
  assert.deepEqual(codes(), ["27271", "30337"]);
  sut.enter("89");
  assert.deepEqual(codes(), ["30337"]);
});
