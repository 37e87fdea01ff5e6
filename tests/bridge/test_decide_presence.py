"""What is decided about the session and about who is there; the calls are in test_decide.py."""

import pytest

from bridge import events
from bridge.commands import (
    CloseSession,
    Command,
    OpenSession,
    PlaceCall,
    PointArrived,
    PointLeft,
    PointReported,
    Reconcile,
    TakeCall,
)
from bridge.machine import CallState, Cause
from bridge.points import Report
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, kinds, refused, wide_directory


class TestSession:
    def test_open_and_close(self) -> None:
        scene = Scene(opened=False)
        assert scene.do(OpenSession("Giao ban", "center")) == [events.SessionOpened(START, "Giao ban", "center")]
        assert scene.do(CloseSession("center"), 5) == [events.SessionClosed(START + 5, "center")]

    def test_only_once_and_in_order(self) -> None:
        scene = Scene(opened=False)
        assert refused(scene, CloseSession("x")).code == "session_state"
        scene.do(OpenSession("x", "x"))
        assert refused(scene, OpenSession("x", "x")).code == "session_state"
        scene.do(CloseSession("x"))
        assert refused(scene, OpenSession("x", "x")).code == "session_state"
        assert refused(scene, CloseSession("x")).code == "session_state"

    def test_no_calls_unless_it_is_open(self) -> None:
        scene = Scene(opened=False)
        scene.arrive(WARD)
        assert refused(scene, PlaceCall(WARD, "x")).code == "session_not_open"
        scene.do(OpenSession("x", "x"))
        scene.do(CloseSession("x"))
        error = refused(scene, PlaceCall(WARD, "x"))
        assert error.code == "session_not_open"
        assert "đã đóng" in error.message_vi

    def test_closing_ends_every_call_as_it_stands(self) -> None:
        scene = Scene()
        ringing, talking, answered = scene.ring(WARD), scene.connect(OTHER), scene.answer(FAR)
        scene.do(TakeCall(talking.id, "center"))
        happened = scene.do(CloseSession("center"))
        assert kinds(happened) == ["CallFailed", "CallEnded", "CallEnded", "SessionClosed"]
        assert (ringing.state, ringing.cause) == (CallState.FAILED, Cause.CANCELLED)
        assert ringing.evidence is not None
        assert ringing.evidence.detail == "session closed"
        assert talking.state is answered.state is CallState.ENDED
        assert scene.bridge.active_calls() == scene.bridge.on_air() == []

    def test_titles_are_cut(self) -> None:
        (opened,) = Scene(opened=False).do(OpenSession("x" * 999 + "\n", "center"))
        assert isinstance(opened, events.SessionOpened)
        assert len(opened.title) == 200


class TestPresence:
    def test_coming_and_going(self) -> None:
        scene = Scene()
        assert scene.do(PointArrived(WARD, SEEN)) == [events.PointArrived(START, WARD, SEEN)]
        assert scene.do(PointLeft(WARD, "gone"), 7) == [events.PointLeft(START + 7, WARD, "gone")]

    def test_presence_does_not_need_an_open_session(self) -> None:
        assert Scene(opened=False).do(PointArrived(WARD))

    def test_leaving_twice_is_leaving_once(self) -> None:
        scene = Scene()
        assert scene.do(PointLeft(WARD, "x")) == []
        scene.arrive(WARD)
        scene.do(PointLeft(WARD, "x"))
        assert scene.do(PointLeft(WARD, "x")) == []

    def test_a_second_connection_is_an_arrival_too(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        assert kinds(scene.do(PointArrived(WARD, None), 5)) == ["PointArrived"]
        assert scene.bridge.live_count == 1

    @pytest.mark.parametrize("command", [PointArrived("9"), PointLeft("9"), PointReported("9", SEEN), PlaceCall("9", "x")])
    def test_points_that_are_not_there(self, command: Command) -> None:
        assert refused(Scene(), command).code == "unknown_point"

    def test_news_is_recorded_and_what_is_known_is_not(self) -> None:
        scene = Scene()
        assert scene.do(PointReported(WARD, SEEN)) == [], "not live"
        scene.arrive(WARD)
        assert scene.do(PointReported(WARD, SEEN)) == []
        slower = Report(visible=True, camera="ok", microphone="ok", rtt_ms=400.0, device="Chromium")
        assert scene.do(PointReported(WARD, slower)) == []
        hidden = Report(visible=False, camera="ok", microphone="ok", rtt_ms=400.0, device="Chromium")
        assert scene.do(PointReported(WARD, hidden)) == [events.PointReported(START, WARD, hidden)]


class TestReconcile:
    def test_who_is_gone_left_and_who_is_new_arrived(self) -> None:
        scene = Scene()
        scene.arrive(WARD, OTHER)
        assert scene.do(Reconcile(frozenset({OTHER, FAR, "stranger"}), "system"), 9) == [
            events.PointLeft(START + 9, WARD, "reconciled"),
            events.PointArrived(START + 9, FAR, None),
        ]
        assert scene.bridge.live_count == 2

    def test_nothing_to_do(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        assert scene.do(Reconcile(frozenset({WARD}), "system")) == []

    def test_running_clocks_start_afresh(self) -> None:
        scene = Scene(directory=wide_directory(5))
        queued, ringing, delivered, answered = scene.place("p0"), scene.ring("p1"), scene.deliver("p2"), scene.answer("p3")
        live = frozenset({"p0", "p1", "p2", "p3"})
        happened = scene.do(Reconcile(live, "system"), 600_000)
        assert kinds(happened) == ["CallClockRestarted"] * 4
        assert [call.deadline for call in (queued, ringing, delivered, answered)] == [
            scene.now + 5_000,
            scene.now + 5_000,
            scene.now + 30_000,
            scene.now + 10_000,
        ]
        assert scene.tick(0) == []

    def test_talking_calls_have_a_clock_only_while_interrupted(self) -> None:
        scene = Scene()
        talking, silent = scene.connect(WARD), scene.connect(OTHER)
        scene.media(OTHER, "audio", flowing=False)
        scene.media(OTHER, "video", flowing=False)
        assert [event.call for event in scene.do(Reconcile(frozenset({WARD, OTHER}), "system"), 60_000)] == [  # type: ignore[union-attr]
            silent.id
        ]
        assert (talking.deadline, silent.deadline) == (None, scene.now + 30_000)
