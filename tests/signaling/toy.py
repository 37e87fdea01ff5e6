"""A domain small enough to see through: sums, with a limit and an alarm. For tests of the session's owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.errors import BridgeError
from signaling.forwarding import CommandCodec
from signaling.owner import OwnerTiming, SessionOwner
from signaling.store import Json, Store

LIMIT = 100_000_000
FAST = OwnerTiming(lease_s=3.0, renew_s=0.5, submit_timeout_s=3.0, retry_s=0.05)


@dataclass(frozen=True, slots=True)
class Add:
    """Add ``count`` events of ``value``."""

    value: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class SetAlarm:
    """Add 1,000 at this time."""

    at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reconciliation would do."""

    by: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something was added, or the alarm set (``alarm``) or gone off (``rang``), or marked (``by``)."""

    at: int
    value: int = 0
    alarm: int | None = None
    rang: bool = False
    by: str = ""


class Sums:
    """The domain."""

    def __init__(self) -> None:
        self.total = 0
        self.values: list[int] = []
        self.marks: list[str] = []
        self.alarm: int | None = None
        self.rings = 0

    def handle(self, command: Any, now: int) -> Sequence[Event]:
        match command:
            case Add(value=value) if value < 0 or self.total + value * command.count > LIMIT:
                raise BridgeError("bad_value", "Số không hợp lệ.", "The value is not valid.", "user")
            case Add(value=value, count=count):
                events = [Event(now, value)] * count
            case SetAlarm(at=at):
                events = [Event(now, alarm=at)]
            case Mark(by=by):
                events = [Event(now, by=by)]
            case _:
                raise TypeError(command)
        for event in events:
            self.apply(event)
        return events

    def apply(self, event: Event) -> None:
        self.total += event.value
        if event.value:
            self.values.append(event.value)
        if event.by:
            self.marks.append(event.by)
        if event.alarm is not None:
            self.alarm = event.alarm
        if event.rang:
            self.alarm = None
            self.rings += 1

    def handle_timeout(self, now: int) -> Sequence[Event]:
        if self.alarm is None or now < self.alarm:
            return []
        event = Event(now, 1000, rang=True)
        self.apply(event)
        return [event]

    def next_timeout(self) -> int | None:
        return self.alarm


class ToyCodec(CommandCodec):
    """Events as they are."""

    def __init__(self) -> None:
        super().__init__([Add, SetAlarm, Mark])

    def encode_event(self, event: Any) -> Json:
        return {"at": event.at, "value": event.value, "alarm": event.alarm, "rang": event.rang, "by": event.by}

    def decode_event(self, stored: Json) -> Any:
        return Event(**stored)


def plan_of(sums: Sums) -> Mapping[str, Any]:
    """A plan that changes with every 100."""
    return {"version": sums.total // 100}


def make_owner(store: Store, process: str, **changes: Any) -> SessionOwner[Sums]:
    """An owner of the session "main" with fast times; not started."""
    arguments: dict[str, Any] = {"process": process, "codec": ToyCodec(), "timing": FAST, "plan_of": plan_of} | changes
    return SessionOwner("main", store, Sums, **arguments)


async def started(store: Store, process: str, **changes: Any) -> SessionOwner[Sums]:
    """An owner that is ready."""
    owner = make_owner(store, process, **changes)
    await owner.start()
    async with asyncio.timeout(10):
        await owner.wait_ready()
    return owner


class Heard:
    """What a listener was told, and a way to wait for it."""

    def __init__(self, owner: SessionOwner[Sums]) -> None:
        self.values: list[int] = []
        self.batches: list[int] = []
        self.resets = 0
        self._changed = asyncio.Event()
        self.stop = owner.listen(self._hear, self._reset)

    def _hear(self, events: Sequence[Event]) -> None:
        self.values += [event.value for event in events]
        self.batches.append(len(events))
        self._changed.set()

    def _reset(self) -> None:
        self.resets += 1
        self._changed.set()

    async def until(self, is_so: Callable[[], bool], within_s: float = 10.0) -> None:
        """Wait for news until they are enough."""
        async with asyncio.timeout(within_s):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()
