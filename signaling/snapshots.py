"""Snapshots of a session's state, so that whoever takes the session over reads the end of the log and not all of it.

Theory
    A snapshot is a cache. It says which record of the log it stands for, and what that record holds: one that the log does not
    have (any more), that was damaged, or that another program wrote is ignored, and the log is replayed from its beginning.
    Nothing is acknowledged by a snapshot and nothing is ever deleted from the log because of one, so losing it, or dying at any
    moment of writing it, costs time and nothing else.

    A domain cannot be written while it changes, and a large one takes a second to write. So the owner keeps one more domain for
    it (:class:`Keeper`), which takes in what is on disk like the others, stands still while it is written in steps of some
    milliseconds, and then catches up. Writing is bounded to a share of the loop's time, however fast events come.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import json
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog

from bridge.errors import BridgeError
from bridge.sealing import About, seal, unseal
from config.limits import MAX_SNAPSHOT_BACKLOG
from signaling.deciding import Domain
from signaling.forwarding import Codec
from signaling.store import FenceLost, Store, StoreUnavailable

logger: Final = structlog.get_logger("snapshots")

D = TypeVar("D", bound=Domain)

APPLY_BATCH: Final = 500
"""Events that a keeper takes in at a time: about two milliseconds."""

WORK_SHARE: Final = 0.05
"""Of the loop's time that writing snapshots may take. The largest state takes half a second: one in ten seconds at most."""

CLOSING_SHARE: Final = 0.05
"""Of the interval: a snapshot is written at the end when at least so many records have no snapshot yet. Fewer are read faster
than a snapshot is written."""


class SnapshotFailed(Exception):  # noqa: N818 (named for what happened)
    """A state could not be written or restored. The log tells it all the same."""


