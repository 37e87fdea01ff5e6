"""Long work gives the loop away: after so many steps, and after so long."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator

from signaling.slices import SLICE, SLICE_S, in_slices


async def turns_during(steps: Iterator[None], clock: Callable[[], float]) -> int:
    """How often others had their turn while the steps were taken."""
    turns: list[None] = []

    async def others() -> None:
        for _ in range(10_000):
            turns.append(None)
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await in_slices(steps, clock)
    task.cancel()
    return len(turns)


async def test_many_quick_steps() -> None:
    assert await turns_during(iter([None] * (10 * SLICE)), lambda: 0.0) >= 10


async def test_few_slow_steps() -> None:
    now = itertools.count()
    assert await turns_during(iter([None] * (SLICE - 1)), lambda: next(now) * SLICE_S) >= (SLICE - 1) // 2
