"""Whose programme a point gets. Pure.

A point is on duty on the standing line. It takes part in a meeting while one is open over it, and in the session that calls it,
whatever that is, while it is called: the call of the highest level first, then the open meeting of the highest level, among
equals the one that was opened last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bridge.bridge import Bridge
from bridge.ids import STANDING_LINE
from bridge.sessions import SessionKind, SessionRecord
from signaling.meeting_views import AttendingReason


@dataclass(frozen=True, slots=True)
class Attending:
    """The session that a point takes part in, and why."""

    session: str
    reason: AttendingReason


ON_DUTY: Final = Attending(STANDING_LINE, "standing")


def kind_of(session: SessionRecord) -> SessionKind:
    """The kind of a session; one that was opened before there were kinds is a meeting, unless it is the standing line."""
    if session.id == STANDING_LINE:
        return "standing"
    return "line" if session.kind == "line" else "meeting"


def attending_of(point: str, bridges: Iterable[Bridge]) -> Attending:
    """What a point attends, from the open sessions over it (the standing line among them or not)."""
    calls: list[tuple[int, int, str]] = []
    meetings: list[tuple[int, int, str]] = []
    for bridge in bridges:
        session, call = bridge.session, bridge.active_call(point)
        if call is not None:
            calls.append((call.level, call.placed_at, session.id))
        elif bridge.is_open and kind_of(session) == "meeting":
            meetings.append((session.level, -(session.opened_at or 0), session.id))
    if calls:
        return Attending(min(calls)[2], "call")
    return Attending(min(meetings)[2], "meeting") if meetings else ON_DUTY
