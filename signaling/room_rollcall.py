"""What a room tells of roll calls: each point its own state, each console counters. No task, no clock, no waiting.

Theory of operation. Ten thousand points are asked within a second and answer within a few: nothing here may be more than a
constant for an answer, and nobody may hear of every answer. Three ways out:

* a point that confirmed hears at once that it did (:meth:`RollCalls.receive_event` names it);
* whom a start, an end or another deadline concerns is told in the room's fan-out, from four texts that all share
  (:meth:`RollCalls.questions`);
* consoles get the newest counters in the same fan-out, once for each scope that somebody has (:meth:`RollCalls.boards`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        """Take what consoles are to hear: a function from a scope to messages, each made once; None when nothing moved."""
        bridge = self._bridge()
        moved = [roll_call for name in self._moved if (roll_call := bridge.roll_calls.get(name)) is not None]
        self._moved.clear()
        if not moved:
            return None
        made: dict[tuple[str, ...], list[Outgoing]] = {}

        def boards_of(scope: Sequence[str]) -> list[Outgoing]:
            key = tuple(scope)
            if key not in made:
                made[key] = [board for roll_call in moved if (board := board_of(roll_call, bridge, key)) is not None]
            return made[key]

        return boards_of

    def questions(self) -> Callable[[str], Outgoing | None] | None:
        """Take what points are to hear: a function from a point to its message; None when there is nothing to tell.

        Those who have not confirmed and share a cause share a text; those who have confirmed know already.
        """
        bridge = self._bridge()
        asked = [roll_call for name in self._asked if (roll_call := bridge.roll_calls.get(name)) is not None]
        self._asked.clear()
        if not asked:
            return None
        made: dict[tuple[str, str | None], Outgoing] = {}

        def question_for(point: str) -> Outgoing | None:
            for roll_call in reversed(asked):
                presence = roll_call.presence(point)
                if presence is None:
                    continue
                if presence in {Presence.PRESENT, Presence.LATE}:
                    return None
                key = (roll_call.id, roll_call.cause(point))
                if key not in made:
                    made[key] = question_of(roll_call, point)
                return made[key]
            return None

        return question_for
