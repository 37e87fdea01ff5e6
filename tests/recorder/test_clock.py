"""Times of sources on one clock."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from recorder.clock import SourceClock
from sfu.sender_clock import SenderClock

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
        clock.note(timestamp, sent_s + 0.06, reported)
        at_s = clock.time_of(timestamp)
        if number == 99:
            assert at_s == pytest.approx(sent_s + 0.06, abs=1e-4)
        if number:
            assert 0.037 <= at_s - before <= 0.043, "no step is seen or heard"
        before = at_s
    assert before == pytest.approx(100.0 + 399 * 0.04, abs=1e-4)


def test_what_would_be_seen_as_wrong_lips_is_put_right_at_once() -> None:
    clock = SourceClock(RATE)
    clock.note(0, 100.46, None)
    clock.note(RATE, 101.46, (100.0, 0))
    assert clock.time_of(RATE) == pytest.approx(101.0)


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


RATES = {"picture": 90_000, "sound": 48_000}
EVERY_S = {"picture": 1 / 15, "sound": 0.02}
Delay = Callable[[str, float], float]


def apart(
    *,
    until_s: float = 40.0,
    line_s: Delay = lambda _kind, _at: 0.02,
    report_late_s: Delay = lambda _kind, _at: 0.01,
    first_report_s: Callable[[str], float] = lambda _kind: 0.6,
    ahead_s: Callable[[float], float] = lambda _at: 5_000.0,
    restart_at_s: float = float("inf"),
) -> list[tuple[float, float]]:
    """A publisher's picture and sound over a node to the recorder: at each moment by how much they are apart in the file.

    Args:
        until_s: how long it sends.
        line_s: what a packet takes to the node, by kind and moment of capture.
        report_late_s: what a report takes to the node, which truly pairs RTP time and clock.
        first_report_s: when the first report goes out; then one every second.
        ahead_s: by how much the publisher's clock is ahead at a moment.
        restart_at_s: from when on RTP times begin anew, as after an encoder's restart, and the recorder with them.
    """
    origin = {"picture": 0xFFFF_F000, "sound": 70_000}
    arriving: list[tuple[float, int, str, str, float]] = []
    for kind in ("picture", "sound"):
        arriving += [
            (at + line_s(kind, at), 1, "packet", kind, at)
            for at in (n * EVERY_S[kind] for n in range(int(until_s / EVERY_S[kind])))
        ]
        arriving += [
            (at + report_late_s(kind, at), 0, "report", kind, at)
            for at in (first_report_s(kind) + n for n in range(int(until_s)))
            if at < until_s
        ]

    def timestamp(kind: str, at: float) -> int:
        return origin[kind] + round((at if at < restart_at_s else at - 17.3) * RATES[kind])

    node, clocks = SenderClock(), {kind: SourceClock(RATES[kind]) for kind in RATES}
    reported: dict[str, tuple[float, int]] = {}
    found, has_restarted = [], False
    for arrived_s, _, what, kind, at in sorted(arriving):
        if at >= restart_at_s and not has_restarted:
            has_restarted, reported, node = True, {}, SenderClock()
            clocks = {each: SourceClock(RATES[each]) for each in RATES}
        if (at >= restart_at_s) != has_restarted:
            continue  # what is still on its way of the source that ended
        if what == "report":
            number = {"picture": 1, "sound": 2}[kind]
            node.receive(number, round((at + ahead_s(at)) * 2**32), timestamp(kind, at) & 0xFFFF_FFFF, RATES[kind], arrived_s)
            for ssrc, at_s, wire in node.placed():
                whose = "picture" if ssrc == 1 else "sound"
                near = timestamp(whose, at)
                reported[whose] = (at_s, near + (wire - near + 0x80000000 & 0xFFFFFFFF) - 0x80000000)
        else:
            clocks[kind].note(timestamp(kind, at), arrived_s, reported.get(kind))
            if kind == "picture":
                found.append(
                    (at, clocks["picture"].time_of(timestamp("picture", at)) - clocks["sound"].time_of(timestamp("sound", at)))
                )
    return found


def worst(found: list[tuple[float, float]], from_s: float = 0.0, until_s: float = float("inf")) -> float:
    """The greatest distance of picture and sound in a stretch."""
    return max(abs(by_s) for at, by_s in found if from_s <= at < until_s)


def test_a_slow_encoder_of_the_picture_shifts_nothing() -> None:
    found = apart(line_s=lambda kind, _: 0.5 if kind == "picture" else 0.02, first_report_s=lambda _: 2.0)
    assert worst(found, 0.2, 1.4) == pytest.approx(0.48, abs=0.02), "nobody can know better before the first report"
    assert worst(found, 2.0) < 0.01


def test_a_jitter_of_300_ms_shifts_nothing() -> None:
    dice = random.Random(7)
    found = apart(line_s=lambda _kind, _at: dice.random() * 0.3, report_late_s=lambda _kind, _at: dice.random() * 0.3)
    assert worst(found, 3.0) < 0.01
    assert worst(found) < 0.1, "and the least delay of arrival serves before"


def test_late_reports_shift_nothing() -> None:
    """A loaded node: reports of the picture come by up to two seconds too late, those of the sound do not."""
    dice = random.Random(8)
    found = apart(report_late_s=lambda kind, _: dice.random() * 2 if kind == "picture" else 0.01)
    assert worst(found, 3.0) < 0.01


def test_without_reports_of_one_the_other_stays_near() -> None:
    found = apart(first_report_s=lambda kind: 0.6 if kind == "picture" else float("inf"))
    assert worst(found, 1.0) < 0.05


def test_without_any_report_the_least_delay_serves() -> None:
    dice = random.Random(9)
    found = apart(first_report_s=lambda _: float("inf"), line_s=lambda _kind, _at: 0.02 + dice.random() * 0.3)
    assert worst(found, 2.0) < 0.05


def test_a_first_report_of_sound_after_five_seconds_as_browsers_send_it() -> None:
    found = apart(
        line_s=lambda kind, _: 0.3 if kind == "picture" else 0.02, first_report_s=lambda kind: 0.6 if kind == "picture" else 5.0
    )
    assert worst(found, 1.0) < 0.05


@pytest.mark.parametrize("parts_per_million", [-200, 200])
def test_a_publishers_clock_that_goes_wrong_shifts_nothing(parts_per_million: int) -> None:
    found = apart(until_s=120.0, ahead_s=lambda at: 5_000.0 + at * parts_per_million * 1e-6)
    assert worst(found, 1.0) < 0.01


def test_a_publishers_clock_that_is_set_shifts_nothing() -> None:
    found = apart(ahead_s=lambda at: 5_000.0 if at < 20 else -3_000.0)
    assert worst(found, 1.0) < 0.05


def test_another_source_begins_with_a_clock_of_its_own() -> None:
    found = apart(restart_at_s=20.0)
    assert worst(found, 1.0, 20.0) < 0.01
    assert worst(found, 22.0) < 0.01