class Saving(Protocol[D]):
    """What is needed of :class:`bridge.saving.Saving`."""

    @property
    def key(self) -> str:
        """A snapshot that was made under another key is not to be read."""
        ...

    def write(self, bridge: D) -> Iterator[bytes]:
        """Yield the lines of a state; every step is some milliseconds of work."""
        ...

    def read(self, lines: Sequence[bytes]) -> Generator[None, None, D]:
        """Return the state of these lines in the end; every step is some milliseconds of work."""
        ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state as lines; ``sequence`` is the last record of the log in it, ``mark`` says what that record holds."""

    sequence: int
    mark: str
    lines: Sequence[bytes]


class Snapshots(Generic[D]):
    """The snapshots of one session.

    Args:
        session: the session's id.
        store: where they are.
        saving: states to lines and back.
        codec: events to JSON, for the mark.
        every: records between two snapshots.
    """

    def __init__(self, session: str, store: Store, saving: Saving[D], codec: Codec, every: int) -> None:
        self.every = every
        self.session = session
        self._store, self._saving, self._codec = store, saving, codec

    def mark_of(self, event: Any) -> str:
        """What tells the record of an event from another that has its number in a log that lost records and grew again."""
        text = json.dumps(self._codec.encode_event(event), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    async def newest(self) -> Snapshot | None:
        """Read the snapshot that was put last; None when there is none that this program can use.

        Raises:
            StoreUnavailable: the store did not answer.
        """
        sealed = await self._store.get_snapshot(self.session)
        if sealed is None:
            return None
        try:
            about, lines = await asyncio.to_thread(unseal, sealed)
            key, snapshot = about["key"], Snapshot(int(about["sequence"]), str(about["mark"]), lines)
        except (BridgeError, KeyError, ValueError) as error:
            logger.warning("snapshot_damaged", session=self.session, reason=str(error))
            return None
        if key != self._saving.key:
            logger.info("snapshot_of_another_program", session=self.session, record=snapshot.sequence)
            return None
        return snapshot

    async def put(self, fence: int, snapshot: Snapshot) -> None:
        """Keep a snapshot. Raises :class:`StoreUnavailable` or :class:`FenceLost`."""
        about: About = {"key": self._saving.key, "sequence": snapshot.sequence, "mark": snapshot.mark}
        sealed = await asyncio.to_thread(seal, about, snapshot.lines)
        await self._store.put_snapshot(self.session, fence, sealed)
        logger.info("snapshot_written", session=self.session, record=snapshot.sequence, bytes=len(sealed))

    async def write(self, domain: D) -> tuple[list[bytes], float]:
        """Give the lines of a domain, which must not change meanwhile, and the seconds of work that they were.

        Raises:
            SnapshotFailed: it holds something that cannot be written.
        """
        lines: list[bytes] = []
        work_s = 0.0
        try:
            steps = self._saving.write(domain)
            is_more = True
            with without_collection():
                while is_more:
                    began_s = time.perf_counter()
                    line = next(steps, None)
                    work_s += time.perf_counter() - began_s
                    if is_more := line is not None:
                        lines.append(line)
                        await asyncio.sleep(0)
        except Exception as error:
            raise SnapshotFailed(f"{type(error).__name__}: {error}") from error
        return lines, work_s

    async def restore(self, lines: Sequence[bytes]) -> D:
        """Give a new domain. Raises :class:`SnapshotFailed`.

        What exists then is taken out of garbage collection (:func:`gc.freeze`): it stays for as long as the session, and to walk
        it again and again would hold the loop for half a second each time.
        """
        try:
            steps = self._saving.read(lines)
            with without_collection():
                while True:
                    try:
                        next(steps)
                    except StopIteration as end:
                        domain: D = end.value
                        gc.freeze()
                        return domain
                    await asyncio.sleep(0)
        except Exception as error:
            raise SnapshotFailed(f"{type(error).__name__}: {error}") from error


class Keeper(Generic[D]):
    """Writes snapshots of what is on disk, while :meth:`run` runs.

    Args:
        snapshots: where they go.
        fence: of the lease under which they are put.
        domain: for this object alone.
        last: the last record that ``domain`` has taken in, and its event; None for an empty log.
        saved: the record of the newest snapshot, 0 for none.
        fresh: lines of ``domain``, which are put at the beginning.
    """

    def __init__(
        self,
        snapshots: Snapshots[D],
        fence: int,
        domain: D,
        last: tuple[int, Any],
        *,
        saved: int = 0,
        fresh: Sequence[bytes] | None = None,
    ) -> None:
        self.saved = saved
        """The record of the newest snapshot."""
        self.is_over = False
        """Whether it has given up; the log is still there."""
        self._snapshots, self._fence, self._domain = snapshots, fence, domain
        self._sequence, self._event = last
        self._fresh = fresh
        self._backlog: deque[tuple[Sequence[Any], int]] = deque()
        self._behind = 0
        self._has_news = asyncio.Event()
        self._rests_until_s = 0.0

    def take(self, events: Sequence[Any], last: int) -> None:
        """Note events that are on disk; ``last`` is the record of the last of them."""
        if self.is_over:
            return
        self._backlog.append((events, last))
        self._behind += len(events)
        if self._behind > MAX_SNAPSHOT_BACKLOG:
            self._give_up("too many events while one snapshot was written")
        elif self._behind >= APPLY_BATCH:
            self._has_news.set()

    async def run(self) -> None:
        """Write a snapshot whenever enough has happened, until cancelled or until it gives up. Raises :class:`FenceLost`."""
        loop = asyncio.get_running_loop()
        try:
            if self._fresh is not None:
                await self._put(self._fresh)
                self._fresh = None
            while not self.is_over:
                await self._has_news.wait()
                self._has_news.clear()
                await self._catch_up()
                is_due = self._sequence - self.saved >= self._snapshots.every and not self.is_over
                if is_due and loop.time() >= self._rests_until_s:
                    await self._write()
        except FenceLost:
            raise
        except Exception as error:  # whatever is wrong with this domain, the session goes on
            logger.exception("snapshot_failed", session=self._snapshots.session)
            self._give_up(str(error))

    async def finish(self) -> None:
        """Write a last snapshot, when it is worth it and :meth:`run` has ended. Raises as :meth:`Snapshots.put`."""
        if self.is_over or self._sequence + self._behind - self.saved < max(1, self._snapshots.every * CLOSING_SHARE):
            return
        try:
            await self._catch_up()
            await self._write()
        except SnapshotFailed as error:
            self._give_up(str(error))

    async def _catch_up(self) -> None:
        """Take in what is waiting now; what comes meanwhile can wait, or a steady flow would leave no time to write."""
        room = APPLY_BATCH
        for _ in range(len(self._backlog)):
            if not self._backlog:
                return  # given up meanwhile
            events, last = self._backlog.popleft()
            for event in events:
                self._domain.apply(event)
            self._sequence, self._event = last, events[-1]
            self._behind -= len(events)
            room -= len(events)
            if room <= 0:
                room = APPLY_BATCH
                await asyncio.sleep(0)

    async def _write(self) -> None:
        lines, work_s = await self._snapshots.write(self._domain)
        self._rests_until_s = asyncio.get_running_loop().time() + work_s / WORK_SHARE
        await self._put(lines)

    async def _put(self, lines: Sequence[bytes]) -> None:
        sequence = self._sequence
        try:
            await self._snapshots.put(self._fence, Snapshot(sequence, self._snapshots.mark_of(self._event), lines))
            self.saved = sequence
        except StoreUnavailable as error:
            logger.warning("snapshot_not_written", session=self._snapshots.session, record=sequence, reason=str(error))

    def _give_up(self, reason: str) -> None:
        logger.error("snapshots_ended", session=self._snapshots.session, record=self._sequence, reason=reason)
        self.is_over = True
        self._backlog.clear()
        self._behind = 0
        self._has_news.set()


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """Around work that makes thousands of objects and no garbage: a collection would walk all the millions that there are."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
