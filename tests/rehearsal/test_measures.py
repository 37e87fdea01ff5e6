"""Histograms and windows: the arithmetic of what a rehearsal says."""

from rehearsal.measures import Histogram, SampleCounts, Sent, Window, sent_since


def filled(*delays_ms: float) -> Histogram:
    histogram = Histogram()
    for delay_ms in delays_ms:
        histogram.add(delay_ms)
    return histogram


def test_percentiles_are_upper_edges_of_bins() -> None:
    histogram = filled(*(number / 10 + 0.05 for number in range(1000)))
    assert histogram.count == 1000
    assert histogram.percentile(0.5) == 50.0
    assert histogram.percentile(0.99) == 99.0
    assert histogram.percentile(1.0) == 100.0
    assert Histogram().percentile(0.5) is None


def test_long_delays_are_coarse_and_bounded() -> None:
    assert filled(250.0).percentile(0.5) == 260.0
    late = filled(1e9)
    assert late.percentile(0.5) == 20_010.0
    assert late.highest_ms == 1e9


def test_a_clock_that_runs_behind_is_counted() -> None:
    histogram = filled(-3.0, 1.0)
    assert histogram.negative == 1
    assert histogram.percentile(0.5) == 0.1


def test_what_was_counted_since() -> None:
    histogram = filled(1.0, 2.0, 300.0)
    earlier = histogram.copy()
    histogram.add(5.0)
    since = histogram.minus(earlier)
    assert since.count == 1
    assert since.percentile(0.99) == 5.1
    assert since.highest_ms == 5.1
    assert histogram.points()[-1] == (310.0, 1)
    assert earlier.count == 3


def test_samples_since() -> None:
    counts = SampleCounts(packets=5, bad_by_reason={"changed": 1})
    earlier = counts.copy()
    counts.packets += 3
    counts.bad_by_reason["duplicate"] = 2
    since = counts.minus(earlier)
    assert (since.packets, since.bad, since.bad_by_reason) == (3, 2, {"duplicate": 2})


def test_the_delivered_share() -> None:
    sent = sent_since(Sent(video_packets=150, audio_packets=70), Sent(video_packets=50, audio_packets=20))
    assert sent.packets == 150
    window = Window(1.0, 10, sent, 1500, 1499, True, 0.99, SampleCounts())
    assert window.delivered_ratio == 1499 / 1500
    assert Window(1.0, 0, Sent(), 0, 0, True, None, SampleCounts()).delivered_ratio is None
