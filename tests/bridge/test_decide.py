"""What each command causes, and what is refused."""

import pytest

from bridge import commands, events
from bridge.calls import TRAIL_NOTES_MAX
from bridge.commands import (
    AnswerCall,
    CancelCall,
    Command,
    ConfirmRing,
    DeclineCall,
    EndCall,
    PlaceCall,
    PointLeft,
    PointReported,
    PreviewCall,
    Reconcile,
    ReportDeviceFailure,
    ReportMedia,
    RingSent,
    TakeCall,
    TakeOffAir,
)
from bridge.machine import CallState, Cause
from bridge.points import PointState, Report
from bridge.rules import Rules
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, kinds, refused, whats, wide_directory


class TestPlacing:
    def test_a_call_to_a_live_point(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        assert scene.do(PlaceCall(WARD, "operator:lan")) == [
            events.CallPlaced(START, "c1", WARD, "operator:lan", 1, START + 5_000)
        ]

    def test_a_point_that_never_came(self) -> None:
        placed, failed = Scene().do(PlaceCall(WARD, "center"))
        assert placed == events.CallPlaced(START, "c1", WARD, "center", None, None)
        assert isinstance(failed, events.CallFailed)
        assert failed.cause is Cause.OFFLINE
        assert failed.evidence.last_seen is failed.evidence.offline_since is None
        assert not failed.evidence.point_live

    def test_a_point_that_has_gone_tells_since_when_and_why(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.do(PointReported(WARD, Report(visible=False)), 1_000)
        scene.do(PointLeft(WARD, "heartbeat"), 60_000)
        _, failed = scene.do(PlaceCall(WARD, "center"), 600_000)
        assert isinstance(failed, events.CallFailed)
        evidence = failed.evidence
        assert evidence.last_seen == START + 61_000
        assert evidence.offline_since == START + 61_000
        assert evidence.left_reason == "heartbeat"
        assert evidence.report == Report(visible=False)
        assert evidence.rings_sent == 0

    def test_a_point_that_nobody_saw_go_was_last_seen_when_it_was_seen(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.do(Reconcile(frozenset(), "system"), 90_000)
        _, failed = scene.do(PlaceCall(WARD, "center"), 1_000)
        assert isinstance(failed, events.CallFailed)
        assert failed.evidence.last_seen == START
        assert failed.evidence.offline_since == START + 90_000
        assert failed.evidence.left_reason == "reconciled"

    @pytest.mark.parametrize(
        ("reach", "word"),
        [("place", "chờ gửi"), ("ring", "đang gọi"), ("deliver", "đổ chuông"), ("answer", "đã trả lời"), ("connect", "chuẩn bị")],
    )
    def test_one_call_a_point_and_the_refusal_names_its_state(self, reach: str, word: str) -> None:
        scene = Scene()
        getattr(scene, reach)(WARD)
        error = refused(scene, PlaceCall(WARD, "center"))
        assert error.code == "point_busy"
        assert error.fault == "user"
        assert "Phường 10" in error.message_vi
        assert word in error.message_vi

    def test_four_at_once(self) -> None:
        scene = Scene(directory=wide_directory(6))
        for number in range(4):
            assert scene.deliver(f"p{number}").monitor == number + 1
        scene.arrive("p4")
        assert refused(scene, PlaceCall("p4", "center")).code == "too_many_calls"
        assert kinds(scene.do(PlaceCall("p5", "center"))) == ["CallPlaced", "CallFailed"], "an offline call takes no monitor"
        scene.do(CancelCall("c2", "center"))
        assert scene.place("p4").monitor == 2

    def test_ids_are_counted_whatever_became_of_the_calls(self) -> None:
        scene = Scene(Rules(kept_calls=1))
        for number in range(1, 5):
            placed = scene.do(PlaceCall(WARD, "center"))[0]
            assert isinstance(placed, events.CallPlaced)
            assert placed.call == f"c{number}"
        assert list(scene.bridge.calls) == ["c4"]
        assert refused(scene, EndCall("c1", "center")).code == "unknown_call"

    def test_ids_are_counted_over_calls_that_went_well_too(self) -> None:
        scene = Scene()
        for number in range(1, 4):
            call = scene.connect()
            assert call.id == f"c{number}"
            scene.do(EndCall(call.id, "center"))


class TestRinging:
    def test_sent_and_confirmed_are_two_things(self) -> None:
        scene = Scene()
        call = scene.place()
        assert scene.do(RingSent(call.id), 20) == [events.CallRinging(START + 20, "c1", START + 5_020)]
        assert scene.do(ConfirmRing(call.id, SEEN), 70) == [events.CallDelivered(START + 90, "c1", START + 30_090, SEEN)]
        assert (call.ringing_at, call.delivered_at) == (START + 20, START + 90)

    def test_sent_again_starts_the_delivery_clock_again_a_bounded_number_of_times(self) -> None:
        scene = Scene(Rules(max_rings=2))
        call = scene.ring()
        first = call.ringing_at
        scene.do(RingSent(call.id), 3_000)
        assert call.deadline == START + 3_010 + 5_000
        deadline = call.deadline
        assert kinds(scene.do(RingSent(call.id), 1_000)) == ["CallNoted"]
        assert (call.ringing_at, call.rings_sent, call.deadline) == (first, 2, deadline)
        assert whats(call) == ["placed", "ringing", "rung_again", "rung_again"]

    def test_sent_again_after_the_page_confirmed_moves_no_clock(self) -> None:
        scene = Scene()
        call = scene.deliver()
        deadline = call.deadline
        assert kinds(scene.do(RingSent(call.id), 100)) == ["CallNoted"]
        assert kinds(scene.do(ConfirmRing(call.id, SEEN), 100)) == ["CallNoted"]
        assert (call.state, call.deadline) == (CallState.DELIVERED, deadline)

    def test_sent_or_confirmed_once_answered_is_nothing(self) -> None:
        scene = Scene()
        call = scene.answer()
        assert scene.do(RingSent(call.id)) == scene.do(ConfirmRing(call.id, SEEN)) == []

    def test_a_confirmation_proves_the_ring(self) -> None:
        scene = Scene()
        call = scene.place()
        assert kinds(scene.do(ConfirmRing(call.id, SEEN), 5)) == ["CallRinging", "CallDelivered"]
        assert (call.ringing_at, call.rings_sent) == (START + 5, 1)

    def test_a_page_that_confirms_without_end_writes_no_log(self) -> None:
        scene = Scene()
        call = scene.deliver()
        noted = sum(len(scene.do(ConfirmRing(call.id, SEEN))) for _ in range(500))
        assert noted == TRAIL_NOTES_MAX


class TestAnswering:
    def test_an_answer(self) -> None:
        scene = Scene()
        call = scene.deliver()
        assert scene.do(AnswerCall(call.id, SEEN), 4_000) == [events.CallAnswered(START + 4_050, "c1", START + 14_050, SEEN)]

    @pytest.mark.parametrize(
        ("reach", "steps"),
        [("place", ["CallRinging", "CallDelivered", "CallAnswered"]), ("ring", ["CallDelivered", "CallAnswered"])],
    )
    def test_an_answer_proves_ring_and_delivery(self, reach: str, steps: list[str]) -> None:
        scene = Scene()
        call = getattr(scene, reach)()
        assert kinds(scene.do(AnswerCall(call.id, SEEN))) == steps

    def test_answering_twice_is_answering_once(self) -> None:
        scene = Scene()
        call = scene.answer()
        assert scene.do(AnswerCall(call.id, SEEN)) == []
        scene.media(WARD, "video")
        assert scene.do(AnswerCall(call.id, SEEN)) == []

    @pytest.mark.parametrize("make", [AnswerCall, ConfirmRing, DeclineCall])
    def test_too_late(self, make: type[AnswerCall] | type[ConfirmRing] | type[DeclineCall]) -> None:
        scene = Scene()
        call = scene.deliver()
        scene.tick(30_000)
        error = refused(scene, make(call.id))
        assert (error.code, error.fault) == ("call_over", "user")
        assert "không ai trả lời" in error.message_vi
        assert "nobody answered" in error.message_en

    @pytest.mark.parametrize(
        "command",
        [
            RingSent("c7"),
            ConfirmRing("c7"),
            AnswerCall("c7"),
            DeclineCall("c7"),
            ReportDeviceFailure("c7", "camera"),
            PreviewCall("c7", "x"),
            TakeCall("c7", "x"),
            TakeOffAir("c7", "x"),
            EndCall("c7", "x"),
            CancelCall("c7", "x"),
        ],
    )
    def test_a_call_that_is_not_there(self, command: Command) -> None:
        assert refused(Scene(), command).code == "unknown_call"


class TestDeclining:
    @pytest.mark.parametrize("reach", ["place", "ring", "deliver"])
    def test_at_any_time_while_it_rings(self, reach: str) -> None:
        scene = Scene()
        call = getattr(scene, reach)()
        scene.do(DeclineCall(call.id, "đang họp", SEEN), 500)
        assert (call.state, call.cause) == (CallState.FAILED, Cause.DECLINED)
        assert call.evidence is not None
        assert call.evidence.detail == "đang họp"
        assert call.evidence.report is SEEN
        assert call.evidence.rings_sent == 1
        assert call.evidence.delivered_at == call.delivered_at is not None
        assert call.trail[-1].by == f"point:{WARD}"

    def test_not_once_answered(self) -> None:
        scene = Scene()
        error = refused(scene, DeclineCall(scene.answer().id))
        assert error.code == "wrong_state"
        assert "Kết thúc" in error.message_vi


class TestDevices:
    REFUSED = Report(visible=True, camera="refused", microphone="refused")
    VOICE = Report(visible=True, camera="absent", microphone="ok")

    @pytest.mark.parametrize("reach", ["place", "ring", "deliver", "answer"])
    @pytest.mark.parametrize(
        ("device", "report"),
        [("camera", REFUSED), ("camera", None), ("microphone", REFUSED), ("microphone", SEEN), ("microphone", None)],
    )
    def test_without_a_device_it_fails(self, reach: str, device: str, report: Report | None) -> None:
        scene = Scene()
        call = getattr(scene, reach)()
        scene.do(ReportDeviceFailure(call.id, device, "NotAllowedError", report))
        assert (call.state, call.cause) == (CallState.FAILED, Cause.NO_DEVICE)
        assert call.evidence is not None
        assert (call.evidence.device, call.evidence.detail) == (device, "NotAllowedError")

    def test_a_voice_is_enough(self) -> None:
        scene = Scene()
        call = scene.answer()
        scene.do(ReportDeviceFailure(call.id, "camera", "NotFoundError", self.VOICE))
        assert call.state is CallState.ANSWERED
        assert call.trail[-1].what == "device_failed"
        assert call.trail[-1].note == "camera NotFoundError"
        assert kinds(scene.media(WARD, "audio")) == ["MediaStarted", "CallConnected", "CallPreviewed"]
        assert call.connected_by == "audio"

    def test_once_connected_the_media_decides(self) -> None:
        scene = Scene()
        call = scene.connect()
        assert kinds(scene.do(ReportDeviceFailure(call.id, "microphone", "x", self.REFUSED))) == ["CallNoted"]
        assert call.state is CallState.PREVIEW

    def test_what_is_no_device(self) -> None:
        scene = Scene()
        assert refused(scene, ReportDeviceFailure(scene.deliver().id, "toaster")).code == "bad_device"


class TestMedia:
    def test_the_same_twice_is_once(self) -> None:
        scene = Scene()
        assert scene.do(ReportMedia("center", "video", flowing=True)) == [events.MediaStarted(START, "center", "video")]
        assert scene.do(ReportMedia("center", "video", flowing=True)) == []
        assert scene.do(ReportMedia("center", "video", flowing=False, reason="left")) == [
            events.MediaStopped(START, "center", "video", "left")
        ]
        assert scene.do(ReportMedia("center", "video", flowing=False)) == []

    @pytest.mark.parametrize(
        ("feed", "kind", "code"),
        [
            ("center", "smell", "bad_feed"),
            ("programme", "video", "bad_feed"),
            ("point:", "video", "bad_feed"),
            ("point:a b", "video", "bad_feed"),
            ("point:9", "video", "unknown_point"),
        ],
    )
    def test_what_is_no_feed(self, feed: str, kind: str, code: str) -> None:
        assert refused(Scene(), ReportMedia(feed, kind, flowing=True)).code == code


class TestLeading:
    def test_preview_take_off_air_end(self) -> None:
        scene = Scene(Rules(auto_preview=False))
        call = scene.connect()
        assert scene.bridge.point_state(WARD) is PointState.CONNECTED
        assert kinds(scene.do(PreviewCall(call.id, "x"))) == ["CallPreviewed"]
        assert scene.do(TakeCall(call.id, "x"), 1) == [events.CallTaken(scene.now, call.id, "x", 1)]
        assert kinds(scene.do(TakeOffAir(call.id, "x"), 1)) == ["CallTakenOffAir"]
        assert call.state is CallState.PREVIEW
        assert kinds(scene.do(EndCall(call.id, "x"), 1)) == ["CallEnded"]

    def test_taking_without_preview(self) -> None:
        scene = Scene(Rules(auto_preview=False))
        call = scene.connect()
        scene.do(TakeCall(call.id, "x"))
        assert (call.state, call.preview_at) == (CallState.ON_AIR, None)

    def test_two_on_air_and_no_third(self) -> None:
        scene = Scene()
        first, second, third = scene.connect(WARD), scene.connect(OTHER), scene.connect(FAR)
        scene.do(TakeCall(first.id, "x"))
        scene.do(TakeCall(second.id, "x"))
        assert refused(scene, TakeCall(third.id, "x")).code == "stage_full"
        assert first.state is second.state is CallState.ON_AIR
        scene.do(TakeOffAir(first.id, "x"))
        scene.do(TakeCall(third.id, "x"))
        assert [call.id for call in scene.bridge.on_air()] == [third.id, second.id]

    @pytest.mark.parametrize(
        ("reach", "command"),
        [
            ("place", TakeCall),
            ("deliver", TakeCall),
            ("answer", TakeCall),
            ("answer", PreviewCall),
            ("connect", PreviewCall),
            ("connect", TakeOffAir),
            ("ring", EndCall),
            ("deliver", EndCall),
            ("connect", CancelCall),
        ],
    )
    def test_not_in_this_state(
        self,
        reach: str,
        command: type[TakeCall] | type[PreviewCall] | type[TakeOffAir] | type[EndCall] | type[CancelCall],
    ) -> None:
        scene = Scene()
        error = refused(scene, command(getattr(scene, reach)().id, "x"))
        assert (error.code, error.fault) == ("wrong_state", "user")

    def test_taking_twice(self) -> None:
        scene = Scene()
        call = scene.connect()
        scene.do(TakeCall(call.id, "x"))
        assert "đang phát rồi" in refused(scene, TakeCall(call.id, "x")).message_vi

    @pytest.mark.parametrize("reach", ["place", "ring", "deliver", "answer"])
    def test_cancelling(self, reach: str) -> None:
        scene = Scene()
        call = getattr(scene, reach)()
        scene.do(CancelCall(call.id, "operator:lan"))
        assert (call.cause, call.trail[-1].by) == (Cause.CANCELLED, "operator:lan")

    def test_the_point_hangs_up(self) -> None:
        scene = Scene()
        call = scene.connect()
        scene.do(EndCall(call.id, f"point:{WARD}"))
        assert call.trail[-1].by == f"point:{WARD}"
        assert "giữ trang này mở" in refused(scene, EndCall(call.id, f"point:{WARD}")).message_vi
        assert "giữ trang này mở" not in refused(scene, EndCall(call.id, "center")).message_vi

    def test_ending_on_air_leaves_the_air(self) -> None:
        scene = Scene()
        call = scene.connect()
        scene.do(TakeCall(call.id, "x"))
        scene.do(EndCall(call.id, "x"), 9_000)
        assert call.off_air_at == call.ended_at == scene.now
        assert scene.bridge.on_air() == []


def test_texts_of_people_are_cut() -> None:
    scene = Scene()
    scene.arrive(WARD)
    scene.do(PlaceCall(WARD, "x" * 999))
    scene.do(DeclineCall("c1", "y" * 999 + "\r\n"))
    call = scene.bridge.calls["c1"]
    assert len(call.by) == 200
    assert call.evidence is not None
    assert len(call.evidence.detail) == 200
    scene.do(commands.PointLeft(WARD, "z" * 999))
    assert len(scene.bridge.state.records[WARD].left_reason or "") == 200
