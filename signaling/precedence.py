"""A higher level's meeting keeps its points: no lower level calls them out of it. Pure.

Calls of a higher level take points away from lower calls and give them back (:mod:`signaling.engagement`). A lower level that
wants a point out of a higher level's open meeting is refused instead, and told whose meeting it is: whoever sits in the Prime
Minister's session is not taken out of it by a district.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bridge import commands
from bridge.agenda_commands import NextSpeaker
from bridge.bridge import Bridge
from bridge.matter_commands import PlaceCalls, RetryCall, StartCallList
from bridge.session_errors import in_meeting_above
from signaling.attendance import kind_of


def points_called(command: Any, bridge: Bridge) -> tuple[str, ...]:
    """The points that a command would call; none for a command that calls nobody."""
    if isinstance(command, commands.PlaceCall | commands.GiveFloor):
        return (command.point,)
    if isinstance(command, PlaceCalls | StartCallList):
        return command.points
    if isinstance(command, NextSpeaker):
        upcoming = bridge.next_speaker()
        return () if upcoming is None else (upcoming,)
    if isinstance(command, RetryCall):
        point = bridge.point_of(command.call)
        return () if point is None else (point,)
    return ()


def require_precedence(command: Any, level: int, bridge: Bridge, bridges_over: Callable[[str], Iterable[Bridge]]) -> None:
    """Refuse a call to a point that takes part in a higher level's meeting.

    Args:
        command: what is asked.
        level: how far the caller is below the root.
        bridge: the session in which it is asked.
        bridges_over: gives the open sessions over a point.

    Raises:
        BridgeError: ``in_meeting_above``.
    """
    for point in points_called(command, bridge):
        for other in bridges_over(point):
            session = other.session
            if session.id != bridge.session_id and kind_of(session) == "meeting" and session.level < level:
                directory = other.directory
                center = directory.unit(session.center).name if directory.has_unit(session.center) else session.title
                raise in_meeting_above(directory.point(point).name, center)
