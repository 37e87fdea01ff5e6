import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { clockTime, elapsed, language, number, say, switchLanguage, t, tOr } from "../../signaling/web/i18n.js";
import { POINT_STATES } from "../../signaling/web/points.js";
import { WORDS } from "../../signaling/web/words.js";

const WEB = new URL("../../signaling/web/", import.meta.url);
const WORD_FILES = readdirSync(WEB).filter((name) => /^words-.*\.js$/.test(name));
for (const name of WORD_FILES) await import(new URL(name, WEB).href);

test("a key is in one file of words only", () => {
  const keys = ["words.js", ...WORD_FILES].flatMap((name) => [...readFileSync(new URL(name, WEB), "utf8").matchAll(/^ {2}(\w+): \[/gm)].map((found) => found[1]));
  assert.deepEqual(keys.filter((key, i) => keys.indexOf(key) !== i), []);
  assert.equal(keys.length, Object.keys(WORDS).length);
});

test("every key has Vietnamese and English, different or rightly the same, filled in alike", () => {
  for (const [key, pair] of Object.entries(WORDS)) {
    assert.equal(pair.length, 2, key);
    const [vi, en] = pair;
    assert.ok(vi.trim() !== "" && en.trim() !== "", key);
    const names = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
    assert.deepEqual(names(vi), names(en), key);
  }
});

test("every key that the pages name exists", () => {
  for (const file of readdirSync(WEB).filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(new URL(file, WEB), "utf8");
    for (const [, key] of text.matchAll(/\bt\("([a-z_0-9]+)"/g)) assert.ok(key && WORDS[key], `${file}: ${key}`);
    for (const [, title, words] of text.matchAll(/<\$\{Broken\} title="(\w+)" text="(\w+)"/g)) assert.ok(WORDS[title ?? ""] && WORDS[words ?? ""], file);
  }
});

test("every key that pages put together exists", () => {
  const causes = ["offline", "undelivered", "no_answer", "declined", "no_device", "media_failed", "network_lost", "engaged_above", "cancelled"];
  const states = ["queued", "ringing", "delivered", "answered", "connected", "preview", "on_air", "ended", "failed"];
  const made = [
    ...causes.flatMap((cause) => [`cause_${cause}`, `over_${cause}`]),
    ...["ended", "lost", "hung_up", "declined_here", "replaced", "camera_failed", "microphone_failed"].map((over) => `over_${over}`),
    ...states.map((state) => `call_${state}`),
    ...POINT_STATES.map(({ key }) => `state_${key}`),
    ...["ok", "absent", "refused", "unknown"].map((state) => `device_${state}`),
    ...["idle", "connecting", "greeting", "live", "waiting", "ended"].map((state) => `line_${state}`),
    ...["idle", "joining", "live", "broken", "down", "full"].map((state) => `media_${state}`), "line_full",
    ...["replaced", "credential", "forbidden", "protocol", "left"].flatMap((why) => [`ended_${why}`, `ended_${why}_text`]),
    ...["opening", "connecting", "preview", "on_air"].map((tally) => `tally_${tally}`),
    ...["preview", "take", "off_air", "end_call", "cancel_call"],
    ...["center", "operator", "viewer", "point"].map((role) => `role_${role}`),
    ...["running", "reached", "exhausted", "stopped"].map((state) => `ladder_${state}`),
    ...["waiting", "current", "reached", "failed", "left"].map((state) => `step_${state}`),
    ...["reached", "no_answer", "wrong_number", "refused", "timeout", "not_placed"].map((outcome) => `outcome_${outcome}`),
    ...["waiting", "current", "done", "failed", "skipped"].map((state) => `item_${state}`),
    ...["units", "rosters", "indicators", "sessions", "reports", "accounts", "audit"].map((section) => `adm_${section}`),
    ...["center", "operator", "observer"].flatMap((role) => [`adm_role_${role}`, `adm_role_${role}_may`]),
    ...["removed", "added", "moved", "renamed", "kind_changed", "point_removed", "point_added"].map((what) => `adm_change_${what}`),
    ...["missing", "unconfirmed", "no_roster", "waiting", "confirmed"].map((duty) => `adm_duty_${duty}`),
    ...["prepared", "open", "closed"].flatMap((state) => [`adm_session_${state}`, `adm_session_now_${state}`]),
    ...["standing", "meeting", "line"].map((kind) => `adm_session_kind_${kind}`),
    ...["account_made", "account_changed", "login", "login_failed", "logout", "refresh_token_reused", "changes", "logins"].map((what) => `adm_audit_${what}`),
    ...["country", "province", "district", "commune", "ministry"].map((kind) => `adm_kind_${kind}`),
    ...["present", "late", "absent"].map((what) => `adm_plot_${what}`), ...["number", "category"].map((kind) => `adm_indicator_${kind}`),
    ...["0", "1", "2", "3"].map((depth) => `adm_depth_${depth}`), ...["html", "xlsx"].map((format) => `adm_file_${format}`),
    "floor_called", "floor_speaking", "presence_waiting", ...["offline", "no_answer"].map((cause) => `presence_absent_${cause}`),
    "session_closed", "session_prepared", "tally_preview_text", "tally_on_air_text", "camera", "microphone",
  ];
  for (const key of made) assert.ok(WORDS[key], key);
});

test("no word is unused", () => {
  const text = readdirSync(WEB).filter((name) => name.endsWith(".js") && !name.startsWith("words")).map((name) => readFileSync(new URL(name, WEB), "utf8")).join("\n");
  const prefixes = /^(cause|over|call|state|device|line|media|ended|tally|role|trail|by|key|session|presence|floor|clock|center|error|notice|evidence|step|outcome|ladder|item|escalation|note|hall)_|^(called_back|explained|alert_confirmed)$|^agenda_(waiting|called|speaking|done|missed|skipped)$|^directive_(running|due|withdrawn|answer_\w+)$|^proposal_(sent|forwarded|accepted|declined|noted|do_\w+)$|^draw_only_|^board_(record|floor|rollcall|directives|draw|roster|proposals|agenda)(_count)?$|^board_(urgent|new)$|^duty_(unconfirmed|no_roster|waiting|confirmed)$|^deadline_(hour|evening|morning)$|^proposals_(open|answered|none_open|none_answered)$|^record_(all|failed|answered)$|^adm_(session|audit|kind|change|duty|indicator|file|depth|role|field|reason|plot)_|^onduty_(unconfirmed|no_roster|waiting|confirmed)$/;
  const made = /^(quality|next|stills|help|line_verdict|line_test)_/; // held by tests/web/point-words.test.js
  const unused = Object.keys(WORDS).filter((key) => !made.test(key) && !prefixes.test(key) && !new RegExp(`["'\`]${key}["'\`]`).test(text));
  assert.deepEqual(unused, []);
});

test("Vietnamese first; the switch turns and turns back", () => {
  assert.equal(language.value, "vi");
  assert.equal(t("answer"), "TRẢ LỜI");
  assert.equal(say({ vi: "chào", en: "hello" }), "chào");
  switchLanguage();
  assert.equal(t("answer"), "ANSWER");
  assert.equal(say({ vi: "chào", en: "hello" }), "hello");
  switchLanguage();
  assert.equal(t("answer"), "TRẢ LỜI");
});

test("values are filled in, missing ones stay visible, an unknown key is itself", () => {
  assert.equal(t("ring_seconds", { seconds: 7 }), "Còn 7 giây");
  assert.equal(t("ring_seconds", {}), "Còn {seconds} giây");
  assert.equal(t("no.such"), "no.such");
  assert.equal(tOr("no.such", "otherwise"), "otherwise");
  assert.equal(say(null), "");
});

test("numbers and times", () => {
  assert.equal(number(11367), "11.367");
  assert.equal(elapsed(0), "0:00");
  assert.equal(elapsed(65_999), "1:05");
  assert.equal(elapsed(3_725_000), "1:02:05");
  assert.equal(elapsed(-5), "0:00");
  assert.match(clockTime(0), /^\d\d:\d\d:\d\d$/);
});

test("numbers and times are written as the browser's own would be, which takes long to be ready", () => {
  for (const count of [0, 7, 999, 1000, 11_367, 100_000, 12_345_678, -5, 0.5, 1234.5]) {
    assert.equal(number(count), count.toLocaleString("vi-VN"));
    switchLanguage();
    assert.equal(number(count), count.toLocaleString("en-GB"));
    switchLanguage();
  }
  for (const at of [Date.UTC(2021, 0, 1), Date.UTC(2021, 8, 2, 10, 5, 9), Date.UTC(2021, 8, 2, 23, 59, 59)]) {
    assert.equal(clockTime(at), new Date(at).toLocaleTimeString("vi-VN", { hourCycle: "h23", timeZone: "Asia/Ho_Chi_Minh" }));
  }
});
