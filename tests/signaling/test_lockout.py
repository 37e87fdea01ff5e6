"""Lock-outs: the arithmetic, and what a guesser and an owner get of it over time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.lockout import (
    FORGET_MS,
    KNOWN_MS,
    PAIR,
    WIDE,
    Rule,
    Tries,
    charged,
    is_known,
    refunded,
    succeeded,
    tries_of,
    wait_ms,
)

NOW = 1_795_000_000_000
HOUR_MS = 3600_000
DAY_MS = 24 * HOUR_MS


def guess(duration_ms: int, rule: Rule, patience_ms: int = 0) -> list[int]:
    """The times at which somebody can guess who never tires; ``patience_ms`` passes between two tries."""
    tries, now, made = Tries(), NOW, []
    while now < NOW + duration_ms:
        wait = wait_ms(tries, now, rule)
        if wait == 0:
            tries = charged(tries, now)
            made.append(now - NOW)
        now += max(wait, patience_ms, 1)
    return made


def test_five_are_free_then_locks_double_up_to_a_quarter_of_an_hour() -> None:
    times = guess(2 * HOUR_MS, PAIR)
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[:10] == [1, 1, 1, 1, 30_000, 60_000, 120_000, 240_000, 480_000, 900_000]
    assert set(waits[10:]) == {900_000}


def test_a_day_of_guessing_from_one_address() -> None:
    assert len(guess(DAY_MS, PAIR)) < 110
    tries, made = Tries(), 0
    for hour in range(24):  # or five at a time, and an hour of waiting until all is forgotten
        while wait_ms(tries, NOW + hour * FORGET_MS, PAIR) == 0:
            tries, made = charged(tries, NOW + hour * FORGET_MS), made + 1
    assert made == 24 * 5


def test_the_wide_rule_leaves_a_guess_a_minute() -> None:
    assert len(guess(DAY_MS, WIDE)) <= 50 + 8 + 24 * 60
    assert wait_ms(charged(Tries(), NOW), NOW, WIDE) == 0


def test_a_lock_is_not_made_longer_by_retrying() -> None:
    tries = Tries()
    for _ in range(5):
        tries = charged(tries, NOW)
    assert [wait_ms(tries, NOW + later, PAIR) for later in (0, 1, 29_999, 30_000)] == [30_000, 29_999, 1, 0]


def test_an_hour_without_a_failure_forgets() -> None:
    tries = Tries(failures=40, failed_at=NOW)
    assert charged(tries, NOW + FORGET_MS - 1).failures == 41
    assert charged(tries, NOW + FORGET_MS).failures == 1
    assert tries.kept_ms(NOW) == FORGET_MS


def test_a_login_makes_the_address_known() -> None:
    after = succeeded(NOW)
    assert (after.failures, wait_ms(after, NOW, PAIR)) == (0, 0)
    assert is_known(after, NOW + KNOWN_MS - 1)
    assert not is_known(after, NOW + KNOWN_MS)
    assert is_known(charged(after, NOW), NOW), "a wrong password later does not make it unknown"
    assert after.kept_ms(NOW) == KNOWN_MS


def test_what_was_right_is_taken_back() -> None:
    tries = charged(charged(Tries(), NOW), NOW)
    assert refunded(tries).failures == 1
    assert refunded(Tries()).failures == 0


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"failures": -1}', '{"failures": "5"}', '{"failures": true}', "7"])
def test_what_is_no_count_counts_nothing(text: str | None) -> None:
    assert tries_of(text) == Tries()


MOMENTS = st.integers(0, 10**15)


@given(st.integers(0, 10**6), MOMENTS, MOMENTS, st.sampled_from([PAIR, WIDE]))
def test_no_clock_makes_a_lock_longer_than_its_rule(failures: int, failed_at: int, now: int, rule: Rule) -> None:
    tries = Tries(failures, failed_at)
    assert 0 <= wait_ms(tries, now, rule) <= rule.lock_ms(failures) <= rule.last_lock_ms
    assert tries_of(tries.to_text()) == tries


@given(st.lists(st.tuples(st.integers(0, 2 * FORGET_MS), st.booleans()), max_size=60))
def test_at_any_moment_no_more_was_tried_than_the_rule_allows(steps: list[tuple[int, bool]]) -> None:
    """Any programme of tries and pauses: locks only grow between successes, and what is free is never more than ``free``."""
    tries, now, since_success, last_lock = Tries(), NOW, 0, 0
    for pause_ms, is_right in steps:
        if pause_ms >= FORGET_MS or (since_success and now + pause_ms - tries.failed_at >= FORGET_MS):
            since_success = last_lock = 0
        now += pause_ms
        if wait_ms(tries, now, PAIR) > 0:
            assert since_success >= PAIR.free
            continue
        tries = charged(tries, now)
        since_success += 1
        assert tries.failures == since_success
        if is_right:
            tries, since_success, last_lock = succeeded(now), 0, 0
        else:
            lock = wait_ms(tries, now, PAIR)
            assert (lock > 0) == (since_success >= PAIR.free)
            assert lock >= last_lock
            last_lock = lock
