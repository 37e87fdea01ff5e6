import assert from "node:assert/strict";
import { test } from "node:test";
import { SearchIndex, fold } from "../../signaling/web/search.js";

test("fold takes diacritics, case and punctuation away, and đ is d", () => {
  assert.equal(fold("Phường Đông Hưng Thuận"), "phuong dong hung thuan");
  assert.equal(fold("  Thị trấn  Ea T’ling, Cư Jút "), "thi tran ea t ling cu jut");
  assert.equal(fold("ĐẮK LẮK"), "dak lak");
  assert.equal(fold("Pho\u031b\u0300\u031bng"), "phong"); // decomposed input, marks in any order
  assert.equal(fold(""), "");
});

const ROWS = [
  { code: "27265", name: "Phường 04", path: "Quận 10, Thành phố Hồ Chí Minh" },
  { code: "27301", name: "Phường 10", path: "Quận 4, Thành phố Hồ Chí Minh" },
  { code: "27259", name: "Phường 1", path: "Quận 4, Thành phố Hồ Chí Minh" },
  { code: "00001", name: "Phường Phúc Xá", path: "Quận Ba Đình, Thành phố Hà Nội" },
  { code: "30337", name: "Thị trấn Long Bình", path: "Huyện An Phú, Tỉnh An Giang" },
  { code: "30001", name: "Xã Tấn Mỹ", path: "Huyện Chợ Mới, Tỉnh An Giang" },
  { code: "30002", name: "Xã Tân Mỹ", path: "Huyện Chợ Mới, Tỉnh An Giang" },
];
const INDEX = new SearchIndex(ROWS);
/** @param {string} query */
const codes = (query) => [...INDEX.find(query)].map((i) => ROWS[i]?.code);

test("finds without diacritics, by name, path and code", () => {
  assert.deepEqual(codes("long binh"), ["30337"]);
  assert.deepEqual(codes("LONG BÌNH an giang"), ["30337"]);
  assert.deepEqual(codes("phuc xa"), ["00001"]);
  assert.deepEqual(codes("27301"), ["27301"]);
  assert.deepEqual(codes("273"), ["27301"]);
});

test("the phrase in one piece comes before its scattered words", () => {
  assert.deepEqual(codes("phuong 10 quan 4")[0], "27301");
  assert.equal(codes("phuong 1 quan 4")[0], "27259");
});

test("a whole word comes before a longer one that it begins", () => {
  assert.equal(codes("phuong 1")[0], "27259");
});

test("words match beginnings only", () => {
  assert.deepEqual(codes("inh"), []);
  assert.deepEqual(codes("lon bi"), ["30337"]);
});

test("typed diacritics prefer the name that has them", () => {
  assert.equal(codes("tấn mỹ")[0], "30001");
  assert.equal(codes("tân mỹ")[0], "30002");
  assert.equal(codes("tan my").length, 2);
});

test("shorthand people write is understood", () => {
  assert.equal(codes("p10 q4 hcm")[0], "27301");
  assert.equal(codes("p.10 q.4 tphcm")[0], "27301");
  assert.deepEqual(codes("hn"), ["00001"]);
});

test("nothing typed finds all in order, nonsense finds none, admit excludes", () => {
  assert.deepEqual([...INDEX.find("")], ROWS.map((_, i) => i));
  assert.deepEqual([...INDEX.find("  ")], ROWS.map((_, i) => i));
  assert.deepEqual(codes("zzz"), []);
  assert.deepEqual([...INDEX.find("phuong", (i) => i === 1)], [1]);
});

test("no query, whatever its characters, throws", () => {
  for (const query of ["(", "[", "\\", "*", "?+", "$1", "a".repeat(5_000), "\ud800", "🇻🇳"]) assert.ok(INDEX.find(query) instanceof Int32Array);
});

test("what is found does not depend on what was typed before", () => {
  for (const before of ["", "p", "phuong", "phuong 10 q", "xa", "zzz", "long binh an"]) {
    for (const query of ["phuong", "phuong 1", "p", "an giang", "", "long binh"]) {
      INDEX.find(before);
      assert.deepEqual(INDEX.find(query), new SearchIndex(ROWS).find(query), `${before} → ${query}`);
    }
  }
});

test("typed letter by letter, among 11,367 rows, the same is found as at once", () => {
  const names = ["Bến Nghé", "Đông Hưng", "Long Bình", "Tân Mỹ", "Vĩnh Lộc", "Ea Súp", "Phước Thạnh"];
  const rows = Array.from({ length: 11_367 }, (_, i) => ({
    code: String(10_000 + i),
    name: `Xã ${names[i % names.length]} ${i % 97}`,
    path: `Huyện ${names[(i * 3) % names.length]}, Tỉnh ${names[(i * 5) % names.length]} ${i % 63}`,
  }));
  const index = new SearchIndex(rows);
  const typed = "xa dong hung 12 tinh long";
  for (let n = 1; n <= typed.length; n += 1) {
    const found = index.find(typed.slice(0, n));
    assert.deepEqual(found, new SearchIndex(rows).find(typed.slice(0, n)), typed.slice(0, n));
    assert.ok(found.length > 0, typed.slice(0, n));
  }
});
