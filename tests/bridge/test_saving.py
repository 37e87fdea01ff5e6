"""A session saved and restored goes on as if it had never been anything but memory."""

from collections.abc import Generator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge import commands
from bridge.bridge import Bridge
from bridge.errors import BridgeError
from bridge.points import Report
from bridge.rules import Rules
from bridge.saving import FORMAT, Saving
from bridge.stage import plan_of
from tests.bridge.scene import START, wide_directory
from tests.bridge.test_replay import DIRECTORY, RULES, Step, answer, check, meant, opened, steps

T = TypeVar("T")
SAVING = Saving(DIRECTORY, RULES)


def run(steps_of: Generator[None, None, T]) -> T:
    """Do all the steps."""
    while True:
        try:
            next(steps_of)
        except StopIteration as end:
            result: T = end.value
            return result


def restored(bridge: Bridge) -> Bridge:
    """What another process makes of it."""
    return run(SAVING.read(list(SAVING.write(bridge))))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(steps, st.integers(0, 60))
def test_a_session_restored_in_the_middle_goes_on_as_if_nothing_had_happened(meeting: list[Step], cut: int) -> None:
    first = Bridge("main", DIRECTORY, RULES)
    now = START
    opened(first)
    second: Bridge | None = None
    for number, step in enumerate(meeting):
        now += step[0]
        if number == cut:
            second = restored(first)
            assert second.snapshot() == first.snapshot()
            assert second.next_timeout() == first.next_timeout()
            assert list(SAVING.write(second)) == list(SAVING.write(first))
            check(second)
        command = meant(first, step)
        happened = answer(first, command, now, timer_first=step[3])
        if second is not None:
            assert answer(second, command, now, timer_first=step[3]) == happened
    if second is not None:
        assert second.snapshot() == first.snapshot()
        assert second.drain_changes() == first.drain_changes()
        assert plan_of(second) == plan_of(first)
        assert list(SAVING.write(second)) == list(SAVING.write(first))


def meeting_in_progress() -> Bridge:
    """A call on air, a roll call that asks, somebody who wants to speak."""
    bridge = Bridge("main", DIRECTORY, RULES)
    opened(bridge)
    for command in (
        commands.PlaceCall("p1", "center"),
        commands.RingSent("c1"),
        commands.ConfirmRing("c1", Report(visible=True, rtt_ms=2.5)),
        commands.AnswerCall("c1"),
        commands.ReportMedia("point:p1", "video", flowing=True),
        commands.TakeCall("c1", "center"),
        commands.StartRollCall(("VN",), 60_000, "center"),
        commands.AskFloor("p2", "xin nói", "point:p2"),
    ):
        bridge.handle(command, START)
    return bridge


def test_what_was_one_object_is_one_object() -> None:
    state = restored(meeting_in_progress()).state
    assert state.active["p1"] is state.calls["c1"]
    assert state.asked
    assert all(roll_call is state.roll_calls["r1"] for roll_call in state.asked.values())
    assert state.floor.by_point["p2"] is next(iter(state.floor.requests.values()))
    assert state.directory is DIRECTORY
    assert state.rules is RULES


def test_the_original_and_the_restored_share_nothing() -> None:
    first = meeting_in_progress()
    second = restored(first)
    before = first.snapshot()
    second.handle(commands.EndCall("c1", "center"), START + 1)
    second.handle(commands.ConfirmPresence("r1", "p3", "Lan", ""), START + 1)
    second.handle(commands.WithdrawFloor("p2", "center"), START + 1)
    second.handle(commands.PointLeft("p4", "gone"), START + 1)
    assert first.snapshot() == before != second.snapshot()


def test_another_directory_other_rules_or_another_program_have_another_key() -> None:
    keys = {
        SAVING.key,
        Saving(wide_directory(8), RULES).key,
        Saving(DIRECTORY, Rules(kept_calls=5)).key,
        Saving(DIRECTORY, RULES, "other sources").key,
    }
    assert len(keys) == 4
    assert Saving(wide_directory(7), RULES).key == SAVING.key


def test_lines_that_hold_no_session() -> None:
    lines = list(FORMAT.write(Bridge("main", DIRECTORY, RULES).session, {}))
    with pytest.raises(BridgeError, match="no session"):
        run(SAVING.read(lines))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_lines_raise_one_kind_of_error_or_say_something_else(data: st.DataObject) -> None:
    """A checksum comes before; behind it, nothing must escape that the owner does not know."""
    lines = list(SAVING.write(meeting_in_progress()))
    damaged: Any = bytearray(b"\n".join(lines))
    place = data.draw(st.integers(0, len(damaged) - 1))
    damaged[place] = data.draw(st.integers(0, 255))
    code = "corrupt_record"
    try:
        run(SAVING.read(bytes(damaged).split(b"\n")))
    except BridgeError as error:
        code = error.code
    assert code == "corrupt_record"


def test_every_class_of_the_domain_is_known_and_no_error_is() -> None:
    known = {cls.__name__ for cls in FORMAT.classes}
    assert {"Bridge", "State", "Call", "TrailEntry", "RollCall", "Confirmation", "Floor", "Request", "CallState"} <= known
    assert "BridgeError" not in known
