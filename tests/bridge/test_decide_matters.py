"""One record for a matter: calling again and together, call backs, explanations."""

import pytest

from bridge import commands, events
from bridge.machine import CallState, Cause
from bridge.matter_commands import CallBack, ExplainCall, PlaceCalls, RetryCall
from bridge.matter_events import CallExplained, PointCalledBack
from bridge.matter_views import missed_calls, record_view
from bridge.matters import MAX_CALL_BACKS, MAX_CALLS, MAX_EXPLANATIONS
from bridge.rules import Rules
from tests.bridge.scene import FAR, OTHER, SEEN, START, WARD, Scene, kinds, refused

DESK = f"point:{WARD}"


def missed(scene: Scene, point: str = WARD) -> str:
    """A call that was not answered; its id."""
    call = scene.deliver(point)
    scene.tick(30_000)
    assert call.cause is Cause.NO_ANSWER
    return call.id


class TestRetry:
    def test_a_second_call_is_on_the_record_of_the_first(self) -> None:
        scene = Scene()
        first = missed(scene)
        scene.do(RetryCall(first, "operator:lan"), 1_000)
        again = scene.bridge.active_call(WARD)
        assert again is not None
        assert (again.id, again.record, again.by) == ("c2", first, "operator:lan")
        assert scene.bridge.calls[first].record == first
        scene.do(commands.CancelCall("c2", "center"))
        scene.do(RetryCall("c2", "center"))
        assert scene.bridge.calls["c3"].record == first, "the record is that of the matter, not of the call before"
        assert scene.bridge.state.matters.by_id[first].calls == ["c1", "c2", "c3"]

    def test_a_call_without_retry_is_a_matter_of_its_own(self) -> None:
        scene = Scene()
        missed(scene)
        scene.place(WARD)
        assert scene.bridge.calls["c2"].record == "c2"

    def test_a_point_in_a_call_is_not_called_again(self) -> None:
        scene = Scene()
        call = scene.ring()
        assert refused(scene, RetryCall(call.id, "center")).code == "point_busy"
        assert refused(scene, RetryCall("c9", "center")).code == "unknown_call"

    def test_a_record_has_an_end(self) -> None:
        scene = Scene()
        scene.do(commands.PlaceCall(WARD, "center"))  # offline: it fails at once
        for _ in range(MAX_CALLS - 1):
            scene.do(RetryCall("c1", "center"))
        assert refused(scene, RetryCall("c1", "center")).code == "record_full"

    def test_a_record_from_before_there_were_retries_is_its_call_s_own(self) -> None:
        scene = Scene()
        scene.bridge.apply(events.CallPlaced(START, "c1", WARD, "center", 1, START + 5_000))
        assert scene.bridge.calls["c1"].record == "c1"


