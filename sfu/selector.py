"""How much picture a viewer's line carries: a choice by loss and round-trip time, from its own reports. Pure; no clock.

A level is a place among a feed's layers, or no picture at all. One selector belongs to one viewer, for its line is one,
whatever its slots show. It goes down fast and up slowly:

* *Bad* is a report whose loss, and the running mean of it, is above the level's limit, or whose round trip is longer than the
  shortest of late by :data:`QUEUE_MS`: packets wait in a queue that did not exist before. Two bad reports in a row are one
  step down, or as many as it takes until a layer's bits are no more than those that came through. A queue alone never
  takes the last picture: it may be a machine that is too slow, and sound over it is still talk. A fall with a queue, or with
  more than :data:`THIN` lost, is no accident: the line is *thin*, and so it is after a try that failed.
* *Clean* is a report whose loss would be comfortable one level higher (half of that level's limit) and whose round trip is short.
  When all reports of a while were clean, the next higher level is tried. If that try ends within :data:`PROBE_S`, it goes back to
  where it came from, and the next try waits twice as long, up to :data:`UP_WAIT_MAX_S`; a level that held sets the wait back.
  One report of more than :data:`SPOILT` times the limit ends a try at once: what does not fit takes the sound's room too.
  On a thin line a try is first a *wish*, where somebody can find out whether the line would carry it (:mod:`sfu.thin_line`):
  see :attr:`Selector.wish`. Where nobody can, it waits :data:`FALLEN_WAIT_S`.

After every change reports say nothing else for :data:`SETTLE_S`: they still speak of what was sent before.

Why a limit for each level. A lost packet costs its frame a round trip for the repair (there is no forward error correction), and
a frame is late as soon as *one* of its n packets is lost: 1 - (1 - p)^n. At 25 frames a second the top layer (1.5 Mb/s) has
some 7 packets a frame, the middle one (0.5 Mb/s) 2 or 3, the lowest (0.11 Mb/s) 1. A tenth of the repairs is lost again at
10 % loss. So at 8 % loss 44 % of the frames of the top layer wait for a repair, at 9 % a fifth of the middle layer's, at 30 %
a third of the lowest's, which is where a picture is worth less than the packets of sound it displaces. A repair that comes in
time hides its loss from the report: a line that loses 15 % each way often tells of 9 to 12.
Below 8 % a line that only loses is left alone: a lower layer does not lose less, and 10 % is where draft-ietf-rmcat-gcc-02
section 6 begins to reduce.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum


class Level(IntEnum):
    """What of the pictures is sent: the best layer, the middle one, the lowest one, or only sound. Higher numbers are less."""

    FULL = 0
    HALF = 1
    QUARTER = 2
    SOUND = 3


LOSS_LIMITS: Mapping[Level, float] = {Level.FULL: 0.08, Level.HALF: 0.09, Level.QUARTER: 0.30}
"""Share of packets that may be lost at a level; the lowest layer that a feed has, has the limit of ``QUARTER``."""
NOMINAL_BPS: Mapping[Level, int] = {Level.FULL: 1_500_000, Level.HALF: 500_000, Level.QUARTER: 110_000}
"""What the layers of the center's page have at most: enough to tell how far down a line goes that is much too thin."""
MEAN_OF = 3.0
"""The running mean goes a third of the way to each report: the lowest layer is some 25 packets a second, of which 15 % loss takes
6 and more in every eighth report."""
QUEUE_MS = 250.0
"""A round trip longer than the shortest of late by so much is a queue: sound over it is still talk; a second would not be."""
BASE_RISES_MS_PER_S = 1.0
"""The shortest round trip known is believed a little less every second, so that a changed route is not a queue for ever."""
BAD_REPORTS = 2
"""Reports come every second; one burst of losses is in one report, sometimes in two, a line that is too thin in all."""
SETTLE_S = 2.0
"""A key frame (asked for at most once a second), a round trip, and the report that spans the change."""
UP_WAIT_S = 6.0
UP_WAIT_MAX_S = 120.0
WISH_WAIT_MAX_S = 60.0
"""To find out costs a line less than to try."""
THIN = 0.5
"""Less than half of what was sent came through."""
FALLEN_WAIT_S = 24.0
"""As long as after two tries that failed."""
SPOILT = 2.0
"""A key frame's burst may cost some of a report's packets; a layer that is twice too much costs half of them."""
PROBE_S = 10.0
"""A step up that is taken back within this time was a failed try: two bad reports after settling, and the like again."""


