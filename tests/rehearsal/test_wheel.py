"""The wheel against a sorted list."""

import random

from rehearsal.wheel import SLOTS, TICK_S, Wheel


def test_everything_comes_once_and_not_before_its_time() -> None:
    generator = random.Random(1)
    wheel: Wheel[float] = Wheel(5.0)
    now, waiting = 5.0, []
    for _ in range(3000):
        at = now + generator.random() * 9
        wheel.add(at, at)
        waiting.append(at)
        now += generator.random() * 0.01
        for due in wheel.advance(now):
            assert now - 0.03 - TICK_S <= due <= now
            waiting.remove(due)
    assert sorted(wheel.advance(now + 20)) == sorted(waiting)
    assert wheel.advance(now + 40) == []


def test_what_is_past_comes_in_the_next_tick_and_what_is_far_at_the_end() -> None:
    wheel: Wheel[str] = Wheel(0.0)
    wheel.advance(1.0)
    wheel.add("past", 0.2)
    wheel.add("far", 1000.0)
    assert wheel.advance(1.0) == []
    assert wheel.advance(1.0 + TICK_S * 1.5) == ["past"]
    assert wheel.advance(1.0 + TICK_S * (SLOTS + 1)) == ["far"]
