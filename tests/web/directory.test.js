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
