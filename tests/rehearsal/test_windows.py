"""Who counts in a measured window, and what."""

import pytest

from rehearsal.measures import SampleCounts, Sent
from rehearsal.windows import Mark, PointCount, window_of


def mark(at: float, sent: int, points: dict[str, PointCount], bulk: int = 0) -> Mark:
    return Mark(at, Sent(video_packets=sent), points, bulk, SampleCounts(packets=sent))


def test_only_who_was_there_all_the_time_counts() -> None:
    begin = mark(
        10, 1000, {"a": PointCount(500, False, False), "b": PointCount(7, True, False), "left": PointCount(1, False, False)}
    )
    end = mark(
        12, 1100, {"a": PointCount(600, False, False), "b": PointCount(97, True, False), "came": PointCount(30, False, False)}
    )
    window = window_of(begin, end)
    assert (window.points, window.expected_packets, window.delivered_packets) == (2, 200, 190)
    assert window.delivered_ratio == pytest.approx(0.95)
    assert window.worst_point_ratio == pytest.approx(0.9)
    assert window.is_exact
    assert window.seconds == 2
    assert window.sample.packets == 100


def test_who_pretends_to_lose_packets_does_not_count() -> None:
    begin = mark(0, 0, {"a": PointCount(0, True, False), "b": PointCount(0, True, False)})
    end = mark(1, 100, {"a": PointCount(100, True, False), "b": PointCount(80, True, True)})
    assert window_of(begin, end).delivered_ratio == 1.0


def test_what_was_not_read_is_not_held_against_anybody() -> None:
    begin = mark(0, 0, {"a": PointCount(0, True, False), "b": PointCount(0, False, False)})
    end = mark(1, 100, {"a": PointCount(40, True, False), "b": PointCount(100, False, False)})
    assert window_of(begin, end).delivered_ratio == 0.7
    late = Mark(end.at, end.sent, end.points, end.bulk_packets, end.sample, sample_unread=3)
    assert window_of(begin, late).delivered_ratio == 1.0


def test_without_a_count_of_each_point_the_kernels_has_to_do() -> None:
    begin = mark(0, 0, {"a": PointCount(None, False, False), "b": PointCount(10, True, False)}, bulk=40)
    end = mark(1, 100, {"a": PointCount(None, False, False), "b": PointCount(110, True, False)}, bulk=139)
    window = window_of(begin, end)
    assert (window.delivered_packets, window.expected_packets, window.is_exact) == (199, 200, False)
    assert window.worst_point_ratio is None


def test_nothing_sent() -> None:
    points = {"a": PointCount(0, False, False)}
    assert window_of(mark(0, 5, points), mark(1, 5, points)).delivered_ratio is None
