"""What a room tells besides calls, roll calls and the floor: directives, proposals, the agenda, draws. No task, no clock.

Directives and proposals are the standing line's, so that consoles of every session hear of them: a room of another session reads
them from the standing line's state and is told the standing line's events too (:meth:`News.receive_line_event`).
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.bridge import Bridge
from bridge.events import Event
from signaling.room_agenda import AgendaNews
from signaling.room_directives import DirectiveNews
from signaling.room_proposals import ProposalNews
from signaling.scoped import Told, Within
from signaling.session import Outgoing


class News:
    """The news of one room since the last fan-out.

    Args:
        bridge: the state of the room's session.
        line: the state of the standing line; the same when the room is its own.
    """

    def __init__(self, bridge: Callable[[], Bridge], line: Callable[[], Bridge]) -> None:
        self._directives = DirectiveNews(line)
        self._proposals = ProposalNews(line)
        self._agenda = AgendaNews(bridge)
        self._is_of_line = bridge is line

    def receive_event(self, event: Event) -> tuple[str, Outgoing] | None:
        """Note what is on disk in the room's own session; give the point that is to hear at once, and what."""
        self._agenda.receive_event(event)
        return self.receive_line_event(event) if self._is_of_line else None

    def receive_line_event(self, event: Event) -> tuple[str, Outgoing] | None:
        """Note what is on disk in the standing line."""
        return self._directives.receive_event(event) or self._proposals.receive_event(event)

    def reset(self) -> None:
        """The state was built anew."""
        self._directives.reset()

    def for_point(self, point: str) -> list[Outgoing]:
        """What a point that has just come is to hear: from the standing line's room alone."""
        if not self._is_of_line:
            return []
        return [*self._directives.for_point(point), *self._proposals.for_point(point)]

    def for_console(self, within: Within) -> list[Outgoing]:
        """What a console that has just come is to hear."""
        return [
            *self._directives.for_console(within),
            *self._proposals.for_console(within),
            *self._agenda.for_console(within),
        ]

    def take_for_consoles(self) -> Told | None:
        """Take what consoles are to hear; None when nothing moved."""
        parts = [
            part for part in (self._directives.take_boards(), self._proposals.take(), self._agenda.take()) if part is not None
        ]
        return (lambda within: [outgoing for part in parts for outgoing in part(within)]) if parts else None

    def take_for_points(self) -> Callable[[str], list[Outgoing]] | None:
        """Take what points are to hear, in the standing line's room alone; None when nothing moved."""
        notices = self._directives.take_notices()
        return notices if self._is_of_line else None
