"""What a publisher may send: receiver-side estimation from abs-send-time, reported by REMB (draft-alvestrand-rmcat-remb).

The estimator is aiortc's (delay gradient and AIMD). It starts from what was seen to arrive, so it is held between a floor,
from which a picture is usable, and the configured ceiling. A browser that never hears a REMB stays at some 300 kb/s.
"""

from __future__ import annotations

from aiortc.rate import RemoteBitrateEstimator

FLOOR_BPS = 150_000
START_BPS = 1_000_000
"""Reported until the estimator speaks: a picture of 640 × 360 from the first second."""


class PublisherBandwidth:
    """Estimate for one publisher, over all its streams."""

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self._estimator = RemoteBitrateEstimator()
        self._estimate_bps = min(START_BPS, ceiling_bps)

    @property
    def bps(self) -> int:
        """The bit rate to report now, within floor and ceiling."""
        return max(FLOOR_BPS, min(self._ceiling_bps, self._estimate_bps))

    def receive(self, abs_send_time: int, size_bytes: int, ssrc: int, now: float) -> None:
        """Notes a packet that carried abs-send-time (24 bits, 6.18 fixed-point seconds)."""
        result = self._estimator.add(int(now * 1000), abs_send_time, size_bytes, ssrc)
        if result is not None:
            self._estimate_bps = result[0]
