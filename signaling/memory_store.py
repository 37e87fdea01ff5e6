"""The store's contract in memory: for unit tests, and as the readable definition of what the scripts in Redis do.

A :class:`MemoryServer` plays the server; every :class:`MemoryStore` is one client of it. Time is a parameter (a
callable), so tests end leases by moving it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from config.limits import INDICATOR_READ_CHUNK, LOG_READ_CHUNK, MAX_INDICATOR_IMPORTS
from signaling.memory_accounts import AccountData, MemoryAccounts
from signaling.store import (
    FenceLost,
    InboxFull,
    IndicatorsFull,
    Json,
    Lease,
    PresenceChange,
    Record,
    SequenceMismatch,
    StoreUnavailable,
)


@dataclass(slots=True)
class _Lease:
    process: str
    fence: int
    ends_s: float


@dataclass(slots=True)
class _Process:
    ends_s: float = 0.0
    points: set[str] = field(default_factory=set)


class MemoryServer:
    """What several :class:`MemoryStore` share. ``is_down`` makes all of them fail; ``lose_answers`` does what was
    asked and then fails, that many times."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.is_down = False
        self.lose_answers = 0
        self.leases: dict[str, _Lease] = {}
        self.fences: dict[str, int] = {}
        self.logs: dict[str, list[tuple[int, str]]] = {}
        self.snapshots: dict[str, bytes] = {}
        self.plans: dict[str, str] = {}
        self.directory: str | None = None
        self.sessions: set[str] = set()
        self.ended: dict[str, int] = {}
        self.indicators: dict[int, str] = {}
        self.generations: dict[str, int] = {}
        self.accounts = AccountData()
        self.processes: dict[str, _Process] = {}
        self.inboxes: dict[str, deque[bytes]] = {}
        self.appends = 0
        self.changed = asyncio.Condition()

    async def set_down(self, *, is_down: bool) -> None:
        """Stop or start answering; those who wait are told."""
        self.is_down = is_down
        async with self.changed:
            self.changed.notify_all()


