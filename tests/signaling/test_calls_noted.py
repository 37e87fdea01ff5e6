"""What the standing line is told of calls elsewhere."""

from __future__ import annotations

from bridge.draw_commands import NoteCall
from bridge.events import CallPlaced, CallRinging, Event
from signaling.calls_noted import calls_noted

EVENTS: list[Event] = [
    CallPlaced(5, "s7-c1", "1", "x", 1, 9),
    CallRinging(6, "s7-c1", 9),
    CallPlaced(7, "s7-c2", "2", "x", 1, 9),
    CallPlaced(8, "s7-c3", "1", "x", 1, 9),
]


def test_the_newest_call_of_each_point() -> None:
    assert list(calls_noted("s7", EVENTS)) == [NoteCall("1", "s7", 8), NoteCall("2", "s7", 7)]


def test_the_standing_line_knows_its_own() -> None:
    assert list(calls_noted("main", EVENTS)) == []
