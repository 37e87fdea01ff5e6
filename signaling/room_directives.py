"""What a room tells of directives: each point its own answer, each console counters; nobody the text. No task, no clock.

As with roll calls (:mod:`signaling.room_rollcall`), whoever acknowledged hears at once that it did; whom a new directive, a
deadline or a withdrawal concerns is told in the room's fan-out, from a text that all share who have not acknowledged; consoles
get the newest counters in the same fan-out, once for each scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bridge.bridge import Bridge
from bridge.directive_events import DirectiveAcknowledged, DirectiveDue, DirectiveIssued, DirectiveWithdrawn
from bridge.directive_views import directive_board_view, notice_view
from bridge.directives import Directive
from bridge.events import Event, PointArrived
from signaling.directive_messages import DirectiveBoard, DirectiveBoardView, DirectiveMessage, NoticeView
from signaling.scoped import Told, Within, once_per_scope
from signaling.session import Outgoing

MAX_BOARDS_SHOWN: Final = 20
"""Directives that a console hears of when it comes, the newest; the others are asked for over REST."""
MAX_NOTICES_SHOWN: Final = 20
"""Directives that a point hears of when it comes: the newest that it has yet to acknowledge."""


def notice_of(directive: Directive, point: str) -> Outgoing:
    """A directive as it is sent to a point."""
    view = NoticeView.model_validate(notice_view(directive, point))
    return Outgoing(DirectiveMessage(directive=view), f"directive:{directive.id}")


def board_of(directive: Directive, bridge: Bridge, scope: Sequence[str]) -> Outgoing | None:
    """A directive as it is sent to a console of that scope; None when it is none of its business."""
    view = directive_board_view(directive, bridge.directory, scope)
    if view is None:
        return None
    return Outgoing(
        DirectiveBoard(directive=DirectiveBoardView.model_validate(view)),
        f"directive_board:{directive.id}",
    )


class DirectiveNews:
    """The directives of one room since the last fan-out."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._moved: dict[str, None] = {}
        """Directives whose counters changed."""
        self._changed: dict[str, None] = {}
        """Directives whose points are to be told."""

    def receive_event(self, event: Event) -> tuple[str, Outgoing] | None:
        """Note what is on disk; give the point that is to hear at once, and what."""
        directives = self._bridge().state.directives
        if isinstance(event, DirectiveAcknowledged):
            self._moved[event.directive] = None
            directive = directives.kept.get(event.directive)
            return None if directive is None else (event.point, notice_of(directive, event.point))
        if isinstance(event, DirectiveIssued | DirectiveDue | DirectiveWithdrawn):
            self._moved[event.directive] = self._changed[event.directive] = None
        elif isinstance(event, PointArrived):
            for directive in directives.running.values():
                if directive.is_open_to(event.point):
                    self._moved[directive.id] = None
        return None

    def reset(self) -> None:
        """The state was built anew: those who have yet to acknowledge are told again. Consoles are shown everything anyway."""
        for directive in self._bridge().state.directives.running.values():
            self._changed[directive.id] = None

    def for_point(self, point: str) -> list[Outgoing]:
        """What a point that has just come is to hear."""
        waiting = self._bridge().state.directives.open_to(point)[:MAX_NOTICES_SHOWN]
        return [notice_of(directive, point) for directive in reversed(waiting)]

    def for_console(self, within: Within) -> list[Outgoing]:
        """What a console that has just come is to hear, the oldest first."""
        bridge = self._bridge()
        newest: list[Outgoing] = []
        for directive in reversed(bridge.state.directives.kept.values()):
            board = board_of(directive, bridge, within.units)
            if board is not None:
                newest.append(board)
            if len(newest) == MAX_BOARDS_SHOWN:
                break
        return newest[::-1]

    def take_boards(self) -> Told | None:
        """Take what consoles are to hear; None when nothing moved."""
        bridge = self._bridge()
        moved = [found for name in self._moved if (found := bridge.state.directives.kept.get(name)) is not None]
        self._moved.clear()
        if not moved:
            return None
        return once_per_scope(
            lambda within: [board for each in moved if (board := board_of(each, bridge, within.units)) is not None]
        )

    def take_notices(self) -> Callable[[str], list[Outgoing]] | None:
        """Take what points are to hear: a function from a point to its messages; None when there is nothing to tell."""
        kept = self._bridge().state.directives.kept
        changed = [found for name in self._changed if (found := kept.get(name)) is not None]
        self._changed.clear()
        if not changed:
            return None
        made: dict[str, Outgoing] = {}

        def notices_for(point: str) -> list[Outgoing]:
            told: list[Outgoing] = []
            for directive in changed:
                if point in directive.points and point not in directive.confirmed:
                    if directive.id not in made:
                        made[directive.id] = notice_of(directive, point)
                    told.append(made[directive.id])
            return told

        return notices_for
