"""The turnstile: so many a turn, in order, whoever leaves the queue, and nothing to do when nobody comes."""

from __future__ import annotations

import asyncio

from signaling.turnstile import Turnstile
from tests.harness.wait import until


class Visitors:
    """Those who come, and in which turn of the loop each went through."""

    def __init__(self, per_turn: int) -> None:
        self.sut = Turnstile(per_turn)
        self.through: list[tuple[int, int]] = []
        self.turn = 0

    async def visit(self, number: int) -> None:
        await self.sut.enter()
        self.through.append((number, self.turn))

    async def count_turns(self) -> None:
        for self.turn in range(10_000):
            await asyncio.sleep(0)

    async def all_of(self, count: int) -> None:
        counting = asyncio.create_task(self.count_turns())
        await asyncio.gather(*(self.visit(number) for number in range(count)))
        counting.cancel()


async def test_no_more_than_so_many_go_through_in_a_turn_and_in_order() -> None:
    visitors = Visitors(4)
    await visitors.all_of(23)
    assert [number for number, _ in visitors.through] == list(range(23))
    turns = [turn for _, turn in visitors.through]
    assert max(turns.count(turn) for turn in set(turns)) <= 4
    assert len(set(turns)) >= 23 // 4
    assert len(visitors.sut) == 0


async def test_a_few_go_through_at_once() -> None:
    sut = Turnstile(2)
    for _ in range(5):
        first, second = sut.enter(), sut.enter()
        for each in (first, second):
            try:
                each.send(None)
            except StopIteration:
                continue
            raise AssertionError("it had to wait")
        await until("the loop has turned", lambda: sut._left == 2)


async def test_who_comes_later_does_not_overtake() -> None:
    visitors = Visitors(1)
    early = [asyncio.create_task(visitors.visit(number)) for number in range(3)]
    await asyncio.sleep(0)
    late = asyncio.create_task(visitors.visit(3))
    await asyncio.gather(*early, late)
    assert [number for number, _ in visitors.through] == [0, 1, 2, 3]


async def test_who_leaves_takes_nobody_s_place() -> None:
    visitors = Visitors(1)
    tasks = [asyncio.create_task(visitors.visit(number)) for number in range(6)]
    await asyncio.sleep(0)
    for task in tasks[1:5]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [number for number, _ in visitors.through] == [0, 5]


async def test_it_rests_when_nobody_comes() -> None:
    visitors = Visitors(2)
    await visitors.all_of(9)
    await until("it rests", lambda: not visitors.sut._is_turning)
    await visitors.all_of(3)
    assert len(visitors.through) == 12
