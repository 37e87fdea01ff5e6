import assert from "node:assert/strict";
import { test } from "node:test";
import { Directory } from "../../signaling/web/directory.js";
import { UnitSearch, unitsAbove } from "../../signaling/web/unit-search.js";

const DIRECTORY = new Directory({
  version: "1",
  units: [["VN", "Việt Nam", null, "country"], ["79", "Thành phố Hồ Chí Minh", "VN", "province"], ["773", "Quận 4", "79", "district"], ["26740", "Phường 10", "773", "ward"], ["80", "Tỉnh Long An", "VN", "province"], ["801", "Huyện Đức Hòa", "80", "district"]],
  points: [["26740", "26740", "Phường 10"], ["801", "801", "Huyện Đức Hòa"]],
});

test("units are found without diacritics, with what is above them", () => {
  const search = new UnitSearch(DIRECTORY);
  assert.deepEqual(search.find("quan 4", 5)[0], { code: "773", name: "Quận 4", path: "Thành phố Hồ Chí Minh" });
  assert.deepEqual(search.find("duc hoa", 5).map((each) => each.code), ["801"]);
  assert.deepEqual(search.find("  ", 5), []);
  assert.equal(search.find("h", 1).length, 1);
});

test("above a point: its own unit first, the root not at all", () => {
  assert.deepEqual(unitsAbove(DIRECTORY, "26740").map((each) => [each.code, each.path]), [
    ["26740", "Quận 4, Thành phố Hồ Chí Minh"], ["773", "Thành phố Hồ Chí Minh"], ["79", ""],
  ]);
  assert.deepEqual(unitsAbove(DIRECTORY, "nowhere"), []);
});
