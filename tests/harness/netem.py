"""A network of datagrams in virtual time: seeded loss, delay, reordering and duplication. Nothing sleeps, nothing is shared."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Datagram:
    """One datagram on its way."""

    data: bytes
    source: Address
    destination: Address


@dataclass(frozen=True, slots=True)
class Conditions:
    """What happens to a datagram. Jitter larger than the gap between datagrams reorders them."""

    delay_s: float = 0.02
    jitter_s: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0


@dataclass(slots=True)
class Network:
    """Deliveries are ordered by virtual time, then by the order of sending; equal seeds give equal histories."""

    seed: int
    conditions: Conditions = field(default_factory=Conditions)
    sent_bytes: dict[tuple[Address, Address], int] = field(default_factory=dict)
    lost: int = 0
    _random: random.Random = field(init=False)
    _queue: list[tuple[float, int, Datagram]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def send(self, data: bytes, source: Address, destination: Address, now: float) -> None:
        """Puts a datagram on its way; it may be lost or arrive twice."""
        path = source, destination
        self.sent_bytes[path] = self.sent_bytes.get(path, 0) + len(data)
        copies = 1 + (self._random.random() < self.conditions.duplication)
        for _ in range(copies):
            delay_s = self.conditions.delay_s + self._random.random() * self.conditions.jitter_s
            if self._random.random() < self.conditions.loss:
                self.lost += 1
                continue
            self._count += 1
            heapq.heappush(self._queue, (now + delay_s, self._count, Datagram(data, source, destination)))

    def next_delivery(self) -> float | None:
        """When the next datagram arrives."""
        return self._queue[0][0] if self._queue else None

    def deliver(self, now: float) -> list[Datagram]:
        """The datagrams that have arrived by now."""
        arrived = []
        while self._queue and self._queue[0][0] <= now:
            arrived.append(heapq.heappop(self._queue)[2])
        return arrived
