import assert from "node:assert/strict";
import { test } from "node:test";
import { LoginSession, RETRY_FIRST_MS, STORAGE_KEY, familyOf } from "../../signaling/web/login-session.js";

const ACCOUNT = { name: "lan", display_name: "Lan", role: "operator", scope: ["79"] };
/** @param {number} n */
const granted = (n, family = "f") => ({
  at: 1_000_000, account: ACCOUNT, access_token: `access${n}`, access_expires_at: 1_900_000, refresh_token: `lan.${family}.${n}`,
  refresh_expires_at: 9_000_000,
});
const REFUSED = { status: 401, body: { message: { vi: "Không", en: "No" } }, retryAfterMs: null };
const AWAY = { status: 0, body: null, retryAfterMs: null };
const BUSY = { status: 503, body: null, retryAfterMs: 2_000 };
/** @param {number} n */
const good = (n, family = "f") => ({ status: 200, body: granted(n, family), retryAfterMs: null });

/** A tab whose server says what it is told to, and whose timers are run by hand. @param {any[]} answers */
function tab(answers, kept = null, channel = null) {
  const items = new Map(kept === null ? [] : [[STORAGE_KEY, kept]]);
  const said = { asked: /** @type {any[]} */ ([]), tokens: /** @type {string[]} */ ([]), ends: 0, timers: /** @type {[() => void, number][]} */ ([]) };
  const session = new LoginSession({
    store: {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, value) => void items.set(name, value),
      removeItem: (name) => void items.delete(name),
    },
    post: async (path, body, token) => {
      said.asked.push([path, body, token]);
      const answer = answers.shift();
      assert.ok(answer, `asked for ${path} once too often`);
      return typeof answer === "function" ? answer() : answer;
    },
    channel,
    later: (call, ms) => said.timers.push([call, ms]),
    onToken: (token) => said.tokens.push(token),
    onEnd: () => (said.ends += 1),
  });
  return { session, said, items };
}

const settled = () => new Promise((done) => setImmediate(done));

test("a login keeps the refresh token for the tab and the access token in memory", async () => {
  const { session, said, items } = tab([good(1)]);
  assert.equal(session.isKept, false);
  assert.equal((await session.logIn("lan", "mật khẩu")).status, 200);
  assert.deepEqual(said.asked, [["/api/login", { name: "lan", password: "mật khẩu" }, undefined]]);
  assert.deepEqual([...items], [[STORAGE_KEY, "lan.f.1"]]);
  assert.equal(session.token, "access1");
  assert.equal(session.account?.display_name, "Lan");
  assert.deepEqual(said.timers.map(([, ms]) => ms), [600_000], "renewed five minutes before it ends");
});

test("a login that is refused keeps nothing", async () => {
  const { session, items } = tab([REFUSED]);
  assert.equal((await session.logIn("lan", "sai")).status, 401);
  assert.equal(items.size, 0);
  assert.equal(session.token, "");
});

test("the timer renews, and only the newest", async () => {
  const { session, said } = tab([good(2), good(3)], "lan.f.1");
  await session.renew();
  const [[renew]] = /** @type {[[() => void, number]]} */ (/** @type {unknown} */ (said.timers));
  renew();
  await settled();
  assert.deepEqual(said.tokens, ["access2", "access3"]);
  renew();
  await settled();
  assert.equal(said.asked.length, 2, "an older timer does nothing");
});

test("two who want a renewal at once ask once", async () => {
  const { session, said } = tab([good(2)], "lan.f.1");
  assert.deepEqual(await Promise.all([session.renew(), session.renew()]), [true, true]);
  assert.equal(said.asked.length, 1);
});

test("a lost answer is asked for again at once, then with patience", async () => {
  const { session, said } = tab([AWAY, AWAY, BUSY, good(2)], "lan.f.1");
  const renewing = session.renew();
  await settled();
  assert.equal(said.asked.length, 2);
  assert.deepEqual(said.timers.map(([, ms]) => ms), [RETRY_FIRST_MS]);
  said.timers.shift()?.[0]();
  await settled();
  assert.deepEqual(said.timers.map(([, ms]) => ms), [2_000], "as long as the server says");
  said.timers.shift()?.[0]();
  assert.equal(await renewing, true);
  assert.ok(said.asked.every(([, body]) => body.refresh_token === "lan.f.1"), "with the same token every time");
});

test("a refusal ends the login", async () => {
  const { session, said, items } = tab([REFUSED], "lan.f.1");
  assert.equal(await session.renew(), false);
  assert.equal(said.ends, 1);
  assert.equal(items.size, 0);
  assert.equal(await session.renew(), false, "and nobody is asked any more");
});

test("a logout forgets first and tells the server", async () => {
  const { session, said, items } = tab([good(1), { status: 200, body: {}, retryAfterMs: null }]);
  await session.logIn("lan", "mật khẩu");
  await session.logOut();
  assert.deepEqual(said.asked.at(-1), ["/api/logout", { refresh_token: "lan.f.1" }, undefined]);
  assert.equal(items.size + session.token.length, 0);
  said.timers[0]?.[0]();
  await settled();
  assert.equal(said.asked.length, 2);
});

test("another password is asked for with the access token and begins a new login", async () => {
  const { session, said, items } = tab([good(1), good(7, "g")]);
  await session.logIn("lan", "mật khẩu");
  await session.changePassword("cũ", "mới");
  assert.deepEqual(said.asked.at(-1), ["/api/password", { present: "cũ", new: "mới" }, "access1"]);
  assert.equal(items.get(STORAGE_KEY), "lan.g.7");
});

test("tabs of one login tell each other, and no others", async () => {
  /** @type {any} */
  const channel = { onmessage: null, sent: [], postMessage: (/** @type {any} */ message) => channel.sent.push(message) };
  const { session, said, items } = tab([good(2)], "lan.f.1", channel);
  await session.renew();
  assert.deepEqual(channel.sent, [granted(2)]);
  channel.onmessage({ data: granted(3) });
  assert.equal(items.get(STORAGE_KEY), "lan.f.3");
  assert.deepEqual(said.tokens, ["access2", "access3"]);
  channel.onmessage({ data: granted(9, "other") });
  assert.equal(items.get(STORAGE_KEY), "lan.f.3");
  assert.equal(session.token, "access3");
});

test("a tab that was told a newer token while it asked tries that one", async () => {
  /** @type {any} */
  const channel = { onmessage: null, postMessage: () => {} };
  const { session, said } = tab([() => (channel.onmessage({ data: granted(2) }), REFUSED), good(3)], "lan.f.1", channel);
  assert.equal(await session.renew(), true);
  assert.deepEqual(said.asked.map(([, body]) => body.refresh_token), ["lan.f.1", "lan.f.2"]);
  assert.equal(said.ends, 0);
});

test("what the tokens of one login have in common", () => {
  assert.equal(familyOf("nguyen.thi.lan.abc.def"), "nguyen.thi.lan.abc");
});
