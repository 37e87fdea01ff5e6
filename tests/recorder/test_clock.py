"""Times of sources on one clock."""

from __future__ import annotations

import random

import pytest

from recorder.clock import SourceClock

RATE = 90_000


def test_the_publishers_report_says_it_whatever_the_delay() -> None:
    dice = random.Random(1)
    clock = SourceClock(RATE)
    for number in range(200):
        sent_s = 100.0 + number * 0.04
        timestamp = 5_000_000 + round(number * 0.04 * RATE)
        clock.note(timestamp, sent_s + 0.05 + dice.random() * 0.2, (100.0, 5_000_000))
        assert clock.time_of(timestamp) == pytest.approx(sent_s, abs=1e-4)


def test_before_it_the_least_delay_serves_and_then_the_report_by_small_steps() -> None:
    clock, before = SourceClock(RATE), 0.0
    for number in range(400):
        sent_s = 100.0 + number * 0.04
        timestamp = round(number * 0.04 * RATE)
        reported = (100.0, 0) if number >= 100 else None
        clock.note(timestamp, sent_s + 0.12, reported)
        at_s = clock.time_of(timestamp)
        if number == 99:
            assert at_s == pytest.approx(sent_s + 0.12, abs=1e-4)
        if number:
            assert 0.037 <= at_s - before <= 0.043, "no step is seen or heard"
        before = at_s
    assert before == pytest.approx(100.0 + 399 * 0.04, abs=1e-4)


def test_of_reports_that_are_late_the_least_late_is_believed() -> None:
    dice, clock, worst = random.Random(5), SourceClock(RATE), 0.0
    reported = (0.0, 0)
    for number in range(1_000):
        sent_s = 100.0 + number * 0.04
        timestamp = round(number * 0.04 * RATE)
        if number % 25 == 0:
            reported = (sent_s + dice.random() * 0.3, timestamp)
        clock.note(timestamp, sent_s + 0.4, reported)
        if number > 500:
            worst = max(worst, abs(clock.time_of(timestamp) - sent_s))
    assert worst < 0.06


def test_a_slow_clock_is_followed() -> None:
    clock = SourceClock(RATE)
    for second in range(600):  # 100 parts in a million: 60 ms in ten minutes
        timestamp = round(second * RATE * (1 - 1e-4))
        clock.note(timestamp, 100.0 + second, (100.0 + second, timestamp))
    assert clock.time_of(timestamp) == pytest.approx(699.0, abs=1e-3)


def test_another_clock_is_believed_at_once() -> None:
    clock = SourceClock(RATE)
    clock.note(0, 100.0, (100.0, 0))
    clock.note(RATE, 101.0, (131.0, RATE))
    assert clock.time_of(RATE) == pytest.approx(131.0)


def test_picture_and_sound_of_one_publisher_belong_together() -> None:
    """The report of both pairs the same clock, so what was captured together is together, whatever came when."""
    picture, sound = SourceClock(90_000), SourceClock(48_000)
    picture.note(900_000, 50.3, (50.0, 900_000))
    sound.note(70_000, 50.02, (50.0, 70_000))
    assert picture.time_of(900_000 + 90_000) == pytest.approx(sound.time_of(70_000 + 48_000))
