"""The store on Redis or Valkey (7.2 or newer; 7.0 works). See :mod:`signaling.store` for what is promised.

Keys, all below the configured prefix:

    ``lease:<session>`` ``fence:<session>``   who owns a session; counter of fences
    ``log:<session>``                         stream, one field ``record``: ``{"seq":…,"fence":…,"event":{…}}``
    ``snapshot:<session>``                    bytes: what a part of the log adds up to, see :mod:`bridge.sealing`; a cache
    ``plan:<session>``                        JSON; channel ``plan`` carries the session's name when it changes
    ``directory`` ``sessions`` ``ended``      units file; set of sessions; sorted set of those that ended, by when
    ``indicators`` ``indicators:bytes``       stream of imports, one field ``record``: JSON in zlib; their size together
    ``generations``                           hash: point → generation of its link, where it is not 0; the channel of that name
                                              carries those that rise: ``point generation point generation …``
    ``accounts`` ``cell:<key>`` ``audit:<stream>``   see :mod:`signaling.redis_accounts`
    ``processes`` ``process:<id>`` ``presence:<id>``   set of processes; lease of one; set of its ``session/point``
    ``inbox:<name>``                          list of messages

Connections are never retried inside the client: whether something may be done twice is known only here and above. A
failed connection is dropped, and the next call opens another.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import redis.asyncio as redis_client
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from config.limits import (
    INDICATOR_READ_CHUNK,
    LOG_READ_CHUNK,
    MAX_INDICATOR_BYTES,
    MAX_INDICATOR_IMPORTS,
    MAX_PRESENCE_BATCH,
)
from signaling import redis_scripts as scripts
from signaling.packing import pack, unpack
from signaling.redis_accounts import RedisAccounts
from signaling.redis_answers import answering as _answering
from signaling.store import (
    FenceLost,
    InboxFull,
    IndicatorsFull,
    Json,
    Lease,
    PresenceChange,
    Record,
    RecordDamaged,
    SequenceMismatch,
    StoreUnavailable,
)

ANSWER_TIMEOUT_S: Final = 2.0
"""A server on this network answers in milliseconds; with ``appendfsync always`` one slow disk flush fits in."""

CONNECT_TIMEOUT_S: Final = 1.0
MAX_CONNECTIONS: Final = 16
MAX_WAITING_CONNECTIONS: Final = 2304
"""Calls that wait for something to come (:meth:`RedisStore.follow`, :meth:`RedisStore.receive`): two a session, of which a
thousand may be open and some dozens have ended. A connection is made only when one is needed."""

RECORD_FIELD: Final = b"record"

_decode: Final = json.JSONDecoder().decode  # json.loads looks for the encoding first, a quarter of its time
FORGET_BATCH: Final = 100
"""Imports of indicators removed by one script."""


def _pool(url: str, limit: int, answer_timeout_s: float | None) -> BlockingConnectionPool:
    scheme, _, rest = url.partition("://")
    known = {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme)
    return BlockingConnectionPool.from_url(
        f"{known}://{rest}",
        max_connections=limit,
        timeout=ANSWER_TIMEOUT_S,
        socket_timeout=answer_timeout_s,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


class RedisStore(RedisAccounts):
    """One process's connections to the server at ``url``; made without connecting."""

    def __init__(self, url: str, prefix: str = "diemcau:") -> None:
        self.prefix = prefix
        self._client = redis_client.Redis.from_pool(_pool(url, MAX_CONNECTIONS, ANSWER_TIMEOUT_S))
        self._waiting = redis_client.Redis.from_pool(_pool(url, MAX_WAITING_CONNECTIONS, None))
        register = self._client.register_script
        self._acquire = register(scripts.ACQUIRE)
        self._renew = register(scripts.RENEW)
        self._release = register(scripts.RELEASE)
        self._append = register(scripts.APPEND)
        self._put_snapshot = register(scripts.PUT_SNAPSHOT)
        self._write_plan = register(scripts.WRITE_PLAN)
        self._rotate = register(scripts.ROTATE)
        self._forget = register(scripts.FORGET)
        self._put_account = register(scripts.PUT_ACCOUNT)
        self._swap_cell = register(scripts.SWAP_CELL)
        self._put_indicators = register(scripts.PUT_INDICATORS)
        self._forget_indicators = register(scripts.FORGET_INDICATORS)
        self._send = register(scripts.SEND)

    def key(self, *parts: str) -> str:
        """A key below the prefix: ``key("log", "main")`` → ``diemcau:log:main``."""
        return self.prefix + ":".join(parts)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._waiting.aclose()

    async def ping(self) -> None:
        """Return when the server answers."""
        with _answering():
            await self._client.ping()

    async def durability(self) -> str | None:
        """None when the server writes every append to disk before it answers; else what to do."""
        wanted = {"appendonly": "yes", "appendfsync": "always"}
        advice = 'acknowledged commands may be lost in a crash: set "appendonly yes" and "appendfsync always" on the server'
        try:
            with _answering():
                found: dict[str, str] = {}
                for name in wanted:
                    found |= _text(await self._client.config_get(name))
        except StoreUnavailable as error:
            if isinstance(error.__cause__, ResponseError):
                return f"the server does not let us read its settings ({error.__cause__}); make sure of them, or {advice}"
            raise
        wrong = [f"{name} is {found.get(name, 'unknown')}" for name, value in wanted.items() if found.get(name) != value]
        return f"{' and '.join(wrong)}: {advice}" if wrong else None

    # Leases

    async def acquire_lease(self, session: str, process: str, ttl_ms: int) -> int | None:
        """Become the owner, or None."""
        with _answering():
            fence = await self._acquire(keys=[self.key("lease", session), self.key("fence", session)], args=[process, ttl_ms])
        return int(fence) or None

    async def renew_lease(self, session: str, fence: int, ttl_ms: int) -> None:
        """Keep owning."""
        with _answering():
            status, _ = await self._renew(keys=[self.key("lease", session)], args=[fence, ttl_ms])
        if status == scripts.FENCE_LOST:
            raise FenceLost(session)

    async def release_lease(self, session: str, fence: int) -> None:
        """Stop owning."""
        with _answering():
            await self._release(keys=[self.key("lease", session)], args=[fence])

    async def lease_of(self, session: str) -> Lease | None:
        """Who owns it."""
        with _answering():
            value = cast("bytes | None", await self._client.get(self.key("lease", session)))
        if value is None:
            return None
        fence, _, process = value.decode().partition(" ")
        return Lease(process, int(fence))

    # The log

    async def append(self, session: str, fence: int, after: int, events: Sequence[Json]) -> int:
        """Append all or none, by one script."""
        records = [
            json.dumps({"seq": number, "fence": fence, "event": event}, ensure_ascii=False, separators=(",", ":"))
            for number, event in enumerate(events, after + 1)
        ]
        with _answering():
            status, last = await self._append(
                keys=[self.key("lease", session), self.key("log", session)], args=[fence, after, *records]
            )
        if status == scripts.FENCE_LOST:
            raise FenceLost(session)
        if status == scripts.SEQUENCE_MISMATCH:
            raise SequenceMismatch(int(last))
        return int(last)

    async def read(self, session: str, after: int = 0) -> AsyncIterator[Sequence[Record]]:
        """Yield chunks up to the end."""
        while True:
            with _answering():
                entries = await self._client.xrange(self.key("log", session), f"({after}-0", "+", LOG_READ_CHUNK)
            if not entries:
                return
            records = [_record(session, entry) for entry in cast("list[Any]", entries)]
            yield records
            after = records[-1].sequence

    async def follow(self, session: str, after: int, wait_ms: int) -> Sequence[Record]:
        """Wait for the next records."""
        key = self.key("log", session)
        with _answering():
            async with asyncio.timeout(wait_ms / 1000 + ANSWER_TIMEOUT_S):
                answer = await self._waiting.xread({key: f"{after}-0"}, LOG_READ_CHUNK, max(1, wait_ms))
        streams = cast("list[Any]", list(answer.items()) if isinstance(answer, dict) else answer or [])
        return [_record(session, entry) for _, entries in streams for entry in entries]

    async def last_sequence(self, session: str) -> int:
        """Number of the last record."""
        with _answering():
            entries = cast("list[Any]", await self._client.xrevrange(self.key("log", session), count=1))
        return _record(session, entries[0]).sequence if entries else 0

    async def put_snapshot(self, session: str, fence: int, snapshot: bytes) -> None:
        """Keep a snapshot."""
        with _answering():
            status, _ = await self._put_snapshot(
                keys=[self.key("lease", session), self.key("snapshot", session)], args=[fence, snapshot]
            )
        if status == scripts.FENCE_LOST:
            raise FenceLost(session)

    async def get_snapshot(self, session: str) -> bytes | None:
        """The snapshot."""
        with _answering():
            return cast("bytes | None", await self._client.get(self.key("snapshot", session)))

    # Plan, directory, sessions

    async def write_plan(self, session: str, fence: int, plan: Json) -> None:
        """Set and publish the plan."""
        text = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
        with _answering():
            status, _ = await self._write_plan(
                keys=[self.key("lease", session), self.key("plan", session)], args=[fence, text, self.key("plan"), session]
            )
        if status == scripts.FENCE_LOST:
            raise FenceLost(session)

    async def read_plan(self, session: str) -> Json | None:
        """The plan."""
        with _answering():
            text = cast("bytes | None", await self._client.get(self.key("plan", session)))
        return cast("Json", json.loads(text)) if text is not None else None

    async def put_directory(self, text: str) -> None:
        """Keep the units."""
        with _answering():
            await self._client.set(self.key("directory"), text)

    async def get_directory(self) -> str | None:
        """The units."""
        with _answering():
            text = cast("bytes | None", await self._client.get(self.key("directory")))
        return text.decode() if text is not None else None

    async def add_session(self, session: str) -> bool:
        """Note a session."""
        with _answering():
            return bool(await self._client.sadd(self.key("sessions"), session))

    async def sessions(self) -> frozenset[str]:
        """Sessions that exist."""
        with _answering():
            return _names(await cast("Awaitable[set[bytes]]", self._client.smembers(self.key("sessions"))))

    async def has_session(self, session: str) -> bool:
        """Whether there is or was one."""
        with _answering():
            return bool(await cast("Awaitable[int]", self._client.sismember(self.key("sessions"), session)))

    async def end_session(self, session: str, at_ms: int) -> None:
        """Note an end."""
        with _answering():
            await self._client.zadd(self.key("ended"), {session: at_ms})

    async def running_sessions(self) -> frozenset[str]:
        """Those that have not ended: a set less a sorted set, on the server."""
        with _answering():
            return _names(cast("list[bytes]", await self._client.zdiff([self.key("sessions"), self.key("ended")])))

    async def ended_sessions(self, limit: int) -> Mapping[str, int]:
        """Those that ended last."""
        with _answering():
            found = await self._client.zrange(self.key("ended"), 0, limit - 1, desc=True, withscores=True)
        return {name.decode(): int(at) for name, at in cast("list[tuple[bytes, float]]", found)}

    # Indicators

    async def put_indicators(self, after: int, record: Json) -> int:
        """Append an import, by one script."""
        packed = await asyncio.to_thread(pack, record)
        keys = [self.key("indicators"), self.key("indicators", "bytes")]
        with _answering():
            status, last = await self._put_indicators(keys=keys, args=[after, packed, MAX_INDICATOR_IMPORTS, MAX_INDICATOR_BYTES])
        if status == scripts.SEQUENCE_MISMATCH:
            raise SequenceMismatch(int(last))
        if status == scripts.FULL:
            raise IndicatorsFull
        return int(last)

    async def read_indicators(self, after: int = 0, wait_ms: int = 0) -> Sequence[tuple[int, Json]]:
        """Imports behind that one."""
        key, start = self.key("indicators"), f"{after}-0"
        with _answering():
            if wait_ms:
                async with asyncio.timeout(wait_ms / 1000 + ANSWER_TIMEOUT_S):
                    answer = await self._waiting.xread({key: start}, INDICATOR_READ_CHUNK, wait_ms)
                streams = cast("list[Any]", list(answer.items()) if isinstance(answer, dict) else answer or [])
                entries = [entry for _, found in streams for entry in found]
            else:
                entries = cast("list[Any]", await self._client.xrange(key, f"({start}", "+", INDICATOR_READ_CHUNK))
        return [_import(*entry) for entry in entries]

    async def forget_indicators(self, before: int) -> int:
        """Remove old imports, some at a time."""
        keys, gone = [self.key("indicators"), self.key("indicators", "bytes")], 0
        while True:
            with _answering():
                count = int(await self._forget_indicators(keys=keys, args=[before, FORGET_BATCH]))
            gone += count
            if count < FORGET_BATCH:
                return gone

    # Links

    async def rotate(self, points: Collection[str]) -> Mapping[str, int]:
        """Raise generations, by one script."""
        codes = tuple(dict.fromkeys(points))
        with _answering():
            numbers = await self._rotate(keys=[self.key("generations")], args=[self.key("generations"), *codes])
        return dict(zip(codes, map(int, numbers), strict=True))

    async def generations(self) -> Mapping[str, int]:
        """All generations that are not 0."""
        with _answering():
            found = await cast("Awaitable[dict[bytes, bytes]]", self._client.hgetall(self.key("generations")))
        return _generations(found.items())

    async def watch_generations(self, wait_ms: int) -> AsyncGenerator[Mapping[str, int]]:
        """Subscribe, then read: what rises in between is told twice rather than never."""
        channel = self._waiting.pubsub()
        try:
            with _answering():
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    await channel.subscribe(self.key("generations"))
                    while await channel.get_message(timeout=ANSWER_TIMEOUT_S) is None:
                        pass
            yield await self.generations()
            while True:
                with _answering():
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=wait_ms / 1000)
                if message is None:
                    yield await self.generations()
                else:
                    words = cast("bytes", message["data"]).split()
                    yield _generations(zip(words[::2], words[1::2], strict=False))
        finally:
            await channel.aclose()  # type: ignore[no-untyped-call]

    # Presence

    async def beat(self, process: str, ttl_ms: int, change: PresenceChange) -> bool:
        """A heartbeat with what changed, in one transaction."""
        points = self.key("presence", process)
        with _answering():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.set(self.key("process", process), 1, px=ttl_ms, get=True)
                pipe.sadd(self.key("processes"), process)
                for batch in _batches(change.removed):
                    pipe.srem(points, *batch)
                for batch in _batches(change.added):
                    pipe.sadd(points, *batch)
                answers = await pipe.execute()
        return answers[0] is not None

    async def report_points(self, process: str, ttl_ms: int, points: Collection[str]) -> None:
        """A heartbeat with everything, in one transaction."""
        key = self.key("presence", process)
        with _answering():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.set(self.key("process", process), 1, px=ttl_ms)
                pipe.sadd(self.key("processes"), process)
                pipe.delete(key)
                for batch in _batches(tuple(points)):
                    pipe.sadd(key, *batch)
                await pipe.execute()

    async def forget_process(self, process: str) -> None:
        """Remove a process."""
        with _answering():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.delete(self.key("process", process), self.key("presence", process))
                pipe.srem(self.key("processes"), process)
                await pipe.execute()

    async def forget_dead_processes(self) -> None:
        """Remove dead processes; the script looks again, so one that just came back stays."""
        processes, live = await self._processes()
        with _answering():
            for process in processes - live:
                await self._forget(
                    keys=[self.key("process", process), self.key("presence", process), self.key("processes")], args=[process]
                )

    async def live_processes(self) -> frozenset[str]:
        """Live processes."""
        return (await self._processes())[1]

    async def live_points(self) -> frozenset[str]:
        """Points of live processes. A process that dies in between still counts, until the next look."""
        return await self._points_of((await self._processes())[1])

    async def listed_points(self) -> frozenset[str]:
        """Points of listed processes."""
        return await self._points_of((await self._processes())[0])

    async def _points_of(self, processes: Collection[str]) -> frozenset[str]:
        with _answering():
            async with self._client.pipeline(transaction=False) as pipe:
                for process in processes:
                    pipe.smembers(self.key("presence", process))
                return frozenset().union(*map(_names, await pipe.execute()))

    async def _processes(self) -> tuple[frozenset[str], frozenset[str]]:
        with _answering():
            names = sorted(_names(await cast("Awaitable[set[bytes]]", self._client.smembers(self.key("processes")))))
            leases = await self._client.mget([self.key("process", name) for name in names]) if names else []
        return frozenset(names), frozenset(name for name, lease in zip(names, leases, strict=True) if lease is not None)

    # Inboxes

    async def send(self, inbox: str, messages: Sequence[bytes], limit: int, ttl_ms: int) -> None:
        """Put messages, by one script."""
        with _answering():
            if not await self._send(keys=[self.key("inbox", inbox)], args=[limit, ttl_ms, *messages]):
                raise InboxFull(f"the inbox {inbox} is full")

    async def receive(self, inbox: str, limit: int, wait_ms: int) -> Sequence[bytes]:
        """Take messages."""
        with _answering():
            async with asyncio.timeout(wait_ms / 1000 + ANSWER_TIMEOUT_S):
                answer = await cast(
                    "Awaitable[list[Any] | None]",
                    self._waiting.blmpop(max(1, wait_ms) / 1000, 1, self.key("inbox", inbox), direction="LEFT", count=limit),
                )
        return cast("list[bytes]", answer[1]) if answer else []


