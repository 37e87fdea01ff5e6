"""How many points were connected at each moment, for a plot: a sum of steps up and down, as coarse as it has to be. Pure.

Every interval adds a step up where it begins and a step down where it ends. Moments are rounded to a grid that begins with a
second and becomes twice as wide whenever there are more than `MOMENTS_MAX` of them: a meeting of three hours is told by the
second, a year by the hours, and neither takes more memory.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

MOMENTS_MAX: Final = 8192
"""Moments that are kept: some 1 MB."""
FIRST_STEP_MS: Final = 1000


class LiveCurve:
    """Add intervals, then ask for :meth:`samples`.

    Args:
        has: whether a point is one of those that are counted.
    """

    def __init__(self, has: Callable[[str], bool]) -> None:
        self._has = has
        self._steps: Counter[int] = Counter()
        self.step_ms = FIRST_STEP_MS

    def add(self, point: str, start: int, end: int) -> None:
        """A point was connected from ``start`` up to ``end`` (milliseconds since the Unix epoch)."""
        if start >= end or not self._has(point):
            return
        for at, change in ((start, 1), (end, -1)):
            self._steps[at // self.step_ms * self.step_ms] += change
        if len(self._steps) > MOMENTS_MAX:
            self._widen()

    def _widen(self) -> None:
        while len(self._steps) > MOMENTS_MAX // 2:
            self.step_ms *= 2
            wider: Counter[int] = Counter()
            for at, change in self._steps.items():
                wider[at // self.step_ms * self.step_ms] += change
            self._steps = wider

    def samples(self, most: int = 600) -> list[tuple[int, int]]:
        """Moments with the number connected from then on; of more than ``most`` the highest of each stretch is kept.

        Moments at which nothing changed are left out; the last one is when the last point left, with what remains (0).
        """
        found: list[tuple[int, int]] = []
        live = 0
        for at in sorted(self._steps):
            if self._steps[at] != 0:
                live += self._steps[at]
                found.append((at, live))
        if len(found) <= most:
            return found
        width = -(-len(found) // (most - 1))
        kept = [max(found[start : start + width], key=lambda sample: sample[1]) for start in range(0, len(found) - 1, width)]
        return [*kept, found[-1]] if kept[-1] != found[-1] else kept
