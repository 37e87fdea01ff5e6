"""When what a source sent was seen and heard: RTP times on one clock for all sources.

Where the publisher's reports are known, they pair its RTP times with its clock, and the node has put that clock on its own by one
offset for the publisher's picture and sound (:mod:`sfu.sender_clock`): so these two belong together exactly, and arrival says
only where both begin. Before the first report (a browser's first of sound comes after up to five seconds) the least delay of
arrival serves. What is found out later is gone to by small steps while it is little, for a step of the picture is seen and one
of the sound heard; what would be seen as lips that do not fit their words is corrected at once.

A browser's reports pair what was captured with when. Others (aiortc) pair what was sent with when it was sent, which under load
is late by a different time for every report, never early: so of all reports the one with the least delay is believed.
"""

from __future__ import annotations

from typing import Final

JUMP_S: Final = 0.08
"""What is off by more is put right at once. ITU-R BT.1359 has 45 ms of early sound and 125 ms of late sound as what viewers begin
to notice; at :data:`SLEW` so much takes less than two seconds."""
ANOTHER_CLOCK_S: Final = 2.0
"""A report that is off by so much is of another clock; a loaded sender's may be late by less."""
DRIFT: Final = 0.0005
"""By how much a publisher's clock may be slow: an old least delay is believed so much less with every second."""
SLEW: Final = 0.05
"""Of the time that passes, how much may be added or left out."""


class SourceClock:
    """One source's times. Call :meth:`note` with every batch, in any order, then :meth:`time_of`."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._offset_s: float | None = None
        self._noted_at = 0.0
        self._least_s: float | None = None
        self._reported: tuple[float, int] | None = None
        self._reported_s = 0.0

    def note(self, timestamp: int, arrived_s: float, reported: tuple[float, int] | None) -> None:
        """Learns from a batch: the RTP time of its newest packet, its arrival, and the publisher's newest report."""
        passed_s = 0.0 if self._offset_s is None else max(0.0, arrived_s - self._noted_at)
        delay_s = arrived_s - timestamp / self._rate_hz
        self._least_s = delay_s if self._least_s is None else min(delay_s, self._least_s + DRIFT * passed_s)
        target_s = self._least_s if reported is None else self._believed(reported)
        if self._offset_s is None or abs(target_s - self._offset_s) > JUMP_S:
            self._offset_s = target_s
        else:
            most_s = SLEW * passed_s
            self._offset_s += min(most_s, max(-most_s, target_s - self._offset_s))
        self._noted_at = max(self._noted_at, arrived_s)

    def _believed(self, reported: tuple[float, int]) -> float:
        """The least delay of the publisher's reports, with what its clock may have drifted since."""
        before = self._reported
        if reported != before:
            delay_s = reported[0] - reported[1] / self._rate_hz
            if before is None or abs(delay_s - self._reported_s) > ANOTHER_CLOCK_S:
                self._reported_s = delay_s
            else:
                self._reported_s = min(delay_s, self._reported_s + DRIFT * abs(reported[0] - before[0]))
            self._reported = reported
        return self._reported_s

    def time_of(self, timestamp: int) -> float:
        """Monotonic seconds of an RTP time; :meth:`note` came before."""
        return (self._offset_s or 0.0) + timestamp / self._rate_hz
