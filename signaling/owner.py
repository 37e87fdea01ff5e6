"""One session in one process: its state, the commands to it, and who owns it.

Theory
    Every process that serves a session has a :class:`SessionOwner` for it. Exactly one of them holds the session's
    lease and *decides* (:mod:`signaling.deciding`); the others *follow* the log and send commands to that one
    (:mod:`signaling.forwarding`). All hold the state in :attr:`SessionOwner.bridge`, which is what the log on disk adds
    up to: never more, so nobody is told what a crash could take back.

    When an append fails for good, or the lease is lost, the domain that was ahead is thrown away, every command in the
    queue fails with :class:`Unavailable`, and this process tries to get the lease again — under a new fence, so that
    whatever is still on its way under the old one is refused — and replays the log, from the newest snapshot on
    (:mod:`signaling.snapshots`). Every record is decoded and applied once; the further domains are copies of the first.

    =============  =================================================================================
    state          left when
    =============  =================================================================================
    ``seeking``    the lease was acquired → loading; another process has it → following
    ``following``  no other process holds the lease any more → loading; the store is away → seeking
    ``loading``    the log was replayed → deciding; the store is away or the lease lost → seeking
    ``deciding``   the store is away for long or the lease lost → seeking
    =============  =================================================================================
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal

import structlog

from config.limits import LOG_READ_CHUNK
from signaling.deciding import D, Deciding, DecidingParts, Domain
from signaling.forwarding import Accepted, Codec, Forwarder, Inbox, Unavailable, backoff
from signaling.snapshots import Keeper, SnapshotFailed, Snapshots, without_collection
from signaling.store import FenceLost, Record, RecordDamaged, SequenceMismatch, Store, StoreUnavailable

__all__ = ["Domain", "OwnerTiming", "SessionOwner", "Unavailable"]

logger: Final = structlog.get_logger("owner")

State = Literal["seeking", "following", "loading", "deciding", "closed"]

DRAIN_TIMEOUT_S: Final = 1.0
"""How long :meth:`SessionOwner.close` waits for the disk."""

LAST_SNAPSHOT_TIMEOUT_S: Final = 3.0
"""How long :meth:`SessionOwner.close` may take to write a snapshot. Its lease lasts that long without being renewed."""


@dataclass(frozen=True, slots=True)
class OwnerTiming:
    """Times of ownership; see ``[lease]`` in config/sample.toml."""

    lease_s: float = 5.0
    renew_s: float = 1.5
    submit_timeout_s: float = 3.0
    """A command is acknowledged or fails within this time."""
    retry_s: float = 0.5
    """How often a process that follows tries to get the lease."""


class SessionOwner(Generic[D]):
    """See the theory on top of this file. Call :meth:`start`, then :meth:`submit`; at the end :meth:`close`.

    Args:
        session: the session's id.
        store: shared by all sessions of the process.
        new_domain: makes the empty domain that a log is replayed into.
        process: this process's unique name, another one after each start.
        codec: commands and events to and from JSON.
        timing: see :class:`OwnerTiming`.
        plan_of: the forwarding plan that follows from the state; None writes none.
        reconcile: gives the command that is decided first after a take-over, and whenever :meth:`reconcile` is called.
        snapshots: where the state is kept, so that the log need not be replayed from its beginning; None keeps it nowhere.
        now_ms: wall time.
    """

    def __init__(
        self,
        session: str,
        store: Store,
        new_domain: Callable[[], D],
        *,
        process: str,
        codec: Codec,
        timing: OwnerTiming = OwnerTiming(),
        plan_of: Callable[[D], Mapping[str, Any]] | None = None,
        reconcile: Callable[[], Awaitable[Any]] | None = None,
        snapshots: Snapshots[D] | None = None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.session = session
        self.bridge: D = new_domain()
        """The state on disk. Read it; never call its ``handle``. It is another object after a reset."""
        self.sequence = 0
        """The log's record that :attr:`bridge` has last taken in."""
        self.state: State = "seeking"
        self._store, self._new_domain, self._process, self._codec, self._timing = store, new_domain, process, codec, timing
        self._reconcile = reconcile
        self._snapshots = snapshots
        self._keeper: Keeper[D] | None = None
        plan = (lambda: plan_of(self.bridge)) if plan_of is not None else None
        self._parts: DecidingParts[D] = DecidingParts(session, store, codec, timing.submit_timeout_s, self._apply, plan, now_ms)
        self._deciding: Deciding[D] | None = None
        self._listeners: list[Callable[[Sequence[Any]], None]] = []
        self._reset_listeners: list[Callable[[], None]] = []
        self._news = asyncio.Condition()
        self._forwarder = Forwarder(session, store, codec, process, now_ms)
        self._inbox = Inbox(session, store, codec, self._submit_here, now_ms)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_loaded = False

    @property
    def is_owner(self) -> bool:
        """Whether this process decides."""
        return self.state == "deciding" and self._deciding is not None and not self._deciding.is_over

    @property
    def is_ready(self) -> bool:
        """Whether commands can be given now, here or through the owner."""
        return self.is_owner or (self.state == "following" and self._is_loaded)

    async def start(self) -> None:
        """Begin to own or follow; returns at once. See :meth:`wait_ready`."""
        self._tasks = [
            asyncio.create_task(self._run(), name=f"owner-{self.session}"),
            asyncio.create_task(self._forwarder.run(), name=f"forward-{self.session}"),
            asyncio.create_task(self._inbox.run_replies(), name=f"replies-{self.session}"),
        ]

    async def wait_ready(self) -> None:
        """Return when :attr:`is_ready`. The caller sets the deadline."""
        await self._wait_until(lambda: self.is_ready)

    async def close(self) -> None:
        """Write what waits and a snapshot, give the lease back, stop."""
        deciding, keeper = self._deciding, self._keeper
        if deciding is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_TIMEOUT_S):
                    await deciding.wait_idle()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if keeper is not None:
            with contextlib.suppress(StoreUnavailable, FenceLost, TimeoutError):
                async with asyncio.timeout(LAST_SNAPSHOT_TIMEOUT_S):
                    await keeper.finish()
        if deciding is not None:
            with contextlib.suppress(StoreUnavailable):
                await self._store.release_lease(self.session, deciding.fence)
        await self._enter("closed")

    def listen(self, listener: Callable[[Sequence[Any]], None], on_reset: Callable[[], None] | None = None) -> Callable[[], None]:
        """Be told events once they are on disk and in :attr:`bridge`, before the command that caused them returns.

        Args:
            listener: called with one or more events, in order, also with those that other processes caused.
            on_reset: called when :attr:`bridge` was built from the log: once after the start (what happened before that is no
                news, so ``listener`` is not told it), and again should the log have lost records. Read all of it then.

        Returns:
            a function that ends the listening.
        """
        self._listeners.append(listener)
        if on_reset is not None:
            self._reset_listeners.append(on_reset)

        def stop() -> None:
            self._listeners.remove(listener)
            if on_reset is not None:
                self._reset_listeners.remove(on_reset)

        return stop

    async def submit(self, command: Any) -> list[Any]:
        """Have a command carried out by the owner, wherever that is, and return its events.

        When this returns, the events are on disk and :attr:`bridge` of this process has them.

        Raises:
            BridgeError: the domain refuses it.
            Unavailable: within ``submit_timeout_s`` it could not be recorded, or whether it was is not known.
        """
        if self.state == "closed":
            raise Unavailable("the session is closed in this process")
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._timing.submit_timeout_s
        try:
            async with asyncio.timeout_at(deadline_s):
                if not self.is_ready:
                    await self.wait_ready()
                if self.is_owner:
                    return list((await self._submit_here(command)).events)
                accepted = await self._forwarder.forward(command, max(0.05, deadline_s - loop.time() - 0.05))
                await self._wait_until(lambda: self.sequence >= accepted.last)
                return list(accepted.events)
        except TimeoutError:
            raise Unavailable("the session could not record the command in time") from None

    async def reconcile(self) -> None:
        """Decide the ``reconcile`` command, if this process decides; else do nothing.

        Raises:
            Unavailable: it could not be recorded.
            StoreUnavailable: what the command needs could not be read.
        """
        if self._reconcile is None or not self.is_owner:
            return
        command = await self._reconcile()
        if command is not None and self.is_owner:
            await self._submit_here(command)

    async def _submit_here(self, command: Any) -> Accepted:
        """Decide now, return when on disk. Nothing is awaited before the decision: order of calls is order of events."""
        if self._deciding is None or self._deciding.is_over:
            raise Unavailable("this process does not own the session")
        return await self._deciding.decide(command)

    # Roles ----------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        attempt = 0
        while True:
            try:
                fence = await self._store.acquire_lease(self.session, self._process, self._lease_ms)
                attempt = 0
                if fence is None:
                    await self._follow()
                else:
                    await self._own(fence)
                continue
            except StoreUnavailable as error:
                logger.warning("store_unavailable", session=self.session, reason=str(error))
            except FenceLost:
                logger.warning("lease_lost", session=self.session)
            except SequenceMismatch as error:
                logger.error("log_moved", session=self.session, expected=self.sequence, actual=error.actual)
            except Exception:
                logger.exception("session_failed", session=self.session)
            attempt += 1
            await self._enter("seeking")
            await asyncio.sleep(backoff(attempt))

    @property
    def _lease_ms(self) -> int:
        return int(self._timing.lease_s * 1000)

    async def _enter(self, state: State) -> None:
        if state != self.state:
            logger.info("session_state", session=self.session, state=state, record=self.sequence)
        self.state = state
        await self._notify()

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _wait_until(self, is_so: Callable[[], bool]) -> None:
        async with self._news:
            await self._news.wait_for(is_so)

    async def _follow(self) -> None:
        """Take in what another process decides, until it is time to look whether that one still lives."""
        if not self._is_loaded and self.sequence == 0:
            self.bridge, self.sequence, _ = await self._restored()
        loop = asyncio.get_running_loop()
        again_at_s = loop.time() + self._timing.retry_s
        while (remaining_s := again_at_s - loop.time()) > 0:
            records = await self._store.follow(self.session, self.sequence, max(1, int(remaining_s * 1000)))
            if records:
                self._take_in(records)
            elif await self._store.last_sequence(self.session) < self.sequence:
                await self._reset()
            if len(records) < LOG_READ_CHUNK:
                self._set_loaded()
                await self._enter("following")

    async def _own(self, fence: int) -> None:
        """Decide until the lease is lost or the store is away; both are raised."""
        await self._enter("loading")
        try:
            await _together(self._renew(fence, asyncio.get_running_loop().time()), self._decide(fence))
        finally:
            deciding, self._deciding, self._keeper = self._deciding, None, None
            self.state = "seeking"
            if deciding is not None:
                deciding.end("the session is being taken over")

    async def _decide(self, fence: int) -> None:
        ahead = await self._load(fence)
        command = await self._reconcile() if self._reconcile is not None else None
        deciding = self._deciding = Deciding(self._parts, fence, ahead, self.sequence)
        if command is not None:
            deciding.decide(command).add_done_callback(_forget_outcome)
        self._set_loaded()
        await self._enter("deciding")
        keeping = [self._keeper.run()] if self._keeper is not None else []
        await _together(deciding.write(), deciding.write_plans(), self._inbox.run(), *keeping)

    async def _renew(self, fence: int, acquired_at_s: float) -> None:
        """Keep the lease until it is lost: the store says so, or has not answered for as long as it lasts."""
        loop = asyncio.get_running_loop()
        ends_at_s = acquired_at_s + self._timing.lease_s
        pause_s = self._timing.renew_s
        while True:
            await asyncio.sleep(pause_s)
            started_at_s = loop.time()
            try:
                await self._store.renew_lease(self.session, fence, self._lease_ms)
                ends_at_s, pause_s = started_at_s + self._timing.lease_s, self._timing.renew_s
            except StoreUnavailable:
                if loop.time() >= ends_at_s:
                    raise FenceLost(self.session) from None
                pause_s = min(0.2, self._timing.renew_s)

    # Reading the log ------------------------------------------------------------------------------------------------

    async def _load(self, fence: int) -> D:
        """Replay the log into a new domain, bring :attr:`bridge` up to the same record, and begin to keep snapshots."""
        if self._snapshots is not None:
            try:
                return await self._load_and_copy(self._snapshots, fence)
            except SnapshotFailed as error:
                logger.error("snapshots_ended", session=self.session, record=self.sequence, reason=str(error))
                self._snapshots = None
        ahead, last = self._new_domain(), 0
        async for records in self._read(0):
            last = records[-1].sequence
            with without_collection():
                events = self._decoded(records)
                for event in events:
                    ahead.apply(event)
            self._take_in_rest(events, last)
        if last < self.sequence:
            await self._reset()
        return ahead

    async def _load_and_copy(self, snapshots: Snapshots[D], fence: int) -> D:
        ahead, saved, event = await self._restored()
        last = saved
        async for records in self._read(min(saved, self.sequence) if self._is_loaded else saved):
            end = records[-1].sequence
            with without_collection():
                events = self._decoded(records)
                for news in events[max(0, len(events) - (end - last)) :]:
                    ahead.apply(news)
                    event = news
            last = max(last, end)
            if self._is_loaded:
                self._take_in_rest(events, end)
        lines, _ = await snapshots.write(ahead)
        if not self._is_loaded:
            self.bridge, self.sequence = await snapshots.restore(lines), last
        elif last < self.sequence:
            await self._reset()
        is_due = last - saved >= snapshots.every
        kept = await snapshots.restore(lines)
        self._keeper = Keeper(snapshots, fence, kept, (last, event), saved=saved, fresh=lines if is_due else None)
        return ahead

    async def _restored(self) -> tuple[D, int, Any]:
        """Give a domain of the newest snapshot that belongs to the log, its record and that record's event; else an empty one."""
        snapshot = await self._snapshots.newest() if self._snapshots is not None else None
        if self._snapshots is not None and snapshot is not None:
            async for records in self._store.read(self.session, snapshot.sequence - 1):
                if records[0].sequence != snapshot.sequence:
                    break
                event = self._codec.decode_event(records[0].event)
                if self._snapshots.mark_of(event) != snapshot.mark:
                    break
                try:
                    return await self._snapshots.restore(snapshot.lines), snapshot.sequence, event
                except SnapshotFailed as error:
                    logger.warning("snapshot_damaged", session=self.session, reason=str(error))
                    return self._new_domain(), 0, None
            logger.warning("snapshot_of_another_log", session=self.session, record=snapshot.sequence)
        return self._new_domain(), 0, None

    async def _reset(self) -> None:
        """Build :attr:`bridge` anew: the log has lost records that it had."""
        logger.error("log_lost_records", session=self.session, had=self.sequence)
        domain, last, _ = await self._restored()
        async for records in self._read(last):
            for event in self._decoded(records):
                domain.apply(event)
            last = records[-1].sequence
        self.bridge, self.sequence = domain, last
        self._tell_reset()

    def _set_loaded(self) -> None:
        if not self._is_loaded:
            self._is_loaded = True
            self._tell_reset()

    def _tell_reset(self) -> None:
        for listener in list(self._reset_listeners):
            _call(listener)

    async def _read(self, last: int) -> AsyncIterator[Sequence[Record]]:
        async for records in self._store.read(self.session, last):
            for record in records:
                last += 1
                if record.sequence != last:
                    raise RecordDamaged(f"log of {self.session}: record {last} is missing")
            yield records
            await asyncio.sleep(0)  # others run between two chunks

    def _take_in(self, records: Sequence[Record]) -> None:
        if records:
            if records[-1].sequence != self.sequence + len(records):  # they grow, so this is a gap
                raise RecordDamaged(
                    f"log of {self.session}: a record between {self.sequence} and {records[-1].sequence} is missing"
                )
            self._apply(self._decoded(records), records[-1].sequence)

    def _take_in_rest(self, events: Sequence[Any], last: int) -> None:
        """Take in those events, the last of which is record ``last``, that :attr:`bridge` does not have yet."""
        if last > self.sequence:
            self._apply(events[-(last - self.sequence) :], last)

    def _decoded(self, records: Sequence[Record]) -> list[Any]:
        decode = self._codec.decode_event
        return [decode(record.event) for record in records]

    def _apply(self, events: Sequence[Any], last: int) -> None:
        for event in events:
            self.bridge.apply(event)
        self.sequence = last
        if self._keeper is not None:
            self._keeper.take(events, last)
        if self._is_loaded:
            for listener in list(self._listeners):
                _call(listener, events)


def _call(listener: Callable[..., None], *arguments: Any) -> None:
    try:
        listener(*arguments)
    except Exception:
        logger.exception("listener_failed")


def _forget_outcome(future: asyncio.Future[Accepted]) -> None:
    if not future.cancelled():
        future.exception()


async def _together(*works: Coroutine[Any, Any, None]) -> None:
    """Do all at once; the first failure ends the others and is raised, a lost lease before any other.

    Not an ``asyncio.TaskGroup``: until Python 3.13 that leaves the task in which it failed as one that is being cancelled, and in
    3.11.2, which Debian 12 has, every later ``asyncio.timeout`` that runs out in it then ends the task. The owner's goes on.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if failures:
        raise next((failure for failure in failures if isinstance(failure, FenceLost)), failures[0])
