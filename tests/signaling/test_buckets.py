"""Token buckets in virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.buckets import Bucket, KeyedBuckets


def test_burst_then_rate() -> None:
    bucket = Bucket(10, 3, 0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(0.0) == pytest.approx(0.1)
    assert bucket.take(0.05) == pytest.approx(0.05)
    assert bucket.take(0.1) == 0.0
    assert bucket.take(0.1) > 0


def test_refusals_cost_nothing() -> None:
    bucket = Bucket(1, 1, 0.0)
    bucket.take(0.0)
    for _ in range(1000):
        assert bucket.take(0.5) == pytest.approx(0.5)
    assert bucket.take(1.0) == 0.0


def test_never_more_than_the_burst() -> None:
    bucket = Bucket(100, 5, 0.0)
    assert sum(bucket.take(1e6) == 0.0 for _ in range(10)) == 5


def test_a_clock_that_stands_or_goes_back_gives_nothing() -> None:
    bucket = Bucket(10, 1, 100.0)
    assert bucket.take(100.0) == 0.0
    assert bucket.take(50.0) > 0
    assert bucket.take(100.0) > 0


def test_put_back() -> None:
    bucket = Bucket(1, 2, 0.0)
    bucket.take(0.0)
    bucket.put_back()
    bucket.put_back()
    assert [bucket.take(0.0) == 0.0 for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_impossible_buckets(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="bucket"):
        Bucket(rate, burst, 0.0)


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200), st.floats(0.5, 50), st.integers(1, 20))
def test_no_window_gets_more_than_burst_and_rate(gaps: list[float], rate: float, burst: int) -> None:
    bucket, now, taken = Bucket(rate, burst, 0.0), 0.0, 0
    for gap in gaps:
        now += gap
        taken += bucket.take(now) == 0.0
    assert taken <= burst + rate * now + 1e-6


def test_keys_do_not_share() -> None:
    buckets = KeyedBuckets(1, 1)
    assert buckets.take("a", 0.0) == 0.0
    assert buckets.take("a", 0.0) > 0
    assert buckets.take("b", 0.0) == 0.0


def test_looking_makes_no_entry() -> None:
    buckets = KeyedBuckets(1, 1)
    assert buckets.wait_s("a", 0.0) == 0.0
    assert len(buckets) == 0


def test_the_table_is_bounded_and_forgets_the_one_used_longest_ago() -> None:
    buckets = KeyedBuckets(0.001, 1, max_keys=3)
    for number, key in enumerate("abc"):
        buckets.take(key, float(number))
    buckets.take("a", 3.0)  # refused, but used
    buckets.take("d", 4.0)
    assert len(buckets) == 3
    assert buckets.forgotten == 1
    assert buckets.take("a", 5.0) > 0, "a was used last and is still remembered"
    assert buckets.take("b", 5.0) == 0.0, "b was forgotten"


def test_forgetting_a_full_bucket_loses_nothing() -> None:
    buckets = KeyedBuckets(10, 1, max_keys=1)
    buckets.take("a", 0.0)
    buckets.take("b", 1.0)
    assert buckets.forgotten == 0


def test_a_spray_of_addresses_stays_bounded() -> None:
    buckets = KeyedBuckets(1, 1, max_keys=100)
    for number in range(10_000):
        buckets.take(str(number), 0.0)
    assert len(buckets) == 100
    assert buckets.forgotten == 9_900


def test_put_back_of_a_key() -> None:
    buckets = KeyedBuckets(1, 1)
    buckets.take("a", 0.0)
    buckets.put_back("a")
    buckets.put_back("unknown")
    assert buckets.take("a", 0.0) == 0.0
