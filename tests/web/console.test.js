import assert from "node:assert/strict";
import { test } from "node:test";
import { POSSIBLE, clockOf, ending, isOver, wall, withCall } from "../../signaling/web/console-calls.js";
import { KEYS, ROWS, counts } from "../../signaling/web/console-keys.js";
import { fitted, movedByKey, recalled } from "../../signaling/web/panes.js";
import { transport } from "../../signaling/web/transport.js";
import "../../signaling/web/words-console.js";
import "../../signaling/web/words-console-stage.js";
import { WORDS } from "../../signaling/web/words.js";

/** @param {Record<string, unknown>} [fields] @returns {any} */
const call = (fields = {}) => ({
  id: "c1", state: "preview", monitor: null, point: "1", record: "c1", deliver_deadline: null, answer_deadline: null, air_at: null, answered_at: null, on_air_at: null, ...fields,
});

test("news of a call replaces it in place, a new one comes first", () => {
  const calls = [call({ id: "c2" }), call({ id: "c1" })];
  assert.deepEqual(withCall(calls, call({ id: "c1", state: "on_air" })).map((each) => `${each.id} ${each.state}`), ["c2 preview", "c1 on_air"]);
  assert.deepEqual(withCall(calls, call({ id: "c3" })).map((each) => each.id), ["c3", "c2", "c1"]);
});

test("a hundred are kept, and only calls that are over are dropped", () => {
  let calls = [call({ id: "live", state: "on_air" })];
  for (let n = 0; n < 150; n += 1) calls = withCall(calls, call({ id: `c${n}`, state: "ended" }));
  assert.equal(calls.length, 100);
  assert.equal(calls.at(-1)?.id, "live");
});

test("each call stands at its monitor; a failed one stays until the place is taken", () => {
  const calls = [call({ id: "a", monitor: 3 }), call({ id: "b", monitor: 1, state: "ringing" }), call({ id: "x", state: "failed" })];
  assert.deepEqual(wall(calls).map((each) => each?.id ?? null), ["b", null, "a", null]);
  const left = new Map([[2, "x"], [3, "x"]]);
  assert.deepEqual(wall(calls, left).map((each) => each?.id ?? null), ["b", "x", "a", null]);
});

test("what may be done follows the state; a call that is over allows nothing", () => {
  for (const [state, kinds] of Object.entries(POSSIBLE)) {
    assert.equal(kinds.length === 0, isOver(call({ state })), state);
    assert.equal(kinds.includes("take"), state === "connected" || state === "preview", state);
    assert.equal(kinds.includes("off_air"), state === "on_air", state);
    assert.equal(kinds.includes("cancel_call"), ["queued", "ringing", "delivered"].includes(state), state);
  }
  assert.equal(ending(call({ state: "delivered" })), "cancel_call");
  assert.equal(ending(call({ state: "on_air" })), "end_call");
  assert.equal(ending(call({ state: "failed" })), undefined);
});

test("the clock shown is the one that runs", () => {
  assert.deepEqual(clockOf(call({ state: "ringing", deliver_deadline: 5 })), { word: "clock_deliver", at: 5, down: true });
  assert.deepEqual(clockOf(call({ state: "delivered", answer_deadline: 6 })), { word: "clock_answer", at: 6, down: true });
  assert.deepEqual(clockOf(call({ state: "on_air", on_air_at: 7, answered_at: 1 })), { word: "clock_on_air", at: 7, down: false });
  assert.deepEqual(clockOf(call({ answered_at: 1 })), { word: "clock_since", at: 1, down: false });
  assert.equal(clockOf(call({ state: "ended", answered_at: 1 })), null);
});

/** @param {string} action */
const key = (action) => {
  const found = KEYS.find((each) => each.action === action);
  assert.ok(found, action);
  return found;
};

test("every key stands in the help, once", () => {
  const listed = ROWS.flatMap(([, actions]) => actions);
  assert.deepEqual([...listed].sort(), KEYS.map((each) => each.action).sort());
  for (const [word] of ROWS) assert.ok(WORDS[word], word);
  const names = KEYS.flatMap((each) => each.keys);
  assert.equal(new Set(names).size, names.length);
});

test("typing, a button's Enter, a select and a dialog are left alone", () => {
  for (const each of KEYS) {
    for (const place of /** @type {const} */ (["field", "select", "dialog"])) assert.equal(counts(each, place, true), false, `${each.action} ${place}`);
    assert.equal(counts(each, "search", true), each.action === "down", each.action);
  }
  assert.equal(counts(key("preview"), "control", true), false);
  assert.equal(counts(key("take"), "control", true), true, "Shift and Enter means no button");
  assert.equal(counts(key("down"), "other", true), false);
  assert.equal(counts(key("page_up"), "list", true), true);
});

