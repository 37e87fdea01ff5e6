"""What a room tells of roll calls: each point its own state, each console counters. No task, no clock, no waiting.

Theory of operation. Ten thousand points are asked within a second and answer within a few: nothing here may be more than a
constant for an answer, and nobody may hear of every answer. Three ways out:

* a point that confirmed hears at once that it did (:meth:`RollCalls.receive_event` names it);
* whom a start, an end or another deadline concerns is told in the room's fan-out, from four texts that all share
  (:meth:`RollCalls.questions`);
* consoles get the newest counters in the same fan-out, once for each scope that somebody has (:meth:`RollCalls.boards`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bridge.bridge import Bridge
from bridge.events import Event, PointArrived, PresenceConfirmed, RollCallClosed, RollCallExtended, RollCallStarted
from bridge.ids import session_of_id
from bridge.rollcall import Presence, RollCall
from bridge.views import board_view, question_view
from signaling.meeting_views import BoardView, QuestionView
from signaling.messages import RollCallBoard, RollCallMessage
from signaling.session import Outgoing

MAX_BOARDS_SHOWN: Final = 3
"""Closed roll calls that a console hears of when it comes; those that ask it always does."""


def question_of(roll_call: RollCall, point: str) -> Outgoing:
    """A roll call as it is sent to a point: of each session, where two never ask at once, the newest question waits."""
    view = QuestionView.model_validate(question_view(roll_call, point))
    return Outgoing(RollCallMessage(roll_call=view), f"roll_call:{session_of_id(roll_call.id)}")


def board_of(roll_call: RollCall, bridge: Bridge, scope: Sequence[str]) -> Outgoing | None:
    """A roll call as it is sent to a console of that scope; None when it is none of its business."""
    view = board_view(roll_call, bridge.directory, scope)
    if view is None:
        return None
    return Outgoing(RollCallBoard(roll_call=BoardView.model_validate(view)), f"roll_call_board:{roll_call.id}")


class RollCalls:
    """The roll calls of one room since the last fan-out."""

    def __init__(self, bridge: Callable[[], Bridge]) -> None:
        self._bridge = bridge
        self._moved: dict[str, None] = {}
        """Roll calls whose counters changed."""
        self._asked: dict[str, None] = {}
        """Roll calls whose points are to be told."""

    def receive_event(self, event: Event) -> tuple[str, Outgoing] | None:
        """Note what is on disk; give the point that is to hear at once, and what."""
        bridge = self._bridge()
        if isinstance(event, PointArrived):
            asking = bridge.state.asked.get(event.point)
            if asking is not None:
                self._moved[asking.id] = None
        elif isinstance(event, PresenceConfirmed):
            self._moved[event.roll_call] = None
            roll_call = bridge.roll_calls.get(event.roll_call)
            return None if roll_call is None else (event.point, question_of(roll_call, event.point))
        elif isinstance(event, RollCallStarted | RollCallExtended | RollCallClosed):
            self._moved[event.roll_call] = None
            self._asked[event.roll_call] = None
        return None

    def reset(self) -> None:
        """The state was built anew: those who are being asked are told again."""
        for roll_call in self._bridge().state.asking():
            self._moved[roll_call.id] = self._asked[roll_call.id] = None

    def question_to(self, point: str) -> Outgoing | None:
        """What a point that has just come is to hear."""
        roll_call = self._bridge().question_to(point)
        return None if roll_call is None else question_of(roll_call, point)

    def boards_for(self, scope: Sequence[str]) -> list[Outgoing]:
        """What a console that has just come is to hear, the oldest first."""
        bridge = self._bridge()
        closed = [roll_call.id for roll_call in bridge.roll_calls.values() if not roll_call.is_asking]
        hidden = set(closed[: max(0, len(closed) - MAX_BOARDS_SHOWN)])
        shown = (roll_call for roll_call in bridge.roll_calls.values() if roll_call.id not in hidden)
        return [board for roll_call in shown if (board := board_of(roll_call, bridge, scope)) is not None]

    def boards(self) -> Callable[[Sequence[str]], list[Outgoing]] | None:
        """Take what consoles are to hear: a function from a scope to messages, each made once; None when nothing moved.

        Hundreds of units may hold roll calls of their own before as many consoles, so a console looks up those that its scope has
        a part in: they are over a unit within it, or over one above it.
        """
        bridge = self._bridge()
        directory = bridge.directory
        moved = [roll_call for name in self._moved if (roll_call := bridge.roll_calls.get(name)) is not None]
        self._moved.clear()
        if not moved:
            return None
        over: dict[str, list[int]] = {}
        within: dict[str, list[int]] = {}
        for place, roll_call in enumerate(moved):
            for unit in filter(directory.has_unit, roll_call.units):
                over.setdefault(unit, []).append(place)
                for above in directory.path(unit):
                    within.setdefault(above.code, []).append(place)
        made: dict[tuple[str, ...], list[Outgoing]] = {}

        def boards_of(scope: Sequence[str]) -> list[Outgoing]:
            key = tuple(scope)
            if key not in made:
                known = [unit for unit in key if directory.has_unit(unit)]
                places = {place for unit in known for place in within.get(unit, ())}
                places.update(place for unit in known for above in directory.path(unit) for place in over.get(above.code, ()))
                common = (moved[place] for place in sorted(places))
                made[key] = [board for roll_call in common if (board := board_of(roll_call, bridge, key)) is not None]
            return made[key]

        return boards_of

    def questions(self) -> Iterator[tuple[str, Outgoing]]:
        """Take what points are to hear, of the newest roll call that concerns them; looks at those points alone.

        Those who have not confirmed and share a cause share a text; those who have confirmed know already.
        """
        bridge = self._bridge()
        asked = [roll_call for name in self._asked if (roll_call := bridge.roll_calls.get(name)) is not None]
        self._asked.clear()
        seen: set[str] = set()
        for roll_call in reversed(asked):
            made: dict[str | None, Outgoing] = {}
            for point in roll_call.points:
                if point in seen:
                    continue
                seen.add(point)
                if roll_call.presence(point) in {Presence.PRESENT, Presence.LATE}:
                    continue
                cause = roll_call.cause(point)
                if cause not in made:
                    made[cause] = question_of(roll_call, point)
                yield point, made[cause]
