"""The store's part for accounts: one suite for memory and real servers, and what only a real one can do."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from signaling.account_store import MAX_AUDIT
from signaling.redis_store import RedisStore
from signaling.store import AccountsFull, RecordDamaged, Store
from tests.harness.wait import until
from tests.signaling.servers import Valkey
from tests.signaling.stores import NewStore

LONG_MS = 60_000


def record(name: str = "lan", version: int = 1, generation: int = 0, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": version, "generation": generation, "display_name": "Lan Đỗ", **more}


async def test_records_follow_each_other(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    assert await a.account("lan") is None
    assert await a.put_account(record(), {"what": "made"}, 10)
    assert not await b.put_account(record(), {"what": "made again"}, 10)
    assert not await b.put_account(record(version=3), {}, 10)
    assert await b.put_account(record(version=2, role="x"), {"what": "changed"}, 10)
    assert await a.account("lan") == record(version=2, role="x")
    entries = await a.read_audit("changes", None, 10)
    assert [entry for _, entry in entries] == [{"what": "changed"}, {"what": "made"}], "and nothing of what was not done"


async def test_of_many_at_once_one_is_done(new_store: NewStore) -> None:
    stores = [new_store() for _ in range(5)]
    done = await asyncio.gather(*(store.put_account(record(by=number), {"n": number}, 10) for number, store in enumerate(stores)))
    assert sum(done) == 1
    kept = await stores[0].account("lan")
    assert kept is not None
    assert kept["by"] == done.index(True)


async def test_all_are_listed_and_bounded(store: Store) -> None:
    for number in range(7):
        assert await store.put_account(record(f"a{number}"), {}, 7)
    with pytest.raises(AccountsFull):
        await store.put_account(record("one-more"), {}, 7)
    assert await store.put_account(record("a3", 2), {}, 7), "those that are there can be changed"
    found = [each async for chunk in store.accounts() for each in chunk]
    assert sorted(each["name"] for each in found) == [f"a{number}" for number in range(7)]


async def test_a_generation_is_told_with_those_of_links(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await a.put_account(record(), {}, 10)
    assert await a.generations() == {}, "the first needs no number"
    async with contextlib.aclosing(b.watch_generations(LONG_MS)) as news, asyncio.timeout(10):
        assert await anext(news) == {}
        told = asyncio.create_task(anext(news))
        assert await a.put_account(record(version=2, generation=1), {}, 10)
        assert await told == {"account:lan": 1}
    await a.rotate(["26740"])
    assert await b.generations() == {"account:lan": 1, "26740": 1}


async def test_a_cell_is_swapped_by_who_knows_what_it_holds(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    assert await a.cell("x") is None
    assert not await a.swap_cell("x", "something", "1", LONG_MS)
    assert await a.swap_cell("x", None, "", LONG_MS)
    assert await b.cell("x") == ""
    assert not await b.swap_cell("x", None, "2", LONG_MS), "an empty text is not none"
    assert await b.swap_cell("x", "", "hai", LONG_MS)
    assert not await a.swap_cell("x", "", "3", LONG_MS)
    assert await a.cell("x") == "hai"
    assert await a.cell("y") is None
    assert await a.swap_cell("x", "hai", None, LONG_MS)
    assert await b.cell("x") is None


async def test_a_cell_ends(store: Store) -> None:
    await store.swap_cell("x", None, "1", 30)

    async def is_gone() -> bool:
        return await store.cell("x") is None

    await until("the cell is gone", is_gone)
    assert await store.swap_cell("x", None, "2", LONG_MS)
    assert await store.swap_cell("x", "2", "3", 0)
    assert await store.cell("x") is None


async def test_of_many_swaps_one_is_done(new_store: NewStore) -> None:
    stores = [new_store() for _ in range(5)]
    done = await asyncio.gather(*(store.swap_cell("x", None, str(number), LONG_MS) for number, store in enumerate(stores)))
    assert sum(done) == 1
    assert await stores[0].cell("x") == str(done.index(True))


async def test_the_audit_is_read_backwards_in_pages(store: Store) -> None:
    assert await store.read_audit("logins", None, 10) == []
    for number in range(5):
        await store.write_audit("logins", {"n": number, "name": "Lân"})
    newest = await store.read_audit("logins", None, 2)
    assert [entry["n"] for _, entry in newest] == [4, 3]
    older = await store.read_audit("logins", newest[-1][0], 10)
    assert [entry["n"] for _, entry in older] == [2, 1, 0]
    assert await store.read_audit("changes", None, 10) == []
    assert await store.read_audit("logins", "1-0", 10) == [], "before the first there is none"


async def test_the_audit_is_bounded(own_valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RedisStore(own_valkey.url)
    monkeypatch.setitem(MAX_AUDIT, "logins", 100)
    for number in range(500):
        await store.write_audit("logins", {"n": number})
    kept = await store.read_audit("logins", None, 1000)
    assert 100 <= len(kept) < 300
    assert kept[0][1] == {"n": 499}
    await store.close()


async def test_what_was_said_to_be_done_survives_kill_9(own_valkey: Valkey) -> None:
    store = RedisStore(own_valkey.url)
    await store.put_account(record(), {"what": "made"}, 10)
    await store.put_account(record(version=2, generation=1), {"what": "changed"}, 10)
    await store.swap_cell("families:lan", None, "[]", LONG_MS)
    await store.write_audit("logins", {"what": "login"})
    own_valkey.kill()
    own_valkey.start()
    again = RedisStore(own_valkey.url)
    assert await again.account("lan") == record(version=2, generation=1)
    assert await again.generations() == {"account:lan": 1}
    assert await again.cell("families:lan") == "[]"
    assert len(await again.read_audit("changes", None, 10)) == 2
    assert [entry for _, entry in await again.read_audit("logins", None, 10)] == [{"what": "login"}]
    for each in (store, again):
        await each.close()


async def test_what_is_no_record_is_said_so(own_valkey: Valkey) -> None:
    store = RedisStore(own_valkey.url)
    for damaged in ("1", "1 {", "1 []"):
        await store._client.hset(store.key("accounts"), "lan", damaged)
        with pytest.raises(RecordDamaged):
            await store.account("lan")
    await store._client.xadd(store.key("audit", "changes"), {"other": "x"})
    with pytest.raises(RecordDamaged):
        await store.read_audit("changes", None, 1)
    await store.close()
