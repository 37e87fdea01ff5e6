"""Ladders: who else is tried, one after the other, on a clock, until somebody is reached."""

import pytest

from bridge import commands
from bridge.escalation import LADDER_TABLE, STEP_TABLE, Ladder, LadderState, Step, StepState
from bridge.machine import CallState, Cause
from bridge.matter_commands import CallBack, ConfirmAlert, Escalate, MarkContact, RetryCall, StopEscalation
from bridge.matter_views import ladder_view, record_view
from bridge.rules import Rules
from bridge.units import Directory, Point
from tests.bridge.scene import OTHER, SEEN, START, UNITS, WARD, Scene, kinds, refused

PHONE = Step("phone", "Lan", "Phó Chủ tịch", "0901 234 567", "")
SECOND = Step("phone", "Hùng", "Trưởng công an", "0902 345 678", "")
DESK_2 = Step("point", "Trực ban", "", f"{WARD}-2", "")
DISTRICT = Step("above", "Quận 4", "", "773", "")
STEP_MS = Rules().escalation_step_ms


def scene_of(rules: Rules | None = None) -> Scene:
    """A ward that has two desks and was called in vain."""
    points = [Point(unit.code, unit.code, unit.name) for unit in UNITS[1:]] + [Point(f"{WARD}-2", WARD, "Phường 10 (2)")]
    scene = Scene(rules, Directory(UNITS, points))
    scene.deliver()
    scene.tick(30_000)
    return scene


def climb(scene: Scene, *steps: Step) -> Ladder:
    """A ladder that has begun."""
    scene.do(Escalate("c1", steps, "operator:lan"), 1_000)
    return next(reversed(scene.bridge.state.matters.ladders.values()))


def states(ladder: Ladder) -> list[str]:
    """How it stands with its steps."""
    return [rung.state.value for rung in ladder.rungs]


def test_the_first_step_begins_with_its_clock() -> None:
    scene = scene_of()
    ladder = climb(scene, PHONE, SECOND)
    assert (ladder.id, ladder.matter, ladder.point, ladder.cause) == ("e1", "c1", WARD, "no_answer")
    assert (states(ladder), ladder.deadline) == (["current", "waiting"], scene.now + STEP_MS)
    assert scene.bridge.next_timeout() == scene.now + STEP_MS


def test_the_clock_goes_on_to_the_next_step_and_to_the_end() -> None:
    scene = scene_of()
    ladder = climb(scene, PHONE, SECOND)
    assert kinds(scene.tick(STEP_MS - 1)) == []
    assert kinds(scene.tick(1)) == ["ContactMarked", "EscalationStepped"]
    assert (ladder.rungs[0].outcome, ladder.rungs[0].by, states(ladder)) == ("timeout", "clock", ["failed", "current"])
    assert kinds(scene.tick(STEP_MS)) == ["ContactMarked", "EscalationEnded"]
    assert (ladder.state, scene.bridge.next_timeout()) == (LadderState.EXHAUSTED, None)


def test_a_mark_of_failure_goes_on_at_once() -> None:
    scene = scene_of()
    ladder = climb(scene, PHONE, SECOND)
    scene.do(MarkContact("c1", 0, "wrong_number", "số của người khác", "operator:lan"), 9_000)
    assert (ladder.rungs[0].note, ladder.rungs[0].by, states(ladder)) == (
        "số của người khác",
        "operator:lan",
        ["failed", "current"],
    )
    assert ladder.deadline == scene.now + STEP_MS


def test_somebody_is_reached_and_the_ladder_ends() -> None:
    scene = scene_of()
    ladder = climb(scene, PHONE, SECOND)
    happened = scene.do(MarkContact("c1", 0, "reached", "sẽ gọi lại ngay", "operator:lan"))
    assert kinds(happened) == ["ContactMarked", "EscalationEnded"]
    assert (ladder.state, ladder.ended_by, states(ladder)) == (LadderState.REACHED, "operator:lan", ["reached", "waiting"])
    assert refused(scene, MarkContact("c1", 1, "reached", "", "x")).code == "escalation_over"


