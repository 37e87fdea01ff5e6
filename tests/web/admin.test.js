import assert from "node:assert/strict";
import { test } from "node:test";
import { generate } from "lean-qr";
import { newPassword } from "../../signaling/web/admin-password.js";
import { answerBars, causeBars, liveLine, presenceBars, shortName, stacked } from "../../signaling/web/admin-plot-data.js";
import { QUIET, qrPath } from "../../signaling/web/admin-qr.js";
import { fieldOf, refusalOf, silence } from "../../signaling/web/admin-refusals.js";
import { Rest, withQuery } from "../../signaling/web/admin-rest.js";
import { SECTIONS, hashOf, parseRoute, sectionsFor } from "../../signaling/web/admin-route.js";
import { bodyOf, draftsOf, faultsOf, moved, nextShift } from "../../signaling/web/admin-shifts.js";
import { DAY_MS, HOUR_MS, axisTime, dayOf, inputOf, momentOf, shown, shownLength } from "../../signaling/web/admin-times.js";
import { UnitTree } from "../../signaling/web/admin-tree.js";
import { WORDS } from "../../signaling/web/words.js";
import "../../signaling/web/words-admin.js";

/** @type {import("../../signaling/web/types.js").DirectoryJson} */
const DIRECTORY = {
  version: "v",
  units: [
    ["VN", "Việt Nam", null, "country"],
    ["79", "Thành phố Hồ Chí Minh", "VN", "province"],
    ["773", "Quận 4", "79", "district"],
    ["27286", "Phường 10", "773", "commune"],
    ["27287", "Xã Long An", "773", "commune"],
    ["80", "Long An", "VN", "province"],
  ],
  points: [["79", "79", "Thành phố Hồ Chí Minh"], ["773", "773", "Quận 4"], ["27286", "27286", "Phường 10"], ["27286-2", "27286", "Phường 10 (2)"]],
};

test("an address leads to a section and back; what is unknown leads to the first", () => {
  for (const [section, ...parts] of [["units", "79"], ["accounts", "of", "lan"], ["indicators", "of", "ca mới/ngày", "79"], ["reports", "session", "s210905.1"]]) {
    assert.deepEqual(parseRoute(hashOf(/** @type {string} */ (section), ...parts)), { section, parts });
  }
  for (const hash of ["", "#", "#/nowhere/1", "#/%E0%A4%A"]) assert.deepEqual(parseRoute(hash), { section: "units", parts: [] });
});

test("who sees which sections", () => {
  assert.deepEqual(sectionsFor("center", true), SECTIONS);
  assert.deepEqual(sectionsFor("center", false), SECTIONS.filter((each) => each !== "audit"));
  for (const role of ["operator", "observer"]) assert.ok(!sectionsFor(role, true).some((each) => each === "accounts" || each === "audit"), role);
});

test("the tree: counts, paths and search end at the scope", () => {
  const all = new UnitTree(DIRECTORY, ["VN"]);
  assert.deepEqual([all.isNational, all.size, all.unit("VN")?.pointCount, all.unit("773")?.pointCount], [true, 6, 4, 3]);
  assert.deepEqual(all.path("27286").map((unit) => unit.code), ["VN", "79", "773", "27286"]);
  assert.equal(all.place("27286"), "Quận 4, Thành phố Hồ Chí Minh");
  assert.deepEqual(all.search("phuong 10").map((unit) => unit.code), ["27286"]);
  assert.deepEqual(all.search("long an").map((unit) => unit.code), ["80", "27287"], "the higher first");
  const part = new UnitTree(DIRECTORY, ["773", "27286", "gone"]);
  assert.deepEqual([part.tops, part.isNational, part.size], [["773"], false, 3]);
  assert.deepEqual(part.path("27286").map((unit) => unit.code), ["773", "27286"]);
  assert.deepEqual([part.has("773"), part.has("27286"), part.has("79"), part.has("80"), part.has("gone")], [true, true, false, false, false]);
  assert.deepEqual(part.search("long an").map((unit) => unit.code), ["27287"]);
  assert.equal(part.name("gone"), "gone");
});

test("times of forms are the country's, whatever the machine's zone", () => {
  const at = Date.UTC(2021, 8, 2, 11, 20);
  assert.equal(inputOf(at), "2021-09-02T18:20");
  assert.equal(momentOf("2021-09-02T18:20"), at);
  for (const text of ["", "2021-09-02", "2021-02-30T10:00", "2021-09-02T25:00", "x"]) assert.equal(momentOf(text), null, text);
  assert.equal(shown(at), "02/09/2021\u00a018:20");
  assert.equal(shown(null), "");
  assert.deepEqual([axisTime(at + 5_000, 60_000), axisTime(at, 3 * HOUR_MS), axisTime(at, 9 * DAY_MS)], ["18:20:05", "18:20", "02/09"]);
  assert.equal(inputOf(dayOf(at)), "2021-09-02T00:00");
  assert.deepEqual([shownLength(7_400), shownLength(725_000), shownLength(3_723_000)], ["0:07", "12:05", "1:02:03"]);
});

