"""One point, several centers: which call has it, and what the other sessions have to be told. Pure.

Theory of operation. Each session decides for itself, so that two of them may call one point in the same moment. Of the calls in
progress one *has* the point: that of the highest level, among equals the one that was placed first (then by name, so that every
process says the same). Every other open session of that level or a lower one over the point has to know: its own call to the
point fails as ``engaged_above``, and until the point is given back it gets none of the same level or a lower one through. The
standing line is told whatever the level, since everybody calls on it.

:func:`repairs` compares what is with what ought to be and gives the commands that make up the difference, so that it may be
asked at any time and as often as one likes: after a call moved, after a restart, after a session was rebuilt. Only a session's
owner tells it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from bridge.calls import Call
from bridge.ids import STANDING_LINE


def _rank(call: Call, bridge: Bridge) -> tuple[int, int, str]:
    return call.level, call.placed_at, bridge.session_id


def holder_of(point: str, bridges: Iterable[Bridge]) -> tuple[Bridge, Call] | None:
    """The session and the call that have a point."""
    calls = [(bridge, call) for bridge in bridges if bridge.is_open and (call := bridge.active_call(point)) is not None]
    return min(calls, key=lambda found: _rank(found[1], found[0])) if calls else None


def repairs(point: str, bridges: Iterable[Bridge]) -> list[tuple[str, Any]]:
    """The commands that the sessions over a point need now, by session; none when everything is as it ought to be.

    Args:
        point: its code.
        bridges: every open session over the point, the standing line included.
    """
    sessions = [bridge for bridge in bridges if bridge.is_open]
    holder = holder_of(point, sessions)
    wanted: list[tuple[str, Any]] = []
    for bridge in sessions:
        record, own = bridge.state.record(point), bridge.active_call(point)
        held = record.engaged_in
        if holder is not None and bridge is not holder[0] and (own is not None or _is_concerned(bridge, holder[1])):
            above, call = holder
            title = above.session.title
            is_told = held == above.session_id and record.engaged_level == call.level
            if held == above.session_id and not is_told:
                wanted.append((bridge.session_id, commands.ReleasePoint(point, held)))
            elif not is_told or own is not None:
                command = commands.EngagePoint(point, above.session_id, title, call.level, call.by, call.placed_at)
                wanted.append((bridge.session_id, command))
        elif held is not None:
            wanted.append((bridge.session_id, commands.ReleasePoint(point, held)))
    return wanted


def _is_concerned(bridge: Bridge, above: Call) -> bool:
    return bridge.session_id == STANDING_LINE or bridge.session.level >= above.level
