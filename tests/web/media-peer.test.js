import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaPeer } from "../../signaling/web/media-peer.js";

/** @import { MediaState } from "../../signaling/web/media-peer.js" */

/** As much of a browser's connection as is looked at. */
class FakePeer extends EventTarget {
  /** @type {FakePeer[]} */
  static made = [];
  connectionState = "new";
  iceConnectionState = "new";
  localDescription = { sdp: "v=0" };
  constructor() {
    super();
    FakePeer.made.push(this);
  }
  async setLocalDescription() {}
  async setRemoteDescription() {
    this.connectionState = "connected";
  }
  getReceivers() {
    return [];
  }
  getSenders() {
    return [];
  }
  close() {
    this.connectionState = "closed";
  }
  fail() {
    this.connectionState = "failed";
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

/** @type {{ status: number, retryAfter?: string }} */
let answer = { status: 201 };
let posts = 0;
Object.assign(globalThis, {
  RTCPeerConnection: FakePeer,
  document: { baseURI: "http://example.test/" },
  fetch: async (/** @type {string} */ _url, /** @type {{ method: string }} */ { method }) => {
    if (method === "POST") posts += 1;
    const headers = new Headers(answer.status === 201 ? { Location: "/whep/main/p" } : {});
    if (answer.retryAfter !== undefined) headers.set("Retry-After", answer.retryAfter);
    return { status: method === "POST" ? answer.status : 200, headers, text: async () => "v=0" };
  },
});
// The exchange's own deadline is not what is tested, and would be a timer that nobody moves.
AbortSignal.timeout = () => new AbortController().signal;

/** Time stands until it is passed. @type {Map<number, { at: number, action: () => void }>} */
const timers = new Map();
let now = 0;
let lastTimer = 0;
Object.assign(globalThis, {
  setTimeout: (/** @type {() => void} */ action, /** @type {number} */ afterMs) => {
    timers.set(++lastTimer, { at: now + afterMs, action });
    return lastTimer;
  },
  clearTimeout: (/** @type {number} */ timer) => timers.delete(timer),
});

/** @param {number} ms */
function pass(ms) {
  now += ms;
  for (const [timer, { at, action }] of [...timers]) if (at <= now && timers.delete(timer)) action();
}

const settled = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
};

/** @param {number} random */
function joined(random, hurries = false) {
  /** @type {[MediaState, number | null, boolean][]} */
  const states = [];
  posts = 0;
  FakePeer.made = [];
  timers.clear();
  const sut = new MediaPeer({
    url: "http://example.test/whep/main", token: () => "t", onUnauthorized: () => {}, hurries: () => hurries, random: () => random,
    onState: (state, retryInMs, told) => states.push([state, retryInMs, told]),
  });
  sut.join();
  return { sut, states };
}

test("what is live stays as it is, however often it is asked to join", async () => {
  answer = { status: 201 };
  const { sut } = joined(0.5);
  await settled();
  assert.equal(sut.state, "live");
  for (let n = 0; n < 5; n += 1) sut.join(); // the line was lost and is back, the media node is the same
  pass(60_000);
  await settled();
  assert.equal(posts, 1);
  assert.equal(FakePeer.made.length, 1);
  sut.leave();
});

test("503 with Retry-After: comes back when told and not before, and says when", async () => {
  answer = { status: 503, retryAfter: "7" };
  const { sut, states } = joined(0.25);
  await settled();
  assert.deepEqual(states.at(-1), ["broken", 7_250, true]);
  answer = { status: 201 };
  pass(7_249);
  await settled();
  assert.equal(posts, 1);
  pass(1);
  await settled();
  assert.equal(posts, 2);
  assert.equal(sut.state, "live");
  assert.deepEqual(states.at(-1), ["live", null, false]);
  sut.leave();
});

for (const [hurries, waitMs] of /** @type {[boolean, number][]} */ ([[false, 1_000], [true, 250]])) {
  test(`a picture that was there and broke is joined again after up to ${2 * waitMs} ms`, async () => {
      answer = { status: 201 };
    const { sut, states } = joined(0.5, hurries);
    await settled();
    FakePeer.made[0]?.fail();
    assert.deepEqual(states.at(-1), ["broken", waitMs, false]);
    pass(waitMs);
    await settled();
    assert.equal(sut.state, "live");
    assert.equal(posts, 2);
    sut.leave();
    });
}

test("a break while a rejoin is planned is one try, not two", async () => {
  answer = { status: 201 };
  const { sut } = joined(0.5);
  await settled();
  sut.rejoin(3_000);
  FakePeer.made[0]?.fail();
  pass(10_000);
  await settled();
  assert.equal(posts, 2);
  sut.leave();
});

test("tries grow apart to a ceiling while nobody answers", async () => {
  answer = { status: 500 };
  const { sut, states } = joined(0.5);
  for (let n = 0; n < 7; n += 1) {
    await settled();
    pass(4_000);
  }
  await settled();
  const waits = states.filter(([state]) => state === "broken").map(([, waitMs]) => waitMs);
  assert.deepEqual(waits.slice(0, 7), [250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  sut.leave();
});
