"""When those who are refused shall come back: each at a place of its own, so that they do not come back together.

Theory of operation. Who is refused is told to come back when it will be its turn: the k-th refused in a row is given the k-th
place from now, the places as far apart as the door lets people in. A country that arrives within a second is so spread over the
time that letting it in takes anyway, and is refused once each instead of every second. A tenth of the door stays free for those
who come unannounced. Nobody has a claim to a place: no state is kept of who was given which, and who comes back too early or is
unlucky is given another.

The row ends ``MOST_S`` from now. Whoever is refused beyond it is spread over the last half of that time: a flood of refused
tries cannot send honest ones away for longer.
"""

from __future__ import annotations

import math
from typing import Final

SHARE: Final = 0.9
"""Places a second, in parts of what the door lets in a second."""

MOST_S: Final = 60.0
"""The end of the row. At 400 joins a second (360 places) that is 21,600 refused, all points of the country twice over."""

JITTER_S: Final = 0.5
"""Each place is moved by up to this: two doors that were opened at the same moment do not call in step."""


class ReturnTimes:
    """The row of one door. ``rate_per_s`` is how many it lets in a second."""

    __slots__ = ("_last_s", "_step_s")

    def __init__(self, rate_per_s: float) -> None:
        self._step_s = 1.0 / (rate_per_s * SHARE)
        self._last_s = -math.inf

    def next(self, now: float, least_s: float, luck: float) -> float:
        """Seconds from ``now`` after which the next refused one shall come back.

        Args:
            now: monotonic seconds.
            least_s: not before so many seconds: the door is known to be closed until then.
            luck: 0 ≤ luck < 1, random.
        """
        place_s = max(now + least_s, self._last_s + self._step_s)
        wait_s = place_s - now
        if wait_s > MOST_S:
            return max(least_s, MOST_S * (0.5 + 0.5 * luck))
        self._last_s = place_s
        return wait_s + luck * JITTER_S
