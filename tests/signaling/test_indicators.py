"""This process's copy of the indicators: it follows the store, and its own imports are checked against all others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from bridge.days import parse_day
from bridge.errors import BridgeError
from bridge.indicator_imports import CATEGORY, NUMBER, IndicatorImport, Part, Value
from signaling import memory_store
from signaling.errors import ServiceError
from signaling.indicators import KeptIndicators
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.store import StoreUnavailable
from tests.signaling.stores import NewStore
from tests.signaling.world import eventually


def record(name: str, value: Value, unit: str = "27286", date: str = "2021-09-02") -> IndicatorImport:
    day = parse_day(date)
    assert day is not None
    part = Part(name, CATEGORY if isinstance(value, str) else NUMBER, day, {unit: value})
    return IndicatorImport(1, "center:test", "f.csv", (part,))


def value_of(kept: KeptIndicators, name: str, unit: str = "27286") -> Any:
    indicator = kept.state.find(name)
    found = indicator and kept.state.at(indicator, unit, 30_000)
    return found and found.value


@contextlib.asynccontextmanager
async def running(kept: KeptIndicators) -> AsyncIterator[KeptIndicators]:
    task = asyncio.create_task(kept.run())
    try:
        async with asyncio.timeout(10):
            await kept.wait_known()
        yield kept
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_an_import_by_another_process_is_known_at_once(new_store: NewStore) -> None:
    async with running(KeptIndicators(new_store())) as a, running(KeptIndicators(new_store())) as b:
        assert await a.add(record("cases", 5.0)) == 1
        assert value_of(a, "cases") == 5, "the own one when it returns"
        await eventually(lambda: value_of(b, "cases") == 5)
        assert await b.add(record("cases", 6.0)) == 2
        await eventually(lambda: value_of(a, "cases") == 6 and a.state.imports.keys() == b.state.imports.keys() == {1, 2})


async def test_one_that_starts_later_knows_all(new_store: NewStore) -> None:
    first = KeptIndicators(new_store())
    for number in range(10):
        await first.add(record("cases", float(number), date=f"2021-09-{number + 10}"))
    assert len((await KeptIndicators(new_store()).read_all()).imports) == 10
    async with running(KeptIndicators(new_store())) as late:
        assert value_of(late, "cases") == 9


async def test_one_that_was_overtaken_is_checked_again(new_store: NewStore) -> None:
    a, b = KeptIndicators(new_store()), KeptIndicators(new_store())
    await a.read_all()
    await b.read_all()
    assert await a.add(record("cases", 5.0)) == 1
    assert await b.add(record("cases", 6.0)) == 2
    with pytest.raises(BridgeError) as refused:
        await a.add(record("cases", "many"))
    assert refused.value.code == "indicator_kind"
    assert await b.add(record("zone", "cam")) == 3
    with pytest.raises(BridgeError):
        await a.add(record("zone", 5.0))
    assert len(await new_store().read_indicators()) == 3


async def test_many_at_once_are_all_kept(new_store: NewStore) -> None:
    stores = [KeptIndicators(new_store()) for _ in range(3)]
    numbers = await asyncio.gather(*(stores[n % 3].add(record(f"n{n}", 1.0)) for n in range(9)))
    assert sorted(numbers) == list(range(1, 10))


async def test_nothing_is_told_before_the_store_has_answered() -> None:
    server = MemoryServer()
    await server.set_down(is_down=True)
    kept = KeptIndicators(MemoryStore(server))
    with pytest.raises(ServiceError, match="unavailable"):
        _ = kept.state
    task = asyncio.create_task(kept.run())
    await asyncio.sleep(0)
    assert not kept.is_known
    await server.set_down(is_down=False)
    await eventually(lambda: kept.is_known)
    task.cancel()


async def test_the_last_known_values_hold_while_the_store_is_away() -> None:
    server = MemoryServer()
    async with running(KeptIndicators(MemoryStore(server))) as kept:
        await kept.add(record("cases", 5.0))
        await server.set_down(is_down=True)
        assert value_of(kept, "cases") == 5
        with pytest.raises(StoreUnavailable):
            await kept.add(record("cases", 6.0))
        await server.set_down(is_down=False)
        await MemoryStore(server).put_indicators(1, record("cases", 7.0).to_dict())
        await eventually(lambda: value_of(kept, "cases") == 7)


async def test_what_another_version_wrote_is_left_out_and_the_rest_counts() -> None:
    server = MemoryServer()
    store = MemoryStore(server)
    await store.put_indicators(0, record("cases", 5.0).to_dict())
    await store.put_indicators(1, {"shape": "new"})
    await store.put_indicators(2, record("cases", "text").to_dict())
    await store.put_indicators(3, record("cases", 7.0).to_dict())
    kept = KeptIndicators(store)
    with structlog.testing.capture_logs() as said:
        await kept.read_all()
    assert [(line["number"], line["code"]) for line in said] == [(2, "corrupt_record"), (3, "indicator_kind")]
    assert value_of(kept, "cases") == 7
    assert await kept.add(record("cases", 8.0)) == 5


async def test_an_import_that_was_given_up_half_way_is_read_again() -> None:
    server = MemoryServer()
    kept = KeptIndicators(MemoryStore(server))
    await kept.read_all()
    parts = tuple(part for n in range(1, 9) for part in record("cases", float(n), date=f"2021-09-{n:02}").parts)
    task = asyncio.create_task(kept.add(IndicatorImport(1, "a", "f", parts)))
    await eventually(lambda: kept.state.value_count > 0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert kept.state.imports == {}
    async with running(kept):
        await eventually(lambda: (kept.state.value_count, list(kept.state.imports)) == (8, [1]))


async def test_a_full_store_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_store, "MAX_INDICATOR_IMPORTS", 1)
    kept = KeptIndicators(MemoryStore())
    await kept.add(record("cases", 5.0))
    with pytest.raises(BridgeError) as refused:
        await kept.add(record("cases", 6.0))
    assert refused.value.code == "indicators_full"
    assert "diemcau indicators forget" in refused.value.message_vi
