import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BACKOFF_LAST_MS, BACKOFF_LEAST_MS, CLOSE, CONNECT_MS, GOOD_AFTER_MS, GREETING_MS, LOST_SPREAD_MS, Line, MAX_PENDING_COMMANDS,
  RESTART_SPREAD_MS, SILENCE_MS, TOO_MANY_SPREAD_MS, TOO_MANY_WAIT_MS, TRANSITIONS,
} from "../../signaling/web/protocol.js";
import { TOLD_MOST_MS, TOLD_SPREAD_MS } from "../../signaling/web/retry.js";

const HELLO = { type: "hello", protocol: 1, credential: { kind: "token", token: "t" }, session: "main" };
const STAGE = { session_state: "open", center_live: false, on_air: [] };
const WELCOME = {
  type: "welcome", protocol: 1, session: { id: "main", title: "Phiên họp", state: "open" }, role: "operator", point: null,
  subject: "operator:lan", token: "t", token_expires_at: 43_200_000, media: { ready: true, epoch: "e" }, stage: STAGE, call: null, at: 0,
};

/** A line, drained after each call, with what it said. */
function line(random = () => 0.5) {
  const sut = new Line({ hello: () => /** @type {any} */ (HELLO), random });
  return {
    sut,
    orders: () => sut.orders(),
    events: () => sut.events(),
    /** @param {unknown} message @param {number} now */
    hear: (message, now) => sut.receiveText(JSON.stringify(message), now),
  };
}

/** @param {number} now @param {Record<string, unknown>} [welcome] */
function live(now = 0, welcome = {}, random = () => 0.5) {
  const it = line(random);
  it.sut.start(now);
  it.sut.socketOpened(now);
  it.hear({ ...WELCOME, ...welcome }, now);
  it.orders();
  it.events();
  return it;
}

test("start opens a socket, hello follows the opening, welcome makes it live", () => {
  const it = line();
  it.sut.start(0);
  assert.deepEqual(it.orders(), [{ kind: "open" }]);
  it.sut.socketOpened(5);
  assert.deepEqual(it.orders(), [{ kind: "send", text: JSON.stringify(HELLO) }]);
  assert.equal(it.sut.state, "greeting");
  it.hear(WELCOME, 10);
  assert.equal(it.sut.state, "live");
  const events = it.events();
  assert.deepEqual(events.map((e) => (e.kind === "state" ? e.state : e.kind)), ["connecting", "live", "message"]);
  assert.equal(it.sut.nextTimeout(), 10 + SILENCE_MS);
});

test("every move is in the table and ended leaves only by start", () => {
  for (const [from, to] of Object.entries(TRANSITIONS)) assert.ok(to.every((state) => state in TRANSITIONS), from);
  assert.deepEqual(TRANSITIONS.ended, ["connecting"]);
});

test("a message before the welcome is not told", () => {
  const it = line();
  it.sut.start(0);
  it.sut.socketOpened(0);
  it.events();
  it.hear({ type: "tick", at: 1 }, 1);
  assert.deepEqual(it.events(), []);
});

test("silence of 25 s closes and reconnects; any message postpones it", () => {
  const it = live();
  it.hear({ type: "tick", at: 1 }, 20_000);
  it.sut.handleTimeout(SILENCE_MS);
  assert.equal(it.sut.state, "live");
  it.events();
  it.sut.handleTimeout(20_000 + SILENCE_MS);
  assert.equal(it.sut.state, "waiting");
  assert.deepEqual(it.orders(), [{ kind: "close", code: CLOSE.silent }]);
  const due = /** @type {number} */ (it.sut.nextTimeout());
  it.sut.handleTimeout(due - 1);
  assert.deepEqual(it.orders(), []);
  it.sut.handleTimeout(due);
  assert.deepEqual(it.orders(), [{ kind: "open" }]);
});

test("a socket that never opens and a hello never welcomed are given up", () => {
  const it = line();
  it.sut.start(0);
  it.sut.handleTimeout(CONNECT_MS);
  assert.equal(it.sut.state, "waiting");
  it.sut.handleTimeout(/** @type {number} */ (it.sut.nextTimeout()));
  it.sut.socketOpened(20_000);
  it.sut.handleTimeout(20_000 + GREETING_MS);
  assert.equal(it.sut.state, "waiting");
});

for (const [code, reason] of [[CLOSE.replaced, "replaced"], [CLOSE.badCredential, "credential"], [CLOSE.forbidden, "forbidden"], [CLOSE.badMessage, "protocol"]]) {
  test(`close ${code} ends the line (${reason}) and nothing reconnects it by itself`, () => {
    const it = live();
    const error = { code: String(reason), message: { vi: "v", en: "e" }, retry_after_s: null };
    it.hear({ type: "refused", error }, 1);
    it.sut.socketClosed(Number(code), 2);
    assert.equal(it.sut.state, "ended");
    assert.deepEqual(it.events().at(-1), { kind: "state", state: "ended", retryInMs: null, told: false, reason, error });
    assert.equal(it.sut.nextTimeout(), null);
    it.sut.nudge(3);
    it.sut.handleTimeout(1e9);
    assert.deepEqual(it.orders(), []);
    it.sut.start(4);
    assert.deepEqual(it.orders(), [{ kind: "open" }]);
  });
}

