"""What a receiver says of a source: extended highest sequence, loss, jitter (RFC 3550 §6.4.1, appendices A.3 and A.8)."""

from __future__ import annotations

from sfu.wire.rtcp import ReportBlock

MAX_CUMULATIVE_LOST = 0x7FFFFF


class Reception:
    """Statistics of one SSRC; :meth:`block` gives the report block and starts a new interval."""

    def __init__(self, ssrc: int, clock_rate_hz: int) -> None:
        self._ssrc = ssrc
        self._clock_rate_hz = clock_rate_hz
        self._base: int | None = None
        self._highest = 0
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._sender_report_middle = 0
        self._sender_report_at: float | None = None

    def receive(self, index: int, timestamp: int, now: float) -> None:
        """Counts a packet by unwrapped index and timestamp (not a retransmission: those would hide the loss)."""
        if self._base is None:
            self._base = self._highest = index
        self._highest = max(self._highest, index)
        self._received += 1
        transit = now * self._clock_rate_hz - timestamp
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit

    def receive_sender_report(self, ntp: int, now: float) -> None:
        """Notes a sender report's 64-bit NTP time, for LSR and DLSR."""
        self._sender_report_middle = (ntp >> 16) & 0xFFFFFFFF
        self._sender_report_at = now

    def block(self, now: float) -> ReportBlock | None:
        """The report of what came since the last one; None before the first packet."""
        if self._base is None:
            return None
        expected = self._highest - self._base + 1
        expected_now = expected - self._expected_before
        lost_now = expected_now - (self._received - self._received_before)
        self._expected_before, self._received_before = expected, self._received
        fraction = min(255, (lost_now << 8) // expected_now) if expected_now > 0 and lost_now > 0 else 0
        delay = 0 if self._sender_report_at is None else int((now - self._sender_report_at) * 65536)
        return ReportBlock(
            ssrc=self._ssrc,
            fraction_lost=fraction,
            cumulative_lost=max(-MAX_CUMULATIVE_LOST, min(MAX_CUMULATIVE_LOST, expected - self._received)),
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            last_sr=self._sender_report_middle,
            delay_since_last_sr=delay & 0xFFFFFFFF,
        )
