"""The worst lateness of the last 10 to 20 s, and no older one."""

from __future__ import annotations

import asyncio
import contextlib
import time

from signaling.loop_lag import WINDOW_S, LoopLag
from tests.harness.wait import until


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_worst_of_this_window_and_of_the_last_counts() -> None:
    clock = Clock()
    lag = LoopLag(clock)
    assert lag.worst_s == 0
    for late_s in (0.01, 0.3, 0.02):
        lag.note(late_s)
    assert lag.worst_s == 0.3
    clock.now_s += WINDOW_S
    assert lag.worst_s == 0.3
    lag.note(0.1)
    assert lag.worst_s == 0.3
    clock.now_s += WINDOW_S
    assert lag.worst_s == 0.1
    clock.now_s += 2 * WINDOW_S
    assert lag.worst_s == 0


def test_a_pause_that_is_over_is_no_present_lag() -> None:
    lag = LoopLag(Clock())
    assert lag.present_s == 0
    lag.note(1.5)
    assert lag.present_s == 0
    lag.note(0.9)
    assert lag.present_s == 0.9
    lag.note(0.01)
    assert lag.present_s == 0.01
    lag.note(2.0)
    assert lag.present_s == 0.01


async def test_a_loop_that_is_held_shows() -> None:
    lag = LoopLag(time.monotonic)
    task = asyncio.create_task(lag.run())
    await asyncio.sleep(0)
    end_s = time.monotonic() + 0.2
    while time.monotonic() < end_s:
        pass
    await until("it was noticed", lambda: lag.worst_s >= 0.1, within_s=5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
