"""Exceptions that nobody foresaw: counted, and some of their tracebacks kept for the log."""

from __future__ import annotations

import traceback
from collections import Counter

FAULTS_MAX = 8
"""Tracebacks kept between two calls of :meth:`Faults.take`; all are counted."""


class Faults:
    """What went wrong and was kept to where it happened; counted as ``faults``."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._tracebacks: list[str] = []

    def note(self) -> None:
        """Counts the exception that is being handled, and keeps its traceback."""
        self._counters["faults"] += 1
        if len(self._tracebacks) < FAULTS_MAX:
            self._tracebacks.append(traceback.format_exc())

    def take(self) -> list[str]:
        """Tracebacks since the last call."""
        taken, self._tracebacks = self._tracebacks, []
        return taken
