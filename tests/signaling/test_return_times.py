"""The row of those who are refused: one after the other, never endless, never in step; and a storm that follows it."""

from __future__ import annotations

import heapq
import random
from collections import Counter

import pytest

from signaling.buckets import Bucket
from signaling.return_times import JITTER_S, MOST_S, SHARE, ReturnTimes

RATE_PER_S = 400.0


def test_the_kth_refused_has_the_kth_place() -> None:
    row = ReturnTimes(RATE_PER_S)
    waits = [row.next(100.0, 0.0, 0.0) for _ in range(3600)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(3600 / (RATE_PER_S * SHARE), abs=0.01)
    per_second = Counter(int(wait) for wait in waits)
    assert max(per_second.values()) <= RATE_PER_S


def test_time_empties_the_row() -> None:
    row = ReturnTimes(RATE_PER_S)
    for _ in range(3600):
        row.next(0.0, 0.0, 0.0)
    assert row.next(5.0, 0.0, 0.0) == pytest.approx(5.0, abs=0.01)
    assert row.next(50.0, 0.0, 0.0) == pytest.approx(0.0, abs=0.01)


def test_nobody_comes_back_before_the_door_is_open() -> None:
    row = ReturnTimes(RATE_PER_S)
    waits = [row.next(0.0, 2.0, 0.0) for _ in range(100)]
    assert waits[0] == 2.0
    assert len(set(waits)) == 100


def test_a_place_is_moved_by_luck() -> None:
    assert ReturnTimes(1.0).next(0.0, 3.0, 0.5) == 3.0 + 0.5 * JITTER_S


def test_a_flood_sends_nobody_away_for_longer_than_the_row() -> None:
    dice = random.Random(1)
    row = ReturnTimes(1.0)
    waits = [row.next(0.0, 0.0, dice.random()) for _ in range(10_000)]
    assert max(waits) <= MOST_S + JITTER_S
    beyond = waits[100:]
    assert min(beyond) >= MOST_S / 2
    assert max(beyond) - min(beyond) > MOST_S / 3, "spread, not all at the end"
    assert row.next(MOST_S + 1, 0.0, 0.0) < 2.0, "and the row has ended with them"


@pytest.mark.parametrize("points", [1_200, 9_811])
def test_a_nation_that_comes_at_one_moment_is_let_in_at_the_door_s_own_pace(points: int) -> None:
    """Virtual time: everybody comes within 50 ms, and back as page and rehearsal do: when told, and up to a second later."""
    dice = random.Random(points)
    door = Bucket(RATE_PER_S, 1000, 0.0)
    coming = [(dice.random() * 0.05, number) for number in range(points)]
    heapq.heapify(coming)
    tries, in_at = Counter[int](), 0.0
    while coming:
        now, number = heapq.heappop(coming)
        tries[number] += 1
        if door.take(now) == 0.0:
            in_at = now
        else:
            told_s = -(-door.return_s(now, dice.random()) // 1)  # the header has whole seconds
            heapq.heappush(coming, (now + told_s + dice.random(), number))
    least_s = (points - 1000) / RATE_PER_S
    assert in_at <= least_s / SHARE * 1.1 + 3.5
    assert sum(tries.values()) <= 2.5 * points, "most are refused once"
    assert max(tries.values()) <= 6
