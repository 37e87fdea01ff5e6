"""A measured window between two marks: who was there all the time, what was to come, what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rehearsal.measures import SampleCounts, Sent, Window, sent_since


class PointCount(NamedTuple):
    """Packets of one connection so far: checked ones of a sampled point, else the kernel's count, None where it has none.

    A lossy point pretends to lose packets; it does not count.
    """

    packets: int | None
    is_sampled: bool
    is_lossy: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """All counts at one moment.

    ``points`` has every connection by an object of its own: who comes back is another one. ``sample_unread`` counts what this
    process was too late to read of the sampled points' media.
    """

    at: float
    sent: Sent
    points: Mapping[Any, PointCount]
    bulk_packets: int
    sample: SampleCounts
    sample_unread: int = 0


def window_of(begin: Mark, end: Mark) -> Window:
    """The window between two marks."""
    sent = sent_since(end.sent, begin.sent)
    stayed = [(begin.points[peer], now) for peer, now in end.points.items() if peer in begin.points]
    # Of what this process did not read nothing can be said: then the kernel's counts alone are used.
    was_late = end.sample_unread > begin.sample_unread
    counted = [(before, now) for before, now in stayed if not (before.is_lossy or now.is_lossy or (was_late and now.is_sampled))]
    delivered = 0
    shares: list[float] = []
    is_exact = all(now.packets is not None for _, now in counted)
    for before, now in counted:
        if before.packets is not None and now.packets is not None:
            delivered += now.packets - before.packets
            if sent.packets:
                shares.append((now.packets - before.packets) / sent.packets)
    if not is_exact:
        delivered += end.bulk_packets - begin.bulk_packets
    return Window(
        seconds=end.at - begin.at,
        points=len(counted),
        sent=sent,
        expected_packets=sent.packets * len(counted),
        delivered_packets=delivered,
        is_exact=is_exact,
        worst_point_ratio=min(shares, default=None) if is_exact else None,
        sample=end.sample.minus(begin.sample),
    )
