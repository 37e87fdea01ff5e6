"""Counting calls."""

from __future__ import annotations

import sys

import pytest

from tests.harness.effort import calls_in


def three() -> int:
    return len("abc")


def test_both_kinds_are_counted_and_always_the_same() -> None:
    alone = calls_in(lambda: None)
    assert calls_in(lambda: [three() for _ in range(100)]) == calls_in(lambda: [three() for _ in range(100)])
    assert 200 <= calls_in(lambda: [three() for _ in range(100)]) - alone <= 202


def test_a_failure_leaves_no_counter_behind() -> None:
    before = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        calls_in(lambda: 1 // 0)
    assert sys.getprofile() is before
