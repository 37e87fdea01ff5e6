"""When the collector runs: after many ends, in a quiet minute, and in any case before there is too much."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from config.heap import FEW_MOVES, MANY_ENDED, MOST_ENDED, THRESHOLDS, Heap


class Door:
    def __init__(self) -> None:
        self.opened = self.ended = self.collected = 0
        self.heap = Heap(lambda: self.opened, lambda: self.ended, self.collect)

    def collect(self) -> None:
        self.collected += 1

    def move(self, opened: int = 0, ended: int = 0) -> bool:
        self.opened += opened
        self.ended += ended
        return self.heap.look()


def test_a_storm_is_left_alone_and_the_quiet_after_it_is_used_once() -> None:
    door = Door()
    assert not door.move(opened=9_811)
    assert not door.move(ended=9_811), "the minute in which they left is not a quiet one"
    assert door.move(opened=FEW_MOVES - 1)
    assert not door.move()
    assert (door.collected, door.heap.collections) == (1, 1)


def test_a_few_ends_are_not_worth_a_pause() -> None:
    door = Door()
    for _ in range((MANY_ENDED - 1) // 99):
        assert not door.move(ended=99)
    assert door.move(ended=99)


def test_too_many_ends_do_not_wait_for_quiet() -> None:
    door = Door()
    looks = [door.move(opened=5_000, ended=5_000) for _ in range(2 * MOST_ENDED // 5_000)]
    assert looks == ([False] * (MOST_ENDED // 5_000 - 1) + [True]) * 2


def test_its_own_collector_is_the_interpreter_s(monkeypatch: pytest.MonkeyPatch) -> None:
    class Knot:
        def __init__(self) -> None:
            self.me = self

    Knot()
    before = sum(isinstance(each, Knot) for each in gc.get_objects())
    assert Heap(lambda: MANY_ENDED, lambda: MANY_ENDED).look() is False, "all of them have just moved"
    heap = Heap(lambda: 0, lambda: MOST_ENDED)
    assert heap.look()
    assert before >= 1
    assert not any(isinstance(each, Knot) for each in gc.get_objects())


def test_setting_up_and_settling_in_a_process_of_its_own() -> None:
    """They are for good, so not in this one."""
    program = (
        "import gc; from config import heap; heap.set_up(); kept = [[] for _ in range(5000)]; heap.settle(); "
        "print(gc.get_threshold(), gc.get_freeze_count() > 5000, any(each is kept for each in gc.get_objects()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"{THRESHOLDS} True False", ran.stderr
