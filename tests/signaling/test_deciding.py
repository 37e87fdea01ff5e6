from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bridge.errors import BridgeError
from signaling import deciding as deciding_module
from signaling.deciding import Deciding, DecidingParts
from signaling.forwarding import Unavailable
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.store import FenceLost, SequenceMismatch, StoreUnavailable
from tests.harness.wait import until
from tests.signaling.toy import Add, Event, SetAlarm, Sums, ToyCodec


class Bench:
    """A Deciding over a memory store, and what became durable."""

    def __init__(self, submit_timeout_s: float = 1.0) -> None:
        self.server = MemoryServer()
        self.store = MemoryStore(self.server)
        self.durable: list[tuple[list[int], int]] = []
        self.plan = {"version": 1}
        self.now = 1000
        self.ahead = Sums()
        self.parts: DecidingParts[Sums] = DecidingParts(
            "main", self.store, ToyCodec(), submit_timeout_s, self.take, lambda: dict(self.plan), lambda: self.now
        )

    def take(self, events: Sequence[Event], last: int) -> None:
        self.durable.append(([event.value for event in events], last))

    async def begin(self) -> Deciding[Sums]:
        fence = await self.store.acquire_lease("main", "a", 60_000)
        assert fence is not None
        return Deciding(self.parts, fence, self.ahead, 0)


async def test_nothing_is_durable_before_it_is_written() -> None:
    bench = Bench()
    deciding = await bench.begin()
    future = deciding.decide(Add(1))
    await asyncio.sleep(0)
    assert bench.durable == []
    assert not future.done()
    writing = asyncio.create_task(deciding.write())
    accepted = await future
    assert ([event.value for event in accepted.events], accepted.last) == ([1], 1)
    assert bench.durable == [([1], 1)]
    await deciding.wait_idle()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    deciding.end("over")


async def test_a_command_that_grew_old_behind_a_busy_loop_is_written_all_the_same() -> None:
    bench = Bench(submit_timeout_s=0.1)
    deciding = await bench.begin()
    old = [deciding.decide(Add(number)) for number in (1, 2)]
    end_s = asyncio.get_running_loop().time() + 0.15
    await until("they are out of time", lambda: asyncio.get_running_loop().time() > end_s)
    writing = asyncio.create_task(deciding.write())
    assert [(await future).last for future in old] == [2, 2]
    assert bench.durable == [([1, 2], 2)]
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    deciding.end("over")


async def test_refusals_are_immediate_and_leave_nothing_to_write() -> None:
    deciding = await Bench().begin()
    with pytest.raises(BridgeError):
        deciding.decide(Add(-1))
    await deciding.wait_idle()
    deciding.end("over")


async def test_a_full_queue_refuses_before_deciding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding_module, "MAX_PENDING_SUBMITS", 2)
    deciding = await Bench().begin()
    futures = [deciding.decide(Add(1)), deciding.decide(Add(1))]
    with pytest.raises(Unavailable, match="too many"):
        deciding.decide(Add(1))
    deciding.end("it is over")
    for future in futures:
        with pytest.raises(Unavailable, match="it is over"):
            await future


@pytest.mark.parametrize("trouble", [FenceLost, SequenceMismatch, StoreUnavailable])
async def test_what_ends_the_writing_fails_all_that_waits(trouble: type[Exception]) -> None:
    bench = Bench(submit_timeout_s=0.1)
    deciding = await bench.begin()
    if trouble is FenceLost:
        bench.server.leases.clear()
    elif trouble is SequenceMismatch:
        bench.server.logs["main"] = [(1, "{}")]
    else:
        bench.server.is_down = True
    futures = [deciding.decide(Add(number, count=300)) for number in range(1, 5)]
    with pytest.raises(trouble):
        await deciding.write()
    assert deciding.is_over
    deciding.end("the rest")
    for future in futures:
        with pytest.raises(Unavailable):
            await future
    assert bench.durable == []


async def test_an_abandoned_command_is_written_all_the_same() -> None:
    """Who asked has gone; what was decided is what happened."""
    bench = Bench()
    deciding = await bench.begin()
    deciding.decide(Add(1)).cancel()
    kept = deciding.decide(Add(2))
    writing = asyncio.create_task(deciding.write())
    await kept
    assert bench.durable == [([1, 2], 2)]
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    deciding.end("over")


async def test_a_clock_that_went_back_does_not_spin() -> None:
    bench = Bench()
    deciding = await bench.begin()
    writing = asyncio.create_task(deciding.write())
    await deciding.decide(SetAlarm(1050))
    bench.now = 900  # the timer fires in 50 ms, and finds nothing to do yet
    asked: list[int] = []
    original = bench.ahead.handle_timeout
    bench.ahead.handle_timeout = lambda now: asked.append(now) or original(now)  # type: ignore[method-assign,func-returns-value]
    await until("asked in vain", lambda: asked)
    assert len(asked) < 5
    bench.now = 1051
    await until("the alarm", lambda: [1000] in [values for values, _ in bench.durable])
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    deciding.end("over")


async def test_plans_are_written_when_they_change_and_again_after_an_absence() -> None:
    bench = Bench()
    deciding = await bench.begin()
    tasks = [asyncio.create_task(deciding.write()), asyncio.create_task(deciding.write_plans())]

    async def is_written(version: int) -> None:
        await until("written", lambda: bench.server.plans.get("main") == f'{{"version": {version}}}', every_s=0)

    await is_written(1)
    bench.plan["version"] = 2
    await deciding.decide(Add(1))
    await is_written(2)
    bench.server.is_down = True
    bench.plan["version"] = 3
    future = deciding.decide(Add(1))
    for _ in range(10):
        await asyncio.sleep(0)
    bench.server.is_down = False
    await future
    await is_written(3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    deciding.end("over")