test("backoff grows, stays within its bounds and is random", () => {
  for (const [random, check] of [
    [() => 0, (/** @type {number[]} */ d) => assert.ok(d.every((ms) => ms === BACKOFF_LEAST_MS))],
    [() => 0.999999, (/** @type {number[]} */ d) => {
      assert.ok(d.every((ms, i) => i === 0 || ms >= /** @type {number} */ (d[i - 1]) - 1e-6));
      assert.ok(Math.abs(/** @type {number} */ (d[0]) - 500) < 1 && Math.abs(/** @type {number} */ (d[1]) - 1000) < 1);
      assert.ok(Math.abs(/** @type {number} */ (d.at(-1)) - BACKOFF_LAST_MS) < 1);
    }],
  ]) {
    const it = line(/** @type {() => number} */ (random));
    it.sut.start(0);
    const delays = [];
    let now = 0;
    for (let n = 0; n < 9; n += 1) {
      it.sut.socketClosed(1006, now);
      const due = /** @type {number} */ (it.sut.nextTimeout());
      delays.push(due - now);
      now = due;
      it.sut.handleTimeout(now);
    }
    /** @type {(d: number[]) => void} */ (check)(delays);
  }
});

test("a connection that lived 30 s starts again from the first delay, a short one does not", () => {
  const delayAfter = (/** @type {number} */ livedMs) => {
    const it = line(() => 0.999999);
    it.sut.start(0);
    for (let n = 0; n < 4; n += 1) {
      it.sut.socketClosed(1006, 0);
      it.sut.handleTimeout(/** @type {number} */ (it.sut.nextTimeout()));
    }
    it.sut.socketOpened(100_000);
    it.hear(WELCOME, 100_000);
    it.sut.socketClosed(1006, 100_000 + livedMs);
    return /** @type {number} */ (it.sut.nextTimeout()) - 100_000 - livedMs;
  };
  assert.ok(delayAfter(GOOD_AFTER_MS) <= LOST_SPREAD_MS);
  assert.ok(delayAfter(GOOD_AFTER_MS - 1) > 7_000);
});

test("in a call the line hurries back for 30 s, then is polite", () => {
  const it = live(0, {}, () => 0.999999);
  it.sut.setInCall(true);
  let now = 1_000;
  it.sut.socketClosed(1006, now);
  for (let n = 0; n < 20; n += 1) {
    const due = /** @type {number} */ (it.sut.nextTimeout());
    assert.ok(due - now < 501, `try ${n}`);
    now = due;
    it.sut.handleTimeout(now);
    it.sut.socketClosed(1006, now);
  }
  now = 40_000;
  const delays = [];
  for (let n = 0; n < 4; n += 1) {
    it.sut.handleTimeout(now);
    it.sut.socketClosed(1006, now);
    const due = /** @type {number} */ (it.sut.nextTimeout());
    delays.push(due - now);
    now = due;
  }
  assert.ok(/** @type {number} */ (delays.at(-1)) > 3_000, String(delays));
});

/** A line that was refused with these words. @param {number | null} told @param {number} [code] @param {() => number} [random] */
function refused(told, code = CLOSE.tooMany, random = () => 0, inCall = false) {
  const it = line(random);
  it.sut.setInCall(inCall);
  it.sut.start(0);
  it.sut.socketOpened(0);
  it.hear({ type: "refused", error: { code: "too_many", message: { vi: "", en: "" }, retry_after_s: told } }, 0);
  it.events();
  it.sut.socketClosed(code, 0);
  return it;
}

test("too many: waits as long as the refusal says and up to a second more, or 10 s and up to 5 more", () => {
  for (const [told, least, spread] of [[3, 3_000, TOLD_SPREAD_MS], [0, 0, TOLD_SPREAD_MS], [null, TOO_MANY_WAIT_MS, TOO_MANY_SPREAD_MS]]) {
    assert.equal(refused(told ?? null).sut.nextTimeout(), least);
    const late = /** @type {number} */ (refused(told ?? null, CLOSE.tooMany, () => 0.999).sut.nextTimeout());
    assert.ok(late > Number(least) + 0.99 * Number(spread) && late < Number(least) + Number(spread), String(late));
  }
});

test("no refusal sends a page away for longer than two minutes", () => {
  assert.equal(refused(86_400).sut.nextTimeout(), TOLD_MOST_MS);
});

test("a refusal is obeyed whatever the close code, and the page is told that it was", () => {
  for (const code of [CLOSE.tooMany, CLOSE.unavailable, CLOSE.restarting]) {
    const it = refused(7, code);
    assert.equal(it.sut.nextTimeout(), 7_000, String(code));
    const event = it.events().at(-1);
    assert.ok(event?.kind === "state" && event.told && event.retryInMs === 7_000);
    it.sut.handleTimeout(7_000);
    const opening = it.events().at(-1);
    assert.ok(opening?.kind === "state" && opening.state === "connecting" && !opening.told);
  }
});

