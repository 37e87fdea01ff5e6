"""Long work in slices: the loop is given away between them, so that nobody waits for all of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Final

SLICE: Final = 100
"""Steps taken before others get the loop."""
SLICE_S: Final = 0.005
"""And not longer than this, whatever a step takes: what waits to be written gets a turn in between only."""


async def in_slices(steps: Iterator[None], clock: Callable[[], float] = time.monotonic) -> None:
    """Run a generator to its end and give the loop away between slices; ``clock`` is monotonic seconds."""
    began = clock()
    for number, _ in enumerate(steps, start=1):
        if number % SLICE == 0 or clock() - began >= SLICE_S:
            await asyncio.sleep(0)
            began = clock()