def _names(values: Collection[bytes]) -> frozenset[str]:
    return frozenset(value.decode() for value in values)


def _generations(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, int]:
    try:
        return {point.decode(): int(number) for point, number in pairs}
    except ValueError as error:
        raise RecordDamaged(f"generations: {error}") from error


def _text(answer: Any) -> dict[str, str]:
    pairs = answer.items()
    return {_string(name): _string(value) for name, value in pairs}


def _string(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _batches(points: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(points), MAX_PRESENCE_BATCH):
        yield points[start : start + MAX_PRESENCE_BATCH]


def _import(identifier: bytes, fields: Mapping[bytes, bytes]) -> tuple[int, Json]:
    try:
        return int(identifier.partition(b"-")[0]), unpack(fields[RECORD_FIELD])
    except (ValueError, KeyError) as error:
        raise RecordDamaged(f"import {identifier!r} of indicators: {error}") from error


def _record(session: str, entry: Any) -> Record:
    identifier, fields = entry
    try:
        number, _, rest = identifier.decode().partition("-")
        record = _decode(fields[RECORD_FIELD].decode())
        sequence, fence, event = record["seq"], record["fence"], record["event"]
        if rest != "0" or sequence != int(number) or not isinstance(fence, int) or not isinstance(event, dict):
            raise ValueError("number, fence or event")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordDamaged(f"log of {session}, entry {identifier!r}: {error}") from error
    return Record(sequence, fence, event)