def test_one_whose_clock_ran_out_may_still_be_reached() -> None:
    scene = scene_of()
    ladder = climb(scene, PHONE, SECOND)
    scene.tick(STEP_MS)
    assert refused(scene, MarkContact("c1", 0, "no_answer", "", "x")).code == "step_not_current"
    scene.do(MarkContact("c1", 0, "reached", "", "x"))
    assert (ladder.state, states(ladder)) == (LadderState.REACHED, ["reached", "left"])


@pytest.mark.parametrize(
    ("step", "outcome", "code"),
    [
        (1, "reached", "step_not_current"),
        (-1, "reached", "step_not_current"),
        (9, "refused", "step_not_current"),
        (0, "timeout", "bad_outcome"),
        (0, "", "bad_outcome"),
    ],
)
def test_what_cannot_be_marked(step: int, outcome: str, code: str) -> None:
    scene = scene_of()
    climb(scene, PHONE, SECOND)
    assert refused(scene, MarkContact("c1", step, outcome, "", "x")).code == code


class TestAnotherDesk:
    def test_it_rings_on_the_same_record_and_its_answer_ends_the_ladder(self) -> None:
        scene = scene_of()
        scene.arrive(DESK_2.target)
        ladder = climb(scene, DESK_2, DISTRICT)
        call = scene.bridge.active_call(DESK_2.target)
        assert call is not None
        assert (call.id, call.record, call.by) == (ladder.rungs[0].ring, "c1", "operator:lan")
        happened = scene.do(commands.AnswerCall(call.id, SEEN))
        assert kinds(happened)[-1] == "EscalationEnded"
        assert (ladder.state, ladder.ended_by) == (LadderState.REACHED, f"point:{DESK_2.target}")
        assert call.state is CallState.ANSWERED, "the talk goes on"

    def test_one_that_is_not_connected_is_passed_at_once(self) -> None:
        scene = scene_of()
        ladder = climb(scene, DESK_2, PHONE)
        assert states(ladder) == ["failed", "current"]
        assert (ladder.rungs[0].outcome, ladder.rungs[0].note) == ("no_answer", "offline")
        assert scene.bridge.calls[ladder.rungs[0].ring].cause is Cause.OFFLINE

    def test_one_that_cannot_be_called_is_passed_with_the_reason(self) -> None:
        scene = scene_of(Rules(monitors=1))
        scene.arrive(DESK_2.target)
        scene.ring(OTHER)
        ladder = climb(scene, DESK_2, PHONE)
        assert (states(ladder), ladder.rungs[0].outcome, ladder.rungs[0].note) == (
            ["failed", "current"],
            "not_placed",
            "too_many_calls",
        )

    def test_its_time_ends_and_it_rings_no_more(self) -> None:
        scene = scene_of(Rules(escalation_step_ms=4_000))
        scene.arrive(DESK_2.target)
        ladder = climb(scene, DESK_2, PHONE)
        scene.tick(4_000)
        assert scene.bridge.calls[ladder.rungs[0].ring].cause is Cause.CANCELLED
        assert (ladder.rungs[0].outcome, states(ladder)) == ("timeout", ["failed", "current"])

    @pytest.mark.parametrize("end", ["stop", "mark", "back"])
    def test_it_rings_no_more_when_the_ladder_goes_on_or_ends(self, end: str) -> None:
        scene = scene_of()
        scene.arrive(DESK_2.target)
        ladder = climb(scene, DESK_2, PHONE)
        if end == "stop":
            scene.do(StopEscalation("c1", "center"))
        elif end == "mark":
            scene.do(MarkContact("c1", 0, "refused", "", "center"))
        else:
            scene.do(CallBack("c1", f"point:{WARD}"))
        assert scene.bridge.calls[ladder.rungs[0].ring].cause is Cause.CANCELLED
        assert scene.bridge.active_call(DESK_2.target) is None