class TestTogether:
    def test_those_who_answer_go_on_air_by_themselves_in_the_order_of_their_pictures(self) -> None:
        scene = Scene()
        scene.arrive(WARD, OTHER, FAR)
        scene.do(PlaceCalls((WARD, OTHER, FAR), together=True, by="center"))
        assert [(call.point, call.together, call.monitor) for call in scene.bridge.active_calls()] == [
            (WARD, "c1", 1),
            (OTHER, "c1", 2),
            (FAR, "c1", 3),
        ]
        for number, point in enumerate((OTHER, WARD, FAR)):
            call = scene.bridge.active_call(point)
            assert call is not None
            scene.do(commands.AnswerCall(call.id, SEEN), 1_000)
            happened = scene.media(point, "video")
            assert ("CallTaken" in kinds(happened)) is (number < 2), "as many as viewers have guest slots"
        assert [call.point for call in scene.bridge.on_air()] == [WARD, OTHER]
        assert scene.bridge.calls["c3"].state is CallState.PREVIEW

    def test_a_place_that_becomes_free_is_taken(self) -> None:
        scene = Scene(Rules(max_on_air=1))
        scene.arrive(WARD, OTHER)
        scene.do(PlaceCalls((WARD, OTHER), together=True, by="center"))
        for call in scene.bridge.active_calls():
            scene.do(commands.AnswerCall(call.id, SEEN))
            scene.media(call.point, "video")
        scene.do(commands.EndCall("c1", DESK))
        assert [call.point for call in scene.bridge.on_air()] == [OTHER]

    def test_whoever_is_taken_off_air_stays_off(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.do(PlaceCalls((WARD,), together=True, by="center"))
        scene.do(commands.AnswerCall("c1", SEEN))
        scene.media(WARD, "video")
        assert kinds(scene.do(commands.TakeOffAir("c1", "center"))) == ["CallTakenOffAir"]
        assert scene.bridge.calls["c1"].state is CallState.PREVIEW

    def test_without_together_nobody_goes_on_air(self) -> None:
        scene = Scene()
        scene.arrive(WARD)
        scene.do(PlaceCalls((WARD,), together=False, by="center"))
        scene.do(commands.AnswerCall("c1", SEEN))
        assert kinds(scene.media(WARD, "video")) == ["MediaStarted", "CallConnected", "CallPreviewed"]

    def test_one_that_is_not_connected_fails_and_the_others_ring(self) -> None:
        scene = Scene()
        scene.arrive(OTHER)
        scene.do(PlaceCalls((WARD, OTHER), together=True, by="center"))
        assert scene.bridge.calls["c1"].cause is Cause.OFFLINE
        assert scene.bridge.calls["c2"].state is CallState.QUEUED

    @pytest.mark.parametrize("points", [(), (WARD, WARD), ("27265", "27286", "28159", "773", "801")])
    def test_how_many(self, points: tuple[str, ...]) -> None:
        assert refused(Scene(), PlaceCalls(points, together=False, by="center")).code == "call_count"

    def test_all_or_none(self) -> None:
        scene = Scene()
        scene.ring(OTHER)
        scene.arrive(WARD)
        assert refused(scene, PlaceCalls((WARD, OTHER), together=False, by="center")).code == "point_busy"
        assert scene.bridge.active_call(WARD) is None

    def test_all_or_none_where_the_monitors_do_not_suffice(self) -> None:
        scene = Scene(Rules(monitors=2))
        scene.ring(FAR)
        scene.arrive(WARD, OTHER)
        assert refused(scene, PlaceCalls((WARD, OTHER), together=False, by="center")).code == "too_many_calls"

    def test_a_higher_level_takes_points_out_of_calls_and_their_monitors_with_them(self) -> None:
        scene = Scene(Rules(monitors=2))
        scene.arrive(WARD, OTHER)
        scene.do(PlaceCalls((WARD, OTHER), together=False, by="lower", level=2))
        happened = scene.do(PlaceCalls((WARD, OTHER), together=False, by="center", level=0))
        assert kinds(happened) == ["CallFailed", "CallPlaced", "CallFailed", "CallPlaced"]
        assert [call.cause for call in list(scene.bridge.calls.values())[:2]] == [Cause.ENGAGED_ABOVE] * 2


class TestCallBack:
    def test_it_is_on_the_record_until_a_call_answers_it(self) -> None:
        scene = Scene()
        first = missed(scene)
        (event,) = scene.do(CallBack(first, DESK, "đã có người trực"), 60_000)
        assert event == PointCalledBack(scene.now, first, DESK, "đã có người trực")
        assert scene.bridge.calls[first].called_back_at == scene.now
        assert scene.do(CallBack(first, DESK)) == [], "one waits already"
        scene.do(RetryCall(first, "center"))
        (back,) = scene.bridge.state.matters.by_id[first].call_backs
        assert back.answered_by == "c2"
        scene.do(commands.CancelCall("c2", "center"))
        assert kinds(scene.do(CallBack("c2", DESK))) == ["PointCalledBack"], "about the newest call, on the same record"

    def test_after_the_session_was_closed(self) -> None:
        scene = Scene()
        first = missed(scene)
        scene.do(commands.CloseSession("center"))
        assert kinds(scene.do(CallBack(first, DESK))) == ["PointCalledBack"]
        assert kinds(scene.do(ExplainCall(first, "Lan", "mất điện", DESK))) == ["CallExplained"]

    def test_only_about_a_call_that_failed(self) -> None:
        scene = Scene()
        call = scene.connect()
        assert refused(scene, CallBack(call.id, DESK)).code == "not_missed"
        scene.do(commands.EndCall(call.id, "center"))
        assert refused(scene, CallBack(call.id, DESK)).code == "not_missed"
        assert refused(scene, CallBack("c9", DESK)).code == "unknown_call"

    def test_not_without_end(self) -> None:
        scene = Scene()
        scene.do(commands.PlaceCall(WARD, "center"))
        for _ in range(MAX_CALL_BACKS):
            scene.do(CallBack("c1", DESK))
            scene.do(RetryCall("c1", "center"))
        assert refused(scene, CallBack("c1", DESK)).code == "record_full"


class TestExplanation:
    def test_it_is_kept_with_its_time_and_may_be_given_again(self) -> None:
        scene = Scene()
        first = missed(scene)
        assert [call.id for call in missed_calls(scene.bridge.state, WARD)] == [first]
        text = "Đường truyền vừa đổi,\nliên kết cũ không vào được."
        (event,) = scene.do(ExplainCall(first, " Lan ", text, DESK), 5_000)
        assert event == CallExplained(scene.now, first, DESK, "Lan", text)
        assert scene.bridge.calls[first].explained_at == scene.now
        assert missed_calls(scene.bridge.state, WARD) == []
        assert scene.do(ExplainCall(first, "Lan", text, DESK)) == [], "the same words again"
        scene.do(ExplainCall(first, "Hùng", "Bổ sung.", DESK))
        assert [each.name for each in scene.bridge.state.matters.by_id[first].explanations] == ["Lan", "Hùng"]

    @pytest.mark.parametrize(("name", "text"), [("", "x"), ("Lan", ""), (" \n", "x"), ("Lan", "\n \n")])
    def test_by_somebody_and_something(self, name: str, text: str) -> None:
        scene = Scene()
        assert refused(scene, ExplainCall(missed(scene), name, text, DESK)).code == "explanation_missing"

    def test_its_size_and_number(self) -> None:
        scene = Scene()
        first = missed(scene)
        scene.do(ExplainCall(first, "x" * 500, "y" * 5_000, DESK))
        (kept,) = scene.bridge.state.matters.by_id[first].explanations
        assert (len(kept.name), len(kept.text)) == (100, 2_000)
        for number in range(MAX_EXPLANATIONS - 1):
            scene.do(ExplainCall(first, "Lan", f"{number}", DESK))
        assert refused(scene, ExplainCall(first, "Lan", "nữa", DESK)).code == "record_full"

    def test_a_call_that_the_center_called_off_wants_none(self) -> None:
        scene = Scene()
        call = scene.ring()
        scene.do(commands.CancelCall(call.id, "center"))
        assert missed_calls(scene.bridge.state, WARD) == []
        assert kinds(scene.do(ExplainCall(call.id, "Lan", "đang nghe máy", DESK))) == ["CallExplained"], "and may have one"

    def test_the_newest_ten_are_shown(self) -> None:
        scene = Scene()
        for _ in range(12):
            scene.do(commands.PlaceCall(WARD, "center"))
        assert [call.id for call in missed_calls(scene.bridge.state, WARD)] == [f"c{number}" for number in range(12, 2, -1)]


def test_a_record_is_in_memory_as_long_as_one_of_its_calls_is() -> None:
    scene = Scene(Rules(kept_calls=2))
    scene.do(commands.PlaceCall(WARD, "center"))
    scene.do(RetryCall("c1", "center"))
    scene.do(commands.PlaceCall(OTHER, "center"))
    assert refused(scene, RetryCall("c1", "center")).code == "unknown_call"
    view = record_view(scene.bridge.state, scene.bridge.state.matters.by_id["c1"])
    assert view["calls_left_out"] == 1
    scene.do(commands.PlaceCall(FAR, "center"))
    assert set(scene.bridge.state.matters.by_id) == {"c3", "c4"}
    assert set(scene.bridge.state.matters.unexplained) == {OTHER, FAR}
    assert scene.replayed().snapshot() == scene.bridge.snapshot()
