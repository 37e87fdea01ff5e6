"""The sessions of a node: the routes of each, and how many peers each has.

A session is there from its first peer or plan on. One that has neither peers nor feeds any more is kept for its plan, because
that could not be read again while Redis is away; of those a bounded number is kept, the oldest go first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sfu.dispatch import Dispatcher
from sfu.ids import SessionId
from sfu.legs import Leg
from sfu.router import BurstBudget, SessionRoutes

IDLE_SESSIONS_MAX = 64
"""Sessions without peers whose plans are kept: while Redis is away a plan could not be read again."""


class Sessions:
    """All sessions of one node, which share its dispatcher and its budget for newcomers' bursts."""

    def __init__(self, dispatcher: Dispatcher, bursts: BurstBudget) -> None:
        self._dispatcher, self._bursts = dispatcher, bursts
        self._routes: dict[SessionId, SessionRoutes] = {}
        self._peers: Counter[SessionId] = Counter()

    def __len__(self) -> int:
        return len(self._routes)

    def __contains__(self, session: SessionId) -> bool:
        return session in self._routes

    @property
    def populated(self) -> int:
        """How many have peers."""
        return len(self._peers)

    @property
    def cached_starts(self) -> int:
        """Newcomers that began from a cached key frame, over all sessions that are there."""
        return sum(routes.cached_starts for routes in self._routes.values())

    def names(self) -> list[SessionId]:
        """Sessions with peers or a plan."""
        return list(self._routes)

    def all(self) -> list[SessionRoutes]:
        """The routes of every session."""
        return list(self._routes.values())

    def routes(self, session: SessionId) -> SessionRoutes:
        """The routes of a session, made where they are not there yet. Only then are other sessions looked at."""
        routes = self._routes.get(session)
        if routes is None:
            idle = [other for other, held in self._routes.items() if not self._peers[other] and held.is_empty]
            for other in idle[: max(0, len(idle) + 1 - IDLE_SESSIONS_MAX)]:
                del self._routes[other]
            routes = self._routes[session] = SessionRoutes(session, self._dispatcher, self._bursts)
        return routes

    def enter(self, session: SessionId) -> SessionRoutes:
        """One peer more."""
        self._peers[session] += 1
        return self.routes(session)

    def leave(self, session: SessionId) -> None:
        """One peer less; for each :meth:`enter` once."""
        self._peers[session] -= 1
        if not self._peers[session]:
            del self._peers[session]

    def move(self, legs: Iterable[Leg], before: SessionId, after: SessionId, now: float) -> None:
        """Takes one peer from a session to another.

        Work is for its legs alone, whatever the number of viewers and sessions.

        Args:
            legs: its legs that can be sent to; none while it connects.
            before: where it is.
            after: where it goes; without a plan yet its slots are silent until one comes.
            now: monotonic seconds.
        """
        left, entered = self.routes(before), self.enter(after)
        for leg in legs:
            entered.add(leg, now, left.let_go(leg))
        self.leave(before)
