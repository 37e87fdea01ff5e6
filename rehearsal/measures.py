"""What a rehearsal measures: plain figures, no clock, no socket. Times are monotonic seconds unless a name says otherwise."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

FINE_MS = 0.1
"""Resolution of a histogram up to :data:`FINE_UNTIL_MS`."""
FINE_UNTIL_MS = 200.0
COARSE_MS = 10.0
"""Resolution above that, up to :data:`COARSE_UNTIL_MS`; what is later still is counted in the last bin."""
COARSE_UNTIL_MS = 20_000.0
_FINE_BINS = round(FINE_UNTIL_MS / FINE_MS)
_BINS = _FINE_BINS + round((COARSE_UNTIL_MS - FINE_UNTIL_MS) / COARSE_MS) + 1


class Histogram:
    """Delays in milliseconds, in bins of 0.1 ms to 200 ms and of 10 ms to 20 s: bounded, and two of them can be subtracted."""

    __slots__ = ("bins", "highest_ms", "negative")

    def __init__(self) -> None:
        self.bins = array("Q", bytes(8 * _BINS))
        self.highest_ms = 0.0
        self.negative = 0
        """Delays below zero: two clocks that do not agree. They are counted as zero too."""

    def add(self, delay_ms: float) -> None:
        """Count one delay."""
        if delay_ms < FINE_UNTIL_MS:
            if delay_ms < 0:
                self.negative += 1
                delay_ms = 0.0
            place = int(delay_ms * 10)
        else:
            place = min(_BINS - 1, _FINE_BINS + int((delay_ms - FINE_UNTIL_MS) / COARSE_MS))
        self.bins[place] += 1
        self.highest_ms = max(self.highest_ms, delay_ms)

    @property
    def count(self) -> int:
        """How many delays were counted."""
        return sum(self.bins)

    def percentile(self, share: float) -> float | None:
        """The delay in milliseconds that ``share`` (0 to 1) of all do not exceed: its bin's upper edge; None when empty."""
        count = self.count
        if not count:
            return None
        wanted, seen = max(1, -int(-share * count // 1)), 0
        for place, number in enumerate(self.bins):
            seen += number
            if seen >= wanted:
                return _upper_edge_ms(place)
        return _upper_edge_ms(_BINS - 1)

    def minus(self, earlier: Histogram) -> Histogram:
        """What was counted since ``earlier``, a copy of this one; the highest is that of the highest bin in use."""
        difference = Histogram()
        difference.bins = array("Q", (now - before for now, before in zip(self.bins, earlier.bins, strict=True)))
        difference.negative = self.negative - earlier.negative
        used = [place for place, number in enumerate(difference.bins) if number]
        difference.highest_ms = min(self.highest_ms, _upper_edge_ms(used[-1])) if used else 0.0
        return difference

    def plus(self, other: Histogram) -> Histogram:
        """Both together."""
        total = Histogram()
        total.bins = array("Q", (a + b for a, b in zip(self.bins, other.bins, strict=True)))
        total.negative = self.negative + other.negative
        total.highest_ms = max(self.highest_ms, other.highest_ms)
        return total

    def copy(self) -> Histogram:
        """A copy that does not change any more."""
        return self.plus(Histogram())

    def points(self) -> list[tuple[float, int]]:
        """The bins in use as (upper edge in milliseconds, count), lowest first: what a plot needs."""
        return [(_upper_edge_ms(place), number) for place, number in enumerate(self.bins) if number]


def _upper_edge_ms(place: int) -> float:
    if place < _FINE_BINS:
        return round((place + 1) * FINE_MS, 1)
    return FINE_UNTIL_MS + (place - _FINE_BINS + 1) * COARSE_MS


class JoinFailedError(Exception):
    """A point did not get in. ``reason`` is one of a few stable words, ``detail`` says more.

    ``refused`` (a status that is not tried again), ``busy`` (503 or 429 for too long), ``http`` (no connection, or no HTTP),
    ``answer`` (an SDP that cannot be used), ``ice`` (no check was answered), ``dtls`` (the handshake failed or took too long),
    ``ended`` (the rehearsal ended, or the point was dropped, while it joined).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(slots=True)
class JoinTimes:
    """One join. Attributes are monotonic seconds; None for what has not happened.

    Attributes:
        asked_at: when the join was wanted: before any waiting for a free place among those in flight.
        started_at: when its first request left.
        answered_at: 201 with the answer.
        connected_at: DTLS complete, keys there.
        first_packet_at: first media packet; sampled points only (the kernel counts those of the others).
        refusals: how many 503 and 429 came before.
        waited_s: how long was waited because of them.
    """

    asked_at: float
    started_at: float | None = None
    answered_at: float | None = None
    connected_at: float | None = None
    first_packet_at: float | None = None
    refusals: int = 0
    waited_s: float = 0.0


@dataclass(slots=True)
class AnswerTimes:
    """A point that sends. Monotonic seconds; None for what has not happened.

    Attributes:
        started_at: its WHIP request left.
        answered_at: 201.
        connected_at: DTLS complete.
        sending_at: its first packet left. ``first packet`` at the center: :meth:`rehearsal.watcher.Watcher.first_packet_at`.
    """

    started_at: float
    answered_at: float | None = None
    connected_at: float | None = None
    sending_at: float | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a center has sent so far."""

    video_packets: int = 0
    audio_packets: int = 0
    keyframes: int = 0
    keyframe_requests: int = 0
    """PLI and FIR that it got, each datagram once."""
    resent_packets: int = 0
    """Repeated because the node asked for them."""
    late_frames: int = 0
    """Frames that left more than 20 ms after their time: this process was late, not the service."""

    @property
    def packets(self) -> int:
        """Video and audio, without what was repeated."""
        return self.video_packets + self.audio_packets


@dataclass(slots=True)
class SampleCounts:
    """What sampled points received. ``bad`` sums the reasons in ``bad_by_reason``."""

    packets: int = 0
    video_packets: int = 0
    audio_packets: int = 0
    bad_by_reason: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    """Missing for more than a second, asked for again where the point does that."""
    retransmitted: int = 0
    """Asked for by NACK, and came."""
    pretended_lost: int = 0
    nacks: int = 0
    unread: int = 0
    """Missing while this process was too late to read: nothing is known of them."""
    video_delay: Histogram = field(default_factory=Histogram)
    audio_delay: Histogram = field(default_factory=Histogram)

    @property
    def bad(self) -> int:
        """Packets that were not what the center published, or came twice, or out of their place."""
        return sum(self.bad_by_reason.values())

    def copy(self) -> SampleCounts:
        """A copy that does not change any more."""
        return SampleCounts(
            self.packets,
            self.video_packets,
            self.audio_packets,
            dict(self.bad_by_reason),
            self.lost,
            self.retransmitted,
            self.pretended_lost,
            self.nacks,
            self.unread,
            self.video_delay.copy(),
            self.audio_delay.copy(),
        )

    def minus(self, earlier: SampleCounts) -> SampleCounts:
        """What came since ``earlier``."""
        reasons = {reason: n - earlier.bad_by_reason.get(reason, 0) for reason, n in self.bad_by_reason.items()}
        return SampleCounts(
            self.packets - earlier.packets,
            self.video_packets - earlier.video_packets,
            self.audio_packets - earlier.audio_packets,
            {reason: n for reason, n in reasons.items() if n},
            self.lost - earlier.lost,
            self.retransmitted - earlier.retransmitted,
            self.pretended_lost - earlier.pretended_lost,
            self.nacks - earlier.nacks,
            self.unread - earlier.unread,
            self.video_delay.minus(earlier.video_delay),
            self.audio_delay.minus(earlier.audio_delay),
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything a swarm has counted since it began.

    Attributes:
        points: added; ``joined`` have been answered 201 and not left; ``connected`` have keys and are not gone.
        sampled: of them, those whose media is read.
        joins, join_failures: attempts that came to their end; failures by reason of :class:`JoinFailedError`.
        refused_503: answers 503 or 429 on the way.
        bulk_packets: media packets to points that are not sampled, counted and dropped by the kernel.
        sample_unread: bursts to sampled points that this process was too late to read: lost for no fault of the service.
        sample: what the sampled points received.
        checks_sent, checks_answered: STUN consent.
        reports_sent, reports_received: SRTCP.
        consent_lost: points whose checks were not answered for 15 s (RFC 7675 would have them stop).
        closed: points whose DTLS the service closed.
        cpu_s: CPU of this process, all threads.
    """

    points: int
    joined: int
    connected: int
    sampled: int
    joins: int
    join_failures: Mapping[str, int]
    refused_503: int
    bulk_packets: int
    sample_unread: int
    sample: SampleCounts
    checks_sent: int
    checks_answered: int
    reports_sent: int
    reports_received: int
    consent_lost: int
    closed: int
    cpu_s: float

    @property
    def arrived(self) -> int:
        """Media packets that came to any point."""
        return self.bulk_packets + self.sample.packets


@dataclass(frozen=True, slots=True)
class Window:
    """A measured stretch of time.

    Attributes:
        seconds: its length.
        points: bulk and sampled points connected at its beginning and at its end and all the time between.
        sent: what the center sent in it.
        expected_packets: ``sent.packets`` × points.
        delivered_packets: of them, how many arrived: kernel's count for bulk points, checked packets for sampled ones.
        is_exact: whether packets are counted point by point (eBPF); else the kernel's count of all points is used, which
            is right only while nobody comes or goes.
        worst_point_ratio: the least share any one point got; None where not counted point by point.
        sample: what the sampled points received in it.
    """

    seconds: float
    points: int
    sent: Sent
    expected_packets: int
    delivered_packets: int
    is_exact: bool
    worst_point_ratio: float | None
    sample: SampleCounts

    @property
    def delivered_ratio(self) -> float | None:
        """None when nothing was to be delivered. A little over 1 is possible: what was under way when the window began."""
        return self.delivered_packets / self.expected_packets if self.expected_packets else None


def sent_since(now: Sent, earlier: Sent) -> Sent:
    """What was sent between two counts."""
    return Sent(
        now.video_packets - earlier.video_packets,
        now.audio_packets - earlier.audio_packets,
        now.keyframes - earlier.keyframes,
        now.keyframe_requests - earlier.keyframe_requests,
        now.resent_packets - earlier.resent_packets,
        now.late_frames - earlier.late_frames,
    )