class TestAlert:
    def test_it_waits_at_the_desk_until_it_is_confirmed(self) -> None:
        scene = scene_of()
        ladder = climb(scene, DISTRICT)
        assert scene.bridge.state.matters.alerts == {"773": {"e1": 0}}
        scene.do(ConfirmAlert("c1", "773", reached=False, name="Minh", text="Đang cử người xuống phường."), 2_000)
        assert (ladder.state, states(ladder)) == (LadderState.RUNNING, ["current"]), "confirmed, and nobody reached yet"
        assert (ladder.rungs[0].confirmed_at, ladder.rungs[0].confirmed_name) == (scene.now, "Minh")
        assert scene.bridge.state.matters.alerts == {}
        assert refused(scene, ConfirmAlert("c1", "773", reached=True, name="Minh")).code == "alert_over"

    def test_it_ends_the_ladder_when_it_says_that_somebody_was_reached(self) -> None:
        scene = scene_of()
        ladder = climb(scene, DISTRICT, PHONE)
        happened = scene.do(ConfirmAlert("c1", "773", reached=True, name="Minh", text="Phường đã có người."))
        assert kinds(happened) == ["AlertConfirmed", "EscalationEnded"]
        assert (ladder.state, ladder.ended_by, states(ladder)) == (LadderState.REACHED, "point:773", ["reached", "waiting"])

    def test_after_its_clock_it_is_still_heard(self) -> None:
        scene = scene_of()
        ladder = climb(scene, DISTRICT, PHONE)
        scene.tick(STEP_MS)
        scene.do(ConfirmAlert("c1", "773", reached=True, name="Minh"))
        assert (ladder.state, states(ladder)) == (LadderState.REACHED, ["reached", "left"])

    def test_after_the_ladder_is_exhausted_it_is_put_on_record(self) -> None:
        scene = scene_of()
        ladder = climb(scene, DISTRICT)
        scene.tick(STEP_MS)
        assert kinds(scene.do(ConfirmAlert("c1", "773", reached=True, name="Minh"))) == ["AlertConfirmed"]
        assert (ladder.state, ladder.rungs[0].confirmed_name) == (LadderState.EXHAUSTED, "Minh")

    def test_it_is_taken_away_when_it_is_not_needed(self) -> None:
        scene = scene_of()
        climb(scene, DISTRICT)
        scene.do(StopEscalation("c1", "center"))
        assert scene.bridge.state.matters.alerts == {}
        assert refused(scene, ConfirmAlert("c1", "773", reached=True, name="Minh")).code == "alert_over"

    def test_by_whom_and_by_somebody(self) -> None:
        scene = scene_of()
        climb(scene, DISTRICT)
        assert refused(scene, ConfirmAlert("c1", "79", reached=True, name="Minh")).code == "alert_over"
        assert refused(scene, ConfirmAlert("c9", "773", reached=True, name="Minh")).code == "alert_over"
        assert refused(scene, ConfirmAlert("c1", "773", reached=True, name=" ")).code == "name_missing"


class TestThePointItself:
    def test_calling_back_ends_the_ladder(self) -> None:
        scene = scene_of()
        ladder = climb(scene, PHONE, SECOND)
        assert kinds(scene.do(CallBack("c1", f"point:{WARD}"))) == ["PointCalledBack", "EscalationEnded"]
        assert (ladder.state, ladder.ended_by, states(ladder)) == (LadderState.REACHED, f"point:{WARD}", ["left", "waiting"])

    @pytest.mark.parametrize("command", [RetryCall("c1", "center"), commands.PlaceCall(WARD, "center")])
    def test_answering_a_further_call_ends_the_ladder(self, command: commands.Command) -> None:
        scene = scene_of()
        ladder = climb(scene, PHONE, SECOND)
        scene.do(command)
        assert ladder.state is LadderState.RUNNING
        scene.do(commands.AnswerCall("c2", SEEN))
        assert (ladder.state, ladder.ended_by) == (LadderState.REACHED, f"point:{WARD}")