test("a QR code as a path covers the dark modules and nothing else", () => {
  const code = generate("https://diemcau.example.vn/p/26740#Xk2tq9Zr1gTgT3Ab0nCHWS");
  const { path, side } = qrPath(code);
  assert.equal(side, code.size + 2 * QUIET);
  const dark = new Set();
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) for (let i = 0; i < Number(run); i += 1) dark.add(`${Number(x) + i} ${y}`);
  let count = 0;
  for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) count += 1, assert.ok(dark.has(`${x + QUIET} ${y + QUIET}`));
  assert.equal(dark.size, count);
  assert.equal(path.replace(/M\d+ \d+h\d+v1h-\d+z/g, ""), "");
});

test("passwords: five groups of four, no letter likelier, never two alike", () => {
  const seen = new Set(Array.from({ length: 200 }, () => newPassword()));
  assert.equal(seen.size, 200);
  for (const each of seen) assert.match(each, /^(?:[a-hj-km-np-z2-9]{4}-){4}[a-hj-km-np-z2-9]{4}$/);
  let calls = 0;
  assert.equal(newPassword((into) => into.fill(calls++ === 0 ? 255 : 0)), "aaaa-aaaa-aaaa-aaaa-aaaa");
  assert.equal(calls, 2, "bytes above the largest multiple are thrown away");
});

test("a refusal goes to its field, else to the form", () => {
  const of = (/** @type {string} */ code, en = "") => ({ ...silence(400), code, message: { vi: "", en } });
  const fields = ["name", "display_name", "role", "scope", "password"];
  assert.equal(fieldOf(of("name_taken"), fields), "name");
  assert.equal(fieldOf(of("weak_password"), fields), "password");
  assert.equal(fieldOf(of("unknown_unit"), fields), "scope");
  assert.equal(fieldOf(of("unknown_unit"), ["units"]), "units");
  assert.equal(fieldOf(of("bad_account", "A shown name has 1 to 100 characters that can be seen."), fields), "display_name");
  assert.equal(fieldOf(of("bad_message", "The request is not valid: body.scope.0 (string_type)."), fields), "scope");
  assert.equal(fieldOf(of("bad_message", "The request is not valid: body.other (missing)."), fields), "");
  assert.equal(fieldOf(of("forbidden"), fields), "");
  assert.equal(refusalOf(502, "<html>").code, "unreachable");
  assert.deepEqual(refusalOf(422, { code: "bad_roster_csv", message: { vi: "a", en: "b" }, faults: [1], more_faults: 3 }), { status: 422, code: "bad_roster_csv", message: { vi: "a", en: "b" }, faults: [1], moreFaults: 3 });
});

/** @param {number[]} statuses @param {boolean} renews */
function rest(statuses, renews) {
  /** @type {string[]} */
  const asked = [];
  const told = { ended: 0 };
  const login = /** @type {any} */ ({ token: "old", isKept: true, renew: async () => ((login.token = "new"), renews) });
  const fetcher = /** @type {any} */ (async (/** @type {string} */ path, /** @type {any} */ init) => {
    asked.push(`${init.method} ${path} ${init.headers.Authorization}`);
    const status = statuses.shift();
    if (status === undefined) throw new TypeError("network");
    return new Response(JSON.stringify(status < 300 ? { a: 1 } : { code: "x", message: { vi: "v", en: "e" } }), { status });
  });
  return { rest: new Rest(login, () => (told.ended += 1), fetcher), asked, told };
}

test("an access token that ended is renewed once and the request made again", async () => {
  const world = rest([401, 200], true);
  assert.deepEqual(await world.rest.get("/api/x"), { ok: true, body: { a: 1 } });
  assert.deepEqual(world.asked, ["GET /api/x Bearer old", "GET /api/x Bearer new"]);
  assert.equal(world.told.ended, 0);
});

test("a login that ended is told, a refusal is given, and silence is no exception", async () => {
  const ended = rest([401], false);
  assert.equal((await ended.rest.get("/api/x")).ok, false);
  assert.equal(ended.told.ended, 1);
  const refused = await rest([409], true).rest.send("POST", "/api/x", {});
  assert.deepEqual(!refused.ok && [refused.refusal.status, refused.refusal.message.en], [409, "e"]);
  const silent = await rest([], true).rest.get("/api/x");
  assert.deepEqual(!silent.ok && silent.refusal.code, "unreachable");
});

test("what is empty is left out of a query", () => {
  assert.equal(withQuery("/api/x", { a: "", b: null, c: undefined }), "/api/x");
  assert.equal(withQuery("/api/x", { a: "ca mới", b: 0, c: false }), "/api/x?a=ca+m%E1%BB%9Bi&b=0&c=false");
});

/** @param {number} start @param {number} end @returns {import("../../signaling/web/admin-types.js").Shift} */
const shift = (start, end) => ({ start, end, contacts: [{ name: "Lan", function: "", kind: "phone", target: "0901 234 567", note: "" }], confirmed_at: null, confirmed_by: null });
const AT = Date.UTC(2021, 8, 2);

