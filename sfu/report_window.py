"""What a viewer's reports say of its line, gathered over a second. Pure; no clock.

A browser reports every second on a good line, and ten or twenty times a second while it misses packets, for each request to send
again carries a report (RFC 4585 §3.1). Most of those speak of a handful of packets or of none and say "nothing lost", between one
that says "four of five". So a share counts by the packets that it is of, and a second's reports together are one.
"""

from __future__ import annotations

from dataclasses import dataclass

from sfu.wire import rtcp

EXPECTED_FIRST = 50
"""Packets taken for a stream's first report."""
EXPECTED_MAX = 5000
"""At most in one report: reports come every second, or sooner."""
WINDOW_S = 0.9
LEAST_EXPECTED = 8.0
"""Fewer packets say nothing before twice that time: the lowest picture is 25 packets a second."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Packets lost, of so many that were expected."""

    lost: float = 0.0
    expected: float = 0.0

    def __add__(self, other: Losses) -> Losses:
        """Both together."""
        return Losses(self.lost + other.lost, self.expected + other.expected)

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.lost / self.expected if self.expected else 0.0


class ReportReader:
    """Reads a viewer's report blocks as the native intake does: the share lost, of the packets since the stream's last block."""

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}

    def read(self, block: rtcp.ReportBlock) -> Losses:
        """What a block of a known stream says."""
        before = self._highest.get(block.ssrc)
        expected = EXPECTED_FIRST if before is None else (block.highest_sequence - before) & 0xFFFFFFFF
        if expected > 0x80000000:
            expected = 0
        self._highest[block.ssrc] = block.highest_sequence
        expected = max(min(expected, EXPECTED_MAX), 1 if block.fraction_lost else 0)
        return Losses(block.fraction_lost / 256 * expected, float(expected))


class LossWindow:
    """Give every report to :meth:`add`; once a second it gives what all of them together say."""

    def __init__(self) -> None:
        self._picture = self._sound = Losses()
        self._begun: float | None = None

    @property
    def has_loss(self) -> bool:
        """Whether a loss waits to be told: the reports after it matter too."""
        return self._picture.lost > 0 or self._sound.lost > 0

    def add(self, picture: Losses | None, sound: Losses | None, now: float) -> float | None:
        """Takes a report; returns the share lost of all since the last answer, of the pictures if there were any, else of the
        sound. None: not yet."""
        self._picture += picture or Losses()
        self._sound += sound or Losses()
        lasts_s = WINDOW_S if self._begun is None else now - self._begun
        # A second of sound is 17 to 50 packets, of a picture up to 200: one lost of 17 is not 6 % of a line.
        counted = self._picture if self._picture.expected else self._sound
        if lasts_s < WINDOW_S or (counted.expected < LEAST_EXPECTED and lasts_s < 2 * WINDOW_S):
            self._begun = now - WINDOW_S if self._begun is None else self._begun
            return None
        self.clear(now)
        return counted.share

    def clear(self, now: float) -> None:
        """Begins anew: what was gathered is of another layer, or was told."""
        self._picture = self._sound = Losses()
        self._begun = now
