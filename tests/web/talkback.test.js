import assert from "node:assert/strict";
import { test } from "node:test";
import { CROSSING_MS, RENEW_MS, TalkKey, Talks, canBeSpokenTo } from "../../signaling/web/talkback.js";

/** @param {{ opening?: () => Promise<any> }} [changes] */
function desk({ opening } = {}) {
  const talks = new Talks();
  /** @type {string[]} */
  const orders = [];
  /** @type {boolean[]} */
  const voice = [];
  const clock = { now: 0, closed: 0 };
  const tracks = [{ stopped: false, onended: null, stop() { this.stopped = true; } }];
  const stream = /** @type {any} */ ({ getTracks: () => tracks });
  const key = new TalkKey({
    talks,
    subject: () => "operator:lan",
    open: opening ?? (async () => stream),
    close: () => (clock.closed += 1),
    send: (given) => voice.push(given !== null),
    order: (kind, call) => orders.push(`${kind} ${call}`),
    now: () => clock.now,
  });
  /** @param {boolean} on @param {string} [call] @param {string} [by] */
  const say = (on, call = "c1", by = "operator:lan") => talks.receive({ type: "talkback", call, on, by, by_name: "" });
  return { talks, orders, voice, clock, key, tracks, say };
}

test("holding puts the voice on the line at once and says to whom; letting go takes both back", async () => {
  const { key, orders, voice, say } = desk();
  await key.enable();
  assert.deepEqual([key.microphone.value, voice], ["ready", []]);
  key.press("c1");
  key.press("c1");
  assert.deepEqual([orders, voice, key.isHeard.value], [["start_talkback c1"], [true], false]);
  say(true);
  assert.equal(key.isHeard.value, true);
  key.release();
  key.release();
  assert.deepEqual([orders.at(-1), voice, key.held.value], ["stop_talkback c1", [true, false], null]);
});

test("the first press opens the microphone and speaks as soon as it is open, if the key is still down", async () => {
  const { key, voice } = desk();
  key.press("c1");
  assert.deepEqual(voice, []);
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(voice, [true]);
  key.release();
  const other = desk();
  other.key.press("c1");
  other.key.release();
  await new Promise((done) => setImmediate(done));
  assert.deepEqual([other.voice, other.key.microphone.value], [[false], "ready"], "let go before it was open: nothing was said");
});

test("another call's key is another talk", async () => {
  const { key, orders } = desk();
  await key.enable();
  key.press("c1");
  key.press("c2");
  assert.deepEqual(orders, ["start_talkback c1", "stop_talkback c1", "start_talkback c2"]);
  key.release();
});

test("while it is held it is renewed, and no longer", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { key, orders, say } = desk();
  await key.enable();
  key.press("c1");
  say(true);
  context.mock.timers.tick(2 * RENEW_MS);
  assert.equal(orders.length, 3);
  key.release();
  context.mock.timers.tick(5 * RENEW_MS);
  assert.deepEqual(orders.at(-1), "stop_talkback c1");
  assert.equal(orders.length, 4);
});

test("without the server's yes one is told that nobody hears", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { key, say } = desk();
  await key.enable();
  key.press("c1");
  context.mock.timers.tick(4_000);
  assert.equal(key.isRefused.value, true);
  say(true);
  assert.deepEqual([key.isRefused.value, key.isHeard.value], [false, true]);
  key.release();
  assert.equal(key.isHeard.value, false);
});

test("an end of the press before is not the end of this one; a later end is", async () => {
  const { key, orders, say, clock } = desk();
  await key.enable();
  key.press("c1");
  key.release();
  key.press("c1");
  say(true);
  say(false);
  assert.equal(key.held.value, "c1");
  assert.equal(orders.at(-1), "start_talkback c1");
  say(true);
  clock.now += CROSSING_MS;
  say(false);
  assert.deepEqual([key.held.value, orders.at(-1)], [null, "start_talkback c1"], "it is over already: nothing is to be ordered");
});

test("after the line was lost it begins anew while the key is down", async () => {
  const { key, orders, talks } = desk();
  await key.enable();
  talks.receive(/** @type {any} */ ({ type: "welcome" }));
  assert.deepEqual(orders, []);
  key.press("c1");
  talks.receive(/** @type {any} */ ({ type: "welcome" }));
  assert.deepEqual(orders, ["start_talkback c1", "start_talkback c1"]);
  key.release();
});

test("a microphone that is refused, or ends, is told and let go", async () => {
  const refused = desk({ opening: () => Promise.reject(Object.assign(new Error("no"), { name: "NotAllowedError" })) });
  refused.key.press("c1");
  await new Promise((done) => setImmediate(done));
  assert.deepEqual([refused.key.failure.value, refused.key.held.value, refused.key.microphone.value], ["NotAllowedError", null, "off"]);
  assert.equal(refused.orders.at(-1), "stop_talkback c1");
  const { key, tracks, clock } = desk();
  await key.enable();
  key.press("c1");
  /** @type {any} */ (tracks[0]).onended();
  assert.deepEqual([key.held.value, key.microphone.value, tracks[0]?.stopped, clock.closed], [null, "off", true, 1]);
});

test("who speaks to whom is what the server says, from the welcome on", () => {
  const { talks, say } = desk();
  say(true, "c1", "center:minh");
  say(true, "c2");
  say(false, "c2");
  assert.deepEqual([...talks.all.value], [["c1", "center:minh"]]);
  talks.receive(/** @type {any} */ ({ type: "tick", at: 1 }));
  assert.equal(talks.all.value.size, 1);
  talks.receive(/** @type {any} */ ({ type: "welcome" }));
  assert.equal(talks.all.value.size, 0);
});

test("one speaks to who has answered, until the call is over", () => {
  const can = ["queued", "ringing", "delivered", "answered", "connected", "preview", "on_air", "ended", "failed"].filter((state) => canBeSpokenTo({ state }));
  assert.deepEqual(can, ["answered", "connected", "preview", "on_air"]);
  assert.equal(canBeSpokenTo(null), false);
});
