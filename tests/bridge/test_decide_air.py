"""Going on air after a countdown."""

import pytest

from bridge import events
from bridge.bridge import Bridge
from bridge.commands import EndCall, GiveFloor, Reconcile, TakeCall, TakeOffAir
from bridge.machine import CallState
from bridge.views import call_view
from tests.bridge.scene import FAR, OTHER, WARD, Scene, kinds, refused


def counting(scene: Scene, point: str = WARD, delay_ms: int = 3_000) -> str:
    call = scene.connect(point)
    assert scene.do(TakeCall(call.id, "lan", delay_ms)) == [
        events.CallTakeAnnounced(scene.now, call.id, "lan", scene.now + delay_ms)
    ]
    return call.id


def test_it_stays_in_preview_until_the_countdown_ends() -> None:
    scene = Scene()
    call = scene.bridge.calls[counting(scene)]
    announced = scene.now
    assert (call.state, call.air_at, call.guest) == (CallState.PREVIEW, announced + 3_000, None)
    assert call_view(call)["air_at"] == announced + 3_000
    assert scene.bridge.next_timeout() == announced + 3_000
    assert scene.tick(2_999) == []
    assert scene.tick(1) == [events.CallTaken(announced + 3_000, call.id, "lan", 1)]
    assert (call.state, call.air_at, call.on_air_at) == (CallState.ON_AIR, None, announced + 3_000)
    assert scene.bridge.next_timeout() is None
    steps = [(entry.what, entry.by, entry.note) for entry in call.trail[-2:]]
    assert steps == [("air_announced", "lan", "3 s"), ("on_air", "lan", "")]


def test_a_second_take_takes_at_once_whatever_it_asks_for() -> None:
    for delay_ms in (0, 3_000):
        scene = Scene()
        call = counting(scene)
        assert scene.do(TakeCall(call, "lan", delay_ms), 1_000) == [events.CallTaken(scene.now, call, "lan", 1)]
        assert scene.tick(60_000) == []


def test_off_air_stops_it() -> None:
    scene = Scene()
    call = counting(scene)
    assert scene.do(TakeOffAir(call, "minh"), 1_000) == [events.CallTakeCancelled(scene.now, call, "minh")]
    assert scene.bridge.calls[call].state is CallState.PREVIEW
    assert scene.tick(60_000) == []
    assert refused(scene, TakeOffAir(call, "minh")).code == "wrong_state"
    assert scene.bridge.calls[call].trail[-1].what == "air_cancelled"


def test_the_end_of_the_call_stops_it() -> None:
    scene = Scene()
    call = counting(scene)
    assert kinds(scene.do(EndCall(call, "lan"), 1_000)) == ["CallEnded"]
    assert scene.bridge.calls[call].air_at is None
    assert scene.bridge.next_timeout() is None
    assert refused(scene, TakeCall(call, "lan", 3_000)).code == "call_over"


def test_a_dead_line_is_not_put_on_air() -> None:
    scene = Scene()
    call = counting(scene)
    scene.media(WARD, "video", flowing=False, after_ms=500)
    scene.media(WARD, "audio", flowing=False)
    assert scene.tick(2_500) == [events.CallTakeCancelled(scene.now, call, "auto", "interrupted")]
    assert scene.bridge.on_air() == []


def test_what_counts_down_keeps_its_place_on_the_stage() -> None:
    scene = Scene()
    first, second, third = counting(scene, WARD), counting(scene, OTHER), scene.connect(FAR)
    assert refused(scene, TakeCall(third.id, "lan")).code == "stage_full"
    assert refused(scene, TakeCall(third.id, "lan", 3_000)).code == "stage_full"
    taken = scene.tick(4_000)
    assert {(type(event), getattr(event, "call", ""), getattr(event, "guest", 0)) for event in taken} == {
        (events.CallTaken, first, 1),
        (events.CallTaken, second, 2),
    }


def test_who_was_given_the_floor_meanwhile_comes_first() -> None:
    scene = Scene()
    call, other, _ = counting(scene, WARD), scene.connect(OTHER), scene.connect(FAR)
    scene.do(TakeCall(other.id, "lan"))
    happened = scene.do(GiveFloor(FAR, 60_000, "lan"))
    assert "CallTaken" in kinds(happened)
    assert scene.tick(3_000) == [events.CallTaken(scene.now, call, "lan", 2)], "there is a slot for it beside the speaker"


@pytest.mark.parametrize(("asked_ms", "given_ms"), [(10_000, 10_000), (99_000, 10_000), (1, 1)])
def test_a_longer_delay_is_cut(asked_ms: int, given_ms: int) -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(TakeCall(call.id, "lan", asked_ms))
    assert call.air_at == scene.now + given_ms


def test_a_negative_one_is_none() -> None:
    scene = Scene()
    call = scene.connect()
    assert kinds(scene.do(TakeCall(call.id, "lan", -5))) == ["CallTaken"]


def test_nobody_who_only_rings_counts_down() -> None:
    scene = Scene()
    call = scene.deliver()
    assert refused(scene, TakeCall(call.id, "lan", 3_000)).code == "wrong_state"


class TestReplay:
    def test_the_countdown_goes_on_after_it(self) -> None:
        scene = Scene()
        call = counting(scene)
        replayed = scene.replayed()
        assert replayed.snapshot() == scene.bridge.snapshot()
        replayed.handle(Reconcile(frozenset({WARD}), "server"), scene.now + 1_000)
        assert replayed.next_timeout() == scene.now + 3_000
        assert kinds(replayed.handle_timeout(scene.now + 3_000)) == ["CallTaken"]
        assert replayed.calls[call].state is CallState.ON_AIR

    def test_one_that_nobody_expects_any_more_is_stopped(self) -> None:
        scene = Scene()
        call = counting(scene)
        replayed: Bridge = scene.replayed()
        happened = replayed.handle(Reconcile(frozenset({WARD}), "server"), scene.now + 20_000)
        assert events.CallTakeCancelled(scene.now + 20_000, call, "server", "missed") in happened
        assert replayed.handle_timeout(scene.now + 20_000) == []
        assert replayed.calls[call].state is CallState.PREVIEW