test("who was told when to come back keeps its place when the page is shown or the network returns", () => {
  const it = refused(7);
  it.orders();
  it.sut.nudge(1_000);
  assert.deepEqual(it.orders(), []);
  it.sut.handleTimeout(7_000);
  assert.deepEqual(it.orders(), [{ kind: "open" }]);
});

test("a restart is answered by a random wait below 2 s where nothing was said, and in a call whatever was said", () => {
  for (const random of [0, 0.4, 0.99]) {
    const it = live(0, {}, () => random);
    it.sut.socketClosed(CLOSE.restarting, 0);
    const due = /** @type {number} */ (it.sut.nextTimeout());
    assert.ok(due >= 0 && due < RESTART_SPREAD_MS);
    assert.equal(refused(20, CLOSE.restarting, () => random, true).sut.nextTimeout(), random * RESTART_SPREAD_MS);
  }
});

test("after a crash nobody tries at once, and ten thousand pages are spread over two seconds", () => {
  const dues = Array.from({ length: 10_000 }, () => {
    const it = live(0, {}, Math.random);
    it.sut.socketClosed(1006, 100_000);
    return /** @type {number} */ (it.sut.nextTimeout()) - 100_000;
  });
  assert.ok(Math.min(...dues) >= BACKOFF_LEAST_MS);
  assert.ok(Math.max(...dues) <= LOST_SPREAD_MS);
  const fullest = Math.max(...[...Array(20).keys()].map((n) => dues.filter((due) => Math.floor(due / 100) === n).length));
  assert.ok(fullest < 750, `${fullest} within 100 ms`);
});

test("a nudge makes a waiting line try at once and leaves a live one alone", () => {
  const it = live();
  it.sut.nudge(1);
  assert.deepEqual(it.orders(), []);
  it.sut.socketClosed(1006, 2);
  it.sut.nudge(3);
  assert.deepEqual(it.orders(), [{ kind: "open" }]);
});

test("a point's line is renewed before its token ends, a console's is not", () => {
  const it = live(0, { role: "point" });
  let now = 0;
  for (; it.sut.state === "live" && now < 43_200_000; now += 10_000) {
    it.sut.handleTimeout(now);
    if (it.sut.state === "live") it.hear({ type: "tick", at: now }, now);
  }
  assert.equal(it.sut.state, "waiting");
  assert.ok(now > 43_200_000 - 1_300_000 && now < 43_200_000 - 600_000, String(now));
  assert.deepEqual(it.orders().at(-1), { kind: "close", code: CLOSE.normal });
  assert.equal(live(0).sut.nextTimeout(), SILENCE_MS);
});

test("send works only when live", () => {
  const it = live();
  assert.equal(it.sut.send({ type: "hang_up", call: "c1" }), true);
  assert.deepEqual(it.orders(), [{ kind: "send", text: '{"type":"hang_up","call":"c1"}' }]);
  it.sut.socketClosed(1006, 1);
  assert.equal(it.sut.send({ type: "hang_up", call: "c1" }), false);
  assert.deepEqual(it.orders(), []);
});

test("commands have growing ids, are settled by ack or error, and lost with the line", () => {
  const it = live();
  const ids = [1, 2, 3].map(() => it.sut.command({ kind: "take", call: "c1" }));
  assert.deepEqual(ids, [1, 2, 3]);
  it.hear({ type: "ack", id: 1, at: 1, call: "c1" }, 1);
  it.hear({ type: "error", id: 2, error: { code: "x", message: { vi: "", en: "" }, retry_after_s: null } }, 1);
  assert.equal(it.sut.pendingCommands, 1);
  it.events();
  it.sut.socketClosed(1006, 2);
  assert.deepEqual(it.events()[0], { kind: "lost_command", id: 3 });
  assert.equal(it.sut.command({ kind: "take", call: "c1" }), null);
});

test("pending commands are bounded", () => {
  const it = live();
  for (let n = 0; n < MAX_PENDING_COMMANDS; n += 1) assert.notEqual(it.sut.command({ kind: "take", call: "c" }), null);
  assert.equal(it.sut.command({ kind: "take", call: "c" }), null);
});

test("nonsense closes the socket and waits", () => {
  for (const text of ["", "{", "null", "[]", '{"type":1}', "5"]) {
    const it = live();
    it.sut.receiveText(text, 1);
    assert.equal(it.sut.state, "waiting", text);
    assert.deepEqual(it.orders(), [{ kind: "close", code: CLOSE.badMessage }]);
  }
});

test("an unknown type is told on, so that the page decides", () => {
  const it = live();
  it.hear({ type: "later", x: 1 }, 1);
  assert.deepEqual(it.events(), [{ kind: "message", message: { type: "later", x: 1 } }]);
});

test("stop leaves for good and says so", () => {
  const it = live();
  it.sut.stop();
  assert.deepEqual(it.orders(), [{ kind: "close", code: CLOSE.normal }]);
  const event = it.events().at(-1);
  assert.ok(event?.kind === "state" && event.reason === "left");
  it.sut.socketClosed(1000, 1);
  assert.equal(it.sut.state, "ended");
});