test("single characters can be switched off, Enter and Escape stay", () => {
  for (const each of KEYS.filter((one) => one.shown.length === 1 && one.kind !== "move")) {
    assert.equal(each.kind, "letter", each.action);
    assert.equal(counts(each, "other", true), true, each.action);
    assert.equal(counts(each, "other", false), false, each.action);
  }
  for (const action of ["preview", "take", "end"]) assert.equal(counts(key(action), "other", false), true, action);
});

/** @param {any[]} calls @param {string | null} chosen @param {string | null} [point] */
const buttons = (calls, chosen, point = null) => {
  const { preview, call: rings, toPreview, toTake, counting, toTakeOff, toEnd, ending: how, toEscalate, toTalk } = transport(calls, chosen, point);
  const of = (/** @type {any} */ each) => each?.id ?? null;
  return { preview: of(preview), rings, toPreview: of(toPreview), toTake: of(toTake), counting: of(counting), toTakeOff: of(toTakeOff), toEnd: of(toEnd), how, toEscalate: of(toEscalate), toTalk: of(toTalk) };
};

test("the chosen call stands in preview; on air, the next one does", () => {
  const a = call({ id: "a", point: "1", state: "on_air", on_air_at: 10 });
  const b = call({ id: "b", point: "2", state: "preview" });
  const r = call({ id: "r", point: "3", state: "delivered" });
  assert.equal(buttons([r, b, a], "b").preview, "b");
  assert.equal(buttons([r, b, a], "a").preview, "b", "what is on air is not prepared");
  assert.equal(buttons([r, b, a], "r").preview, "r");
  assert.equal(buttons([r, b, a], "r").toTake, null, "nobody who rings goes on air, nor another one in its place");
  assert.equal(buttons([a], "a").preview, null);
});

test("each button says whom it means", () => {
  const a = call({ id: "a", point: "1", state: "on_air", on_air_at: 10 });
  const later = call({ id: "l", point: "4", state: "on_air", on_air_at: 20 });
  const b = call({ id: "b", point: "2", state: "connected" });
  assert.deepEqual(buttons([b, a], "b", "9"), { preview: "b", rings: "9", toPreview: "b", toTake: "b", counting: null, toTakeOff: "a", toEnd: "b", how: "end_call", toEscalate: null, toTalk: "b" });
  assert.equal(buttons([later, a], "a").toTakeOff, "a", "the chosen one of two");
  assert.equal(buttons([later, a, b], "b").toTakeOff, "l", "else the newest");
  assert.equal(buttons([b], "b", "2").rings, null, "who is in a call is not rung");
  assert.equal(buttons([call({ id: "r", point: "3", state: "ringing" })], "r").how, "cancel_call");
});

test("a countdown is what OFF AIR stops first", () => {
  const a = call({ id: "a", point: "1", state: "on_air", on_air_at: 10 });
  const b = call({ id: "b", point: "2", state: "preview", air_at: 99 });
  assert.deepEqual([buttons([b, a], "b").toTakeOff, buttons([b, a], "b").toTake], ["b", "b"]);
  assert.equal(buttons([b, a], "a").toTakeOff, "a", "unless what is on air was chosen");
});

test("others are tried for a failed call only, once", () => {
  const failed = call({ id: "f", point: "1", state: "failed", record: "f" });
  assert.equal(buttons([failed], "f").toEscalate, "f");
  assert.equal(transport([failed], "f", null, () => true).toEscalate, null);
  assert.equal(buttons([call({ id: "n", point: "1", state: "ringing" }), failed], "f").toEscalate, null, "it is called again already");
  assert.equal(buttons([call({ id: "e", point: "1", state: "ended", record: "e" })], "e").toEscalate, null);
});

test("panes keep their least widths, whatever was kept or wanted", () => {
  assert.deepEqual(recalled("0.3 0.2"), { left: 0.3, right: 0.2 });
  for (const odd of [null, "", "0 1", "nan 3", "0.3"]) assert.deepEqual(recalled(odd), { left: 0.235, right: 0.235 }, String(odd));
  for (const width of [900, 1024, 1366, 1920, 3840]) {
    for (const left of [0, 0.3, 1]) {
      for (const right of [0, 0.3, 1]) {
        const of = fitted({ left, right }, width);
        assert.ok(of.left * width >= 270 - 1e-6, `${width} ${left} ${right}`);
        assert.ok(of.right * width >= 280 - 1e-6, `${width} ${left} ${right}`);
        if (width >= 990) assert.ok((1 - of.left - of.right) * width >= 440 - 1e-6, `${width} ${left} ${right}`);
      }
    }
  }
  const shares = { left: 0.3, right: 0.2 };
  assert.equal(movedByKey("ArrowRight", "left", shares)?.left, 0.32);
  assert.equal(movedByKey("ArrowRight", "right", shares)?.right, 0.18000000000000002);
  assert.equal(movedByKey("a", "left", shares), null);
});
