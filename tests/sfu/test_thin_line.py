"""Pictures behind a thin line: paced, never in the sound's way, and nothing is tried that the line was not asked about."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sfu.selector import NOMINAL_BPS, UP_WAIT_S, WISH_WAIT_MAX_S, Level, Selector
from sfu.thin_line import (
    DRAIN_S,
    DRAIN_WAIT_S,
    FIRST_STEP,
    HEADERS_BYTES,
    LISTEN_S,
    PACE,
    PROBE_QUEUE_MS,
    SILENCE_S,
    STEP,
    TICK_S,
    TRAIN_S,
    WAITING_MAX_BYTES,
    Probe,
    ThinLine,
)
from tests.sfu.thin_world import ADDRESS, ThinWorld

LAYER_BPS = 100_000.0
MINUTE_S = 60.0


def line() -> ThinLine:
    return ThinLine(lambda: LAYER_BPS)


def leave(one: ThinLine, seconds: float, now: float = 10.0) -> list[tuple[float, bytes]]:
    """What leaves within so long, and when."""
    ticks = round(seconds / TICK_S)
    return [(now + n * TICK_S, data) for n in range(ticks) for data, _ in one.take(now + n * TICK_S)]


def test_a_key_frame_leaves_at_the_layers_pace_and_in_order() -> None:
    one = line()
    packets = [bytes([number]) * 1000 for number in range(6)]
    assert one.send(packets, 1000, ADDRESS)
    left = leave(one, 1.0)
    assert [data for _, data in left] == packets
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(left)]
    expected = (1000 + HEADERS_BYTES) * 8 / (PACE * LAYER_BPS)
    assert sum(gaps) / len(gaps) == pytest.approx(expected, abs=TICK_S)
    assert one.waiting_bytes == 0


def test_a_message_of_several_datagrams_is_cut_where_the_kernel_would() -> None:
    one = line()
    one.send([b"a" * 60, b"b" * 40, b"c" * 100, b"d" * 30], 100, ADDRESS)
    assert [data for _, data in leave(one, 1.0)] == [b"a" * 60 + b"b" * 40, b"c" * 100, b"d" * 30]


def test_what_is_far_too_large_leaves_sooner_rather_than_late() -> None:
    one = line()
    one.send([bytes(40_000)], 1000, ADDRESS)
    left = leave(one, 3.0)
    assert len(left) == 40
    assert left[20][0] - left[0][0] < DRAIN_S, "the pace alone would take 1.2 s for so much"


def test_what_waits_is_bounded_and_a_refusal_takes_nothing() -> None:
    one = line()
    taken = 0
    while one.send([bytes(1000)], 0, ADDRESS):
        taken += 1
        assert taken < 1000
    assert one.waiting_bytes == taken * 1000 <= WAITING_MAX_BYTES
    one.clear()
    assert leave(one, 1.0) == []
    one.send([b"x"], 0, ADDRESS)
    assert one.flush() == [(b"x", ADDRESS)]
    assert one.waiting_bytes == 0


def test_a_train_repeats_what_was_sent_up_to_its_rate_and_ends() -> None:
    one = line()
    one.send([b"n" * 500], 0, ADDRESS)
    leave(one, 0.1, 9.0)
    one.start_probe(5 * LAYER_BPS, 40.0, 10.0)
    left = leave(one, TRAIN_S)
    assert {data for _, data in left} == {b"n" * 500}
    bits = len(left) * (500 + HEADERS_BYTES) * 8
    assert bits == pytest.approx(FIRST_STEP * PACE * LAYER_BPS * TRAIN_S, rel=0.05)
    assert leave(one, 1.0, 10.0 + TRAIN_S + TICK_S) == []
    probe = one.probe
    assert probe is not None
    assert probe.take_report_wish(11.1)
    assert not probe.take_report_wish(11.2), "once a train"


def test_new_pictures_count_towards_a_train() -> None:
    one = line()
    one.send([b"o" * 500], 0, ADDRESS)
    leave(one, 0.1, 9.0)
    one.start_probe(5 * LAYER_BPS, 40.0, 10.0)
    left = []
    for n in range(25):
        one.send([b"n" * 500], 0, ADDRESS)
        left += leave(one, 0.04, 10.0 + 0.04 * n)
    bits = len(left) * (500 + HEADERS_BYTES) * 8
    assert sum(data[:1] == b"n" for _, data in left) >= 24
    assert bits == pytest.approx(FIRST_STEP * PACE * LAYER_BPS * TRAIN_S, rel=0.1)


def test_every_train_is_faster_until_the_better_layer_would_fit() -> None:
    probe = Probe(100.0, 300.0, 40.0, 0.0)
    now, rates = 0.0, []
    while probe.verdict is None:
        rates.append(probe.rate_bps(now + 0.5))
        now = probe.train_ends_at
        assert probe.take_report_wish(now)
        probe.receive_report(0.0, 45.0, now + LISTEN_S / 2)
        assert probe.rate_bps(now + LISTEN_S / 2) == 0.0, "it listens"
        now += LISTEN_S
        probe.receive_report(0.0, 45.0, now)
    assert rates == [100 * FIRST_STEP, 100 * FIRST_STEP * STEP, 100 * FIRST_STEP * STEP**2, 300]
    assert probe.verdict == "carries"


@pytest.mark.parametrize(("lost", "rtt_ms"), [(0.0, 41.0 + PROBE_QUEUE_MS), (0.2, 40.0)])
def test_a_queue_or_heavy_loss_ends_it_once_the_line_is_empty_again(lost: float, rtt_ms: float) -> None:
    probe = Probe(100.0, 300.0, 40.0, 0.0)
    assert probe.take_report_wish(TRAIN_S)
    probe.receive_report(lost, rtt_ms, 1.5)
    assert (probe.verdict, probe.rate_bps(1.5)) == (None, 0.0)
    assert not probe.take_report_wish(1.6)
    drained = 1.5 + DRAIN_WAIT_S
    assert probe.take_report_wish(drained), "the next round trip is of an empty line"
    probe.receive_report(0.0, rtt_ms, drained + 0.5)
    assert probe.verdict is None, "made before that report came"
    probe.receive_report(0.0, 40.0, drained + LISTEN_S)
    assert probe.verdict == "too_much"


def test_without_round_trips_nothing_is_tried() -> None:
    probe = Probe(100.0, 300.0, None, 0.0)
    for now in (1.0, 2.0, 3.0, 4.0, TRAIN_S + SILENCE_S):
        probe.receive_report(0.0, None, now)
    assert probe.trains == 1
    probe.receive_report(0.0, None, TRAIN_S + SILENCE_S + DRAIN_WAIT_S + LISTEN_S)
    assert probe.verdict == "too_much"


def test_a_selector_waits_for_the_answer_and_longer_after_a_refusal() -> None:
    one = Selector()
    one.may_wish = True
    for now in (1.0, 2.0):
        one.receive_quality(0.9, 40, now, tuple(Level)[:3])
    assert (one.level, one.is_thin) == (Level.QUARTER, True)
    waits = []
    now = 2.0
    for _ in range(6):
        begun = now
        while one.wish is None:
            now += 1.0
            one.receive_quality(0.0, 40, now, tuple(Level)[:3])
        waits.append(now - begun)
        assert one.wish is Level.HALF
        one.refuse()
    assert waits[0] <= UP_WAIT_S + 4
    assert WISH_WAIT_MAX_S <= waits[-1] == waits[-2] <= WISH_WAIT_MAX_S + 2
    while one.wish is None:
        now += 1.0
        one.receive_quality(0.0, 40, now, tuple(Level)[:3])
    assert one.grant(now)
    assert (one.level, one.is_thin) == (Level.HALF, True)
    assert not one.grant(now), "there is no wish any more"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bps", [200_000, 230_000, 300_000, 450_000])
def test_sound_is_neither_lost_nor_late_while_the_lowest_picture_goes_on(bps: int, seed: int) -> None:
    world = ThinWorld(seed=seed)
    world.run(5.0)
    world.bps, world.loss = bps, 0.02
    world.run(20.0)
    begun, pictures = len(world.levels), world.pictures_bytes
    world.run(5 * MINUTE_S)
    assert world.levels[begun:] == [], "nothing was tried that does not fit"
    assert world.trains > 0, "it was asked"
    assert world.lost_share(5 * MINUTE_S) < 0.035, "2 in 100, and chance"
    assert world.late_share(0.5, 5 * MINUTE_S) - world.lost_share(5 * MINUTE_S) < 0.01
    assert (world.pictures_bytes - pictures) * 8 / (5 * MINUTE_S) > 0.8 * NOMINAL_BPS[Level.QUARTER]


def test_without_a_line_of_its_own_the_sound_suffers() -> None:
    """What the model is worth: the same line, the same selector, all at once."""
    shares = []
    for is_paced in (True, False):
        world = ThinWorld(is_paced=is_paced)
        world.run(5.0)
        world.bps = 200_000
        world.run(20.0)
        world.run(5 * MINUTE_S)
        shares.append(world.late_share(0.3, 5 * MINUTE_S))
    assert shares[0] < 0.01
    assert shares[1] > 0.02


def test_the_better_pictures_come_back_with_the_line() -> None:
    world = ThinWorld()
    world.run(5.0)
    world.bps = 200_000
    world.run(MINUTE_S)
    assert [level for _, level in world.levels] == [Level.QUARTER]
    world.bps = 1e9
    world.run(MINUTE_S)
    assert [level for _, level in world.levels] == [Level.QUARTER, Level.HALF, Level.FULL]
    assert world.viewer.line is None


def test_a_line_for_the_middle_layer_keeps_it() -> None:
    world = ThinWorld()
    world.run(5.0)
    world.bps, world.loss = 800_000, 0.02
    world.run(MINUTE_S)
    begun = len(world.levels)
    world.run(5 * MINUTE_S)
    assert world.level is Level.HALF
    assert world.levels[begun:] == []
    assert world.lost_share(5 * MINUTE_S) < 0.035
