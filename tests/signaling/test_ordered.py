"""What an order is answered with."""

from __future__ import annotations

from bridge import commands
from bridge.draw_commands import DrawPoints
from bridge.draw_events import PointsDrawn
from bridge.events import CallPlaced, RollCallStarted
from signaling.ordered import ordered


def test_what_it_began() -> None:
    placed = ordered(commands.PlaceCall("1", "x"), [CallPlaced(7, "c1", "1", "x", 1, 9)], 8)
    assert placed.model_dump() == {"at": 7, "call": "c1", "roll_call": None, "made": None}
    started = ordered(commands.StartRollCall((), 1, "x"), [RollCallStarted(7, "r1", "x", (), (), 9)], 8)
    assert (started.roll_call, started.made) == ("r1", None)
    event = PointsDrawn(7, "w1", "s", 1, (), "", ("1",), (0,), (), ("1",), "x")
    assert ordered(DrawPoints(1, (), (), (), "s", "", "x"), [event], 8).made == "w1"


def test_what_it_touched_and_when_nothing_happened() -> None:
    assert ordered(commands.EndCall("c2", "x"), [], 8).model_dump() == {"at": 8, "call": "c2", "roll_call": None, "made": None}
    assert ordered(commands.CloseRollCall("r2", "x"), [], 8).roll_call == "r2"
