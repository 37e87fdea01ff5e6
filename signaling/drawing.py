"""Who may be drawn, and what is known of when they were last called: the part of a draw that the domain is told.

Candidates are the points of some units that the session is over: those *ready* (connected and in no call), those *live*
(connected), or all; of these, where indicators are asked for, the ones that fit. The seed is 128 random bits.

When a point was last called is what the session itself has on record, what the standing line was told of calls elsewhere, and
what every session that this process serves has on record: the newest of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.asking import outermost, points_asked
from bridge.bridge import Bridge
from bridge.draw_commands import DrawPoints
from bridge.errors import BridgeError
from bridge.points import PointState
from signaling.draw_messages import DrawPointsOrder

IDLE: Final = frozenset({PointState.READY, PointState.MISSED})

Fitting = Callable[[str, Sequence[str]], Iterable[str]]
"""Which of some points fit a condition on indicators, as it was typed; raises `BridgeError` for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a draw in a session is made from."""

    bridge: Bridge
    """The session's."""
    others: Iterable[Bridge]
    """Those of all sessions that this process serves."""
    new_seed: Callable[[], str]
    fitting: Fitting | None = None
    """None where no indicators are served."""

    def command_of(self, order: DrawPointsOrder, scope: Sequence[str], by: str) -> DrawPoints:
        """Give the command; raises `BridgeError` for units or conditions that there are not."""
        directory = self.bridge.directory
        for unit in order.units or ():
            directory.unit(unit)
        units = outermost(directory, scope if order.units is None else order.units)
        candidates = [point for point in points_asked(directory, units) if self._is_wanted(point, order.only)]
        if order.filter.strip():
            fits = frozenset(self._fitting(order.filter, candidates))
            candidates = [point for point in candidates if point in fits]
        times = [self._last_called(point) for point in candidates]
        words = "; ".join(part for part in (order.only, order.filter.strip()) if part)
        return DrawPoints(order.count, units, tuple(candidates), tuple(times), self.new_seed(), words, by)

    def _is_wanted(self, point: str, only: str) -> bool:
        if not self.bridge.state.covers(point):
            return False
        if only == "all":
            return True
        return self.bridge.point_state(point) in IDLE if only == "ready" else self.bridge.is_live(point)

    def _fitting(self, condition: str, candidates: Sequence[str]) -> Iterable[str]:
        if self.fitting is None:
            raise BridgeError(
                "filter_unavailable",
                "Máy chủ chưa có chỉ số để lọc. Hãy bỏ điều kiện rồi chọn lại.",
                "There are no indicators to filter by. Draw without the condition.",
                "user",
            )
        return self.fitting(condition, candidates)

    def _last_called(self, point: str) -> int:
        return max((other.state.last_called.get(point, 0) for other in self.others), default=0)
