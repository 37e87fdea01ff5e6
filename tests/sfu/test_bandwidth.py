"""REMB: between floor and ceiling, whatever a publisher's clock says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.bandwidth import FLOOR_BPS, START_BPS, PublisherBandwidth


def test_it_starts_with_a_usable_picture_and_never_above_the_ceiling() -> None:
    assert PublisherBandwidth(2_500_000).bps == START_BPS
    assert PublisherBandwidth(400_000).bps == 400_000
    assert PublisherBandwidth(100_000).bps == FLOOR_BPS


def feed(bandwidth: PublisherBandwidth, seconds: float, queue_s_per_s: float, start_s: float = 0.0) -> float:
    """1.2 Mb/s, and a queue on the way that grows."""
    now, count = start_s, int(seconds * 125)
    for number in range(count):
        sent_at = start_s + number / 125
        now = sent_at + 0.02 + queue_s_per_s * (sent_at - start_s)
        bandwidth.receive(int(sent_at * (1 << 18)) & 0xFFFFFF, 1200, 1, now)
    return now


def test_a_growing_queue_lowers_what_is_reported() -> None:
    free, crowded = PublisherBandwidth(2_500_000), PublisherBandwidth(2_500_000)
    feed(free, 20, 0.0)
    feed(crowded, 20, 0.25)
    assert free.bps > START_BPS
    assert crowded.bps < free.bps / 1.5
    assert crowded.bps >= FLOOR_BPS


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0xFFFFFF), st.integers(0, 1500), st.floats(0, 2)), max_size=100))
def test_nothing_a_publisher_claims_makes_it_raise(packets: list[tuple[int, int, float]]) -> None:
    bandwidth, now = PublisherBandwidth(1_000_000), 100.0
    for sent_at, size, later in packets:
        now += later
        bandwidth.receive(sent_at, size, 5, now)
        assert FLOOR_BPS <= bandwidth.bps <= 1_000_000
