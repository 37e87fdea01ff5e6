"""What the standing line is told of calls in other sessions, so that a draw knows when each point was last called.

The process that decides a session says it, once a call; saying it twice is harmless, since only a newer time is recorded. A call
that the standing line never heard of, because the process ended in between, counts in draws as long as its session is served: the
draw asks every session too (:mod:`signaling.drawing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.draw_commands import NoteCall
from bridge.events import CallPlaced, Event
from bridge.ids import STANDING_LINE


def calls_noted(session: str, events: Iterable[Event]) -> Iterator[NoteCall]:
    """Give what the standing line is to be told of these events of a session: the newest call of each point."""
    if session == STANDING_LINE:
        return
    newest = {event.point: event.at for event in events if isinstance(event, CallPlaced)}
    for point, at in newest.items():
        yield NoteCall(point, session, at)
