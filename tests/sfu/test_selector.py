"""What a viewer's line carries: down fast, up slowly, never to and fro."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.selector import (
    BAD_REPORTS,
    FALLEN_WAIT_S,
    LOSS_LIMITS,
    PROBE_S,
    QUEUE_MS,
    SETTLE_S,
    UP_WAIT_MAX_S,
    UP_WAIT_S,
    Level,
    Selector,
    limit,
    nearest,
)

FULL, HALF, QUARTER, SOUND = Level
THREE = (FULL, HALF, QUARTER)
ONE = (FULL,)
BPS = {FULL: 1_600_000, HALF: 550_000, QUARTER: 172_000, SOUND: 50_000}
"""With sound, and headers."""
WEAK_BPS = 200_000


class Line:
    """A viewer's line in virtual time: loses at random, and what it has no room for; one report a second."""

    def __init__(self, *, loss: float = 0.0, bps: float = 1e9, rtt_ms: float = 40.0, seed: int = 1) -> None:
        self.loss, self.bps, self.rtt_ms = loss, bps, rtt_ms
        self.selector = Selector()
        self.now = 100.0
        self.rng = random.Random(seed)
        self.visited: list[tuple[float, Level]] = []

    def run(self, seconds: int, levels: Sequence[Level] = THREE) -> Level:
        for _ in range(seconds):
            self.now += 1.0
            shown = self.selector.level if self.selector.level is SOUND else nearest(self.selector.level, levels)
            bps = BPS[shown]
            overflow = max(0.0, 1 - self.bps / bps)
            packets = max(17, bps // 9000)
            lost = sum(self.rng.random() < self.loss + (1 - self.loss) * overflow for _ in range(packets)) / packets
            if self.selector.receive_quality(lost, self.rtt_ms + (200 if overflow else 0), self.now, levels):
                self.visited.append((self.now, self.selector.level))
        return self.selector.level


def test_a_good_line_stays_on_the_best_layer() -> None:
    line = Line(loss=0.02)
    assert line.run(3600) is FULL
    assert line.visited == []
    assert not line.selector.is_watching


@pytest.mark.parametrize(("bps", "fitting"), [(2_000_000, FULL), (800_000, HALF), (300_000, QUARTER), (100_000, SOUND)], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_a_thin_line_gets_what_fits_within_seconds(bps: int, fitting: Level, seed: int) -> None:
    line = Line(bps=bps, seed=seed)
    assert line.run(2 * (BAD_REPORTS + int(SETTLE_S))) is fitting


def test_a_thin_line_is_tried_ever_more_rarely() -> None:
    line = Line(bps=800_000)
    line.run(1800)
    tries = [at for at, level in line.visited if level is FULL]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert waits[0] < 5 * UP_WAIT_S
    assert waits[-1] > UP_WAIT_MAX_S
    assert len(tries) < 20
    over = sum(
        min(later, line.now) - at for (at, level), (later, _) in pairwise([*line.visited, (line.now, HALF)]) if level is FULL
    )
    assert over < 0.06 * 1800, "a twentieth of the time on what does not fit"


@pytest.mark.parametrize("seed", range(5))
def test_two_hundred_kilobits_settle_on_the_lowest_picture_at_once(seed: int) -> None:
    line = Line(bps=WEAK_BPS, loss=0.02, seed=seed)
    line.run(2 * BAD_REPORTS + int(SETTLE_S))
    assert line.selector.level is QUARTER
    assert len(line.visited) == 1, "the middle layer is not tried on the way down"
    line.run(int(FALLEN_WAIT_S) - 4)
    assert len(line.visited) == 1, "nor soon after"
    line.run(1800)
    assert {level for _, level in line.visited} == {HALF, QUARTER}
    tries = [later - sooner for (sooner, level), (later, _) in pairwise(line.visited) if level is HALF]
    assert 3 <= len(tries) <= 1800 / UP_WAIT_MAX_S + 4
    assert max(tries) <= 1.0, "a report is enough"


def test_a_spoilt_try_ends_with_its_first_report_and_a_lost_packet_or_two_does_not_end_one() -> None:
    for lost, ends in ((0.17, False), (0.19, True)):
        one = Selector()
        for now in (1.0, 2.0):
            one.receive_quality(0.9, 40, now, THREE)
        assert one.level is QUARTER
        now = 2.0
        while one.level is QUARTER:
            now += 1.0
            one.receive_quality(0.0, 40, now, THREE)
        assert now >= 2.0 + SETTLE_S + FALLEN_WAIT_S
        assert one.receive_quality(lost, 40, now + 1.0, THREE) is ends
        assert one.level is (QUARTER if ends else HALF)


def test_a_heavy_fall_does_not_keep_the_lowest_picture_back() -> None:
    one = Selector()
    for now in (1.0, 2.0):
        one.receive_quality(0.9, 40, now, THREE)
    assert one.level is QUARTER
    for now in (5.0, 6.0):
        one.receive_quality(0.9, 40, now, THREE)
    assert one.level is SOUND
    now = 6.0
    while one.level is SOUND:
        now += 1.0
        one.receive_quality(0.0, 40, now, THREE)
    assert now - 6.0 <= SETTLE_S + UP_WAIT_S
    while one.level is QUARTER:
        now += 1.0
        one.receive_quality(0.0, 40, now, THREE)
    assert now - 6.0 >= FALLEN_WAIT_S, "what is above it waits"


@pytest.mark.parametrize("seed", range(5))
def test_fifteen_percent_end_on_a_lower_layer_and_recover_within_twenty_seconds(seed: int) -> None:
    line = Line(loss=0.15, seed=seed)
    line.run(30)
    assert line.run(1) is QUARTER
    assert all(level in {HALF, QUARTER} for _, level in line.visited), "sound alone is not needed"
    line.loss = 0.0
    assert line.run(20) is FULL


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("levels", [THREE, ONE])
def test_forty_percent_is_sound_only_and_pictures_come_back(levels: Sequence[Level], seed: int) -> None:
    line = Line(loss=0.4, seed=seed)
    assert line.run(12, levels) is SOUND
    assert line.run(120, levels) is SOUND
    line.loss = 0.0
    assert line.run(10, levels) is not SOUND
    assert line.run(15, levels) is FULL


def test_a_picture_without_layers_is_kept_as_long_as_the_lowest_layer_would_be() -> None:
    line = Line(loss=0.15)
    assert line.run(300, ONE) is FULL


def test_one_bad_report_changes_nothing_but_is_watched() -> None:
    one = Selector()
    for now in range(100):
        assert not one.receive_quality(0.5 if now % 3 == 0 else 0.0, 40, now, THREE)
        assert one.is_watching == (now % 3 == 0)
    assert one.level is FULL


def test_a_round_trip_that_grows_is_a_queue_and_one_that_is_long_is_not() -> None:
    one = Selector()
    for now in range(20):
        assert not one.receive_quality(0.0, 700.0, now, THREE), "a satellite is far, not full"
    one = Selector()
    one.receive_quality(0.0, 60.0, 0.0, THREE)
    assert not one.receive_quality(0.0, 61.0 + QUEUE_MS, 1.0, THREE)
    assert not one.receive_quality(0.0, None, 1.5, THREE), "nothing is known of the round trip: not bad"
    assert not one.receive_quality(0.0, 63.0 + QUEUE_MS, 2.0, THREE)
    assert one.receive_quality(0.0, 64.0 + QUEUE_MS, 3.0, THREE)
    assert one.level is HALF


def test_a_changed_route_is_not_a_queue_for_ever() -> None:
    line = Line(rtt_ms=20.0)
    line.run(5)
    line.rtt_ms = 400.0
    line.run(20)
    assert line.selector.level is not FULL
    assert line.run(300) is FULL


def test_reports_from_before_a_change_do_not_count() -> None:
    one = Selector()
    for now in (1.0, 2.0):
        one.receive_quality(0.1, 40, now, THREE)
    assert one.level is HALF
    for now in (2.5, 3.0, 3.5, 3.9):
        assert not one.receive_quality(0.9, 40, now, THREE)
    assert one.level is HALF


def test_a_layer_that_the_publisher_turned_off_does_not_change_what_the_line_carries() -> None:
    one = Selector()
    for now in range(50):
        assert not one.receive_quality(0.0, 40, now, (HALF, QUARTER))
    assert one.level is FULL


def test_a_level_that_has_become_the_best_there_is_is_full() -> None:
    """Layers that come later must be tried from what is shown, which is the only picture there was."""
    line = Line(loss=0.4)
    line.run(20, ONE)
    line.loss = 0.0
    line.run(8, ONE)
    assert line.selector.level in {FULL, QUARTER}
    line.run(5, ONE)
    assert line.selector.level is FULL
    assert line.visited[-1][1] is FULL, "the change is told"


@pytest.mark.parametrize(
    ("levels", "level", "given_", "bears"),
    [
        (THREE, HALF, HALF, LOSS_LIMITS[HALF]),
        (ONE, QUARTER, FULL, LOSS_LIMITS[QUARTER]),
        ((FULL, HALF), QUARTER, HALF, LOSS_LIMITS[QUARTER]),
        ((FULL, HALF), FULL, FULL, LOSS_LIMITS[FULL]),
        ((HALF, QUARTER), FULL, HALF, LOSS_LIMITS[HALF]),
        ((FULL, QUARTER), HALF, QUARTER, LOSS_LIMITS[QUARTER]),
        ((), FULL, QUARTER, LOSS_LIMITS[QUARTER]),
    ],
)
def test_what_a_level_gets_among_the_layers_there_are(levels: Sequence[Level], level: Level, given_: Level, bears: float) -> None:
    assert nearest(level, levels) is given_
    assert limit(given_, levels) == bears


lines = st.tuples(st.floats(0, 0.5), st.floats(40_000, 3_000_000), st.integers(0, 2**32))


@settings(deadline=None, max_examples=60)
@given(lines)
def test_no_line_flaps(line: tuple[float, float, int]) -> None:
    """Whatever a steady line is like: changes become rare, ever less often than a failed try and its return in a wait."""
    loss, bps, seed = line
    one = Line(loss=loss, bps=bps, seed=seed)
    one.run(1200)
    late = [at for at, _ in one.visited if at > 100 + 600]
    # A try and its return each UP_WAIT_MAX_S, at each of three levels, and chance where the loss is near a limit.
    assert len(late) <= 3 * 2 * (600 / UP_WAIT_S) / 4
    for (_, before), (at, after) in pairwise(one.visited):
        assert before is not after
        if after < before:
            assert before - after <= 2 or before is SOUND
        assert at >= 0


@settings(deadline=None, max_examples=40)
@given(lines, lines)
def test_changes_are_at_least_a_settling_apart_and_up_is_one_step(
    first: tuple[float, float, int], second: tuple[float, float, int]
) -> None:
    one = Line(loss=first[0], bps=first[1], seed=first[2])
    one.run(120)
    one.loss, one.bps = second[0], second[1]
    one.run(240)
    for (sooner, before), (later, after) in pairwise([(0.0, FULL), *one.visited]):
        is_taken_back = before < after and any(was is after for _, was in one.visited)
        assert later - sooner >= (1.0 if is_taken_back else SETTLE_S)
        if after < before:
            assert before - after == 1
            assert later - sooner >= UP_WAIT_S


@settings(deadline=None, max_examples=40)
@given(lines)
def test_whatever_was_a_good_line_brings_everything_back(line: tuple[float, float, int]) -> None:
    loss, bps, seed = line
    one = Line(loss=loss, bps=bps, seed=seed)
    one.run(300)
    one.loss, one.bps = 0.0, 1e9
    assert one.run(int(3 * (UP_WAIT_MAX_S + SETTLE_S + PROBE_S))) is FULL


def test_a_queue_alone_never_takes_the_last_picture() -> None:
    one = Selector()
    one.receive_quality(0.0, 20, 0.0, THREE)
    for now in range(1, 60):
        one.receive_quality(0.0, 2000 + now * 10, now, THREE)
    assert one.level is QUARTER
    one = Selector()
    one.receive_quality(0.0, 20, 0.0, ONE)
    for now in range(1, 60):
        assert not one.receive_quality(0.0, 2000 + now * 10, now, ONE)
    assert one.level is FULL
    for now in range(60, 64):
        one.receive_quality(0.5, 2000, now, ONE)
    assert one.level is SOUND
