"""What a console hears of an order."""

from __future__ import annotations

from bridge import commands, events
from signaling.ordered import Ordered, ordered


def test_what_began_is_named_and_else_what_was_touched() -> None:
    placed = events.CallPlaced(7, "c3", "27286", "x", 1, 20)
    assert ordered(commands.PlaceCall("27286", "x"), [placed], 9) == Ordered(at=7, call="c3", roll_call=None)
    assert ordered(commands.TakeCall("c3", "x"), [], 9) == Ordered(at=9, call="c3", roll_call=None)
    assert ordered(commands.CloseRollCall("r1", "x"), [], 9) == Ordered(at=9, call=None, roll_call="r1")
