import assert from "node:assert/strict";
import { test } from "node:test";
import { Directory } from "../../signaling/web/directory.js";
import { TileFigures, neighbour, tilesOf } from "../../signaling/web/map-tiles.js";
import { VN63 } from "../../signaling/web/vn63-tilegrid.js";

/** @param {[string, string, string | null][]} units @param {[string, string][]} [points]  code and unit; by default one desk a unit below the root */
function directoryOf(units, points) {
  return new Directory({
    version: "v", units: units.map(([code, name, parent]) => [code, name, parent, "unit"]),
    points: points?.map(([code, unit]) => [code, unit, `Điểm ${code}`]) ?? units.filter(([, , parent]) => parent !== null).map(([code, name]) => [code, code, name]),
  });
}

/** @type {[string, string, string | null][]} */
const COUNTRY = [["VN", "Việt Nam", null], ...VN63.cells.map((cell) => /** @type {[string, string, string]} */ ([cell.code, cell.name, "VN"]))];

test("the grid has every province once, no two in one place, and both archipelagos", () => {
  assert.equal(VN63.cells.length, 63);
  const places = [...VN63.cells, ...VN63.islands].map(({ row, col }) => `${row} ${col}`);
  assert.equal(new Set(places).size, places.length);
  assert.deepEqual(VN63.islands.map((island) => [island.name, VN63.cells.find((cell) => cell.code === island.province)?.name]), [
    ["Quần đảo Hoàng Sa", "Thành phố Đà Nẵng"], ["Quần đảo Trường Sa", "Tỉnh Khánh Hòa"],
  ]);
  assert.ok([...VN63.cells, ...VN63.islands].every(({ row, col }) => row < VN63.rows && col < VN63.columns));
});

test("63 provinces lie on their grid, also when some are written otherwise; ministries come after it", () => {
  const units = COUNTRY.map(([code, name, parent]) => /** @type {[string, string, string | null]} */ ([code, name === "Thành phố Huế" ? "Tỉnh Thừa Thiên Huế" : name.replace("Hòa", "Hoà"), parent]));
  const { tiles, columns } = tilesOf(directoryOf([...units, ["BYT", "Bộ Y tế", "VN"]]), "");
  assert.equal(columns, VN63.columns);
  assert.deepEqual(tiles.filter((tile) => tile.row < 0).map((tile) => tile.code), ["BYT"]);
  const islands = tiles.filter((tile) => tile.isIsland);
  assert.deepEqual(islands.map((tile) => [tile.name, tile.code, tile.from, tile.to]), [["Hoàng Sa", "48", 0, 0], ["Trường Sa", "56", 0, 0]], "without desks of their own they lead to their provinces");
});

test("an archipelago with units of its own has their figures", () => {
  const { tiles } = tilesOf(directoryOf([...COUNTRY, ["498", "Huyện Hoàng Sa", "48"], ["576", "Huyện Trường Sa", "56"], ["22735", "Thị trấn Trường Sa", "576"]]), "");
  const [hoangSa, truongSa] = tiles.filter((tile) => tile.isIsland);
  assert.deepEqual([hoangSa?.code, (hoangSa?.to ?? 0) - (hoangSa?.from ?? 0)], ["498", 1]);
  assert.deepEqual([truongSa?.code, (truongSa?.to ?? 0) - (truongSa?.from ?? 0)], ["576", 2]);
});

test("34 provinces without districts get a plain grid, with the archipelagos of those that have them", () => {
  const { tiles, columns } = tilesOf(directoryOf([["VN", "Việt Nam", null], ["01", "Thành phố Hà Nội", "VN"], ["48", "Thành phố Đà Nẵng", "VN"], ["20333", "Đặc khu Hoàng Sa", "48"]]), "");
  assert.equal(columns, 0);
  assert.deepEqual(tiles.map((tile) => [tile.name, tile.row]), [["Hà Nội", -1], ["Đà Nẵng", -1], ["Hoàng Sa", -1]]);
});