test("a roster goes into the form and comes out as it was", () => {
  const roster = { point: "1", point_name: "P", shifts: [shift(AT, AT + 12 * HOUR_MS)], set_at: null, set_by: null };
  const drafts = draftsOf(roster);
  assert.deepEqual(faultsOf(drafts, []), {});
  assert.deepEqual(bodyOf(drafts).shifts, roster.shifts.map(({ start, end, contacts }) => ({ start, end, contacts })));
});

test("the next shift follows the last one, as long and with the same people; the first is today's", () => {
  const drafts = draftsOf({ point: "1", point_name: "P", shifts: [shift(AT, AT + 8 * HOUR_MS)], set_at: null, set_by: null });
  const next = nextShift(drafts, AT);
  assert.deepEqual([momentOf(next.start), momentOf(next.end), next.contacts[0]?.name], [AT + 8 * HOUR_MS, AT + 16 * HOUR_MS, "Lan"]);
  assert.notEqual(next.contacts[0]?.key, drafts[0]?.contacts[0]?.key);
  assert.deepEqual(nextShift([], AT).start, "2021-09-02T07:00");
});

test("faults are told at their fields", () => {
  const [a, b, c, d] = draftsOf({ point: "1", point_name: "P", shifts: [shift(AT, AT + 2 * HOUR_MS), shift(AT + HOUR_MS, AT + 3 * HOUR_MS), shift(AT, AT), shift(AT + 30 * DAY_MS, AT + 38 * DAY_MS)], set_at: null, set_by: null });
  assert.ok(a && b && c && d);
  const [contact] = a.contacts;
  assert.ok(contact);
  a.contacts = [{ ...contact, name: " " }, { ...contact, target: "call me" }, { ...contact, kind: "point", target: "27286-2" }, { ...contact, kind: "point", target: "80" }];
  const faults = faultsOf([a, b, c, { ...d, start: "" }, d], ["27286-2"]);
  assert.deepEqual(faults, {
    "shift-0-contact-0-name": "adm_name_missing",
    "shift-0-contact-1-target": "adm_phone_wrong",
    "shift-0-contact-3-target": "adm_desk_missing",
    "shift-1-start": "adm_shift_overlaps",
    "shift-2-end": "adm_shift_backwards",
    "shift-3-start": "adm_time_missing",
    "shift-4-end": "adm_shift_long",
  });
  for (const key of Object.values(faults)) assert.ok(WORDS[key], key);
});

test("moving in a list loses nothing", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], 2, 0), ["c", "a", "b"]);
  for (const [from, to] of [[0, -1], [2, 3], [9, 0]]) assert.deepEqual(moved(["a", "b", "c"], from ?? 0, to ?? 0), ["a", "b", "c"]);
});

/** @param {string} name @param {Partial<import("../../signaling/web/admin-types.js").UnitFigures>} some */
const figures = (name, some) => ({ unit: name, name, points: 10, attended: 0, asked: 0, present: 0, late: 0, absent: 0, calls: 0, answered: 0, causes: {}, ...some });
const PLOTS = {
  answer_bucket_s: 5,
  answers: [3, 1, 0, 2],
  live: [{ at: 1000, live: 1 }, { at: 3000, live: 0 }],
  units: [
    figures("Tỉnh Long An", { causes: { no_answer: 1 }, asked: 10, present: 10 }),
    figures("Thành phố Hồ Chí Minh", { causes: { no_answer: 2, offline: 3 }, asked: 8, present: 4, late: 1, absent: 3 }),
    figures("Tỉnh Tiền Giang", {}),
  ],
};

test("bars: where most failed comes first, in the order of causes; stacks add up", () => {
  const bars = causeBars(PLOTS, 10);
  assert.deepEqual(bars, { labels: ["Hồ Chí Minh", "Long An"], series: [{ name: "offline", values: [3, 0] }, { name: "no_answer", values: [2, 1] }], left: 0 });
  assert.deepEqual(stacked(bars), [[3, 0], [5, 1]]);
  assert.deepEqual([causeBars(PLOTS, 1).labels, causeBars(PLOTS, 1).left], [["Hồ Chí Minh"], 1]);
});

test("presence in per cent of those asked, most missing first; who was not asked is left out", () => {
  const bars = presenceBars(PLOTS, 10);
  assert.deepEqual(bars.labels, ["Hồ Chí Minh", "Long An"]);
  assert.deepEqual(bars.series.map((series) => series.values), [[50, 100], [12.5, 0], [37.5, 0]]);
});

test("answers and the line of who is connected", () => {
  assert.deepEqual(answerBars(PLOTS).labels, ["0–5", "5–10", "10–15", "≥ 15"]);
  assert.deepEqual(liveLine(PLOTS), [[1, 3], [1, 0]]);
  assert.deepEqual(["Tỉnh Hà Nam", "Thị trấn Long Bình", "Quận 4", "Phường 10"].map(shortName), ["Hà Nam", "Long Bình", "Quận 4", "Phường 10"]);
});
