"""The half of a session's owner that decides: the domain ahead of the disk, group commit, the domain's timer.

A :class:`Deciding` lives as long as one fence. Commands are decided at once on a domain that is ahead of the log; their
events wait in a bounded queue; all that gather while one append is in flight go together in the next, up to 500 events.
What is on disk is handed to ``on_durable``, in order, before the commands are acknowledged.

An append is sent again, unchanged, until the store answers or the first of its commands is out of time; but even when that grew
old in the queue, the store gets the time to answer once. It cannot be written twice: it names the record that it goes after, and
nobody else can write under this fence.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog

from config.limits import MAX_APPEND_RECORDS, MAX_PENDING_SUBMITS
from signaling.forwarding import Accepted, Codec, Unavailable, backoff
from signaling.store import FenceLost, SequenceMismatch, Store, StoreUnavailable

logger: Final = structlog.get_logger("owner")

LEAST_APPEND_SHARE: Final = 0.7
"""What an append has at least, as a share of ``submit_timeout_s``: 2.1 s of 3, a whole answer time of the store. Its commands may
have grown old behind a busy loop; to take that for a store that is away would throw away all that waits behind them."""

CLOCK_STEP_BACK_S: Final = 0.01
"""When the domain's timer had nothing to do, because the wall clock went back: look again after this."""


class Domain(Protocol):
    """What is needed of :class:`bridge.bridge.Bridge`. Times are integer milliseconds since the epoch."""

    def handle(self, command: Any, now: int) -> Sequence[Any]:
        """Decide and apply; raises ``BridgeError`` on refusal and changes nothing then."""
        ...

    def apply(self, event: Any) -> None:
        """Apply an event that was decided before."""
        ...

    def handle_timeout(self, now: int) -> Sequence[Any]:
        """Decide and apply what follows from the time alone."""
        ...

    def next_timeout(self) -> int | None:
        """When :meth:`handle_timeout` wants to be called."""
        ...


D = TypeVar("D", bound=Domain)


@dataclass(slots=True)
class _Pending:
    events: Sequence[Any]
    acknowledged: asyncio.Future[Accepted] | None
    deadline_s: float


@dataclass(frozen=True, slots=True)
class DecidingParts(Generic[D]):
    """What a :class:`Deciding` needs of its owner.

    Attributes:
        session: the session's id.
        store: where the log is.
        codec: events to JSON.
        submit_timeout_s: a command is acknowledged or fails within this time.
        on_durable: takes events that are on disk and the number of their last record.
        plan: the forwarding plan that follows from what is on disk; None writes none.
        now_ms: wall time.
    """

    session: str
    store: Store
    codec: Codec
    submit_timeout_s: float
    on_durable: Callable[[Sequence[Any], int], None]
    plan: Callable[[], Mapping[str, Any]] | None
    now_ms: Callable[[], int]