test("any depth: a unit's own desks first, units with one desk are that desk, units without a desk are not there", () => {
  const directory = directoryOf(
    [["VN", "Việt Nam", null], ["79", "TP", "VN"], ["773", "Quận 4", "79"], ["1", "Phường 1", "773"], ["2", "Phường 2", "773"], ["9", "trống", "773"]],
    [["a", "773"], ["b", "773"], ["c", "1"], ["d", "2"], ["e", "2"]],
  );
  const { tiles } = tilesOf(directory, "773");
  assert.deepEqual(tiles.map((tile) => [tile.name, directory.points[tile.point]?.code ?? null]), [["Điểm a", "a"], ["Điểm b", "b"], ["Phường 1", "c"], ["Phường 2", null]]);
  assert.deepEqual(tilesOf(directory, "").tiles.map((tile) => tile.code), ["79"]);
  assert.deepEqual(tilesOf(directory, "1").tiles.map((tile) => tile.name), ["Điểm c"]);
  assert.deepEqual(tilesOf(directory, "nowhere").tiles, []);
  assert.deepEqual(tilesOf(new Directory(), "").tiles, []);
});

test("short names tell provinces apart", () => {
  const { tiles } = tilesOf(directoryOf(COUNTRY), "");
  const shorts = tiles.map((tile) => tile.short);
  assert.equal(new Set(shorts).size, shorts.length, shorts.filter((each, i) => shorts.indexOf(each) !== i).join());
  assert.ok(shorts.every((short) => short.length <= 5));
  assert.equal(tiles.find((tile) => tile.code === "79")?.short, "HCM");
});

test("figures of a random country are those of counting one by one", () => {
  let seed = 7;
  const dice = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n;
  /** @type {[string, string, string | null][]} */
  const units = [["VN", "Việt Nam", null]];
  for (let i = 0; i < 400; i += 1) units.push([`u${i}`, `Đơn vị ${i}`, units[dice(units.length)]?.[0] ?? null]);
  const points = Array.from({ length: 900 }, (_, i) => /** @type {[string, string]} */ ([`p${i}`, `u${dice(400)}`]));
  const directory = directoryOf(units, points);
  const states = Uint8Array.from(points, () => [0, 1, 1, 2, 7, 8, 9, 15][dice(8)] ?? 0);
  const matched = Int32Array.from(points.keys()).filter((i) => states[i] !== 15 && dice(3) > 0);
  const rows = matched.filter(() => dice(2) > 0);
  for (const code of ["", "u0", "u1", "u5"]) {
    const { tiles } = tilesOf(directory, code);
    const sut = new TileFigures(tiles, directory.byTree, states, matched, rows);
    tiles.forEach((tile, n) => {
      const isBelow = (/** @type {number} */ i) => (tile.key.startsWith("desk ") ? i === tile.point : directory.pathOf(directory.unitOf(i)).some((unit) => unit.code === tile.code));
      const inside = [...points.keys()].filter(isBelow);
      assert.equal(sut.total[n], inside.filter((i) => states[i] !== 15).length);
      assert.equal(sut.selected[n], inside.filter((i) => rows.includes(i)).length);
      assert.equal(sut.count(n, 7), inside.filter((i) => matched.includes(i) && states[i] === 7).length);
      assert.equal(sut.live(n), inside.filter((i) => matched.includes(i) && ![0, 9].includes(states[i] ?? 0)).length);
    });
  }
});

test("arrows go to the nearest tile that way, straight ahead first, and stay at the edge", () => {
  const places = [{ x: 0, y: 0 }, { x: 2, y: 0 }, { x: 1, y: 1 }, { x: 0, y: 2 }];
  assert.equal(neighbour(places, 0, "right"), 1);
  assert.equal(neighbour(places, 0, "down"), 3);
  assert.equal(neighbour(places, 3, "right"), 2);
  assert.equal(neighbour(places, 2, "up"), 0);
  assert.equal(neighbour(places, 0, "left"), 0);
  assert.equal(neighbour([], 0, "up"), 0);
});
