"""Snapshots of a session: found again, or ignored, and never in the way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from typing import Any

import pytest

from bridge.sealing import seal, unseal
from signaling import snapshots as module
from signaling.memory_store import MemoryServer, MemoryStore
from signaling.owner import SessionOwner
from signaling.snapshots import Keeper, SnapshotFailed, Snapshots
from signaling.store import FenceLost, Store
from tests.harness.wait import until
from tests.signaling.stores import NewStore
from tests.signaling.toy import Add, Event, Heard, Sums, ToyCodec, make_owner

EVERY = 100


class ToySaving:
    """A line a fact."""

    def __init__(self, key: str = "toy") -> None:
        self.key = key
        self.writes = self.reads = 0
        self.fails = False

    def write(self, bridge: Sums) -> Iterator[bytes]:
        self.writes += 1
        if self.fails:
            raise TypeError("this cannot be written")
        yield json.dumps([bridge.total, bridge.marks, bridge.alarm, bridge.rings]).encode()
        yield json.dumps(bridge.values).encode()

    def read(self, lines: Sequence[bytes]) -> Generator[None, None, Sums]:
        self.reads += 1
        sums = Sums()
        sums.total, sums.marks, sums.alarm, sums.rings = json.loads(lines[0])
        yield
        sums.values = json.loads(lines[1])
        return sums


def snapshots_of(store: Store, saving: ToySaving | None = None, every: int = EVERY) -> Snapshots[Sums]:
    return Snapshots("main", store, saving or ToySaving(), ToyCodec(), every)


class Counting(MemoryStore):
    """Counts the records that are read."""

    read_records = 0

    async def read(self, session: str, after: int = 0) -> AsyncIterator[Any]:
        async for records in super().read(session, after):
            self.read_records += len(records)
            yield records


async def ready(store: Store, process: str, saving: ToySaving | None = None, every: int = EVERY) -> SessionOwner[Sums]:
    owner = make_owner(store, process, snapshots=snapshots_of(store, saving, every))
    await owner.start()
    async with asyncio.timeout(10):
        await owner.wait_ready()
    return owner


async def meeting_of(store: Store, count: int, **more: Any) -> None:
    """An owner that lets so many things happen, and closes."""
    owner = await ready(store, "first", **more)
    for _ in range(count // 50):
        await owner.submit(Add(1, count=50))
    await owner.close()


async def test_who_takes_over_reads_the_end_of_the_log_only(new_store: NewStore) -> None:
    await meeting_of(new_store(), 500)
    kept = await snapshots_of(new_store()).newest()
    assert kept is not None
    assert kept.sequence == 500
    saving = ToySaving()
    second = await ready(new_store(), "second", saving)
    assert (second.bridge.total, second.bridge.values, second.sequence) == (500, [1] * 500, 500)
    assert saving.reads == 3  # the domain that decides, and the copies of it
    await second.submit(Add(7))
    assert second.bridge.total == 507
    await second.close()


async def test_only_what_is_behind_the_snapshot_is_read() -> None:
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 2000)
    store = Counting(server)
    owner = await ready(store, "second")
    assert owner.sequence == 2000
    assert store.read_records == 1  # the one that the snapshot stands for, to see that it is the same log
    await owner.close()
    server.snapshots.clear()
    store = Counting(server)
    owner = await ready(store, "third")
    assert (owner.sequence, store.read_records) == (2000, 2000)
    await owner.close()


async def test_a_snapshot_is_written_while_the_session_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "APPLY_BATCH", 10)
    server = MemoryServer()
    owner = await ready(MemoryStore(server), "a")
    await owner.submit(Add(1, count=EVERY - 1))
    assert "main" not in server.snapshots
    await owner.submit(Add(1, count=11))
    await until("a snapshot", lambda: "main" in server.snapshots)
    first = await snapshots_of(MemoryStore(server)).newest()
    assert first is not None
    assert first.sequence == EVERY + 10
    assert owner.bridge.total == EVERY + 10
    await owner.close()


async def test_the_first_owner_of_an_old_log_writes_one_at_once() -> None:
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 500, every=10**6)
    assert "main" not in server.snapshots
    owner = await ready(MemoryStore(server), "second")
    await until("a snapshot", lambda: "main" in server.snapshots)
    await owner.close()


async def test_a_few_records_are_not_worth_a_snapshot_at_the_end() -> None:
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 50, every=10_000)
    assert "main" not in server.snapshots


@pytest.mark.parametrize("damage", ["cut", "bit", "nonsense", "other key", "unreadable", "empty"])
async def test_a_snapshot_that_is_of_no_use_is_ignored(damage: str) -> None:
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 300)
    good = server.snapshots["main"]
    about, _ = unseal(good)
    server.snapshots["main"] = {
        "cut": good[:-3],
        "bit": good[:-1] + bytes([good[-1] ^ 1]),
        "nonsense": b"what is this",
        "other key": good.replace(b'"toy"', b'"toi"'),
        "unreadable": seal(about, [b"[]"]),
        "empty": b"",
    }[damage]
    owner = await ready(MemoryStore(server), "second")
    assert (owner.bridge.total, owner.sequence) == (300, 300)
    await owner.close()


async def test_a_snapshot_of_another_program_is_ignored() -> None:
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 300)
    store = Counting(server)
    owner = await ready(store, "second", ToySaving("another"))
    assert (owner.bridge.total, store.read_records) == (300, 300)
    await owner.close()


@pytest.mark.parametrize("grown_again", [0, 400])
async def test_a_snapshot_of_records_that_the_log_lost_is_ignored(grown_again: int) -> None:
    """A server that did not keep its promise came back with less; what it lost must not come back by a snapshot."""
    server = MemoryServer()
    await meeting_of(MemoryStore(server), 300)
    kept = server.snapshots["main"]
    del server.logs["main"][100:]
    if grown_again:
        del server.snapshots["main"]
        await meeting_of(MemoryStore(server), grown_again, every=10**6)
        server.snapshots["main"] = kept
    owner = await ready(MemoryStore(server), "second")
    assert owner.bridge.total == owner.sequence == 100 + grown_again
    await owner.close()


async def test_one_who_follows_begins_with_the_snapshot() -> None:
    server = MemoryServer()
    first = await ready(MemoryStore(server), "first", every=10)
    await first.submit(Add(1, count=400))
    await first.submit(Add(1, count=200))
    await until("a snapshot", lambda: "main" in server.snapshots)
    saving = ToySaving()
    second = await ready(MemoryStore(server), "second", saving)
    heard = Heard(second)
    assert saving.reads == 1
    assert second.bridge.total == 600
    await second.submit(Add(5))
    await heard.until(lambda: heard.values == [5])
    await first.close()
    await until("it decides", lambda: second.is_owner)
    await second.submit(Add(6))
    assert second.bridge.total == 611
    assert heard.values == [5, 6]
    assert heard.resets == 0
    await second.close()


async def test_what_cannot_be_written_does_not_stop_the_session() -> None:
    server = MemoryServer()
    saving = ToySaving()
    saving.fails = True
    owner = await ready(MemoryStore(server), "a", saving)
    await owner.submit(Add(1, count=300))
    assert owner.bridge.total == 300
    await owner.close()
    assert "main" not in server.snapshots


async def test_a_session_whose_state_can_no_longer_be_written_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "APPLY_BATCH", 10)
    server = MemoryServer()
    saving = ToySaving()
    owner = await ready(MemoryStore(server), "a", saving)
    saving.fails = True
    before = saving.writes
    await owner.submit(Add(1, count=EVERY))
    await until("it was tried", lambda: saving.writes > before)
    await owner.submit(Add(1, count=EVERY))
    assert owner.is_owner
    assert owner.bridge.total == 2 * EVERY
    await owner.close()
    assert "main" not in server.snapshots


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233])
async def test_what_was_acknowledged_survives_the_end_of_the_process_at_any_moment(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "APPLY_BATCH", 1)
    monkeypatch.setattr(module, "WORK_SHARE", 1e9)
    server = MemoryServer()
    first = await ready(MemoryStore(server), "first", every=3)
    acknowledged = 0

    async def work() -> None:
        nonlocal acknowledged
        for number in range(1, 1000):
            await first.submit(Add(number))
            acknowledged = number

    working = asyncio.create_task(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    for task in (working, *first._tasks):  # nothing is closed, given back or written any more
        task.cancel()
    await asyncio.gather(working, *first._tasks, return_exceptions=True)
    server.leases.clear()
    second = await ready(MemoryStore(server), "second", every=3)
    values = second.bridge.values
    assert values == list(range(1, len(values) + 1))
    assert acknowledged <= len(values) == len(server.logs.get("main", [])) <= acknowledged + 1
    await second.close()


# The keeper alone


def happened(count: int) -> list[Event]:
    return [Event(1, value=1)] * count


async def fenced(store: MemoryStore) -> int:
    fence = await store.acquire_lease("main", "a", 60_000)
    assert fence is not None
    return fence


async def test_a_keeper_takes_in_what_happened_while_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "APPLY_BATCH", 1)
    store = MemoryStore()
    snapshots = snapshots_of(store)
    keeper = Keeper(snapshots, await fenced(store), Sums(), (0, None))
    keeper.take(happened(EVERY), EVERY)
    task = asyncio.create_task(keeper.run())
    written = 0
    while "main" not in store.server.snapshots:
        written += 1
        keeper.take(happened(1), EVERY + written)
        await asyncio.sleep(0)
    assert written
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await keeper.finish()
    newest = await snapshots.newest()
    assert newest is not None
    assert (await snapshots.restore(newest.lines)).total == newest.sequence == keeper.saved
    assert newest.mark == snapshots.mark_of(happened(1)[0])


async def test_writing_takes_a_share_of_the_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "APPLY_BATCH", 1)
    store, saving = MemoryStore(), ToySaving()
    monkeypatch.setattr(module, "WORK_SHARE", 1e-9)  # then what little work it is needs a rest of days
    keeper = Keeper(snapshots_of(store, saving), await fenced(store), Sums(), (0, None))
    task = asyncio.create_task(keeper.run())
    for number in range(1, 6):
        keeper.take(happened(EVERY), number * EVERY)
        await until("it was taken in", lambda: not keeper._behind)
        await until("the first was written", lambda: keeper.saved)
    assert (saving.writes, keeper.saved) == (1, EVERY)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await keeper.finish()
    assert keeper.saved == 5 * EVERY


async def test_a_keeper_that_cannot_keep_up_gives_up_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SNAPSHOT_BACKLOG", 50)
    store = MemoryStore()
    keeper = Keeper(snapshots_of(store), await fenced(store), Sums(), (0, None))
    for last in range(20, 200, 20):
        keeper.take(happened(20), last)
    assert keeper.is_over
    assert not keeper._backlog
    async with asyncio.timeout(15):
        await keeper.run()
    await keeper.finish()
    assert not store.server.snapshots


async def test_a_keeper_under_a_lost_fence_writes_nothing() -> None:
    store = MemoryStore()
    old = await fenced(store)
    await fenced(store)
    keeper = Keeper(snapshots_of(store), old, Sums(), (0, None))
    keeper.take(happened(EVERY), EVERY)
    with pytest.raises(FenceLost):
        await keeper.finish()
    assert not store.server.snapshots


async def test_a_store_that_is_away_costs_a_snapshot_and_nothing_else() -> None:
    store = MemoryStore()
    keeper = Keeper(snapshots_of(store), await fenced(store), Sums(), (0, None))
    keeper.take(happened(EVERY), EVERY)
    await store.server.set_down(is_down=True)
    await keeper.finish()
    assert keeper.saved == 0
    await store.server.set_down(is_down=False)
    await keeper.finish()
    assert keeper.saved == EVERY


async def test_others_run_between_two_steps() -> None:
    store = MemoryStore()
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    snapshots = snapshots_of(store)
    lines, work_s = await snapshots.write(Sums())
    during_write = turns
    await snapshots.restore(lines)
    assert during_write >= len(lines)
    assert turns > during_write
    assert 0 < work_s < time.monotonic()
    task.cancel()


async def test_lines_that_cannot_be_read_raise_one_kind_of_error() -> None:
    with pytest.raises(SnapshotFailed, match="JSONDecodeError"):
        await snapshots_of(MemoryStore()).restore([b"?", b""])
