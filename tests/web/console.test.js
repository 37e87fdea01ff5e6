import assert from "node:assert/strict";
import { test } from "node:test";
import { POSSIBLE, clockOf, ending, isOver, wall, withCall } from "../../signaling/web/console-calls.js";
import { keyAction } from "../../signaling/web/console-keys.js";

/** @param {Record<string, unknown>} [fields] @returns {any} */
const call = (fields = {}) => ({
  id: "c1", state: "preview", monitor: null, deliver_deadline: null, answer_deadline: null, answered_at: null, on_air_at: null, ...fields,
});

/** @param {string} key @param {Record<string, unknown>} [fields] */
const key = (key, fields = {}) => ({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...fields });

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

test("keys: the table of the help", () => {
  /** @type {[string, Record<string, unknown>, string][]} */
  const table = [["/", {}, "search"], ["c", {}, "call"], ["C", {}, "call"], ["Enter", {}, "preview"], ["Enter", { shiftKey: true }, "take"], ["x", {}, "off_air"], ["Escape", {}, "end"], ["?", { shiftKey: true }, "help"], ["3", {}, "call_3"]];
  for (const [name, fields, action] of table) assert.equal(keyAction(key(name, fields), "other", true), action, name);
  assert.equal(keyAction(key("ArrowDown"), "list", true), "down");
  assert.equal(keyAction(key("PageUp"), "list", true), "page_up");
  assert.equal(keyAction(key("ArrowDown"), "other", true), null);
});

test("typing, a button's Enter, a select and other programs' shortcuts are left alone", () => {
  for (const name of ["c", "x", "/", "?", "1", "Enter", "Escape", "Home"]) assert.equal(keyAction(key(name), "field", true), null, name);
  assert.equal(keyAction(key("ArrowDown"), "field", true), "down");
  assert.equal(keyAction(key("Enter"), "control", true), null);
  for (const name of ["c", "ArrowDown", "Enter"]) assert.equal(keyAction(key(name), "select", true), null, name);
  for (const modifier of ["ctrlKey", "altKey", "metaKey", "isComposing"]) assert.equal(keyAction(key("c", { [modifier]: true }), "other", true), null);
});

test("single characters can be switched off, Enter and Escape stay", () => {
  for (const name of ["c", "x", "/", "?", "2"]) assert.equal(keyAction(key(name), "other", false), null, name);
  assert.equal(keyAction(key("Enter"), "other", false), "preview");
  assert.equal(keyAction(key("Escape"), "other", false), "end");
});