class Selector:
    """Give every report to :meth:`receive_quality`, then read :attr:`level`."""

    __slots__ = (
        "_bad",
        "_base_at",
        "_base_ms",
        "_clean_since",
        "_fallen_to",
        "_mean",
        "_raised_at",
        "_raised_from",
        "_settles_at",
        "_up_wait_s",
        "level",
        "may_wish",
        "wish",
    )

    def __init__(self) -> None:
        self.level = Level.FULL
        self._bad = 0
        self._mean: float | None = None
        self._base_ms: float | None = None
        self._base_at = 0.0
        self._clean_since: float | None = None
        self._raised_at: float | None = None
        self._raised_from = Level.FULL
        self._fallen_to: Level | None = None
        self._settles_at = float("-inf")
        self._up_wait_s = UP_WAIT_S
        self.may_wish = False
        """Whether a wish will be answered."""
        self.wish: Level | None = None
        """What a thin line should be tried with: answer by :meth:`grant` or :meth:`refuse`, and give no report before."""

    @property
    def is_thin(self) -> bool:
        """Whether more was sent of late than the line carries, rather than that it loses this and that."""
        return self._fallen_to is not None

    @property
    def base_ms(self) -> float | None:
        """The shortest round trip of late, None where none is known."""
        return self._base_ms

    def grant(self, now: float) -> bool:
        """Tries what was wished for; True when :attr:`level` is another now."""
        wish, self.wish = self.wish, None
        if wish is None or wish >= self.level:
            return False
        self._raised_at, self._raised_from = now, self.level
        self._up_wait_s = UP_WAIT_S
        return self._change(wish, now)

    def refuse(self) -> None:
        """Leaves a wish unfulfilled: the next one waits twice as long."""
        self.wish = self._clean_since = None
        self._up_wait_s = min(WISH_WAIT_MAX_S, self._up_wait_s * 2)

    @property
    def is_watching(self) -> bool:
        """Whether good reports matter too: after a bad one, and below the best level. Else only bad ones change anything."""
        return self.level is not Level.FULL or self._bad > 0 or self._raised_at is not None

    def receive_quality(self, lost: float, rtt_ms: float | None, now: float, levels: Sequence[Level]) -> bool:
        """Takes a report; True when :attr:`level` is another now.

        Args:
            lost: share of packets lost since the report before, 0 to 1.
            rtt_ms: round-trip time; None where unknown.
            now: monotonic seconds.
            levels: the pictures that can be chosen now, best first; one for a feed without layers. None are like one.
        """
        has_queue = self._note_round_trip(rtt_ms, now)
        if now < self._settles_at:
            return self._raised_at is not None and self._end_spoilt_try(lost, now, levels)
        mean = self._mean = lost if self._mean is None else self._mean + (lost - self._mean) / MEAN_OF
        chosen = self.level if self.level is Level.SOUND else nearest(self.level, levels)
        if (has_queue and chosen is not Level.SOUND) or (chosen is not Level.SOUND and min(lost, mean) > limit(chosen, levels)):
            return self._receive_bad(chosen, lost, now, levels, has_queue=has_queue)
        self._bad = 0
        if self._raised_at is not None and now - self._raised_at >= max(PROBE_S, self._up_wait_s):
            self._up_wait_s, self._raised_at = UP_WAIT_S, None
            if self._fallen_to is not None and chosen < self._fallen_to:
                self._fallen_to = chosen if self.may_wish else None
        better = _above(chosen, levels)
        if better is None:
            self._clean_since = None
            is_raised = chosen < self.level
            self.level = min(self.level, chosen)
            return is_raised
        if min(lost, mean) > limit(better, levels) / 2:
            self._clean_since = None
        elif self._clean_since is None:
            self._clean_since = now
        elif now - self._clean_since >= self._wait_s(better):
            if self.may_wish and self._is_thin_for(better):
                self.wish = better
                return False
            self._raised_at, self._raised_from = now, chosen
            return self._change(better, now)
        return False

    def _note_round_trip(self, rtt_ms: float | None, now: float) -> bool:
        """Keeps the shortest round trip of late; whether this one is much longer."""
        if rtt_ms is None:
            return False
        if self._base_ms is not None:
            self._base_ms += (now - self._base_at) * BASE_RISES_MS_PER_S
        self._base_ms = rtt_ms if self._base_ms is None else min(self._base_ms, rtt_ms)
        self._base_at = now
        return rtt_ms > self._base_ms + QUEUE_MS

    def _end_spoilt_try(self, lost: float, now: float, levels: Sequence[Level]) -> bool:
        """Before a raise all was clean, so that heavy loss right after it is the raise's."""
        tried = nearest(self.level, levels)
        if self._raised_from <= tried or lost <= SPOILT * limit(tried, levels):
            return False
        return self._take_back(self._raised_from, now)

    def _is_thin_for(self, better: Level) -> bool:
        return self._fallen_to is not None and better < self._fallen_to

    def _wait_s(self, better: Level) -> float:
        """How long all must be clean before ``better`` is tried."""
        is_slow = self._is_thin_for(better) and not self.may_wish
        return max(self._up_wait_s, FALLEN_WAIT_S) if is_slow else self._up_wait_s

    def _take_back(self, level: Level, now: float) -> bool:
        self._up_wait_s = min(UP_WAIT_MAX_S, self._up_wait_s * 2)
        self._raised_at = None
        if level is not Level.SOUND:
            self._fallen_to = level
        return self._change(level, now)

    def _receive_bad(self, chosen: Level, lost: float, now: float, levels: Sequence[Level], *, has_queue: bool) -> bool:
        self._clean_since = None
        self._bad += 1
        if chosen is Level.SOUND or self._bad < BAD_REPORTS:
            return False
        lower = [level for level in levels if level > chosen]
        if not lower and lost <= limit(chosen, levels):
            return False
        came_bps = NOMINAL_BPS[chosen] * (1 - lost)
        fitting = next((level for level in lower if NOMINAL_BPS[level] <= came_bps), lower[-1] if lower else Level.SOUND)
        if self._raised_at is not None and now - self._raised_at < PROBE_S + SETTLE_S:
            return self._take_back(max(self._raised_from, chosen), now)
        self._raised_at = None
        if lower and (lost > THIN or has_queue):
            self._fallen_to = fitting
        return self._change(fitting, now)

    def _change(self, level: Level, now: float) -> bool:
        self.level = level
        self._bad = 0
        self.wish = self._mean = self._clean_since = None
        self._settles_at = now + SETTLE_S
        return True


def nearest(level: Level, levels: Sequence[Level]) -> Level:
    """The picture that a level gets where not all layers are there: the best that is not above it, else the lowest."""
    return next((one for one in levels if one >= level), levels[-1] if levels else Level.QUARTER)


def limit(level: Level, levels: Sequence[Level]) -> float:
    """The loss that a level may have, among these: below the lowest layer is only sound, so that bears the most."""
    is_lowest = not any(one > level for one in levels)
    return LOSS_LIMITS[Level.QUARTER if is_lowest else level]


def _above(level: Level, levels: Sequence[Level]) -> Level | None:
    """The next better picture; None where there is none."""
    if level is Level.SOUND and not levels:
        return Level.QUARTER
    return next((one for one in reversed(levels) if one < level), None)
