import assert from "node:assert/strict";
import { test } from "node:test";
import { PHASES, PointCall } from "../../signaling/web/point-call.js";

/** @param {Record<string, unknown>} [fields] @returns {any} */
const view = (fields = {}) => ({ id: "c1", point: "1", point_name: "Phường 1", state: "ringing", cause: null, ...fields });

/** @param {PointCall} sut */
const kinds = (sut) => sut.orders().map((order) => (order.kind === "say" ? `say ${order.type}` : order.kind === "alert" ? `alert ${order.on}` : order.kind));

function ringing() {
  const sut = new PointCall();
  sut.receiveRing(view());
  sut.orders();
  return sut;
}

function sending() {
  const sut = ringing();
  sut.shown();
  sut.answer();
  sut.devicesOpened();
  sut.orders();
  return sut;
}

test("a ring opens the silent uplink, sounds, and is confirmed once when the page shows it", () => {
  const sut = new PointCall();
  sut.receiveRing(view());
  assert.deepEqual(kinds(sut), ["open_uplink", "alert true"]);
  sut.shown();
  sut.shown();
  assert.deepEqual(kinds(sut), ["say ringing"]);
});

test("the answer is said in the same moment as the devices are opened, never before", () => {
  const sut = ringing();
  sut.shown();
  assert.ok(!kinds(sut).includes("open_devices"));
  sut.answer();
  assert.deepEqual(kinds(sut), ["say answer", "alert false", "open_devices"]);
  assert.equal(sut.phase, "opening");
  sut.devicesOpened();
  assert.equal(sut.phase, "sending");
  assert.deepEqual(kinds(sut), []);
});

test("an answer quicker than the paint confirms the ring first", () => {
  const sut = ringing();
  sut.answer();
  assert.deepEqual(kinds(sut).slice(0, 2), ["say ringing", "say answer"]);
});

test("a second answer says nothing", () => {
  const sut = sending();
  sut.answer();
  assert.deepEqual(kinds(sut), []);
});

test("declining tells the reason and closes everything", () => {
  const sut = ringing();
  sut.decline("đang họp");
  const orders = sut.orders();
  assert.deepEqual(orders[0], { kind: "say_decline", call: "c1", reason: "đang họp" });
  assert.deepEqual(orders.slice(1).map((order) => order.kind), ["alert", "close_uplink", "close_devices"]);
  assert.deepEqual([sut.phase, sut.over], ["over", "declined_here"]);
});

test("a decline that the server did not hear is said again when it rings again", () => {
  const sut = ringing();
  sut.decline("x");
  sut.orders();
  sut.receiveRing(view());
  assert.deepEqual(sut.orders(), [{ kind: "say_decline", call: "c1", reason: "x" }]);
});

test("microphone refused: told, and the call is over here; camera alone: told, and the voice goes on", () => {
  const refused = ringing();
  refused.answer();
  refused.orders();
  refused.devicesFailed("microphone", "NotAllowedError");
  assert.deepEqual(refused.orders()[0], { kind: "say_device_failed", call: "c1", device: "microphone", error: "NotAllowedError" });
  assert.equal(refused.over, "microphone_failed");

  const voice = ringing();
  voice.answer();
  voice.orders();
  voice.devicesOpened("NotFoundError");
  assert.deepEqual(voice.orders(), [{ kind: "say_device_failed", call: "c1", device: "camera", error: "NotFoundError" }]);
  assert.equal(voice.phase, "sending");
});

test("a device lost while sending is told and the call stays", () => {
  const sut = sending();
  sut.devicesFailed("microphone", "NotReadableError");
  assert.deepEqual(kinds(sut), ["say_device_failed"]);
  assert.equal(sut.phase, "sending");
});

for (const [state, cause, over] of [["ended", null, "ended"], ["failed", "network_lost", "network_lost"], ["failed", "no_answer", "no_answer"]]) {
  test(`${state} ${cause ?? ""} stops the tracks and the uplink and says why`, () => {
    const sut = sending();
    sut.receiveCall(view({ state, cause }));
    assert.deepEqual(kinds(sut), ["alert false", "close_uplink", "close_devices"]);
    assert.deepEqual([sut.phase, sut.over], ["over", over]);
    sut.dismiss();
    assert.deepEqual([sut.phase, sut.call, sut.over], ["idle", null, null]);
  });
}

test("news of another call changes nothing", () => {
  const sut = sending();
  sut.receiveCall(view({ id: "c9", state: "ended" }));
  assert.equal(sut.phase, "sending");
  assert.deepEqual(kinds(sut), []);
});

test("progress of the call is kept without orders", () => {
  const sut = sending();
  for (const state of ["answered", "connected", "preview", "on_air", "preview"]) {
    sut.receiveCall(view({ state }));
    assert.equal(sut.call?.state, state);
  }
  assert.deepEqual(kinds(sut), []);
});

