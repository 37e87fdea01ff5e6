"""Whether somebody sits at the desk: what is concluded from faces that were found or not, and who is looked at next. Pure.

Theory of operation. A point is looked at once a minute (:class:`Round`), for a face. A face is the only thing that says that
somebody is there. No face means that the chair is empty only where nothing moves either: a person turned away or bent over the
desk has no face and is no empty chair, so with movement since the last look nothing is said. What is said carries a confidence in
percent (:func:`judged`): of a face it is how often one with such a score was one, of an empty chair it grows with each look that
finds nobody. Neither is more than that: a picture of a face on a wall is a face, and a face in a mask is often none.

It is a filter and a badge for those who choose whom to call. It is told to nobody else, and no record of a call knows of it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Final

FACE_SCORE: Final = 50
"""Of the finder's 0 to 100, from which on it is a face."""
PRESENT: Final = ((85, 95), (70, 90), (FACE_SCORE, 70))
"""From which score on, which confidence in percent: faces among what was found in pictures of which half had one, rounded down
(docs/stills.md)."""
EMPTY: Final = (60, 75, 85)
"""Confidence in percent after one, two and more looks in a row without a face and without movement."""
MAX_REPEATS: Final = 10
"""Looks in a row at a picture in which nothing moved, that repeat the last verdict without looking for a face."""
ROUND_SPARE: Final = 0.8
"""A round takes this much of its time, when nothing holds it up: the rest is for what does."""
MAX_GAP_S: Final = 0.02
SHARE: Final = 0.9
"""Of one core at most, whatever a look costs: the core is another than that of the stills."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What is known of one chair.

    Attributes:
        verdict: 0 not known, 1 to 100 somebody is there with that confidence, -1 to -100 nobody is.
        misses: looks in a row that found nobody.
        repeats: of these, the last ones without looking for a face.
    """

    verdict: int = 0
    misses: int = 0
    repeats: int = 0


UNKNOWN: Final = Seat()


def may_repeat(seat: Seat, *, has_moved: bool) -> bool:
    """Whether the last verdict holds without looking for a face: an empty chair in a picture in which nothing moved."""
    return seat.verdict < 0 and not has_moved and seat.repeats < MAX_REPEATS


def repeated(seat: Seat) -> Seat:
    """The chair after a look at a picture in which nothing moved."""
    return Seat(_empty(seat.misses + 1), seat.misses + 1, seat.repeats + 1)


def judged(seat: Seat, score: int, *, has_moved: bool) -> Seat:
    """The chair after a look for a face.

    Args:
        seat: before it.
        score: of the best face, 0 for none.
        has_moved: something in the picture is elsewhere than at the last look; also at the first.
    """
    if score >= FACE_SCORE:
        return Seat(next(confidence for least, confidence in PRESENT if score >= least))
    misses = seat.misses + 1
    if has_moved and seat != UNKNOWN:  # at the very first look there is nothing to compare with
        return Seat(0, misses)
    return Seat(_empty(misses), misses)


def _empty(misses: int) -> int:
    return -EMPTY[min(misses, len(EMPTY)) - 1]


class Round:
    """Who is looked at next, and when. ``now`` is monotonic seconds.

    Each point's turn comes ``every_s`` after its last one, a new one's at once. Turns are spread: at most so many a second that
    all are through in ``ROUND_SPARE`` of the time, and never more than ``SHARE`` of a core. When that, or pictures that wait,
    hold them up, the round takes longer; ``late`` counts the turns that came more than ``every_s`` late.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._due: list[tuple[float, int]] = []
        self._at: dict[int, float] = {}
        self._not_before = 0.0
        self.late = 0

    def __len__(self) -> int:
        return len(self._at)

    def add(self, point: int, now: float) -> None:
        """A point has a still; nothing happens when it is in the round already."""
        if point not in self._at:
            self._at[point] = now
            heapq.heappush(self._due, (now, point))

    def remove(self, point: int) -> None:
        """It has none any more."""
        self._at.pop(point, None)

    def next_s(self, now: float) -> float | None:
        """How long until somebody's turn; 0: now; None: nobody is in the round."""
        while self._due and self._at.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        if not self._due:
            return None
        return max(0.0, self._due[0][0] - now, self._not_before - now)

    def take(self, now: float) -> int:
        """Whose turn it is; call when :meth:`next_s` is 0."""
        due, point = heapq.heappop(self._due)
        self.late += now - due > self._every_s
        self._at[point] = now + self._every_s
        heapq.heappush(self._due, (self._at[point], point))
        return point

    def looked(self, began: float, now: float) -> None:
        """The look is over: when the next may begin."""
        gap_s = min(MAX_GAP_S, self._every_s * ROUND_SPARE / max(1, len(self._at)))
        self._not_before = max(began + gap_s, now + (now - began) * (1 / SHARE - 1))
