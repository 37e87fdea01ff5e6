import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Answer, Refusal, ask, failureOf, orderOver } from "../../signaling/web/answers.js";
import { t } from "../../signaling/web/i18n.js";
import "../../signaling/web/words-console-boards.js";

const ASKER = { token: "tok", session: "main" };
const real = globalThis.fetch;
afterEach(() => (globalThis.fetch = real));

/** @param {(path: string, init: any) => any} answer */
function answering(answer) {
  globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ path, /** @type {any} */ init) => answer(path, init));
}

/** @param {unknown} body @param {number} [status] */
const json = (body, status = 200) => new Response(JSON.stringify(body), { status });

test("the token goes with the question, and an order as JSON to its session", async () => {
  /** @type {any[]} */
  const asked = [];
  answering((path, init) => {
    asked.push([path, init.method ?? "GET", init.headers, init.body]);
    return json({ made: "w1" });
  });
  assert.deepEqual(await orderOver(ASKER, { kind: "next_speaker" }), { made: "w1" });
  assert.deepEqual(asked, [["/api/sessions/main/orders", "POST", { Authorization: "Bearer tok", "Content-Type": "application/json" }, '{"kind":"next_speaker"}']]);
});

test("a refusal says what the service said, and a lost line what to do", async () => {
  answering(() => json({ message: { vi: "Chỉ có 3 điểm.", en: "Only 3 points." } }, 409));
  await assert.rejects(ask(ASKER, "/x"), (error) => error instanceof Refusal && error.message === "Chỉ có 3 điểm.");
  answering(() => new Response("gateway", { status: 502 }));
  await assert.rejects(ask(ASKER, "/x"), { message: t("board_refused", { status: 502 }) });
  answering(() => {
    throw new TypeError("failed to fetch");
  });
  await assert.rejects(ask(ASKER, "/x"), { message: t("board_no_line") });
  answering(() => new Response("{", { status: 200 }));
  await assert.rejects(ask(ASKER, "/x"), { message: t("board_no_line") });
  assert.equal(failureOf(new Error("a bug's words")), t("board_refused", { status: "?" }));
});

test("asked again, what was known stays in sight; a failure keeps it; another path forgets it", async () => {
  const answer = new Answer();
  answering(() => json({ of: 1 }));
  await answer.load(ASKER, "/a");
  answering(() => json({}, 503));
  const again = answer.again(ASKER);
  assert.deepEqual([answer.state.value.data, answer.state.value.isLoading], [{ of: 1 }, true]);
  await again;
  assert.deepEqual(answer.state.value.data, { of: 1 });
  assert.notEqual(answer.state.value.failure, "");
  const other = answer.load(ASKER, "/b");
  assert.equal(answer.state.value.data, null);
  await other;
});

test("an answer that was overtaken is dropped", async () => {
  /** @type {((body: any) => void)[]} */
  const waiting = [];
  answering(() => new Promise((resolve) => waiting.push((body) => resolve(json(body)))));
  const answer = new Answer();
  const slow = answer.load(ASKER, "/slow");
  const fast = answer.load(ASKER, "/fast");
  waiting[1]?.({ of: "fast" });
  await fast;
  waiting[0]?.({ of: "slow" });
  await slow;
  assert.deepEqual(answer.state.value, { path: "/fast", data: { of: "fast" }, isLoading: false, failure: "" });
  const late = answer.load(ASKER, "/slow");
  answer.forget();
  waiting[2]?.({ of: "slow" });
  await late;
  assert.equal(answer.state.value.data, null);
});
