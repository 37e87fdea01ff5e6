"""How long the event loop kept everybody waiting: the one number that tells an overloaded process from a busy one.

Theory of operation. A timer is set for ``EVERY_S``; what it comes late is the time that the loop did not turn. The worst of the
running and of the last whole window of ``WINDOW_S`` are kept: the number is that of the last 10 to 20 s, whoever reads it when.

Doors ask for another number: how late the loop is *now*. One late timer is a pause (a collection of garbage, a large report) that
is over when it is seen; two in a row are more work than turns. So that number is the lesser of the last two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 0.05
WINDOW_S: Final = 10.0


class LoopLag:
    """See the module's text. :meth:`run` must be running."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._window_began_s = clock()
        self._worst_s = 0.0
        self._worst_before_s = 0.0
        self._late_s = 0.0
        self._late_before_s = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due_s = self._clock() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.note(self._clock() - due_s)

    def note(self, late_s: float) -> None:
        """The timer came so late."""
        self._turn()
        self._worst_s = max(self._worst_s, late_s)
        self._late_before_s, self._late_s = self._late_s, late_s

    @property
    def present_s(self) -> float:
        """How late the loop is now, pauses that are over not counted."""
        return min(self._late_s, self._late_before_s)

    @property
    def worst_s(self) -> float:
        """The longest that the loop did not turn, in the last 10 to 20 s."""
        self._turn()
        return max(self._worst_s, self._worst_before_s)

    def _turn(self) -> None:
        windows = int((self._clock() - self._window_began_s) / WINDOW_S)
        if windows > 0:
            self._worst_before_s = self._worst_s if windows == 1 else 0.0
            self._worst_s = 0.0
            self._window_began_s += windows * WINDOW_S
