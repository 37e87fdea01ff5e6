"""What is concluded of a chair, and whose turn it is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from stills import chair
from stills.chair import UNKNOWN, Round, Seat, judged, may_repeat, repeated


@pytest.mark.parametrize(("score", "verdict"), [(50, 70), (69, 70), (70, 90), (84, 90), (85, 95), (100, 95)])
def test_a_face_is_somebody_with_the_confidence_of_its_score(score: int, verdict: int) -> None:
    for seat in (UNKNOWN, Seat(-85, 4, 2), Seat(95)):
        assert judged(seat, score, has_moved=True) == Seat(verdict)


def test_no_face_and_no_movement_is_an_empty_chair_more_surely_each_time() -> None:
    seat, said = UNKNOWN, []
    for _ in range(4):
        seat = judged(seat, 0, has_moved=seat is UNKNOWN)  # at the first look there is nothing to compare with
        said.append(seat.verdict)
    assert said == [-60, -75, -85, -85]


def test_no_face_but_movement_is_not_known() -> None:
    assert judged(Seat(95), 0, has_moved=True).verdict == 0
    assert judged(Seat(-75, 2), 49, has_moved=True).verdict == 0
    assert judged(Seat(-85, 85), 0, has_moved=True).verdict == 0


def test_somebody_who_leaves_is_not_there_a_look_later() -> None:
    left = judged(Seat(95), 0, has_moved=True)
    assert judged(left, 0, has_moved=False).verdict < 0


def test_only_an_empty_chair_in_an_unmoved_picture_is_repeated_and_not_for_ever() -> None:
    assert not may_repeat(UNKNOWN, has_moved=False)
    assert not may_repeat(Seat(95), has_moved=False)
    assert not may_repeat(Seat(-60, 1), has_moved=True)
    seat = Seat(-60, 1)
    for _ in range(chair.MAX_REPEATS):
        assert may_repeat(seat, has_moved=False)
        seat = repeated(seat)
    assert seat.verdict == -85
    assert not may_repeat(seat, has_moved=False)


def play(points: int, cost_s: float, until_s: float) -> tuple[Round, dict[int, list[float]]]:
    """A round in virtual time with looks of that cost; when each point had its turns."""
    turns = Round(60)
    now = 0.0
    seen: dict[int, list[float]] = {point: [] for point in range(points)}
    for point in seen:
        turns.add(point, now)
    while now < until_s:
        wait_s = turns.next_s(now)
        assert wait_s is not None
        if wait_s > 0:
            now += wait_s
            continue
        seen[turns.take(now)].append(now)
        turns.looked(now, now + cost_s)
        now += cost_s
    return turns, seen


def test_everybody_has_a_turn_a_minute_while_there_is_time() -> None:
    turns, seen = play(2_000, 0.003, 200)
    assert turns.late == 0
    for times in seen.values():
        assert times[0] <= 60
        assert all(later - earlier <= 61 for earlier, later in pairwise(times))
        assert len(times) >= 3


def test_the_first_round_does_not_come_all_at_once() -> None:
    _, seen = play(2_000, 0.001, 59)
    first = sorted(times[0] for times in seen.values())
    assert first[-1] > 30


def test_a_few_points_do_not_wait() -> None:
    _, seen = play(20, 0.004, 10)
    assert max(times[0] for times in seen.values()) < 0.5


def test_too_much_work_takes_its_share_of_the_time_and_stretches_the_round() -> None:
    turns, seen = play(2_000, 0.05, 400)
    looks = sum(map(len, seen.values()))
    assert 400 * chair.SHARE / 0.05 * 0.95 <= looks <= 400 * chair.SHARE / 0.05 * 1.05
    assert max(map(len, seen.values())) - min(map(len, seen.values())) <= 1, "nobody is passed over"
    assert turns.late > 0


def test_who_went_has_no_turn_and_who_comes_again_has_one() -> None:
    turns = Round(60)
    assert turns.next_s(0) is None
    turns.add(5, 0)
    turns.add(5, 30)
    assert len(turns) == 1
    turns.remove(5)
    assert turns.next_s(1) is None
    turns.add(5, 2)
    assert turns.next_s(2) == 0
    assert turns.take(2) == 5
    turns.looked(2, 2)
    assert turns.next_s(2) == 60
