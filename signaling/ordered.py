"""What a console hears of an order that was carried out."""

from __future__ import annotations

from collections.abc import Sequence

from bridge import commands
from bridge.events import CallPlaced, Event, RollCallStarted
from signaling.message_fields import Code, ServerModel, Time
from signaling.orders import made_by


class Ordered(ServerModel):
    """An order is on disk."""

    at: Time
    call: Code | None
    """The call that it began or touched."""
    roll_call: Code | None
    made: Code | None = None
    """What else it began."""


def ordered(command: commands.Command, events: Sequence[Event], now_ms: int) -> Ordered:
    """The answer to a command that caused these events; ``now_ms`` is when it caused none."""
    at = events[-1].at if events else now_ms
    return Ordered(at=at, call=_call_of(command, events), roll_call=_roll_call_of(command, events), made=made_by(events))


def _call_of(command: commands.Command, events: Sequence[Event]) -> str | None:
    for event in events:
        if isinstance(event, CallPlaced):
            return event.call
    call = getattr(command, "call", None)
    return call if isinstance(call, str) else None


def _roll_call_of(command: commands.Command, events: Sequence[Event]) -> str | None:
    for event in events:
        if isinstance(event, RollCallStarted):
            return event.roll_call
    return command.roll_call if isinstance(command, commands.CloseRollCall) else None
