"""When a process of the service looks for garbage: not in the middle of a storm. In this package because signaling and the node
both hold a nation of long-lived objects; the figures are signaling's.

Theory of operation. A connection is some 110 objects that live as long as it does, and a full collection looks at all of them:
0.65 s with 9,811 connections (2 cores, Python 3.11), during which nobody is answered. The interpreter's own rule, a full
collection whenever the heap has grown by a quarter, spends 12 of them on a nation that arrives, a third of the CPU of the whole
storm. So full collections are taken out of its hands:

* :func:`set_up` makes young collections rarer and full ones so rare that they are a safety net;
* :func:`settle`, once everything is loaded, puts what lives to the end (code, directory, state) out of the collector's sight;
* a :class:`Heap` collects when enough connections have ended (an ended connection is a cycle of 45 objects and 10 KB within
  aiohttp) and few come or go, so that the pause falls into a quiet minute. Beyond ``MOST_ENDED`` it does not wait for one.

A node's sound passes through the interpreter once, on its way in: a full collection over ten thousand viewers would be a gap
in it.

Cycles that are young when they become garbage, those of requests and exceptions, fall to the young collections as ever.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Final

import structlog

_log = structlog.get_logger(__name__)

THRESHOLDS: Final = (10_000, 5, 200)
"""Young collections of 10,000 new objects (some 3 ms), middle ones of 50,000 (some 40 ms), a full one after 10,000,000 at most:
nine nations that arrive and leave nothing behind."""

LOOK_S: Final = 10.0
MANY_ENDED: Final = 2_000
"""20 MB of garbage: below that a pause is not worth it."""
MOST_ENDED: Final = 30_000
"""300 MB of garbage: three nations that left."""
FEW_MOVES: Final = 100
"""Connections that come or go within ``LOOK_S`` in a quiet minute: a tenth of a percent of the country each second."""


def set_up() -> None:
    """Set the interpreter's thresholds. Once a process, at its start."""
    gc.set_threshold(*THRESHOLDS)


def settle() -> None:
    """Everything is loaded: collect once, and never look at what is left again."""
    gc.collect()
    gc.freeze()


class Heap:
    """See the module's text. :meth:`run` must be running.

    Args:
        opened: how many connections there have been.
        ended: how many of them are over.
        collect: what collects.
    """

    def __init__(self, opened: Callable[[], int], ended: Callable[[], int], collect: Callable[[], object] = gc.collect) -> None:
        self._opened, self._ended, self._collect = opened, ended, collect
        self._moves_seen = 0
        self._ended_collected = 0
        self.collections = 0

    async def run(self) -> None:
        """Look every ``LOOK_S``, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> bool:
        """Collect if this is the time for it; say whether it was. Called every ``LOOK_S``."""
        ended = self._ended()
        moves = self._opened() + ended
        is_quiet, self._moves_seen = moves - self._moves_seen < FEW_MOVES, moves
        waiting = ended - self._ended_collected
        if waiting < MANY_ENDED or (waiting < MOST_ENDED and not is_quiet):
            return False
        self._ended_collected = ended
        self._collect()
        self.collections += 1
        _log.info("heap.collected", connections=waiting)
        return True
