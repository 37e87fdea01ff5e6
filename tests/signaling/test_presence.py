from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from signaling.memory_store import MemoryServer, MemoryStore
from signaling.presence import Presence, new_process_id
from signaling.store import PresenceChange, Store, StoreUnavailable
from tests.harness.wait import until
from tests.signaling.stores import NewStore

Start = Callable[..., Awaitable[Presence]]

SLOW = {"lease_s": 60.0, "heartbeat_s": 20.0}
FAST = {"lease_s": 1.5, "heartbeat_s": 0.05}


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts presences and closes them."""
    made: list[Presence] = []

    async def make(store: Store, process: str, **times: Any) -> Presence:
        made.append(Presence(store, process, **(times or SLOW)))
        await made[-1].start()
        return made[-1]

    yield make
    for presence in made:
        await presence.close()


class Beats(MemoryStore):
    """Counts what is written."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.changes: list[PresenceChange] = []

    async def beat(self, process: str, ttl_ms: int, change: PresenceChange) -> bool:
        self.changes.append(change)
        return await super().beat(process, ttl_ms, change)


async def test_points_of_all_processes_are_live(new_store: NewStore, start: Start) -> None:
    a, b = await start(new_store(), "a"), await start(new_store(), "b")
    a.arrived("main", "26740")
    a.arrived("other", "26740")
    b.arrived("main", "26743")
    await asyncio.gather(a.flush(), b.flush())
    assert await a.live_points("main") == await b.live_points("main") == {"26740", "26743"}
    assert await b.live_points("other") == {"26740"}
    assert await b.live_points("oth") == frozenset()
    a.left("main", "26740")
    await a.flush()
    assert await b.live_points("main") == {"26743"}


async def test_a_process_that_ends_takes_its_points_along(new_store: NewStore, start: Start) -> None:
    a, b = await start(new_store(), "a"), await start(new_store(), "b")
    a.arrived("main", "26740")
    await a.flush()
    await a.close()
    assert await b.live_points("main") == frozenset()


async def test_own_points_count_from_the_moment_they_are_known(start: Start) -> None:
    presence = await start(MemoryStore(), "a")
    presence.arrived("main", "1")
    assert await presence.live_points("main") == {"1"}
    presence.left("main", "1")
    assert await presence.live_points("main") == frozenset()


async def test_what_arrives_together_is_written_together(start: Start) -> None:
    store = Beats(MemoryServer())
    presence = await start(store, "a")
    await presence.flush()
    store.changes.clear()
    for number in range(3000):
        presence.arrived("main", str(number))
    presence.left("main", "7")
    await until("everything is written", lambda: sum(len(c.added) + len(c.removed) for c in store.changes) == 3000)
    assert len([change for change in store.changes if change != PresenceChange()]) == 2
    assert "main/7" in {entry for change in store.changes for entry in change.removed}
    assert len(await store.live_points()) == 2999


async def test_one_heartbeat_for_a_process_with_all_its_points(start: Start) -> None:
    store = Beats(MemoryServer())
    presence = await start(store, "a", **FAST)
    for number in range(100):
        presence.arrived("main", str(number))
    await presence.flush()
    store.changes.clear()
    await until("some heartbeats", lambda: len(store.changes) >= 3)
    assert set(store.changes) == {PresenceChange()}
    assert len(await presence.live_points("main")) == 100


async def test_the_death_of_a_process_is_noticed_by_every_other(new_store: NewStore, start: Start) -> None:
    store = new_store()
    watchers = [await start(new_store(), name, **FAST) for name in ("a", "b")]
    told = [0, 0]

    def teller(index: int) -> Callable[[], None]:
        def tell() -> None:
            told[index] += 1

        return tell

    for index, watcher in enumerate(watchers):
        watcher.listen(teller(index))
    await until("both are settled, and have said so", lambda: all(told))
    told[:] = [0, 0]
    await store.report_points("mortal", 2_000, ["main/1"])
    assert await watchers[0].live_points("main") == {"1"}
    await until("both notice", lambda: all(told))
    assert await watchers[0].live_points("main") == frozenset()
    assert await store.listed_points() == frozenset()


