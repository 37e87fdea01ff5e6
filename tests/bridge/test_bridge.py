"""The session as the shell sees it: clocks above all."""

import pytest

from bridge.commands import ConfirmRing, PlaceCall, PointArrived, PointLeft, RingSent, TakeCall
from bridge.errors import BridgeError
from bridge.machine import CallState, Cause
from bridge.points import PointState
from bridge.rules import Rules
from tests.bridge.scene import FAR, OTHER, START, WARD, Scene, kinds, wide_directory


class TestClocks:
    def test_none_runs_in_a_session_without_calls(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        assert scene.bridge.next_timeout() is None
        assert scene.tick(10**9) == []

    @pytest.mark.parametrize(
        ("reach", "period_ms", "cause"),
        [
            ("place", 5_000, Cause.UNDELIVERED),
            ("ring", 5_000, Cause.UNDELIVERED),
            ("deliver", 30_000, Cause.NO_ANSWER),
            ("answer", 10_000, Cause.MEDIA_FAILED),
        ],
    )
    def test_what_runs_out(self, reach: str, period_ms: int, cause: Cause) -> None:
        scene = Scene()
        call = getattr(scene, reach)()
        assert scene.bridge.next_timeout() == scene.now + period_ms
        assert scene.tick(period_ms - 1) == []
        assert kinds(scene.tick(1)) == ["CallFailed"]
        assert call.cause is cause
        assert call.evidence is not None
        assert call.evidence.deadline == scene.now
        assert scene.bridge.next_timeout() is None

    def test_the_answer_clock_starts_at_the_confirmation_not_at_the_sending(self) -> None:
        scene = Scene()
        call = scene.ring()
        scene.tick(4_000)
        scene.do(ConfirmRing(call.id))
        assert scene.bridge.next_timeout() == scene.now + 30_000
        assert call.ringing_at == START + 10
        assert call.delivered_at == START + 4_010

    def test_a_ring_that_was_never_sent_to_a_point_that_has_gone(self) -> None:
        scene = Scene()
        call = scene.place()
        scene.do(PointLeft(WARD, "x"), 100)
        scene.tick(5_000)
        assert call.cause is Cause.OFFLINE
        assert call.evidence is not None
        assert call.evidence.rings_sent == 0

    def test_a_ring_that_was_sent_to_a_point_that_has_gone_is_undelivered(self) -> None:
        scene = Scene()
        call = scene.ring()
        scene.do(PointLeft(WARD, "x"), 100)
        assert call.state is CallState.RINGING
        scene.tick(5_000)
        assert call.cause is Cause.UNDELIVERED
        assert call.evidence is not None
        assert (call.evidence.point_live, call.evidence.offline_since) == (False, START + 110)

    def test_a_point_that_comes_back_is_rung_again_and_can_answer(self) -> None:
        scene = Scene()
        call = scene.ring()
        scene.do(PointLeft(WARD, "x"), 4_000)
        scene.do(PointArrived(WARD), 900)
        scene.do(RingSent(call.id), 10)
        assert scene.tick(4_999) == []
        assert call.state is CallState.RINGING
        scene.tick(1)
        assert call.cause is Cause.UNDELIVERED
        assert call.evidence is not None
        assert call.evidence.rings_sent == 2

    def test_a_voice_without_a_picture_is_connected_when_the_media_clock_runs_out(self) -> None:
        scene = Scene()
        call = scene.answer()
        scene.media(WARD, "audio")
        assert kinds(scene.tick(10_000)) == ["CallConnected", "CallPreviewed"]
        assert (call.state, call.connected_by, call.cause) == (CallState.PREVIEW, "audio", None)

    @pytest.mark.parametrize("on_air", [False, True])
    def test_a_line_that_does_not_come_back(self, on_air: bool) -> None:
        scene = Scene()
        call = scene.connect()
        if on_air:
            scene.do(TakeCall(call.id, "x"))
        scene.media(WARD, "audio", flowing=False)
        scene.media(WARD, "video", flowing=False)
        since = scene.now
        scene.do(PointLeft(WARD, "gone"), 1_000)
        assert scene.bridge.next_timeout() == since + 30_000
        scene.tick(29_000)
        assert call.cause is Cause.NETWORK_LOST
        assert scene.bridge.on_air() == []
        assert scene.bridge.point_state(WARD) is PointState.MISSED_OFFLINE

    def test_a_point_that_leaves_while_its_media_flows_stays_in_the_call(self) -> None:
        scene = Scene()
        call = scene.connect()
        scene.do(PointLeft(WARD, "page reloaded"))
        assert scene.bridge.next_timeout() is None
        assert call.state is CallState.PREVIEW

    def test_several_clocks_run_out_in_their_order(self) -> None:
        scene = Scene()
        scene.deliver(WARD)
        scene.do(PlaceCall(FAR, "x"))
        scene.ring(OTHER)
        happened = scene.tick(60_000)
        assert kinds(happened) == ["CallFailed", "CallFailed"]
        assert [event.call for event in happened] == ["c3", "c1"]  # type: ignore[union-attr]

    def test_a_timer_that_fires_late_says_when_it_should_have(self) -> None:
        scene = Scene()
        call = scene.deliver()
        due = call.deadline
        scene.tick(500_000)
        assert call.evidence is not None
        assert call.evidence.deadline == due
        assert call.ended_at == scene.now

    def test_other_rules_after_a_restart_do_not_move_a_running_clock(self) -> None:
        scene = Scene()
        scene.deliver()
        due = scene.bridge.next_timeout()
        scene.bridge.state.rules = Rules(answer_timeout_ms=1)
        assert scene.replayed().next_timeout() == due


class TestPresenceOfACountry:
    def test_ten_thousand_come_and_the_frame_is_small(self) -> None:
        scene = Scene(directory=wide_directory(11_367))
        for number in range(11_367):
            scene.do(PointArrived(f"p{number}"))
        assert scene.bridge.live_count == 11_367
        frame = scene.bridge.state_frame()
        assert len(frame) == 5_684
        assert frame[:-1] == b"\x11" * 5_683
        assert frame[-1] == 0x10
        changes = scene.bridge.drain_changes()
        assert changes == [(index, 1) for index in range(11_367)]
        assert scene.bridge.drain_changes() == []
        scene.do(PointLeft("p7", "x"))
        assert scene.bridge.drain_changes() == [(7, 0)]

    def test_a_change_back_and_forth_is_told_as_it_ended(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.bridge.drain_changes()
        scene.do(PointLeft(WARD, "x"))
        scene.do(PointArrived(WARD))
        assert scene.bridge.drain_changes() == [(scene.bridge.directory.index_of(WARD), 1)]


class TestQuestions:
    def test_what_the_shell_asks(self) -> None:
        scene = Scene()
        assert scene.bridge.is_open
        assert scene.bridge.session_id == "main"
        assert scene.bridge.session.title == "Phiên họp"
        assert scene.bridge.rules == Rules()
        assert not scene.bridge.is_live(WARD)
        assert scene.bridge.active_call(WARD) is None
        call = scene.connect()
        assert scene.bridge.is_live(WARD)
        assert scene.bridge.active_call(WARD) is call
        assert scene.bridge.active_calls() == [call]
        assert scene.bridge.point_of(call.id) == WARD
        assert scene.bridge.point_of("c9") is None
        assert not Scene(opened=False).bridge.is_open

    def test_the_state_of_a_point_that_is_not_there(self) -> None:
        with pytest.raises(BridgeError):
            Scene().bridge.point_state("9")

    def test_on_air_is_the_newest_first(self) -> None:
        scene = Scene()
        first, second = scene.connect(WARD), scene.connect(FAR)
        scene.do(TakeCall(second.id, "x"))
        scene.do(TakeCall(first.id, "x"))
        assert scene.bridge.on_air() == [first, second]
