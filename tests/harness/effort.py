"""How much work something is, on any machine alike: for tests that hold a cost to its order, not to a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

COUNTED = frozenset({"call", "c_call"})


def calls_in(work: Callable[[], object]) -> int:
    """The number of calls, of Python's functions and of those in C, that `work` makes in this thread."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in COUNTED

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(previous)
    return count
