import assert from "node:assert/strict";
import { test } from "node:test";
import { CAMERA_AGAIN_MS, EVERY_MS, PointStills } from "../../signaling/web/point-stills.js";

/** @param {boolean} [agreed] @param {number} [luck] */
function desk(agreed = true, luck = 0.5) {
  const stills = new PointStills(agreed, () => luck);
  return stills;
}

test("without consent nothing is opened, said or sent, whatever happens", () => {
  const stills = desk(false);
  stills.lineChanged(true, 0);
  stills.setFree(false, 1);
  stills.setFree(true, 2);
  stills.handleTimeout(1e9);
  assert.deepEqual(stills.orders(), []);
  assert.equal(stills.nextTimeout(), null);
  assert.equal(stills.state, "off");
});

test("with it the server is told, the camera opens, and a still is due at a random moment and then every ten seconds", () => {
  const [early, late] = [desk(true, 0), desk(true, 0.999)];
  for (const stills of [early, late]) stills.lineChanged(true, 0);
  assert.ok((early.nextTimeout() ?? 0) < (late.nextTimeout() ?? 0));
  assert.ok((late.nextTimeout() ?? 0) <= EVERY_MS);
  assert.deepEqual(early.orders(), [{ kind: "say", on: true }, { kind: "camera", on: true }]);
  const due = early.nextTimeout() ?? 0;
  early.handleTimeout(due - 1);
  assert.deepEqual(early.orders(), []);
  early.handleTimeout(due);
  assert.deepEqual(early.orders(), [{ kind: "capture" }]);
  assert.equal(early.nextTimeout(), due + EVERY_MS);
  assert.equal(early.state, "sending");
});

test("in a call the camera is let go, and taken again after it", () => {
  const stills = desk();
  stills.lineChanged(true, 0);
  stills.orders();
  stills.setFree(false, 5);
  assert.deepEqual(stills.orders(), [{ kind: "camera", on: false }]);
  assert.equal(stills.nextTimeout(), null);
  assert.equal(stills.state, "waiting");
  stills.setFree(true, 10);
  assert.deepEqual(stills.orders(), [{ kind: "camera", on: true }]);
});

test("a lost line closes the camera; the next welcome hears of the consent again", () => {
  const stills = desk();
  stills.lineChanged(true, 0);
  stills.orders();
  stills.lineChanged(false, 5);
  assert.deepEqual(stills.orders(), [{ kind: "camera", on: false }]);
  stills.lineChanged(true, 9);
  assert.deepEqual(stills.orders(), [{ kind: "say", on: true }, { kind: "camera", on: true }]);
});

test("taking it back is told at once, and nothing follows", () => {
  const stills = desk();
  stills.lineChanged(true, 0);
  stills.orders();
  stills.agree(false, 5);
  assert.deepEqual(stills.orders(), [{ kind: "say", on: false }, { kind: "camera", on: false }]);
  assert.equal(stills.nextTimeout(), null);
  assert.equal(stills.state, "off");
});

test("a refusal ends it until somebody agrees anew", () => {
  const stills = desk();
  stills.lineChanged(true, 0);
  stills.orders();
  stills.refuse(5);
  assert.deepEqual(stills.orders(), [{ kind: "camera", on: false }]);
  assert.equal(stills.state, "refused");
  stills.lineChanged(false, 6);
  stills.lineChanged(true, 7);
  assert.deepEqual(stills.orders(), []);
  stills.agree(true, 8);
  assert.deepEqual(stills.orders(), [{ kind: "say", on: true }, { kind: "camera", on: true }]);
});

test("a camera without a picture is tried again after a minute", () => {
  const stills = desk();
  stills.lineChanged(true, 0);
  stills.handleTimeout(stills.nextTimeout() ?? 0);
  stills.orders();
  stills.cameraWorks(false, 20);
  assert.equal(stills.state, "no_camera");
  assert.equal(stills.nextTimeout(), 20 + CAMERA_AGAIN_MS);
  stills.handleTimeout(20 + CAMERA_AGAIN_MS);
  assert.deepEqual(stills.orders(), [{ kind: "camera", on: false }, { kind: "camera", on: true }, { kind: "capture" }]);
  stills.cameraWorks(true, 21 + CAMERA_AGAIN_MS);
  assert.equal(stills.state, "sending");
});