class Deciding(Generic[D]):
    """Call :meth:`submit` at will while :meth:`write` and :meth:`write_plans` run; at the end :meth:`end`.

    Args:
        parts: see :class:`DecidingParts`.
        fence: of the lease that was acquired.
        ahead: a domain that has replayed the whole log, for this object alone.
        last: the log's last record.
    """

    def __init__(self, parts: DecidingParts[D], fence: int, ahead: D, last: int) -> None:
        self.fence = fence
        self.last = last
        self.is_over = False
        """Whether nothing can be written any more, so that nothing may be decided either."""
        self._parts, self._ahead = parts, ahead
        self._queue: deque[_Pending] = deque()
        self._has_queue = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._has_new_plan = asyncio.Event()
        self._has_new_plan.set()
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def decide(self, command: Any) -> asyncio.Future[Accepted]:
        """Decide now; the future is done when the events are on disk, or fails with :class:`Unavailable`.

        Raises:
            BridgeError: the domain refuses.
            Unavailable: too many commands wait already.
        """
        if len(self._queue) >= MAX_PENDING_SUBMITS:
            raise Unavailable("too many commands wait for the disk")
        events = self._ahead.handle(command, self._parts.now_ms())
        acknowledged: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._enqueue(events, acknowledged)
        self._arm()
        return acknowledged

    async def wait_idle(self) -> None:
        """Return when nothing waits for the disk."""
        await self._is_idle.wait()

    def end(self, reason: str) -> None:
        """Stop the timer and fail what waits."""
        self.is_over = True
        if self._timer is not None:
            self._timer.cancel()
        _fail(self._queue, reason)

    async def write(self) -> None:
        """Append what waits, until cancelled.

        Raises:
            FenceLost, StoreUnavailable, SequenceMismatch: the log cannot be written any more by this object.
        """
        batch: list[_Pending] = []
        try:
            while True:
                await self._has_queue.wait()
                batch = _take_batch(self._queue)
                if not self._queue:
                    self._has_queue.clear()
                await self._write_batch(batch)
                if not self._queue:
                    self._is_idle.set()
        finally:
            self.is_over = True
            _fail(batch, "the session could not record the command")

    async def write_plans(self) -> None:
        """Write the forwarding plan at the start and whenever it changes, until cancelled. Raises :class:`FenceLost`."""
        if self._parts.plan is None:
            return
        written: Mapping[str, Any] | None = None
        attempt = 0
        while True:
            await self._has_new_plan.wait()
            self._has_new_plan.clear()
            plan = self._parts.plan()
            if plan == written:
                continue
            try:
                await self._parts.store.write_plan(self._parts.session, self.fence, plan)
                written, attempt = plan, 0
            except StoreUnavailable:
                attempt += 1
                self._has_new_plan.set()
                await asyncio.sleep(backoff(attempt))

    # The timer ------------------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """One timer, for the earliest deadline of the domain."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline_ms := self._ahead.next_timeout()) is not None:
            delay_s = max(0, deadline_ms - self._parts.now_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        events = self._ahead.handle_timeout(self._parts.now_ms())
        if events:
            self._enqueue(events, None)
            self._arm()
        else:
            self._timer = asyncio.get_running_loop().call_later(CLOCK_STEP_BACK_S, self._arm)

    # Writing --------------------------------------------------------------------------------------------------------

    def _enqueue(self, events: Sequence[Any], acknowledged: asyncio.Future[Accepted] | None) -> None:
        deadline_s = asyncio.get_running_loop().time() + self._parts.submit_timeout_s
        self._queue.append(_Pending(events, acknowledged, deadline_s))
        self._is_idle.clear()
        self._has_queue.set()

    async def _write_batch(self, batch: list[_Pending]) -> None:
        """Append the batch, hand it on, acknowledge it. A batch without events acknowledges what was on disk before."""
        events = [event for pending in batch for event in pending.events]
        lost: FenceLost | None = None
        if events:
            try:
                now_s = asyncio.get_running_loop().time()
                self.last = await self._append(
                    events,
                    max(now_s + LEAST_APPEND_SHARE * self._parts.submit_timeout_s, min(pending.deadline_s for pending in batch)),
                )
            except FenceLost as error:
                if not error.has_landed:
                    raise
                self.last, lost = self.last + len(events), error
            self._parts.on_durable(events, self.last)
            self._has_new_plan.set()
        for pending in batch:
            if pending.acknowledged is not None and not pending.acknowledged.done():
                pending.acknowledged.set_result(Accepted(pending.events, self.last))
        batch.clear()
        if lost is not None:
            raise lost

    async def _append(self, events: Sequence[Any], deadline_s: float) -> int:
        """Append the events once, whatever happens to questions and answers on the way; returns the last record."""
        session, store = self._parts.session, self._parts.store
        encoded = [self._parts.codec.encode_event(event) for event in events]
        landed = self.last + len(encoded)
        attempt = 0
        while True:
            try:
                async with asyncio.timeout_at(deadline_s):
                    return await store.append(session, self.fence, self.last, encoded)
            except (StoreUnavailable, TimeoutError) as error:
                attempt += 1
                pause_s = backoff(attempt)
                if asyncio.get_running_loop().time() + pause_s >= deadline_s:
                    raise StoreUnavailable(f"append: {error or 'no answer in time'}") from error
                await asyncio.sleep(pause_s)
            except SequenceMismatch as error:
                if attempt and error.actual == landed:
                    logger.info("append_had_arrived", session=session, record=landed)
                    return landed
                raise
            except FenceLost as error:
                if attempt and await self._has_landed():
                    error.has_landed = True
                raise

    async def _has_landed(self) -> bool:
        """Whether the record behind ``last`` was written under this fence. Final, since the fence is lost."""
        async for records in self._parts.store.read(self._parts.session, self.last):
            return records[0].fence == self.fence
        return False


def _take_batch(queue: deque[_Pending]) -> list[_Pending]:
    """At least one, and as many more as fit into one append."""
    batch = [queue.popleft()]
    size = len(batch[0].events)
    while queue and size + len(queue[0].events) <= MAX_APPEND_RECORDS:
        batch.append(queue.popleft())
        size += len(batch[-1].events)
    return batch


def _fail(pendings: list[_Pending] | deque[_Pending], reason: str) -> None:
    for pending in pendings:
        if pending.acknowledged is not None and not pending.acknowledged.done():
            pending.acknowledged.set_exception(Unavailable(reason))
    pendings.clear()
