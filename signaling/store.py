"""What signaling keeps outside of itself, as a contract: log, leases, plan, directory, accounts, presence and inboxes.

Two implementations pass one test suite: :class:`signaling.redis_store.RedisStore`, the real one, and
:class:`signaling.memory_store.MemoryStore` for unit tests.

Theory of the log
    The log of a session is a sequence of records numbered 1, 2, 3, … without gaps. Only the process that holds the
    session's lease appends, and it proves that with its *fence*: a number that grows with every acquisition. An
    append also says after which record it goes (``after``), and is refused when the log's last record is another one.
    So the very same append can be sent again after its answer was lost: either it is written now, or
    :class:`SequenceMismatch` tells that it was written before. What returned from :meth:`Store.append` is on disk,
    when the server keeps its promise (:meth:`Store.durability`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from signaling.account_store import AccountStore

Json = Mapping[str, Any]


class StoreError(Exception):
    """Anything that a store raises."""


class StoreUnavailable(StoreError):  # noqa: N818 (named for what happened)
    """The store did not answer, or not in time. What was asked may or may not have been done."""


class FenceLost(StoreError):  # noqa: N818 (named for what happened)
    """The lease that this fence stood for has ended: another process may own the session. Nothing was done.

    ``has_landed`` is set by a writer that found an earlier, unanswered append of its own in the log.
    """

    has_landed: bool = False


class SequenceMismatch(StoreError):  # noqa: N818 (named for what happened)
    """The log's last record is not the one the append named. Nothing was done."""

    def __init__(self, actual: int) -> None:
        super().__init__(f"the log's last record is {actual}")
        self.actual = actual


class InboxFull(StoreError):  # noqa: N818 (named for what happened)
    """Too many messages wait in a session's inbox. Nothing was done."""


class AccountsFull(StoreError):  # noqa: N818 (named for what happened)
    """There are as many accounts as there may be. Nothing was done."""


class IndicatorsFull(StoreError):  # noqa: N818 (named for what happened)
    """As many imports of indicators are kept as may be. Nothing was done."""


class RecordDamaged(StoreError):  # noqa: N818 (named for what happened)
    """A record of the log is not what :meth:`Store.append` writes: somebody else wrote into the store."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a session's log: its number, the fence of the process that wrote it, and one event."""

    sequence: int
    fence: int
    event: Json