test("after a reconnect: a ring already shown is confirmed again, an answer not heard is said again", () => {
  const shown = ringing();
  shown.shown();
  shown.orders();
  shown.receiveWelcome(view());
  shown.receiveRing(view());
  assert.deepEqual(kinds(shown), ["say ringing"]);

  const answered = sending();
  answered.receiveWelcome(view({ state: "delivered" }));
  answered.receiveRing(view({ state: "delivered" }));
  assert.deepEqual(kinds(answered), ["say ringing", "say answer"]);
  assert.equal(answered.phase, "sending");
});

test("after a reconnect a call that goes on goes on without a word", () => {
  const sut = sending();
  sut.receiveWelcome(view({ state: "on_air" }));
  assert.deepEqual(kinds(sut), []);
  assert.deepEqual([sut.phase, sut.call?.state], ["sending", "on_air"]);
});

test("a call that ended while the line was lost is over, and its cause is learnt when it comes", () => {
  const sut = sending();
  sut.receiveWelcome(null);
  assert.deepEqual([sut.phase, sut.over], ["over", "lost"]);
  sut.receiveCall(view({ state: "failed", cause: "network_lost" }));
  assert.equal(sut.over, "network_lost");
});

test("a page loaded anew in a call asks before it opens the camera, and does not answer twice", () => {
  const sut = new PointCall();
  sut.receiveWelcome(view({ state: "on_air" }));
  assert.equal(sut.phase, "resuming");
  assert.deepEqual(kinds(sut), ["open_uplink"]);
  sut.receiveWelcome(view({ state: "on_air" }));
  assert.deepEqual(kinds(sut), []);
  sut.answer();
  assert.deepEqual(kinds(sut), ["alert false", "open_devices"]);
  sut.devicesOpened();
  assert.equal(sut.phase, "sending");
});

test("resuming may be refused", () => {
  const sut = new PointCall();
  sut.receiveWelcome(view({ state: "answered" }));
  sut.orders();
  sut.hangUp();
  assert.equal(sut.orders()[0]?.kind, "say");
  assert.equal(sut.over, "hung_up");
});

test("a new ring takes the place of what was", () => {
  const sut = sending();
  sut.receiveRing(view({ id: "c2" }));
  assert.deepEqual(kinds(sut), ["alert false", "close_uplink", "close_devices", "open_uplink", "alert true"]);
  assert.deepEqual([sut.phase, sut.call?.id], ["ringing", "c2"]);
});

test("a ring after a notice that nobody dismissed rings", () => {
  const sut = sending();
  sut.receiveCall(view({ state: "ended" }));
  sut.orders();
  sut.receiveRing(view({ id: "c2" }));
  assert.deepEqual([sut.phase, sut.over], ["ringing", null]);
});

test("a replaced page gives everything up", () => {
  const sut = sending();
  sut.abandon();
  assert.deepEqual(kinds(sut), ["alert false", "close_uplink", "close_devices"]);
  assert.equal(sut.over, "replaced");
});

test("whatever happens in whatever order, phases follow the table and devices never outlive a call", () => {
  let seed = 7;
  const random = (/** @type {number} */ n) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % n;
  const states = ["queued", "ringing", "delivered", "answered", "connected", "preview", "on_air", "ended", "failed"];
  for (let run = 0; run < 300; run += 1) {
    const sut = new PointCall();
    let uplink = 0;
    let devices = false;
    for (let step = 0; step < 40; step += 1) {
      const call = view({ id: `c${random(2)}`, state: states[random(states.length)], cause: "network_lost" });
      const before = sut.phase;
      const act = [
        () => sut.receiveRing({ ...call, state: "ringing" }), () => sut.receiveCall(call), () => sut.receiveWelcome(random(3) ? call : null),
        () => sut.shown(), () => sut.answer(), () => sut.decline(""), () => sut.devicesOpened(), () => sut.devicesFailed("camera", "E"),
        () => sut.hangUp(), () => sut.dismiss(), () => sut.abandon(),
      ][random(11)];
      act?.();
      for (const order of sut.orders()) {
        if (order.kind === "open_uplink") uplink += 1;
        if (order.kind === "close_uplink") uplink = 0;
        if (order.kind === "open_devices") devices = true;
        if (order.kind === "close_devices") devices = false;
      }
      assert.ok(before in PHASES && sut.phase in PHASES);
      const idle = sut.phase === "idle" || sut.phase === "over";
      assert.equal(uplink > 0, !idle, `${before} → ${sut.phase}`);
      if (idle || sut.phase === "ringing") assert.equal(devices, false, `${before} → ${sut.phase}`);
    }
  }
});
