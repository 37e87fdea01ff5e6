import assert from "node:assert/strict";
import { test } from "node:test";
import { OUT_OF_SCOPE, POINT_STATES, PointStates, decodeFrame, isLive, stateOf } from "../../signaling/web/points.js";

test("the frame is nibbles, high first, padded", () => {
  assert.deepEqual([...decodeFrame("AQcI", 5)], [0, 1, 0, 7, 0]);
  assert.deepEqual([...decodeFrame("", 2)], [0, 0]);
  assert.deepEqual([...decodeFrame("8A==", 2)], [15, 0]);
});

test("no state is red but on air, offline is grey, each pair of shape and tone is its own", () => {
  assert.equal(stateOf(0).tone, "off");
  assert.deepEqual(POINT_STATES.filter((state) => state.tone === "air").map((state) => state.key), ["on_air"]);
  assert.equal(new Set(POINT_STATES.map((state) => `${state.shape} ${state.tone}`)).size, POINT_STATES.length);
  assert.equal(stateOf(13).key, "out_of_scope");
});

test("live is everything but offline, missed offline and out of scope", () => {
  assert.deepEqual([...Array(16).keys()].filter((state) => !isLive(state)), [0, 9, OUT_OF_SCOPE]);
});

test("a frame counts, changes move the counts, old versions change nothing", () => {
  const sut = new PointStates();
  sut.receiveFrame({ version: 4, count: 5, states: "AQcI" });
  assert.deepEqual([sut.total, sut.live, sut.counts[7]], [5, 2, 1]);
  assert.equal(sut.receiveChanges({ version: 4, changes: [[0, 1]] }), false);
  assert.equal(sut.states[0], 0);
  assert.equal(sut.receiveChanges({ version: 9, changes: [[0, 1], [3, 6], [4, 15], [99, 1]] }), true);
  assert.deepEqual([...sut.states], [1, 1, 0, 6, 15]);
  assert.deepEqual([sut.total, sut.live, sut.counts[7], sut.counts[6]], [4, 3, 0, 1]);
  assert.equal(sut.receiveChanges({ version: 10, changes: [[0, 1]] }), false);
  assert.equal(sut.version, 10);
});

test("a second frame starts the counts anew", () => {
  const sut = new PointStates();
  sut.receiveFrame({ version: 1, count: 4, states: "ERE=" });
  sut.receiveFrame({ version: 2, count: 2, states: "EA==" });
  assert.deepEqual([sut.total, sut.live], [2, 1]);
});

test("since when is known from what the page saw itself, over a second frame too", () => {
  const sut = new PointStates();
  sut.receiveFrame({ version: 1, count: 4, states: "ERE=" }, 1_000);
  assert.deepEqual([...sut.since], [0, 0, 0, 0], "before the page looked nobody knows");
  sut.receiveChanges({ version: 2, changes: [[1, 2], [2, 1]] }, 2_000);
  assert.deepEqual([...sut.since], [0, 2_000, 0, 0]);
  sut.receiveFrame({ version: 3, count: 4, states: "EgE=" }, 3_000);
  assert.deepEqual([...sut.since], [0, 2_000, 3_000, 0]);
  sut.receiveFrame({ version: 4, count: 2, states: "EQ==" }, 4_000);
  assert.deepEqual([...sut.since], [0, 0], "another directory");
});
