"""Token buckets: how much of something one address, and everybody together, may do.

Theory of operation. A bucket holds up to ``burst`` tokens and gains ``rate_per_s`` a second. :meth:`Bucket.take` spends
one and says ``0.0``, or says in how many seconds the next one is there; the caller refuses with ``Retry-After`` and does
no other work, and :meth:`Bucket.return_s` gives each that is refused a later time. A :class:`KeyedBuckets` keeps one bucket
a key (an address) in a table of bounded size: a full bucket carries no information, so those are forgotten first, then the
one used longest ago. Forgetting a bucket can only be generous to one address, never to all together, since the global
bucket stands behind. No clock here: ``now`` is monotonic seconds.
"""

from __future__ import annotations

from collections import OrderedDict

from signaling.return_times import ReturnTimes


class Bucket:
    """One token bucket, full at the start."""

    __slots__ = ("_at", "_level", "_return_times", "burst", "rate_per_s")

    def __init__(self, rate_per_s: float, burst: float, now: float) -> None:
        if rate_per_s <= 0 or burst < 1:
            raise ValueError("a bucket needs a positive rate and room for one token")
        self.rate_per_s = rate_per_s
        self.burst = burst
        self._level = float(burst)
        self._at = now
        self._return_times: ReturnTimes | None = None

    def _refill(self, now: float) -> None:
        if now > self._at:
            self._level = min(self.burst, self._level + (now - self._at) * self.rate_per_s)
            self._at = now

    def wait_s(self, now: float) -> float:
        """Seconds until a token is there; 0.0 when one is there now. Spends nothing."""
        self._refill(now)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / self.rate_per_s

    def take(self, now: float) -> float:
        """Spend one token and return 0.0, or spend nothing and return the seconds to wait."""
        wait = self.wait_s(now)
        if wait == 0.0:
            self._level -= 1.0
        return wait

    def return_s(self, now: float, luck: float, least_s: float = 0.0) -> float:
        """In how many seconds one that is refused now shall come back: see :mod:`signaling.return_times`."""
        if self._return_times is None:  # most buckets never refuse anybody
            self._return_times = ReturnTimes(self.rate_per_s)
        return self._return_times.next(now, max(least_s, self.wait_s(now)), luck)

    def put_back(self) -> None:
        """Return a token that was taken and not used."""
        self._level = min(self.burst, self._level + 1.0)

    def is_full(self, now: float) -> bool:
        """Whether the bucket tells no more than a new one would."""
        self._refill(now)
        return self._level >= self.burst


class KeyedBuckets:
    """A bucket a key, in a table that never holds more than ``max_keys``.

    ``forgotten`` counts the buckets that were dropped while they still held something back.
    """

    def __init__(self, rate_per_s: float, burst: float, max_keys: int = 20_000) -> None:
        if max_keys < 1:
            raise ValueError("max_keys must be at least 1")
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._max_keys = max_keys
        self._table: OrderedDict[str, Bucket] = OrderedDict()
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._table)

    def wait_s(self, key: str, now: float) -> float:
        """Seconds until this key has a token; makes no entry."""
        bucket = self._table.get(key)
        return 0.0 if bucket is None else bucket.wait_s(now)

    def take(self, key: str, now: float) -> float:
        """Spend one of this key's tokens and return 0.0, or return the seconds to wait."""
        bucket = self._table.get(key)
        if bucket is None:
            self._make_room(now)
            bucket = self._table[key] = Bucket(self._rate_per_s, self._burst, now)
        else:
            self._table.move_to_end(key)
        return bucket.take(now)

    def return_s(self, key: str, now: float, luck: float) -> float:
        """In how many seconds one of this key that is refused now shall come back; makes no entry."""
        bucket = self._table.get(key)
        return 0.0 if bucket is None else bucket.return_s(now, luck)

    def put_back(self, key: str) -> None:
        """Return a token that this key took and did not use."""
        bucket = self._table.get(key)
        if bucket is not None:
            bucket.put_back()

    def _make_room(self, now: float) -> None:
        """Drop from the end that was used longest ago: one when it is in use, every full one that stands there otherwise."""
        while len(self._table) >= self._max_keys:
            _, bucket = self._table.popitem(last=False)
            if not bucket.is_full(now):
                self.forgotten += 1
