"""Packets that viewers ask for again, paced over the whole node: never a burst in front of live sound. Pure; no clock.

A loss near the source is lost for thousands at once, and all of them ask within the same few milliseconds. What each may ask is
bounded by its viewer; here the sum is: so many in a tick, the others wait, and what would wait too long is dropped, for who
misses it asks again. The same number of the same leg asked for twice within a round trip is sent once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sfu.legs import Leg

TICK_S = 0.005
RESENDS_PER_TICK = 100
"""20,000 a second: 1.4 times what 1 % of 150 packets a second to 9,811 viewers is. At 6 µs each in the reference a tick's share
holds sound up by 0.6 ms, and a core is busy with it for an eighth of its time."""
QUEUE_MAX = 4_000
"""0.2 s of waiting. Who waits longer has asked again, or given up: libwebrtc asks every round trip."""
ROUND_TRIP_S = 0.1
"""Where a viewer's round trip is not known."""
ROUND_TRIP_MIN_S, ROUND_TRIP_MAX_S = 0.02, 0.5

Request = tuple[Leg, int]
"""A leg and a 16-bit sequence number."""


class PacedResends:
    """Call :meth:`ask` for every packet, then :meth:`run`, and again at :meth:`next_timeout`.

    Args:
        resend: repeats a packet of a leg; False when it is not there any more.
    """

    def __init__(
        self, resend: Callable[[Leg, int], bool], *, per_tick: int = RESENDS_PER_TICK, waiting_max: int = QUEUE_MAX
    ) -> None:
        self._resend, self._per_tick, self._waiting_max = resend, per_tick, waiting_max
        self._waiting: dict[Request, float] = {}
        """What waits, with the round trip within which it is not sent again."""
        self._sent: dict[Request, float] = {}
        """Until when what was sent is not sent again, oldest first."""
        self._tick_ends = float("-inf")
        self._left = per_tick
        self._counts = Counter[str]()

    @property
    def waiting(self) -> int:
        """Packets that wait for their tick."""
        return len(self._waiting)

    @property
    def remembered(self) -> int:
        """Packets that were sent and are not sent again yet."""
        return len(self._sent)

    def take_counts(self) -> Counter[str]:
        """What was done since the last call: ``resent``, ``resend_missed`` (not there any more), ``resend_merged``,
        ``resend_dropped`` (waited in vain)."""
        counts, self._counts = self._counts, Counter()
        return counts

    def ask(self, leg: Leg, sequence: int, rtt_ms: float | None, now: float) -> None:
        """Takes a wish. ``rtt_ms`` is the viewer's round trip, None where unknown."""
        request = (leg, sequence)
        if request in self._waiting or self._sent.get(request, now) > now:
            self._counts["resend_merged"] += 1
            return
        if len(self._waiting) >= self._waiting_max:
            del self._waiting[next(iter(self._waiting))]
            self._counts["resend_dropped"] += 1
        self._waiting[request] = ROUND_TRIP_S if rtt_ms is None else min(ROUND_TRIP_MAX_S, max(ROUND_TRIP_MIN_S, rtt_ms / 1000))

    def run(self, now: float) -> None:
        """Sends what this tick has room for, the longest waiting first."""
        if now >= self._tick_ends:
            self._tick_ends, self._left = now + TICK_S, self._per_tick
            self._forget(now)
        while self._waiting and self._left > 0:
            request = next(iter(self._waiting))
            round_trip_s = self._waiting.pop(request)
            self._left -= 1
            if self._resend(*request):
                self._counts["resent"] += 1
                self._sent.pop(request, None)
                self._sent[request] = now + round_trip_s
            else:
                self._counts["resend_missed"] += 1

    def next_timeout(self) -> float | None:
        """When :meth:`run` has something to do; None while nothing waits."""
        return self._tick_ends if self._waiting else None

    def _forget(self, now: float) -> None:
        """Lets go of what may be sent again. At most twice a tick's share a time, so that a tick never costs more; kept are
        at most those of the longest round trip, 10,000."""
        for _ in range(2 * self._per_tick):
            if not self._sent:
                return
            request = next(iter(self._sent))
            if self._sent[request] > now and len(self._sent) <= self._per_tick * int(ROUND_TRIP_MAX_S / TICK_S):
                return
            del self._sent[request]
