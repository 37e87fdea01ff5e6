"""Applying events: what they add up to, and events that cannot be."""

import pytest

from bridge import events
from bridge.applying import apply
from bridge.calls import Evidence
from bridge.commands import (
    AnswerCall,
    CancelCall,
    EndCall,
    PlaceCall,
    PointArrived,
    PointLeft,
    PointReported,
    TakeCall,
    TakeOffAir,
)
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.machine import CallState, Cause
from bridge.points import PointState, Report
from bridge.rules import Rules
from bridge.state import State
from bridge.units import Directory
from bridge.views import snapshot_view
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, small_directory, whats


class TestPointStates:
    @pytest.mark.parametrize(
        ("reach", "state"),
        [
            ("place", PointState.READY),
            ("ring", PointState.RINGING),
            ("deliver", PointState.DELIVERED),
            ("answer", PointState.ANSWERED),
            ("connect", PointState.PREVIEW),
        ],
    )
    def test_along_a_call(self, reach: str, state: PointState) -> None:
        scene = Scene()
        assert scene.bridge.point_state(WARD) is PointState.OFFLINE
        scene.arrive(WARD)
        assert scene.bridge.point_state(WARD) is PointState.READY
        getattr(scene, reach)()
        assert scene.bridge.point_state(WARD) is state

    def test_on_air_and_back(self) -> None:
        scene = Scene()
        call = scene.connect()
        scene.do(TakeCall(call.id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.ON_AIR
        scene.do(TakeOffAir(call.id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.PREVIEW
        scene.do(EndCall(call.id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.READY

    def test_a_connected_call_without_auto_preview(self) -> None:
        scene = Scene(Rules(auto_preview=False))
        scene.connect()
        assert scene.bridge.point_state(WARD) is PointState.CONNECTED

    def test_a_miss_stays_until_an_answer(self) -> None:
        scene = Scene()
        scene.do(PlaceCall(WARD, "x"))
        assert scene.bridge.point_state(WARD) is PointState.MISSED_OFFLINE
        scene.do(PointArrived(WARD, SEEN))
        assert scene.bridge.point_state(WARD) is PointState.MISSED
        scene.do(CancelCall(scene.deliver().id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.MISSED, "a cancelled call proves nothing"
        call = scene.deliver()
        scene.do(AnswerCall(call.id, SEEN))
        scene.do(EndCall(call.id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.READY

    def test_a_cancelled_call_is_no_miss(self) -> None:
        scene = Scene()
        scene.do(CancelCall(scene.deliver().id, "x"))
        assert scene.bridge.point_state(WARD) is PointState.READY

    def test_a_point_in_a_call_shows_the_call_even_while_it_is_gone(self) -> None:
        scene = Scene()
        scene.connect()
        scene.do(PointLeft(WARD, "x"))
        assert scene.bridge.point_state(WARD) is PointState.PREVIEW

    def test_a_point_that_goes_while_it_rings_is_still_ringing(self) -> None:
        scene = Scene()
        call = scene.ring()
        scene.do(PointLeft(WARD, "socket closed"), 100)
        assert call.state is CallState.RINGING
        scene.do(PointArrived(WARD, SEEN), 900)
        assert whats(call) == ["placed", "ringing", "point_left", "point_arrived"]
        assert [entry.note for entry in call.trail][2] == "socket closed"


class TestRecords:
    def test_when_it_was_last_seen(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        record = scene.bridge.state.records[WARD]
        assert (record.last_seen, record.live_since, record.offline_since) == (START, START, None)
        scene.do(PointReported(WARD, Report(visible=False)), 10)
        assert record.last_seen == START + 10
        scene.deliver()
        assert record.last_seen == START + 60
        scene.do(PointLeft(WARD, "x"), 40)
        assert (record.last_seen, record.live_since, record.offline_since) == (START + 100, None, START + 100)
        scene.do(PointArrived(WARD), 1)
        assert (record.live_since, record.offline_since, record.left_reason) == (START + 101, None, None)

    def test_a_report_is_kept_over_an_arrival_without_one(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.do(PointLeft(WARD, "x"))
        scene.do(PointArrived(WARD, None))
        assert scene.bridge.state.records[WARD].report is SEEN

    def test_reports_in_a_call_are_on_its_trail(self) -> None:
        scene = Scene()
        call = scene.answer()
        hidden = Report(visible=False, camera="ok", microphone="ok")
        scene.do(PointReported(WARD, hidden))
        assert (call.trail[-1].what, call.trail[-1].report, call.report) == ("reported", hidden, hidden)

    def test_the_report_known_at_placing_is_on_the_trail(self) -> None:
        scene = Scene()
        assert scene.place().trail[0].report is SEEN

    def test_how_many_are_live(self) -> None:
        scene = Scene()
        scene.arrive(WARD, OTHER, WARD)
        assert scene.bridge.live_count == 2
        scene.do(PointLeft(WARD, "x"))
        assert scene.bridge.live_count == 1


class TestCalls:
    def test_the_times_of_a_whole_life(self) -> None:
        scene = Scene()
        call = scene.connect()
        connected = scene.now
        scene.do(TakeCall(call.id, "x"), 1_000)
        scene.do(TakeOffAir(call.id, "x"), 1_000)
        assert (call.on_air_at, call.off_air_at, call.guest) == (connected + 1_000, connected + 2_000, None)
        scene.do(TakeCall(call.id, "x"), 1_000)
        assert (call.on_air_at, call.off_air_at) == (connected + 3_000, None)
        scene.do(EndCall(call.id, "x"), 1_000)
        assert (call.placed_at, call.ringing_at, call.delivered_at, call.answered_at) == (
            START,
            START + 10,
            START + 50,
            START + 3_050,
        )
        assert (call.connected_at, call.preview_at) == (connected, connected)
        assert (call.off_air_at, call.ended_at) == (connected + 4_000, connected + 4_000)
        assert (call.monitor, call.guest, call.deadline, call.cause, call.evidence) == (None, None, None, None, None)

    def test_going_off_air_is_not_going_into_preview_for_the_first_time(self) -> None:
        scene = Scene(Rules(auto_preview=False))
        call = scene.connect()
        scene.do(TakeCall(call.id, "x"))
        scene.do(TakeOffAir(call.id, "x"))
        assert (call.state, call.preview_at) == (CallState.PREVIEW, None)
        assert whats(call)[-1] == "off_air"

    def test_a_failure_ends_the_trail_with_its_cause(self) -> None:
        scene = Scene()
        call = scene.deliver()
        scene.tick(30_000)
        assert (call.trail[-1].what, call.trail[-1].note, call.trail[-1].by) == ("failed", "no_answer", "clock")
        assert type(call.trail[-1].note) is str

    def test_finished_calls_are_kept_up_to_a_bound_and_active_ones_always(self) -> None:
        scene = Scene(Rules(kept_calls=3))
        active = scene.deliver()
        for _ in range(10):
            scene.do(PlaceCall(FAR, "x"))
        assert list(scene.bridge.calls) == [active.id, "c9", "c10", "c11"]


WHOLE: list[Event] = [
    events.SessionOpened(1, "x", "x"),
    events.PointArrived(2, WARD, None),
    events.CallPlaced(3, "c1", WARD, "x", 1, 9),
]


class TestContradictions:
    """A log that cannot have been written by this domain is refused, and refused whole."""

    @pytest.mark.parametrize(
        "event",
        [
            events.SessionOpened(4, "again", "x"),
            events.PointLeft(4, OTHER, "never came"),
            events.PointLeft(4, "9", "x"),
            events.CallPlaced(4, "c1", OTHER, "x", 2, 9),
            events.CallPlaced(4, "c2", WARD, "x", 2, 9),
            events.CallRinging(4, "c9", 9),
            events.CallDelivered(4, "c1", 9, None),
            events.CallAnswered(4, "c1", 9, None),
            events.CallConnected(4, "c1", "video"),
            events.CallPreviewed(4, "c1", "x"),
            events.CallTaken(4, "c1", "x", 1),
            events.CallTakenOffAir(4, "c1", "x"),
            events.CallTakeAnnounced(4, "c1", "x", 7),
            events.CallTakeCancelled(4, "c1", "x"),
            events.CallInterrupted(4, "c1", 9, "x"),
            events.CallResumed(4, "c1", "video"),
            events.CallEnded(4, "c1", "x"),
            events.CallFailed(4, "c1", Cause.NO_ANSWER, "clock", Evidence(point_live=True)),
            events.CallFailed(4, "c9", Cause.CANCELLED, "x", Evidence(point_live=True)),
            events.CallNoted(4, "c9", "x", "x", "", None),
            events.CallClockRestarted(4, "c9", 9, "x"),
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_refused_and_nothing_changed(self, event: Event) -> None:
        state = State("main", small_directory(), Rules())
        for before in WHOLE:
            apply(state, before)
        snapshot = snapshot_view(state)
        with pytest.raises(BridgeError) as refused:
            apply(state, event)
        assert refused.value.fault == "bug"
        assert snapshot_view(state) == snapshot

    def test_nothing_happens_in_a_call_that_is_over(self) -> None:
        scene = Scene()
        scene.do(CancelCall(scene.deliver().id, "x"))
        for event in (events.CallNoted(4, "c1", "x", "x", "", None), events.CallClockRestarted(4, "c1", 9, "x")):
            with pytest.raises(BridgeError):
                scene.bridge.apply(event)


def test_a_log_over_a_directory_that_has_lost_a_point_still_replays() -> None:
    scene = Scene()
    call = scene.connect()
    scene.do(TakeCall(call.id, "x"))
    smaller = State("main", Directory((), ()), Rules())
    for event in scene.log:
        apply(smaller, event)
    assert smaller.calls["c1"].state is CallState.ON_AIR
    assert smaller.calls["c1"].point_name == WARD
    assert smaller.states.frame() == b""