async def test_sessions_are_told_once_when_things_are_settled(start: Start) -> None:
    presence = Presence(MemoryStore(), "a", lease_s=0.2, heartbeat_s=0.05)
    told: list[bool] = []
    stop = presence.listen(lambda: told.append(presence.is_settled))
    await presence.start()
    await until("told", lambda: told)
    stop()
    assert told == [True]
    await presence.close()


async def test_after_an_absence_of_the_store_nobody_is_taken_for_dead_too_early(start: Start) -> None:
    """The leases of healthy processes ended only because nobody could renew them."""
    now_s = 0.0
    server = MemoryServer(clock=lambda: now_s)
    a = await start(MemoryStore(server), "a", lease_s=0.3, heartbeat_s=0.05)
    b = await start(MemoryStore(server), "b", lease_s=0.3, heartbeat_s=0.05)
    told: list[str] = []
    a.listen(lambda: told.append("a"))
    b.arrived("main", "26740")
    await b.flush()
    await until("settled", lambda: told and a.is_settled and b.is_settled)
    told.clear()
    await server.set_down(is_down=True)
    await until("noticed", lambda: not a.is_settled and not b.is_settled)
    now_s += 1000.0  # the leases end while nobody can write
    with pytest.raises(StoreUnavailable):
        await a.live_points("main")
    server.is_down = False
    assert await a.live_points("main") == {"26740"}
    await until("settled again", lambda: told and a.is_settled and b.is_settled)
    assert await a.live_points("main") == {"26740"}
    assert told == ["a"]


async def test_a_missing_lease_means_nothing_until_this_process_was_well_for_a_whole_lease(start: Start) -> None:
    now_s = 0.0
    server = MemoryServer(clock=lambda: now_s)
    await MemoryStore(server).report_points("other", 1000, ["main/1"])
    now_s = 10.0  # its lease is over: dead, or only unable to write for a while?
    store = Beats(server)
    patient = await start(store, "a", lease_s=30.0, heartbeat_s=0.02)
    await until("several heartbeats", lambda: len(store.changes) >= 3)
    assert not patient.is_settled
    assert await patient.live_points("main") == {"1"}
    assert await store.listed_points() == {"main/1"}
    quick = await start(MemoryStore(server), "b", lease_s=0.1, heartbeat_s=0.02)
    await until("settled", lambda: quick.is_settled)
    assert await quick.live_points("main") == frozenset()


async def test_everything_is_reported_again_after_the_lease_had_ended(start: Start) -> None:
    now_s = 0.0
    server = MemoryServer(clock=lambda: now_s)
    presence = await start(MemoryStore(server), "a", **FAST)
    presence.arrived("main", "1")
    presence.arrived("main", "2")
    await presence.flush()
    now_s = 100.0
    await MemoryStore(server).forget_dead_processes()
    presence.left("main", "1")
    await presence.flush()
    assert await MemoryStore(server).live_points() == {"main/2"}


async def test_arrivals_while_the_store_is_away_are_written_later(start: Start) -> None:
    server = MemoryServer()
    presence = await start(MemoryStore(server), "a", **FAST)
    await presence.flush()
    await server.set_down(is_down=True)
    presence.arrived("main", "1")
    with pytest.raises(StoreUnavailable):
        await presence.flush()
    await server.set_down(is_down=False)

    async def is_listed() -> bool:
        return await MemoryStore(server).live_points() == {"main/1"}

    await until("written", is_listed)


def test_process_names_are_unique_and_plain() -> None:
    names = {new_process_id() for _ in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch(r"signaling-[A-Za-z0-9-]+-\d+-[0-9a-f]{8}", name) for name in names)
