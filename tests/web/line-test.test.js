import assert from "node:assert/strict";
import { test } from "node:test";
import { measureLine, verdictOf } from "../../signaling/web/line-test.js";

/** A server behind a line of so many kb/s each way and so much delay, on a clock of its own. @param {number} down @param {number} up @param {number} rttMs */
function behind(down, up, rttMs) {
  let clockMs = 0;
  const asked = /** @type {number[]} */ ([]);
  /** @param {string} url @param {any} init */
  const fetch = async (url, init) => {
    const sent = init.body?.length ?? 0;
    const wanted = Number(new URL(url, "http://x").searchParams.get("bytes") ?? 0);
    asked.push(sent || wanted);
    clockMs += rttMs + (sent * 8) / up;
    return { ok: true, arrayBuffer: async () => void (clockMs += (wanted * 8) / down) };
  };
  return { asked, tools: { fetch: /** @type {any} */ (fetch), now: () => clockMs } };
}

test("it finds what the line carries, whatever its delay", async () => {
  for (const [down, up, rtt] of [[5000, 2000, 20], [800, 300, 200], [200, 200, 600], [40, 30, 100]]) {
    const { tools } = behind(Number(down), Number(up), Number(rtt));
    const found = await measureLine(tools);
    assert.ok(Math.abs(found.downKbps - Number(down)) <= Number(down) * 0.05, `${down}: ${found.downKbps}`);
    assert.ok(Math.abs(found.upKbps - Number(up)) <= Number(up) * 0.05, `${up}: ${found.upKbps}`);
    assert.equal(found.rttMs, rtt);
  }
});

test("a weak line is not asked for the large transfer", async () => {
  const weak = behind(100, 100, 50);
  await measureLine(weak.tools);
  assert.ok(Math.max(...weak.asked) <= 16 * 1024, String(weak.asked));
  const good = behind(10_000, 10_000, 50);
  await measureLine(good.tools);
  assert.equal(Math.max(...good.asked), 64 * 1024);
  assert.ok(good.asked.length <= 7, "what the server counts with");
});

test("in plain words", () => {
  const words = (/** @type {number} */ down, /** @type {number} */ up) => verdictOf({ rttMs: 30, downKbps: down, upKbps: up });
  assert.equal(words(5000, 2000), "both");
  assert.equal(words(5000, 200), "small");
  assert.equal(words(200, 200), "small");
  assert.equal(words(150, 500), "sound");
  assert.equal(words(500, 20), "weak");
});

test("a refusal and a dead line are told apart", async () => {
  const refused = { ok: false, status: 503 };
  await assert.rejects(measureLine({ fetch: /** @type {any} */ (async () => refused), now: () => 0 }), (reason) => reason === refused);
  await assert.rejects(measureLine({ fetch: /** @type {any} */ (async () => Promise.reject(new TypeError("no network"))), now: () => 0 }), TypeError);
});
