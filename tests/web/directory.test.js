import assert from "node:assert/strict";
import { test } from "node:test";
import { Directory } from "../../signaling/web/directory.js";

/** @type {import("../../signaling/web/types.js").DirectoryJson} */
const JSON_ = {
  version: "v1",
  units: [
    ["VN", "Việt Nam", null, "country"],
    ["79", "Thành phố Hồ Chí Minh", "VN", "province"],
    ["773", "Quận 4", "79", "district"],
    ["27271", "Phường 10", "773", "commune"],
    ["89", "Tỉnh An Giang", "VN", "province"],
    ["99", "Tỉnh không điểm", "VN", "province"],
    ["89001", "Xã thẳng", "89", "commune"],
  ],
  points: [["79", "79", "Thành phố Hồ Chí Minh"], ["27271", "27271", "Phường 10"], ["27271-2", "27271", "Trạm y tế"], ["89001", "89001", "Xã thẳng"]],
};

test("paths go up from the unit without the root, any depth", () => {
  const sut = new Directory(JSON_);
  assert.deepEqual(sut.points.map((point) => point.path), [
    "", "Quận 4, Thành phố Hồ Chí Minh", "Phường 10, Quận 4, Thành phố Hồ Chí Minh", "Tỉnh An Giang",
  ]);
  assert.deepEqual(sut.points.map((point) => point.top), ["79", "79", "79", "89"]);
});

test("the filter offers what lies under the root and has points, sorted as Vietnamese does", () => {
  assert.deepEqual(new Directory(JSON_).tops, [{ code: "89", name: "An Giang" }, { code: "79", name: "Hồ Chí Minh" }]);
});

test("points are found by code in the order of the frame", () => {
  const sut = new Directory(JSON_);
  assert.equal(sut.indexOf("27271-2"), 2);
  assert.equal(sut.indexOf("x"), -1);
  assert.equal(sut.point("89001")?.name, "Xã thẳng");
  assert.equal(sut.point("x"), undefined);
});

test("an empty directory and one with a unit that is missing do not fail", () => {
  assert.equal(new Directory().points.length, 0);
  const sut = new Directory({ version: "v", units: [], points: [["a", "gone", "A"]] });
  assert.deepEqual(sut.points, [{ code: "a", name: "A", path: "", top: "gone" }]);
});

test("in the order of the tree everything below a unit is one stretch, its own points first", () => {
  const sut = new Directory(JSON_);
  const codesOf = (/** @type {string} */ unit) => {
    const [from, to] = sut.stretch(unit);
    return [...sut.byTree.subarray(from, to)].map((i) => sut.points[i]?.code);
  };
  assert.deepEqual(codesOf("79"), ["79", "27271", "27271-2"]);
  assert.deepEqual(codesOf("27271"), ["27271", "27271-2"]);
  assert.deepEqual(codesOf("99"), []);
  assert.deepEqual(codesOf("unknown"), []);
  assert.equal(codesOf("").length, 4);
  assert.deepEqual(sut.below("").map((unit) => unit.code), ["79", "89"], "the only root is the country, and who has no points is not there");
  assert.deepEqual(sut.pathOf("27271").map((unit) => unit.code), ["VN", "79", "773", "27271"]);
  sut.byTree.forEach((point, place) => assert.equal(sut.placeOf[point], place));
});

test("several roots, units that go round in circles, points without a unit: every point is once in the tree", () => {
  const sut = new Directory({
    version: "v",
    units: [["A", "Bộ A", null, "ministry"], ["B", "Bộ B", null, "ministry"], ["x", "X", "y", "unit"], ["y", "Y", "x", "unit"]],
    points: [["1", "B", "1"], ["2", "x", "2"], ["3", "gone", "3"], ["4", "A", "4"]],
  });
  assert.deepEqual(sut.below("").map((unit) => unit.code), ["A", "B"]);
  assert.deepEqual([...sut.byTree].sort(), [0, 1, 2, 3]);
  assert.deepEqual(sut.stretch("B"), [1, 2]);
});

test("home is the smallest unit above all wanted points", () => {
  const sut = new Directory(JSON_);
  const home = (/** @type {string[]} */ ...codes) => sut.homeOf((i) => codes.includes(sut.points[i]?.code ?? ""));
  assert.equal(home("27271", "27271-2"), "27271");
  assert.equal(home("79", "27271"), "79");
  assert.equal(home("27271", "89001"), "", "the only root is everything");
  assert.equal(home(), "");
});
