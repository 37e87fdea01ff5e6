"""The curve of who was connected: against a count by hand, whatever the intervals, and never larger than it may be."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.live_curve import MOMENTS_MAX, LiveCurve

INTERVALS = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), max_size=40)


def curve_of(intervals: list[tuple[int, int]]) -> LiveCurve:
    curve = LiveCurve(lambda _: True)
    for start, length in intervals:
        curve.add("p", start * 1000, (start + length) * 1000)
    return curve


@given(INTERVALS)
def test_each_sample_is_the_number_of_intervals_at_that_moment(intervals: list[tuple[int, int]]) -> None:
    samples = curve_of(intervals).samples()
    for at, live in samples:
        assert live == sum(start * 1000 <= at < (start + length) * 1000 for start, length in intervals)
    assert [at for at, _ in samples] == sorted({at for at, _ in samples})
    if samples:
        assert samples[-1][1] == 0


def test_a_point_outside_counts_nothing_nor_does_an_empty_time() -> None:
    curve = LiveCurve(lambda point: point == "in")
    curve.add("out", 0, 10_000)
    curve.add("in", 5_000, 5_000)
    assert curve.samples() == []
    curve.add("in", 1_000, 3_000)
    assert curve.samples() == [(1_000, 1), (3_000, 0)]


def test_who_comes_and_goes_within_one_step_leaves_no_trace() -> None:
    curve = LiveCurve(lambda _: True)
    curve.add("a", 1_200, 1_900)
    assert curve.samples() == []


def test_of_many_moments_the_highest_are_kept_and_the_end() -> None:
    curve = curve_of([(i, 1000 - 2 * i) for i in range(400)])  # up to 400 and down again
    samples = curve.samples(20)
    assert len(samples) <= 20
    assert max(live for _, live in samples) == 400
    assert samples[-1] == (1_000_000, 0)


def test_a_year_takes_no_more_memory_than_an_hour() -> None:
    curve = LiveCurve(lambda _: True)
    for i in range(20_000):
        curve.add("p", i * 1_500_000, i * 1_500_000 + 1_400_000)
    assert len(curve._steps) <= MOMENTS_MAX
    assert curve.step_ms > 1000
    assert curve.samples()[-1][1] == 0