def test_who_may_not_begin() -> None:
    scene = scene_of()
    assert refused(scene, Escalate("c9", (PHONE,), "center")).code == "unknown_call"
    assert refused(scene, Escalate("c1", (), "center")).code == "nobody_to_try"
    assert refused(scene, Escalate("c1", (Step("pigeon", "x", "", "y", ""),), "center")).code == "nobody_to_try"
    climb(scene, PHONE)
    assert refused(scene, Escalate("c1", (PHONE,), "center")).code == "escalation_running"
    scene.do(StopEscalation("c1", "center"))
    scene.ring()
    assert refused(scene, Escalate("c1", (PHONE,), "center")).code == "point_busy"
    assert refused(scene, Escalate("c2", (PHONE,), "center")).code == "not_missed"


def test_a_ladder_may_be_climbed_again_and_not_for_ever() -> None:
    scene = scene_of()
    for _ in range(10):
        climb(scene, PHONE)
        scene.do(StopEscalation("c1", "center"))
    assert refused(scene, Escalate("c1", (PHONE,), "center")).code == "record_full"
    assert refused(scene, StopEscalation("c1", "center")).code == "escalation_over"
    assert refused(scene, StopEscalation("c9", "center")).code == "unknown_call"


def test_clocks_start_afresh_after_a_takeover() -> None:
    scene = scene_of()
    climb(scene, PHONE)
    other = scene.replayed()
    assert other.next_timeout() == scene.bridge.next_timeout()
    scene.do(commands.Reconcile(frozenset(), "system"), STEP_MS - 1)
    assert scene.tick(1) == []
    assert scene.bridge.next_timeout() == scene.now - 1 + STEP_MS


def test_closing_the_session_ends_it() -> None:
    scene = scene_of()
    scene.arrive(DESK_2.target)
    ladder = climb(scene, DESK_2)
    scene.do(commands.CloseSession("center"))
    assert (ladder.state, scene.bridge.next_timeout(), scene.bridge.active_calls()) == (LadderState.STOPPED, None, [])


def test_a_running_ladder_outlives_its_calls_in_memory() -> None:
    scene = scene_of(Rules(kept_calls=1))
    climb(scene, PHONE)
    scene.do(commands.PlaceCall(OTHER, "center"))
    assert "c1" not in scene.bridge.calls
    assert scene.bridge.point_of("c1") == WARD
    scene.do(MarkContact("c1", 0, "reached", "", "center"))
    assert "c1" not in scene.bridge.state.matters.by_id
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


def test_everything_is_on_one_record_in_the_order_of_time() -> None:
    scene = scene_of()
    climb(scene, PHONE, DISTRICT)
    scene.do(MarkContact("c1", 0, "no_answer", "chuông reo, không ai nhấc máy", "operator:lan"), 20_000)
    scene.do(ConfirmAlert("c1", "773", reached=False, name="Minh", text="Sẽ kiểm tra."), 10_000)
    scene.do(CallBack("c1", f"point:{WARD}", "đường truyền vừa có lại"), 10_000)
    scene.do(RetryCall("c1", "operator:lan"), 1_000)
    view = record_view(scene.bridge.state, scene.bridge.state.matters.by_id["c1"])
    lines = view["lines"]
    assert isinstance(lines, list)
    assert [line["what"] for line in lines] == [
        "placed",
        "ringing",
        "delivered",
        "failed",
        "escalation_started",
        "step_phone",
        "outcome_no_answer",
        "step_above",
        "alert_confirmed",
        "called_back",
        "escalation_reached",
        "placed",
    ]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert lines[0]["at"] == START
    assert lines[6]["note"] == "Lan · Phó Chủ tịch · 0901 234 567 · chuông reo, không ai nhấc máy"
    assert ladder_view(scene.bridge.state.matters.ladders["e1"])["state"] == "reached"


def test_the_tables_end() -> None:
    assert [state for state, moves in LADDER_TABLE.items() if moves] == [LadderState.RUNNING]
    assert [state for state, moves in STEP_TABLE.items() if not moves] == [StepState.REACHED, StepState.LEFT]
