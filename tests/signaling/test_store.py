"""The contract of the store, on every kind of store."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from config.limits import LOG_READ_CHUNK
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.store import (
    FenceLost,
    InboxFull,
    Json,
    Lease,
    PresenceChange,
    Record,
    SequenceMismatch,
    Store,
    StoreUnavailable,
)
from tests.harness.wait import until
from tests.signaling.stores import NewStore

LONG_MS = 60_000
SHORT_MS = 40


def events(first: int, last: int) -> list[Json]:
    return [{"n": number, "text": "Phường Bến Nghé"} for number in range(first, last + 1)]


async def read_all(store: Store, session: str, after: int = 0) -> list[Record]:
    return [record async for records in store.read(session, after) for record in records]


async def owned(store: Store, session: str = "main", process: str = "a") -> int:
    fence = await store.acquire_lease(session, process, LONG_MS)
    assert fence is not None
    return fence


# Leases


async def test_one_process_owns_a_session(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    assert await a.lease_of("main") is None
    fence = await owned(a)
    assert await b.acquire_lease("main", "b", LONG_MS) is None
    assert await b.lease_of("main") == Lease("a", fence)
    assert await b.acquire_lease("other", "b", LONG_MS) is not None


async def test_fences_grow_with_every_acquisition(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    first = await owned(a)
    await a.release_lease("main", first)
    second = await owned(b, process="b")
    assert second > first


async def test_the_same_process_gets_a_new_fence_and_its_old_one_ends(store: Store) -> None:
    old, new = await owned(store), await owned(store)
    assert new > old
    with pytest.raises(FenceLost):
        await store.append("main", old, 0, events(1, 1))
    assert await store.append("main", new, 0, events(1, 1)) == 1


async def test_a_lease_ends_by_itself(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    fence = await a.acquire_lease("main", "a", SHORT_MS)
    assert fence is not None
    taken = await until("the lease ends", lambda: b.acquire_lease("main", "b", LONG_MS))
    assert taken > fence
    for refused in (
        a.renew_lease("main", fence, LONG_MS),
        a.append("main", fence, 0, events(1, 1)),
        a.write_plan("main", fence, {"version": 1}),
    ):
        with pytest.raises(FenceLost):
            await refused
    await a.release_lease("main", fence)
    assert await b.lease_of("main") == Lease("b", taken)
    assert await b.read_plan("main") is None
    assert await b.last_sequence("main") == 0


async def test_renewing_makes_a_lease_longer(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    fence = await a.acquire_lease("main", "a", 200)
    assert fence is not None
    await a.renew_lease("main", fence, LONG_MS)
    await until("the first term is over", _after_ms(250))
    assert await b.acquire_lease("main", "b", LONG_MS) is None


def _after_ms(pause_ms: int):  # type: ignore[no-untyped-def]
    loop = asyncio.get_running_loop()
    end_s = loop.time() + pause_ms / 1000
    return lambda: loop.time() > end_s


async def test_a_released_lease_is_free_at_once(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await a.release_lease("main", await owned(a))
    assert await b.acquire_lease("main", "b", LONG_MS) is not None


# The log


async def test_what_was_appended_is_read_in_order(store: Store) -> None:
    fence = await owned(store)
    assert await store.append("main", fence, 0, events(1, 3)) == 3
    assert await store.append("main", fence, 3, events(4, 5)) == 5
    records = await read_all(store, "main")
    assert records == [Record(number, fence, event) for number, event in enumerate(events(1, 5), 1)]
    assert await read_all(store, "main", after=3) == records[3:]
    assert await store.last_sequence("main") == 5
    assert await read_all(store, "other") == []
    assert await store.last_sequence("other") == 0


async def test_an_append_behind_another_record_is_refused_and_told_the_last(store: Store) -> None:
    fence = await owned(store)
    await store.append("main", fence, 0, events(1, 2))
    for after in (0, 1, 3):
        with pytest.raises(SequenceMismatch) as refused:
            await store.append("main", fence, after, events(9, 9))
        assert refused.value.actual == 2
    assert len(await read_all(store, "main")) == 2


async def test_the_very_same_append_is_written_once(store: Store) -> None:
    fence = await owned(store)
    outcomes = await asyncio.gather(*(store.append("main", fence, 0, events(1, 4)) for _ in range(5)), return_exceptions=True)
    assert sorted(map(str, outcomes)) == sorted(["4", *["the log's last record is 4"] * 4])
    assert len(await read_all(store, "main")) == 4


async def test_an_append_without_a_lease_is_refused(store: Store) -> None:
    with pytest.raises(FenceLost):
        await store.append("main", 1, 0, events(1, 1))


async def test_a_long_log_is_read_in_chunks(store: Store) -> None:
    fence, last = await owned(store), 0
    total = 2 * LOG_READ_CHUNK + 7
    while last < total:
        last = await store.append("main", fence, last, events(last + 1, min(total, last + 500)))
    sizes = [len(records) async for records in store.read("main")]
    assert sizes == [LOG_READ_CHUNK, LOG_READ_CHUNK, 7]
    assert [record.event["n"] for record in await read_all(store, "main")] == list(range(1, total + 1))


async def test_following_waits_for_the_next_records(new_store: NewStore) -> None:
    writer, reader = new_store(), new_store()
    fence = await owned(writer)
    assert await reader.follow("main", 0, SHORT_MS) == []
    waiting = asyncio.create_task(reader.follow("main", 0, 10_000))
    await writer.append("main", fence, 0, events(1, 2))
    assert [record.sequence for record in await waiting] == [1, 2]
    assert [record.sequence for record in await reader.follow("main", 1, SHORT_MS)] == [2]


# Plan, directory, sessions


async def test_the_newest_snapshot_is_kept_as_it_is(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    fence = await owned(a)
    assert await b.get_snapshot("main") is None
    await a.put_snapshot("main", fence, b"first")
    second = bytes(range(256)) * 8192  # two megabytes, and no text
    await a.put_snapshot("main", fence, second)
    assert await b.get_snapshot("main") == second
    assert await b.get_snapshot("other") is None


async def test_a_snapshot_under_a_lost_fence_is_refused(store: Store) -> None:
    old, new = await owned(store), await owned(store)
    await store.put_snapshot("main", new, b"of the owner")
    with pytest.raises(FenceLost):
        await store.put_snapshot("main", old, b"of one that was")
    assert await store.get_snapshot("main") == b"of the owner"
    await store.release_lease("main", new)
    with pytest.raises(FenceLost):
        await store.put_snapshot("main", new, b"of one that was")


async def test_the_plan_is_kept(store: Store) -> None:
    fence = await owned(store)
    assert await store.read_plan("main") is None
    plan = {"session": "main", "version": 3, "slots": {"main": ["point:26740", "center"]}}
    await store.write_plan("main", fence, plan)
    assert await store.read_plan("main") == plan


async def test_directory_and_sessions_are_kept(store: Store) -> None:
    assert await store.get_directory() is None
    assert await store.sessions() == frozenset()
    await store.put_directory('["Phường Bến Nghé"]')
    await store.add_session("main")
    await store.add_session("main")
    await store.add_session("an-giang")
    assert await store.get_directory() == '["Phường Bến Nghé"]'
    assert await store.sessions() == {"main", "an-giang"}


# Links


async def test_generations_rise_and_are_kept(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    assert await a.generations() == {}
    assert await a.rotate(["26740", "26743"]) == {"26740": 1, "26743": 1}
    assert await b.rotate(["26740"]) == {"26740": 2}
    assert await a.generations() == await b.generations() == {"26740": 2, "26743": 1}


async def test_those_who_watch_hear_all_and_then_what_rises(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await a.rotate(["26740"])
    async with contextlib.aclosing(b.watch_generations(LONG_MS)) as news:
        assert await anext(news) == {"26740": 1}
        await a.rotate(["26743", "26746"])
        async with asyncio.timeout(15):
            assert await anext(news) == {"26743": 1, "26746": 1}
        waiting = asyncio.ensure_future(anext(news))
        await a.rotate(["26740"])
        async with asyncio.timeout(15):
            assert await waiting == {"26740": 2}


async def test_those_who_watch_hear_all_again_when_nothing_rose(new_store: NewStore) -> None:
    store = new_store()
    await store.rotate(["26740"])
    async with contextlib.aclosing(store.watch_generations(SHORT_MS)) as news, asyncio.timeout(15):
        assert [await anext(news) for _ in range(3)] == [{"26740": 1}] * 3


async def test_every_link_of_the_country_can_be_replaced_at_once(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    points = [f"{number:05}" for number in range(11_367)]
    async with contextlib.aclosing(b.watch_generations(LONG_MS)) as news, asyncio.timeout(10):
        assert await anext(news) == {}
        assert await a.rotate(points) == await anext(news) == dict.fromkeys(points, 1)


# Presence


async def test_points_are_live_while_their_process_is(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    await a.report_points("a", LONG_MS, ["main/1", "main/2"])
    await b.report_points("b", LONG_MS, ["main/3"])
    assert await a.live_points() == {"main/1", "main/2", "main/3"}
    assert await a.beat("a", LONG_MS, PresenceChange(added=("main/4",), removed=("main/1",)))
    assert await b.live_points() == {"main/2", "main/3", "main/4"}
    await b.forget_process("b")
    assert await a.live_points() == {"main/2", "main/4"}
    assert await a.live_processes() == {"a"}


async def test_a_beat_after_the_lease_had_ended_says_so(store: Store) -> None:
    assert not await store.beat("a", LONG_MS, PresenceChange(added=("main/1",)))
    assert await store.beat("a", SHORT_MS, PresenceChange())

    async def is_dead() -> bool:
        return await store.live_processes() == frozenset()

    await until("the lease ends", is_dead)
    assert await store.live_points() == frozenset()
    assert await store.listed_points() == {"main/1"}
    assert not await store.beat("a", LONG_MS, PresenceChange())
    await store.report_points("a", LONG_MS, ["main/2"])
    assert await store.live_points() == {"main/2"}


async def test_dead_processes_are_forgotten_and_live_ones_kept(store: Store) -> None:
    await store.report_points("dead", SHORT_MS, ["main/1"])
    await store.report_points("live", LONG_MS, ["main/2"])

    async def is_dead() -> bool:
        return await store.live_processes() == {"live"}

    await until("the lease ends", is_dead)
    await store.forget_dead_processes()
    assert await store.listed_points() == {"main/2"}
    assert await store.beat("live", LONG_MS, PresenceChange())


async def test_more_points_than_one_command_takes(store: Store) -> None:
    points = {f"main/{number:05}" for number in range(10_603)}
    await store.report_points("a", LONG_MS, points)
    assert await store.live_points() == points
    assert await store.beat("a", LONG_MS, PresenceChange(removed=tuple(sorted(points)[:5000])))
    assert len(await store.live_points()) == 5603


# Inboxes


async def test_each_message_is_given_once_and_in_order(new_store: NewStore) -> None:
    a, b = new_store(), new_store()
    assert await b.receive("session:main", 10, SHORT_MS) == []
    await a.send("session:main", [b"1", b"2"], 10, LONG_MS)
    await a.send("session:main", [b"3"], 10, LONG_MS)
    assert await b.receive("session:main", 2, SHORT_MS) == [b"1", b"2"]
    assert await a.receive("session:main", 2, SHORT_MS) == [b"3"]
    waiting = asyncio.create_task(b.receive("session:main", 2, 10_000))
    await a.send("session:main", [b"4"], 10, LONG_MS)
    assert await waiting == [b"4"]


async def test_a_full_inbox_takes_all_or_nothing(store: Store) -> None:
    await store.send("x", [b"1", b"2"], 3, LONG_MS)
    with pytest.raises(InboxFull):
        await store.send("x", [b"3", b"4"], 3, LONG_MS)
    await store.send("x", [b"3"], 3, LONG_MS)
    assert await store.receive("x", 10, SHORT_MS) == [b"1", b"2", b"3"]


# The memory store's own switches, on which other tests rely


async def test_a_memory_server_that_is_down_answers_nobody() -> None:
    store = MemoryStore(server := MemoryServer())
    fence = await owned(store)
    waiting = asyncio.create_task(store.follow("main", 0, 10_000))
    await asyncio.sleep(0)
    await server.set_down(is_down=True)
    for question in (store.ping(), store.append("main", fence, 0, events(1, 1)), store.live_points(), waiting):
        with pytest.raises(StoreUnavailable):
            await question
    await server.set_down(is_down=False)
    await store.ping()
    assert await store.last_sequence("main") == 0


async def test_a_memory_server_loses_answers_but_not_data() -> None:
    store = MemoryStore(server := MemoryServer())
    fence = await owned(store)
    server.lose_answers = 1
    with pytest.raises(StoreUnavailable):
        await store.append("main", fence, 0, events(1, 2))
    assert await store.last_sequence("main") == 2


async def test_memory_is_not_durable_and_says_so() -> None:
    said = await MemoryStore().durability()
    assert said is not None
    assert "redis.url" in said


async def test_sessions_that_ended_are_told_from_those_that_run(store: Store) -> None:
    assert await store.add_session("main")
    assert not await store.add_session("main"), "only one of two makes it"
    for name in ("a", "b", "c"):
        await store.add_session(name)
    await store.end_session("b", 1_795_000_000_123)
    await store.end_session("a", 1_795_000_000_456)
    assert await store.running_sessions() == {"main", "c"}
    assert await store.sessions() == {"main", "a", "b", "c"}
    assert [await store.has_session(name) for name in ("a", "main", "nowhere")] == [True, True, False]
    assert list((await store.ended_sessions(10)).items()) == [("a", 1_795_000_000_456), ("b", 1_795_000_000_123)]
    assert list(await store.ended_sessions(1)) == ["a"]
