"""Errands: order, replacement, retry, truth."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge import commands
from bridge.errors import unknown_call
from signaling.errands import Errand, Errands
from signaling.forwarding import Unavailable


class Owner:
    def __init__(self) -> None:
        self.told: list[Any] = []
        self.fails: Exception | None = None

    async def submit(self, command: Any) -> list[Any]:
        if self.fails is not None:
            raise self.fails
        self.told.append(command)
        return []


def left(point: str) -> commands.PointLeft:
    return commands.PointLeft(point, "gone")


async def test_they_are_told_in_order_and_once() -> None:
    owner, errands = Owner(), Errands()
    for number in range(5):
        errands.put(("point", str(number)), Errand(owner.submit, left(str(number))))
    assert await errands.turn()
    assert [command.point for command in owner.told] == ["0", "1", "2", "3", "4"]
    assert len(errands) == 0
    assert await errands.turn()
    assert len(owner.told) == 5


async def test_a_newer_one_takes_the_place_of_an_older_and_goes_to_the_end() -> None:
    owner, errands = Owner(), Errands()
    errands.put(("media", "a"), Errand(owner.submit, commands.ReportMedia("center", "video", True)))
    errands.put(("point", "1"), Errand(owner.submit, left("1")))
    errands.put(("media", "a"), Errand(owner.submit, commands.ReportMedia("center", "video", False)))
    await errands.turn()
    assert owner.told == [left("1"), commands.ReportMedia("center", "video", False)]


async def test_they_are_tried_again_until_recorded_in_the_same_order() -> None:
    owner, errands = Owner(), Errands()
    owner.fails = Unavailable("away")
    errands.put(("point", "1"), Errand(owner.submit, left("1")))
    errands.put(("point", "2"), Errand(owner.submit, left("2")))
    assert not await errands.turn()
    assert len(errands) == 2
    errands.put(("point", "3"), Errand(owner.submit, left("3")))
    owner.fails = None
    assert await errands.turn()
    assert [command.point for command in owner.told] == ["1", "2", "3"]


async def test_what_is_no_longer_true_is_not_told() -> None:
    owner, errands = Owner(), Errands()
    is_gone = True
    errands.put(("point", "1"), Errand(owner.submit, left("1"), lambda: is_gone))
    owner.fails = Unavailable("away")
    assert not await errands.turn()
    owner.fails, is_gone = None, False
    assert await errands.turn()
    assert owner.told == []


async def test_one_that_came_meanwhile_is_not_overwritten_by_a_failed_older_one() -> None:
    owner, errands = Owner(), Errands()

    async def fail_and_put(command: Any) -> list[Any]:
        errands.put(("media", "a"), Errand(owner.submit, commands.ReportMedia("center", "video", False)))
        raise Unavailable("away")

    errands.put(("media", "a"), Errand(fail_and_put, commands.ReportMedia("center", "video", True)))
    assert not await errands.turn()
    assert await errands.turn()
    assert owner.told == [commands.ReportMedia("center", "video", False)]


@pytest.mark.parametrize("error", [unknown_call("c1"), ValueError("bug")])
async def test_refusals_and_bugs_are_not_tried_again_and_end_nothing(error: Exception) -> None:
    owner, errands = Owner(), Errands()
    owner.fails = error
    errands.put(("ring", "c1"), Errand(owner.submit, commands.RingSent("c1")))
    assert await errands.turn()
    assert len(errands) == 0


async def test_the_table_is_bounded() -> None:
    owner, errands = Owner(), Errands(limit=2)
    for number in range(4):
        errands.put(("point", str(number)), Errand(owner.submit, left(str(number))))
    errands.put(("point", "1"), Errand(owner.submit, left("1")))
    assert len(errands) == 2
    assert errands.dropped == 2


async def test_run_tells_what_comes() -> None:
    owner, errands = Owner(), Errands()
    told = asyncio.Event()

    async def submit(command: Any) -> list[Any]:
        told.set()
        return await owner.submit(command)

    task = asyncio.create_task(errands.run())
    errands.put(("point", "1"), Errand(submit, left("1")))
    async with asyncio.timeout(15):
        await told.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert owner.told == [left("1")]
