import assert from "node:assert/strict";
import { test } from "node:test";
import { StillFeed } from "../../signaling/web/still-feed.js";

/** @param {number} next */
function answer(next) {
  const head = Buffer.from(JSON.stringify({ at: 1, next, tile: [64, 36], columns: 16, sheets: [], stills: [], gone: [], directory: "v" }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return new Response(Buffer.concat([length, head]));
}

/** A service and a clock of the test's own: every question and every pause waits to be let go. */
function stage() {
  /** @type {{ url: string, signal: AbortSignal, reply: (response: Response | Error) => void }[]} */
  const asked = [];
  /** @type {{ ms: number, go: () => void }[]} */
  const pauses = [];
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  /** @type {any} */
  const fetch = (/** @type {string} */ url, /** @type {any} */ { signal }) =>
    new Promise((resolve, reject) => asked.push({ url, signal, reply: (what) => (what instanceof Error ? reject(what) : resolve(what)) }));
  const wait = (/** @type {number} */ ms) => new Promise((/** @type {(value?: undefined) => void} */ resolve) => pauses.push({ ms, go: () => resolve() }));
  return { asked, pauses, settle, fetch, wait, now: () => 5_000 };
}

test("each question goes on from the last answer, never two at once, never faster than once a second", async () => {
  const { asked, pauses, settle, fetch, wait, now } = stage();
  /** @type {boolean[]} */
  const wholes = [];
  const sut = new StillFeed({ path: "/s", token: () => "t", onAnswer: (_, isWhole) => wholes.push(isWhole) > 0, fetch, wait, now });
  sut.show("size=small");
  sut.show("size=small");
  assert.deepEqual(asked.map((each) => each.url), ["/s?after=0&size=small"]);
  asked[0]?.reply(answer(41));
  await settle();
  assert.equal(asked.length, 1);
  assert.equal(pauses[0]?.ms, 1_000);
  pauses[0]?.go();
  await settle();
  assert.equal(asked[1]?.url, "/s?after=41&size=small");
  asked[1]?.reply(answer(42));
  await settle();
  assert.deepEqual(wholes, [true, false]);
});

test("another view drops the question that runs and begins anew; nothing asked for ends it", async () => {
  const { asked, settle, fetch, wait, now } = stage();
  let answers = 0;
  const sut = new StillFeed({ path: "/s", token: () => "t", onAnswer: () => (answers += 1) > 0, fetch, wait, now });
  sut.show("size=small");
  sut.show("size=small&unit=79");
  assert.deepEqual(asked.map((each) => [each.url, each.signal.aborted]), [["/s?after=0&size=small", true], ["/s?after=0&size=small&unit=79", false]]);
  asked[0]?.reply(answer(1)); // too late
  await settle();
  assert.equal(answers, 0);
  sut.show("");
  assert.deepEqual([asked[1]?.signal.aborted, sut.isRunning], [true, false]);
});

test("after a failure or an answer that is no use everything is asked for again, later and not often", async () => {
  const { asked, pauses, settle, fetch, wait, now } = stage();
  let isUsed = true;
  const sut = new StillFeed({ path: "/s", token: () => "t", onAnswer: () => isUsed, fetch, wait, now });
  sut.show("size=small");
  asked[0]?.reply(answer(9));
  await settle();
  pauses.at(-1)?.go();
  await settle();
  asked[1]?.reply(new Error("gone"));
  await settle();
  assert.equal(pauses.at(-1)?.ms, 3_000);
  pauses.at(-1)?.go();
  await settle();
  assert.equal(asked[2]?.url, "/s?after=0&size=small");
  asked[2]?.reply(new Response("", { status: 404 }));
  await settle();
  assert.equal(pauses.at(-1)?.ms, 30_000);
  pauses.at(-1)?.go();
  await settle();
  isUsed = false;
  asked[3]?.reply(answer(50));
  await settle();
  pauses.at(-1)?.go();
  await settle();
  assert.equal(asked[4]?.url, "/s?after=0&size=small");
  asked[4]?.reply(new Response("short"));
  await settle();
  assert.equal(pauses.at(-1)?.ms, 3_000);
  sut.show("");
});
