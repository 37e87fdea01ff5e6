"""The fan-out gives the loop away: after so many connections, and after so long."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from signaling.hub import SLICE, SLICE_S
from tests.signaling.world import World


async def turns_during(world: World, steps: Iterator[None]) -> int:
    """How often others had their turn while the hub went through the steps."""
    turns: list[None] = []

    async def others() -> None:
        for _ in range(10_000):
            turns.append(None)
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await world.service.hub._in_slices(steps)
    task.cancel()
    return len(turns)


async def test_many_quick_steps(world: World) -> None:
    assert await turns_during(world, iter([None] * (10 * SLICE))) >= 10


async def test_few_slow_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = itertools.count()
    monkeypatch.setattr(world.service.hub, "_clock", lambda: next(now) * SLICE_S)
    assert await turns_during(world, iter([None] * (SLICE - 1))) >= (SLICE - 1) // 2
