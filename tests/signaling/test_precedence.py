"""Who sits in a higher level's meeting is not called out of it by a lower one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bridge import commands
from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda, SkipSpeaker
from bridge.bridge import Bridge
from bridge.errors import BridgeError
from bridge.matter_commands import PlaceCalls, RetryCall, StartCallList
from signaling.precedence import points_called, require_precedence
from tests.bridge.scene import FAR, OTHER, START, WARD, small_directory

DIRECTORY = small_directory()


def session(name: str, kind: str, center: str, units: Sequence[str]) -> Bridge:
    bridge = Bridge(name, DIRECTORY)
    bridge.handle(commands.PrepareSession("Họp", kind, tuple(units), center, "x"), START)
    bridge.handle(commands.OpenSession("", "x"), START)
    return bridge


MAIN = session("main", "standing", "VN", ["VN"])
NATIONAL = session("s1", "meeting", "VN", ["79"])
CITY = session("s2", "meeting", "79", ["79"])
CITY_LINE = session("line-79", "line", "79", ["79"])


def over(point: str) -> list[Bridge]:
    return [MAIN, *(bridge for bridge in (NATIONAL, CITY, CITY_LINE) if bridge.state.covers(point))]


@pytest.mark.parametrize(
    "command",
    [
        commands.PlaceCall(WARD, "x", 1),
        commands.GiveFloor(WARD, 0, "x", 1),
        PlaceCalls((FAR, WARD), together=False, by="x", level=1),
        StartCallList((FAR, OTHER), auto=False, by="x", level=1),
    ],
    ids=repr,
)
@pytest.mark.parametrize("bridge", [MAIN, CITY, CITY_LINE], ids=lambda bridge: bridge.session_id)
def test_a_lower_level_is_refused(command: Any, bridge: Bridge) -> None:
    with pytest.raises(BridgeError) as refused:
        require_precedence(command, 1, bridge, over)
    assert refused.value.code == "in_meeting_above"
    assert "Việt Nam" in refused.value.message_vi


def test_the_meeting_itself_an_equal_and_a_higher_level_call_as_they_like() -> None:
    require_precedence(commands.PlaceCall(WARD, "x"), 0, NATIONAL, over)
    require_precedence(commands.PlaceCall(WARD, "x"), 0, MAIN, over)
    require_precedence(commands.PlaceCall(WARD, "x"), 0, CITY, over)


def test_points_that_no_higher_meeting_has() -> None:
    require_precedence(commands.PlaceCall(FAR, "x", 3), 3, MAIN, over)


def test_a_line_of_a_higher_level_keeps_nobody() -> None:
    require_precedence(commands.PlaceCall(WARD, "x", 3), 3, MAIN, lambda _: [MAIN, CITY_LINE])


def test_an_agenda_calls_whoever_is_next() -> None:
    bridge = session("s3", "meeting", "79", ["79"])
    assert points_called(NextSpeaker("x", 1), bridge) == ()
    bridge.handle(SetAgenda((AgendaEntry(WARD, "", 0), AgendaEntry(OTHER, "", 0)), "x"), START)
    with pytest.raises(BridgeError) as refused:
        require_precedence(NextSpeaker("x", 1), 1, bridge, over)
    assert refused.value.code == "in_meeting_above"
    require_precedence(NextSpeaker("x", 0), 0, bridge, over)
    bridge.handle(SkipSpeaker("s3-i1", "x"), START)
    assert points_called(NextSpeaker("x", 1), bridge) == (OTHER,)


def test_what_calls_nobody_is_no_concern() -> None:
    assert points_called(commands.EndCall("c1", "x"), MAIN) == ()
    assert points_called(RetryCall("c9", "x"), MAIN) == ()
    require_precedence(commands.EndCall("c1", "x"), 9, MAIN, over)