class MemoryStore(MemoryAccounts):
    """One client of a :class:`MemoryServer`; see :class:`signaling.store.Store` for what the methods promise."""

    def __init__(self, server: MemoryServer | None = None) -> None:
        self.server = server or MemoryServer()

    async def _enter(self) -> MemoryServer:
        await asyncio.sleep(0)  # as a real client: others run between question and answer
        if self.server.is_down:
            raise StoreUnavailable("the memory store was told to be down")
        return self.server

    async def close(self) -> None:
        """Nothing to give back."""

    async def ping(self) -> None:
        """Answer."""
        await self._enter()

    async def durability(self) -> str | None:
        """Memory is lost with the process."""
        await self._enter()
        return "this store keeps everything in memory: set redis.url, or leave it empty for a private Valkey"

    # Leases

    def _lease(self, session: str) -> _Lease | None:
        lease = self.server.leases.get(session)
        return lease if lease and self.server.clock() < lease.ends_s else None

    def _require(self, session: str, fence: int) -> _Lease:
        lease = self._lease(session)
        if lease is None or lease.fence != fence:
            raise FenceLost(session)
        return lease

    async def acquire_lease(self, session: str, process: str, ttl_ms: int) -> int | None:
        """Become the owner, or None."""
        server = await self._enter()
        lease = self._lease(session)
        if lease is not None and lease.process != process:
            return None
        fence = server.fences[session] = server.fences.get(session, 0) + 1
        server.leases[session] = _Lease(process, fence, server.clock() + ttl_ms / 1000)
        return fence

    async def renew_lease(self, session: str, fence: int, ttl_ms: int) -> None:
        """Keep owning."""
        server = await self._enter()
        self._require(session, fence).ends_s = server.clock() + ttl_ms / 1000

    async def release_lease(self, session: str, fence: int) -> None:
        """Stop owning."""
        server = await self._enter()
        lease = self._lease(session)
        if lease is not None and lease.fence == fence:
            del server.leases[session]

    async def lease_of(self, session: str) -> Lease | None:
        """Who owns it."""
        await self._enter()
        lease = self._lease(session)
        return Lease(lease.process, lease.fence) if lease else None

    # The log

    async def append(self, session: str, fence: int, after: int, events: Sequence[Json]) -> int:
        """Append all or none."""
        server = await self._enter()
        self._require(session, fence)
        log = server.logs.setdefault(session, [])
        if len(log) != after:
            raise SequenceMismatch(len(log))
        log.extend((fence, json.dumps(event)) for event in events)
        server.appends += 1
        if server.lose_answers:
            server.lose_answers -= 1
            raise StoreUnavailable("the answer was lost")
        async with server.changed:
            server.changed.notify_all()
        return len(log)

    def _records(self, session: str, after: int) -> Sequence[Record]:
        log = self.server.logs.get(session, [])
        return [
            Record(after + number, fence, json.loads(text))
            for number, (fence, text) in enumerate(log[after : after + LOG_READ_CHUNK], 1)
        ]

    async def read(self, session: str, after: int = 0) -> AsyncIterator[Sequence[Record]]:
        """Yield chunks up to the end."""
        while True:
            await self._enter()
            if not (records := self._records(session, after)):
                return
            yield records
            after = records[-1].sequence

    async def follow(self, session: str, after: int, wait_ms: int) -> Sequence[Record]:
        """Wait for the next records."""
        await self._enter()
        await self._wait(lambda: len(self.server.logs.get(session, [])) > after, wait_ms)
        return self._records(session, after)

    async def _wait(self, is_there: Callable[[], bool], wait_ms: int) -> None:
        def is_over() -> bool:
            return self.server.is_down or is_there()

        async with self.server.changed:
            try:
                async with asyncio.timeout(wait_ms / 1000):
                    await self.server.changed.wait_for(is_over)
            except TimeoutError:
                return
        if self.server.is_down:
            raise StoreUnavailable("the memory store was told to be down")

    async def last_sequence(self, session: str) -> int:
        """Number of the last record."""
        return len((await self._enter()).logs.get(session, []))

    async def put_snapshot(self, session: str, fence: int, snapshot: bytes) -> None:
        """Keep a snapshot."""
        server = await self._enter()
        self._require(session, fence)
        server.snapshots[session] = snapshot

    async def get_snapshot(self, session: str) -> bytes | None:
        """The snapshot."""
        return (await self._enter()).snapshots.get(session)

    # Plan, directory, sessions

    async def write_plan(self, session: str, fence: int, plan: Json) -> None:
        """Set the plan."""
        server = await self._enter()
        self._require(session, fence)
        server.plans[session] = json.dumps(plan)

    async def read_plan(self, session: str) -> Json | None:
        """The plan."""
        text = (await self._enter()).plans.get(session)
        return json.loads(text) if text is not None else None

    async def put_directory(self, text: str) -> None:
        """Keep the units."""
        (await self._enter()).directory = text

    async def get_directory(self) -> str | None:
        """The units."""
        return (await self._enter()).directory

    async def add_session(self, session: str) -> bool:
        """Note a session."""
        server = await self._enter()
        is_new = session not in server.sessions
        server.sessions.add(session)
        return is_new

    async def sessions(self) -> frozenset[str]:
        """Sessions that exist."""
        return frozenset((await self._enter()).sessions)

    async def has_session(self, session: str) -> bool:
        """Whether there is or was one."""
        return session in (await self._enter()).sessions

    async def end_session(self, session: str, at_ms: int) -> None:
        """Note an end."""
        (await self._enter()).ended[session] = at_ms

    async def running_sessions(self) -> frozenset[str]:
        """Those that have not ended."""
        server = await self._enter()
        return frozenset(server.sessions - server.ended.keys())

    async def ended_sessions(self, limit: int) -> Mapping[str, int]:
        """Those that ended last."""
        ended = (await self._enter()).ended
        newest = sorted(ended, key=lambda name: (ended[name], name), reverse=True)[:limit]
        return {name: ended[name] for name in newest}

    # Indicators

    async def put_indicators(self, after: int, record: Json) -> int:
        """Append an import."""
        kept = (await self._enter()).indicators
        last = max(kept, default=0)
        if last != after:
            raise SequenceMismatch(last)
        if len(kept) >= MAX_INDICATOR_IMPORTS:
            raise IndicatorsFull
        kept[last + 1] = json.dumps(record)
        async with self.server.changed:
            self.server.changed.notify_all()
        return last + 1

    async def read_indicators(self, after: int = 0, wait_ms: int = 0) -> Sequence[tuple[int, Json]]:
        """Imports behind that one."""
        kept = (await self._enter()).indicators
        if wait_ms:
            await self._wait(lambda: max(kept, default=0) > after, wait_ms)
        numbers = sorted(number for number in kept if number > after)[:INDICATOR_READ_CHUNK]
        return [(number, json.loads(kept[number])) for number in numbers]

    async def forget_indicators(self, before: int) -> int:
        """Remove old imports."""
        kept = (await self._enter()).indicators
        old = [number for number in kept if number < min(before, max(kept))]
        for number in old:
            del kept[number]
        return len(old)

    # Links

    async def rotate(self, points: Collection[str]) -> Mapping[str, int]:
        """Raise generations."""
        server = await self._enter()
        risen = {point: server.generations.get(point, 0) + 1 for point in points}
        server.generations |= risen
        async with server.changed:
            server.changed.notify_all()
        return risen

    async def generations(self) -> Mapping[str, int]:
        """All generations that are not 0."""
        return dict((await self._enter()).generations)

    async def watch_generations(self, wait_ms: int) -> AsyncGenerator[Mapping[str, int]]:
        """All, then what rises."""
        told = await self.generations()
        yield told
        while True:
            await self._wait(lambda told=told: self.server.generations != told, wait_ms)  # type: ignore[misc]
            found = await self.generations()
            yield dict(found.items() - told.items()) or found
            told = found

    # Presence

    def _is_live(self, process: str) -> bool:
        entry = self.server.processes.get(process)
        return entry is not None and self.server.clock() < entry.ends_s

    async def beat(self, process: str, ttl_ms: int, change: PresenceChange) -> bool:
        """A heartbeat with what changed."""
        server = await self._enter()
        was_live = self._is_live(process)
        entry = server.processes.setdefault(process, _Process())
        entry.ends_s = server.clock() + ttl_ms / 1000
        entry.points.update(change.added)
        entry.points.difference_update(change.removed)
        return was_live

    async def report_points(self, process: str, ttl_ms: int, points: Collection[str]) -> None:
        """A heartbeat with everything."""
        server = await self._enter()
        server.processes[process] = _Process(server.clock() + ttl_ms / 1000, set(points))

    async def forget_process(self, process: str) -> None:
        """Remove a process."""
        (await self._enter()).processes.pop(process, None)

    async def forget_dead_processes(self) -> None:
        """Remove dead processes."""
        server = await self._enter()
        server.processes = {name: entry for name, entry in server.processes.items() if self._is_live(name)}

    async def live_processes(self) -> frozenset[str]:
        """Live processes."""
        return frozenset(filter(self._is_live, (await self._enter()).processes))

    async def live_points(self) -> frozenset[str]:
        """Points of live processes."""
        server = await self._enter()
        return frozenset(point for name, entry in server.processes.items() if self._is_live(name) for point in entry.points)

    async def listed_points(self) -> frozenset[str]:
        """Points of listed processes."""
        return frozenset(point for entry in (await self._enter()).processes.values() for point in entry.points)

    # Inboxes

    async def send(self, inbox: str, messages: Sequence[bytes], limit: int, ttl_ms: int) -> None:  # noqa: ARG002 (memory forgets nothing)
        """Put messages."""
        server = await self._enter()
        waiting = server.inboxes.setdefault(inbox, deque())
        if len(waiting) + len(messages) > limit:
            raise InboxFull(f"the inbox {inbox} is full")
        waiting.extend(messages)
        async with server.changed:
            server.changed.notify_all()

    async def receive(self, inbox: str, limit: int, wait_ms: int) -> Sequence[bytes]:
        """Take messages."""
        server = await self._enter()
        await self._wait(lambda: bool(server.inboxes.get(inbox)), wait_ms)
        messages = server.inboxes.get(inbox, deque())
        return [messages.popleft() for _ in range(min(limit, len(messages)))]