@dataclass(frozen=True, slots=True)
class Lease:
    """Who owns a session: process and fence."""

    process: str
    fence: int


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """Points that a process gained and lost since its last report; entries are ``session/point``."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Store(AccountStore, Protocol):
    """Everything raises :class:`StoreUnavailable` when the server does not answer in time."""

    async def close(self) -> None:
        """Give the connections back; nothing may be called afterwards."""
        ...

    async def ping(self) -> None:
        """Return when the store answers."""
        ...

    async def durability(self) -> str | None:
        """None when what is acknowledged is on disk; else one sentence: what is wrong and what to do."""
        ...

    # Leases ---------------------------------------------------------------------------------------------------------

    async def acquire_lease(self, session: str, process: str, ttl_ms: int) -> int | None:
        """Become the owner of a session.

        Returns:
            a new fence, higher than all before; also when this very process held the lease already, so that appends
            under its older fence are refused from here on. None when another process holds it.
        """
        ...

    async def renew_lease(self, session: str, fence: int, ttl_ms: int) -> None:
        """Keep owning. Raises :class:`FenceLost`."""
        ...

    async def release_lease(self, session: str, fence: int) -> None:
        """Stop owning, so that another process takes over at once. Does nothing when the lease is lost already."""
        ...

    async def lease_of(self, session: str) -> Lease | None:
        """Who owns the session now."""
        ...

    # The log --------------------------------------------------------------------------------------------------------

    async def append(self, session: str, fence: int, after: int, events: Sequence[Json]) -> int:
        """Append events as records ``after + 1``, ``after + 2``, … — all or none.

        Returns:
            the number of the last record.

        Raises:
            FenceLost: this process does not own the session any more.
            SequenceMismatch: the last record is not ``after``.
        """
        ...

    def read(self, session: str, after: int = 0) -> AsyncIterator[Sequence[Record]]:
        """Yield the records behind ``after``, in order, in chunks of at most ``LOG_READ_CHUNK``; ends at the end."""
        ...

    async def follow(self, session: str, after: int, wait_ms: int) -> Sequence[Record]:
        """Records behind ``after`` (at most one chunk); waits up to ``wait_ms`` for the first, then returns none."""
        ...

    async def last_sequence(self, session: str) -> int:
        """Number of the last record; 0 for an empty log."""
        ...

    async def put_snapshot(self, session: str, fence: int, snapshot: bytes) -> None:
        """Keep a snapshot of the state that a part of the log adds up to, in place of the one before.

        It is a cache: nothing that was acknowledged may depend on it. Raises :class:`FenceLost`.
        """
        ...

    async def get_snapshot(self, session: str) -> bytes | None:
        """The snapshot that was put last, exactly as it was, or None."""
        ...

    # Plan, directory, sessions --------------------------------------------------------------------------------------

    async def write_plan(self, session: str, fence: int, plan: Json) -> None:
        """Set the forwarding plan and tell the nodes (channel ``plan``). Raises :class:`FenceLost`."""
        ...

    async def read_plan(self, session: str) -> Json | None:
        """The forwarding plan, as last written."""
        ...

    async def put_directory(self, text: str) -> None:
        """Keep the units: the text of a units file (CSV), as :func:`bridge.units_csv.read_units` reads it."""
        ...

    async def get_directory(self) -> str | None:
        """The units kept, or None when none were ever imported."""
        ...

    async def add_session(self, session: str) -> bool:
        """Note that this session exists; False when that was known. So of two who make the same one only one does."""
        ...

    async def sessions(self) -> frozenset[str]:
        """Sessions that exist, also those that have ended."""
        ...

    async def has_session(self, session: str) -> bool:
        """Whether there is or was such a session."""
        ...

    async def end_session(self, session: str, at_ms: int) -> None:
        """Note that this session was closed; its log stays."""
        ...

    async def running_sessions(self) -> frozenset[str]:
        """Sessions that exist and have not ended."""
        ...

    async def ended_sessions(self, limit: int) -> Mapping[str, int]:
        """The sessions that ended last, at most so many, and when; the newest first."""
        ...

    # Indicators -----------------------------------------------------------------------------------------------------

    async def put_indicators(self, after: int, record: Json) -> int:
        """Append an import of indicators as number ``after + 1``; on disk when this returns, as what was appended to a log is.

        Returns:
            its number.

        Raises:
            SequenceMismatch: the last import is not ``after``.
            IndicatorsFull: ``MAX_INDICATOR_IMPORTS`` or ``MAX_INDICATOR_BYTES`` would be exceeded.
        """
        ...

    async def read_indicators(self, after: int = 0, wait_ms: int = 0) -> Sequence[tuple[int, Json]]:
        """Imports behind ``after`` with their numbers, in order, at most ``INDICATOR_READ_CHUNK``.

        Waits up to ``wait_ms`` for the first; then, and at the end, there are none.
        """
        ...

    async def forget_indicators(self, before: int) -> int:
        """Remove the imports numbered below ``before``, but never the newest; returns how many. Numbers do not change."""
        ...

    # Links ----------------------------------------------------------------------------------------------------------

    async def rotate(self, points: Collection[str]) -> Mapping[str, int]:
        """Raise the generation of these points' links by one, of all or none, and ring the bell.

        Returns:
            the new generations. After :class:`StoreUnavailable` they may have risen; raising them once more does no harm.
        """
        ...

    async def generations(self) -> Mapping[str, int]:
        """The generation of every link that was ever replaced; that of all others is 0."""
        ...

    def watch_generations(self, wait_ms: int) -> AsyncGenerator[Mapping[str, int]]:
        """Yield all generations, then those that rise, when they do, and all again when none did for ``wait_ms``.

        No rise between two of these is missed. Ends by raising :class:`StoreUnavailable` when the connection does; close it
        (``aclose``) when leaving early.
        """
        ...

    # Presence -------------------------------------------------------------------------------------------------------

    async def beat(self, process: str, ttl_ms: int, change: PresenceChange) -> bool:
        """One process's heartbeat: it lives for another ``ttl_ms``, and these points came and went.

        Returns:
            False when its lease had ended before (or never begun): others may have removed its points, so it must
            report all of them again with :meth:`report_points`.
        """
        ...

    async def report_points(self, process: str, ttl_ms: int, points: Collection[str]) -> None:
        """Like :meth:`beat`, but replaces everything the process had listed."""
        ...

    async def forget_process(self, process: str) -> None:
        """Remove a process that ends, and its points."""
        ...

    async def forget_dead_processes(self) -> None:
        """Remove processes whose lease ended, and their points: they are not live anyway; this frees their memory."""
        ...

    async def live_processes(self) -> frozenset[str]:
        """Processes whose lease is live."""
        ...

    async def live_points(self) -> frozenset[str]:
        """``session/point`` entries of all processes whose lease is live."""
        ...

    async def listed_points(self) -> frozenset[str]:
        """``session/point`` entries of all processes that were not forgotten yet, live or not."""
        ...

    # Inboxes --------------------------------------------------------------------------------------------------------

    async def send(self, inbox: str, messages: Sequence[bytes], limit: int, ttl_ms: int) -> None:
        """Put messages into an inbox, which disappears ``ttl_ms`` after its last message — all or none.

        Raises:
            InboxFull: more than ``limit`` messages would be waiting there.
        """
        ...

    async def receive(self, inbox: str, limit: int, wait_ms: int) -> Sequence[bytes]:
        """Take up to ``limit`` messages, oldest first; waits up to ``wait_ms`` for the first. Each is given once."""
        ...
