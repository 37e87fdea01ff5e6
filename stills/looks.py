"""Whether a picture is black, covered or frozen: thresholds, and the memory that keeps a badge from flickering. Pure.

What is measured of a still is measured on its quarter (80 × 45, grey; :mod:`stills.pictures`), where a camera's noise is down to
a quarter of itself, and 16 pixels decide together. The thresholds come from pictures of five kinds, each with noise of 0.5 to 8
grey levels and compressed as a page does it (quality 60); the figures below are what was measured (docs/stills.md):

black
    mean below 16 and hardly any spread. A cap over the lens gives a mean of 0 to 11 and a spread of at most 1, a room at an
    eighth of its light a mean of 2 to 23 and a spread of 1 to 14.
covered
    not black, and no detail anywhere. Detail is the share of pixels that differ from what lies around them by more than 5 grey
    levels (Laplacian of the lightly blurred picture). A hand, a tape or a shutter before the lens has none, whatever its
    shading; of rooms with a person in them 98 % had it in 2 % of their pixels or more, of those far out of focus three quarters.
frozen
    the same picture three times in a row, twenty seconds apart at least. The mean difference of two stills of one camera is at
    least 0.08 grey levels at the smallest noise that was tried (0.5 levels, which no camera in a room has), of one and the same
    picture 0.

A badge comes with the second still in a row that asks for it (frozen: the third picture alike) and goes with the first that is
clearly another: the thresholds to leave are wider than those to enter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BLACK: Final = 1
FROZEN: Final = 2
COVERED: Final = 4

BLACK_MEAN: Final = 16.0
BLACK_SPREAD: Final = 3.0
BLACK_LEAVE_MEAN: Final = 22.0
BLACK_LEAVE_SPREAD: Final = 5.0
DETAIL_STEP: Final = 5
"""Grey levels that a pixel differs from its surroundings, to count as detail."""
COVERED_DETAIL: Final = 0.012
COVERED_LEAVE_DETAIL: Final = 0.025
FROZEN_CHANGE: Final = 0.005
"""Mean grey levels between one still and the next."""
TIMES_SEEN: Final = 2
"""Stills in a row that ask for a badge, before it comes; for frozen, differences."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was measured of a still.

    Attributes:
        mean: of its grey levels, 0 to 255.
        spread: their standard deviation.
        detail: the share of pixels with detail, 0 to 1.
        change: mean difference to the still before, in grey levels; None when there was none.
    """

    mean: float
    spread: float
    detail: float
    change: float | None


class Watch:
    """What is remembered of one point's pictures; :meth:`receive` each still in order."""

    __slots__ = ("_black", "_covered", "_frozen", "flags")

    def __init__(self) -> None:
        self.flags = 0
        """``BLACK``, ``FROZEN`` and ``COVERED`` as they hold now."""
        self._black = self._covered = self._frozen = 0

    def receive(self, look: Look) -> int:
        """Take the next still; gives the flags that hold now."""
        is_black = self.flags & BLACK
        mean, spread = (BLACK_LEAVE_MEAN, BLACK_LEAVE_SPREAD) if is_black else (BLACK_MEAN, BLACK_SPREAD)
        asks_black = look.mean < mean and look.spread < spread
        detail = COVERED_LEAVE_DETAIL if self.flags & COVERED else COVERED_DETAIL
        asks_covered = not asks_black and look.detail < detail
        # A black picture has no noise in it: that it does not change says nothing of the camera.
        asks_frozen = not asks_black and look.change is not None and look.change < FROZEN_CHANGE
        self._black = self._black + 1 if asks_black else 0
        self._covered = self._covered + 1 if asks_covered else 0
        self._frozen = self._frozen + 1 if asks_frozen else 0
        self.flags = (
            (BLACK if self._black >= TIMES_SEEN else 0)
            | (COVERED if self._covered >= TIMES_SEEN else 0)
            | (FROZEN if self._frozen >= TIMES_SEEN else 0)
        )
        return self.flags
