"""A publisher's clock on this node's."""

from __future__ import annotations

import pytest

from sfu.sender_clock import DRIFT, SenderClock

PICTURE, SOUND = 50, 60
RATES = {PICTURE: 90_000, SOUND: 48_000}


def report(clock: SenderClock, ssrc: int, captured_s: float, late_s: float = 0.05, ahead_s: float = 5_000.0) -> bool:
    """A report of what was captured then, on a sender whose clock is ahead of ours; RTP times are near their wrap."""
    timestamp = round(captured_s * RATES[ssrc]) + 0xFFFF_0000 & 0xFFFF_FFFF
    return clock.receive(ssrc, round((captured_s + ahead_s) * 2**32), timestamp, RATES[ssrc], captured_s + late_s)


def captured(clock: SenderClock) -> dict[int, float]:
    """When the beginning of each stream was, by what is known."""
    found = {}
    for ssrc, at_s, timestamp in clock.placed():
        passed = (timestamp - 0xFFFF_0000 + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        found[ssrc] = at_s - passed / RATES[ssrc]
    return found


def test_all_streams_have_one_offset_whatever_the_lateness_of_their_reports() -> None:
    clock = SenderClock()
    report(clock, PICTURE, 1.0, late_s=0.9)
    assert captured(clock)[PICTURE] == pytest.approx(0.9, abs=1e-3)
    report(clock, SOUND, 1.5, late_s=0.05)
    now = captured(clock)
    assert now[PICTURE] == pytest.approx(now[SOUND], abs=1e-4)
    assert now[SOUND] == pytest.approx(0.05, abs=1e-3), "the least late says where both begin"


def test_one_late_report_moves_nothing() -> None:
    clock = SenderClock()
    report(clock, PICTURE, 1.0)
    report(clock, SOUND, 1.1)
    before = captured(clock)
    report(clock, PICTURE, 2.0, late_s=3.0)
    after = captured(clock)
    assert after[PICTURE] == pytest.approx(after[SOUND], abs=1e-4)
    assert 0 <= after[SOUND] - before[SOUND] <= 5 * DRIFT


def test_a_clock_that_was_set_anew_moves_nothing_either() -> None:
    clock = SenderClock()
    for ssrc in (PICTURE, SOUND):
        report(clock, ssrc, 1.0)
    report(clock, PICTURE, 2.0, ahead_s=9_000.0)
    assert captured(clock) == {PICTURE: pytest.approx(0.05, abs=1e-3)}, "the sound is left where it was placed"
    report(clock, SOUND, 2.5, ahead_s=9_000.0)
    report(clock, PICTURE, 3.0, ahead_s=9_000.0)
    assert captured(clock) == {ssrc: pytest.approx(0.05, abs=1e-3) for ssrc in (PICTURE, SOUND)}
    report(clock, PICTURE, 4.0, ahead_s=-100.0)
    report(clock, SOUND, 4.5, ahead_s=-100.0)
    assert captured(clock) == {ssrc: pytest.approx(0.05, abs=1e-3) for ssrc in (PICTURE, SOUND)}


def test_a_slow_clock_is_followed() -> None:
    clock = SenderClock()
    for second in range(600):
        report(clock, PICTURE, float(second), ahead_s=100.0 - second * 1e-4)
    _, at_s, _ = next(clock.placed())
    assert at_s == pytest.approx(599.05, abs=1e-3)


def test_a_sender_without_a_clock_says_nothing() -> None:
    clock = SenderClock()
    assert not clock.receive(SOUND, 0, 5, 48_000, 10.0)
    assert report(clock, PICTURE, 20.0)
    assert list(captured(clock)) == [PICTURE]


def test_a_stream_that_comes_no_more_is_forgotten() -> None:
    clock = SenderClock()
    report(clock, PICTURE, 1.0)
    clock.forget(PICTURE)
    clock.forget(SOUND)
    assert not captured(clock)
