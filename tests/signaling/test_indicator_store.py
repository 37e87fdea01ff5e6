"""Imports of indicators in every kind of store, and after the death of the real one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis.asyncio as redis_client

from config.limits import INDICATOR_READ_CHUNK
from signaling import memory_store, redis_store
from signaling.redis_store import RedisStore
from signaling.store import IndicatorsFull, Json, RecordDamaged, SequenceMismatch, Store, StoreUnavailable
from tests.signaling.servers import Valkey
from tests.signaling.stores import NewStore


def raw_client(url: str) -> Any:
    """The plain client, to look at what others see."""
    return redis_client.Redis.from_url(url)


LONG_MS = 60_000
SHORT_MS = 40


def record(number: int) -> Json:
    return {"at": number, "by": "center:Hà Nội", "file": "f.csv", "parts": [{"values": {"27286": number}}]}


async def filled(store: Store, count: int) -> None:
    for number in range(count):
        assert await store.put_indicators(number, record(number + 1)) == number + 1


async def test_imports_are_numbered_and_read_in_order(store: Store) -> None:
    assert await store.read_indicators() == []
    count = INDICATOR_READ_CHUNK + 2
    await filled(store, count)
    first = await store.read_indicators()
    assert first == [(number, record(number)) for number in range(1, INDICATOR_READ_CHUNK + 1)]
    assert [number for number, _ in await store.read_indicators(INDICATOR_READ_CHUNK)] == [count - 1, count]
    assert await store.read_indicators(count) == []


async def test_of_two_that_come_after_the_same_one_one_is_kept(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await filled(a, 1)
    with pytest.raises(SequenceMismatch) as refused:
        await b.put_indicators(0, record(9))
    assert refused.value.actual == 1
    assert await b.put_indicators(1, record(2)) == 2
    assert await a.read_indicators() == [(1, record(1)), (2, record(2))]


async def test_whoever_waits_is_told_at_once(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await filled(a, 1)
    waiting = asyncio.create_task(b.read_indicators(1, LONG_MS))
    await asyncio.sleep(0)
    await a.put_indicators(1, record(2))
    async with asyncio.timeout(15):
        assert await waiting == [(2, record(2))]


async def test_waiting_ends_without_news(store: Store) -> None:
    await filled(store, 1)
    assert await store.read_indicators(1, SHORT_MS) == []
    assert await store.read_indicators(0, SHORT_MS) == [(1, record(1))], "what is there is not waited for"


async def test_there_is_a_bound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (memory_store, redis_store):
        monkeypatch.setattr(module, "MAX_INDICATOR_IMPORTS", 2)
    await filled(store, 2)
    with pytest.raises(IndicatorsFull):
        await store.put_indicators(2, record(3))
    assert await store.forget_indicators(2) == 1
    assert await store.put_indicators(2, record(3)) == 3


async def test_old_imports_are_forgotten_and_numbers_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_store, "FORGET_BATCH", 2)
    assert await store.forget_indicators(1) == 0
    await filled(store, 8)
    assert await store.forget_indicators(1) == 0
    assert await store.forget_indicators(6) == 5
    assert [number for number, _ in await store.read_indicators()] == [6, 7, 8]
    assert await store.forget_indicators(999) == 2, "the newest stays, for the next number follows it"
    assert await store.put_indicators(8, record(9)) == 9


async def test_bytes_are_bounded_and_counted(redis_url: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RedisStore(redis_url, prefix)
    await filled(store, 3)
    async with raw_client(redis_url) as raw:
        entries = await raw.xrange(f"{prefix}indicators")
        sizes = [len(fields[b"record"]) for _, fields in entries]
        assert int(await raw.get(f"{prefix}indicators:bytes")) == sum(sizes)
        await store.forget_indicators(3)
        assert int(await raw.get(f"{prefix}indicators:bytes")) == sizes[2]
    monkeypatch.setattr(redis_store, "MAX_INDICATOR_BYTES", sizes[2] + 10)
    with pytest.raises(IndicatorsFull):
        await store.put_indicators(3, record(4))
    assert [number for number, _ in await store.read_indicators()] == [3]
    await store.close()


@pytest.mark.parametrize("fields", [{"record": b"x"}, {"other": b"x"}])
async def test_an_import_that_others_wrote_is_named(redis_url: str, prefix: str, fields: dict[str, bytes]) -> None:
    store = RedisStore(redis_url, prefix)
    async with raw_client(redis_url) as raw:
        await raw.xadd(f"{prefix}indicators", fields, id="1-0")
    with pytest.raises(RecordDamaged, match="of indicators"):
        await store.read_indicators()
    await store.close()


async def test_what_was_imported_survives_the_death_of_the_server(own_valkey: Valkey) -> None:
    store = RedisStore(own_valkey.url, "t:")
    assert await store.durability() is None
    await filled(store, 3)
    own_valkey.kill()
    with pytest.raises(StoreUnavailable):
        await store.put_indicators(3, record(4))
    own_valkey.start()
    assert await store.read_indicators() == [(number, record(number)) for number in (1, 2, 3)]
    assert await store.put_indicators(3, record(4)) == 4
    await store.close()
