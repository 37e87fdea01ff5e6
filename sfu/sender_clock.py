"""A publisher's clock on this node's: what its sender reports say, with one offset for all that it sends (RFC 3550 §6.4.1).

A report pairs RTP time with the sender's clock, and it comes as late as the line and the sender's load make it, never early. So
the offset is the least that was seen, and all streams have the same: picture and sound that the sender paired with one moment
belong to one moment here too, however late the report of either was. When a report shows that the offset was too great, the
streams that reported before are placed anew as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DRIFT: Final = 0.0005
"""By how much a publisher's clock may be slow: an old offset is believed so much less with every second."""
SAME_CLOCK_S: Final = 2.0
"""A stream whose clock and RTP time went on differently by more was given another clock, or other RTP times. Some senders note
when a packet went out instead of when it was captured, and under load that is late by less."""


@dataclass(frozen=True, slots=True)
class _Report:
    sent_s: float
    rtp_timestamp: int
    clock: int


class SenderClock:
    """One publisher's. Call :meth:`receive` with every report, then place the streams of :meth:`placed`."""

    def __init__(self) -> None:
        self._reports: dict[int, _Report] = {}
        self._offset_s: float | None = None
        self._noted_at = 0.0
        self._clock = 0

    def receive(self, ssrc: int, ntp: int, rtp_timestamp: int, rate_hz: int, now: float) -> bool:
        """Takes a report of a stream; False where it says nothing (RFC 3550: NTP 0 is a sender without a clock).

        Args:
            ssrc: the stream.
            ntp: 64 bits, as on the wire.
            rtp_timestamp: 32 bits, as on the wire.
            rate_hz: of the stream's RTP time.
            now: monotonic seconds of its arrival.
        """
        if ntp == 0:
            return False
        sent_s = ntp / 2**32
        before = self._reports.get(ssrc)
        offset_s = now - sent_s
        is_same = before is None or _is_same(before, sent_s, rtp_timestamp, rate_hz)
        if self._offset_s is None or before is None or is_same or before.clock != self._clock:
            known_s = offset_s if self._offset_s is None else self._offset_s + DRIFT * max(0.0, now - self._noted_at)
            self._offset_s = min(offset_s, known_s)
        else:
            self._clock += 1
            self._offset_s = offset_s
        self._noted_at = now
        self._reports[ssrc] = _Report(sent_s, rtp_timestamp, self._clock)
        return True

    def forget(self, ssrc: int) -> None:
        """A stream that comes no more."""
        self._reports.pop(ssrc, None)

    def placed(self) -> Iterator[tuple[int, float, int]]:
        """Of each stream its newest pairing, as far as it is of the clock that counts now: the SSRC, monotonic seconds of this
        node, and the RTP timestamp then."""
        for ssrc, report in self._reports.items():
            if report.clock == self._clock and self._offset_s is not None:
                yield ssrc, report.sent_s + self._offset_s, report.rtp_timestamp


def _is_same(before: _Report, sent_s: float, rtp_timestamp: int, rate_hz: int) -> bool:
    passed = (rtp_timestamp - before.rtp_timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
    return abs(sent_s - before.sent_s - passed / rate_hz) <= SAME_CLOCK_S
