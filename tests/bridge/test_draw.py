"""The lot: the weights over many seeds, the same again from the record, nobody twice."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import draw
from bridge.codec import decode_event, encode_event
from bridge.draw import (
    LONGEST_MINUTES,
    MINUTE_MS,
    NEVER_WEIGHT,
    Draws,
    drawn_of,
    exponential,
    stream,
    verify,
    weight_of,
)
from bridge.draw_events import PointsDrawn
from tests.bridge.scene import START

CODES = tuple(f"p{number}" for number in range(6))
KNOWN_NUMBERS = [9432816004501278611, 14710879628725673626, 2766480362761172965, 16518070452250056406]
KNOWN_DRAW = ("p3", "p0", "p1")


def event_of(seed: str = "s", k: int = 2, last_called: tuple[int, ...] = (0,) * 6, before: tuple[str, ...] = ()) -> PointsDrawn:
    drawn = drawn_of(seed, k, CODES, last_called, before, START)
    return PointsDrawn(START, "w1", seed, k, ("VN",), "", CODES, last_called, before, drawn, "center")


def test_weights_grow_with_time_up_to_thirty_days_and_never_is_the_most() -> None:
    assert weight_of(START, START) == 1
    assert weight_of(START + 5, START) == 1, "a clock that was set back"
    assert weight_of(START - 10 * MINUTE_MS - 1, START) == 11
    assert weight_of(START - LONGEST_MINUTES * MINUTE_MS * 2, START) == 1 + LONGEST_MINUTES
    assert weight_of(0, START) == NEVER_WEIGHT == 2 * (1 + LONGEST_MINUTES)


def test_the_numbers_are_those_of_the_text() -> None:
    """Made with sha256sum: printf 'diemcau draw 1\\nabc\\n27265\\n0' | sha256sum."""
    numbers = stream("abc", "27265")
    assert [next(numbers) for _ in range(4)] == KNOWN_NUMBERS
    assert drawn_of("abc", 3, CODES, (0,) * 6, (), START) == KNOWN_DRAW


def test_the_exponential_has_its_mean_and_its_tail() -> None:
    """20,000 numbers: the mean within 4 standard errors, and e^-1 of them above it."""
    numbers = [exponential(stream("tail", str(number))) / 2**64 for number in range(20_000)]
    mean = sum(numbers) / len(numbers)
    assert abs(mean - 1) < 4 / 20_000**0.5
    above = sum(number > 1 for number in numbers) / len(numbers)
    assert abs(above - 0.36788) < 4 * (0.36788 * 0.63212 / 20_000) ** 0.5
    assert max(numbers) > 7, "the tail is there"


def test_the_first_is_drawn_in_proportion_to_its_weight() -> None:
    """Weights 1, 2, 3 and 4 over 4,000 seeds: chi-squared below 16.27, which one lot in a thousand would exceed."""
    codes, times = ("a", "b", "c", "d"), tuple(START - minutes * MINUTE_MS for minutes in range(4))
    seeds = 4_000
    counts = dict.fromkeys(codes, 0)
    for seed in range(seeds):
        counts[drawn_of(f"seed{seed}", 1, codes, times, (), START)[0]] += 1
    expected = {code: seeds * weight / 10 for code, weight in zip(codes, (1, 2, 3, 4), strict=True)}
    chi_squared = sum((counts[code] - expected[code]) ** 2 / expected[code] for code in codes)
    assert chi_squared < 16.27, counts


def test_never_called_is_twice_as_likely_as_long_ago() -> None:
    times = (0, START - 2 * LONGEST_MINUTES * MINUTE_MS)
    never = sum(drawn_of(f"s{seed}", 1, ("a", "b"), times, (), START)[0] == "a" for seed in range(3_000))
    assert abs(never / 3_000 - 2 / 3) < 4 * (2 / 9 / 3_000) ** 0.5


def test_just_called_is_hardly_ever_drawn_beside_the_never_called() -> None:
    times = (START - MINUTE_MS, 0, 0)
    assert sum("a" in drawn_of(f"s{seed}", 2, ("a", "b", "c"), times, (), START) for seed in range(500)) <= 2


@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.integers(1, 6), st.permutations(CODES))
def test_the_order_of_the_candidates_is_nothing(seed: str, k: int, codes: list[str]) -> None:
    drawn = drawn_of(seed, k, codes, (0,) * 6, (), START)
    assert drawn == drawn_of(seed, k, CODES, (0,) * 6, (), START)
    assert len(set(drawn)) == k


@given(st.text("0123456789abcdef", min_size=1, max_size=32), st.integers(1, 6), st.sets(st.sampled_from(CODES)))
def test_who_was_drawn_before_comes_last(seed: str, k: int, before: set[str]) -> None:
    drawn = drawn_of(seed, k, CODES, (0,) * 6, before, START)
    again = [code for code in drawn if code in before]
    assert drawn[len(drawn) - len(again) :] == tuple(again)
    assert not again or set(CODES) - before <= set(drawn)


def test_the_record_draws_the_same_again_and_a_forged_one_does_not() -> None:
    event = event_of("5eed", 3, tuple(START - minutes * MINUTE_MS for minutes in (1, 9, 90, 900, 9_000, 90_000)), ("p2",))
    read = decode_event(json.loads(json.dumps(encode_event(event))))
    assert read == event
    assert isinstance(read, PointsDrawn)
    assert verify(read)
    assert not verify(replace(read, drawn=tuple(reversed(read.drawn))))
    assert not verify(replace(read, last_called=tuple(reversed(read.last_called))))
    assert not verify(replace(event_of("5eed", 4), seed="5eee"))
    assert not verify(replace(read, last_called=read.last_called[:-1]))


def test_drawing_until_nobody_is_left_starts_over() -> None:
    draws = Draws()
    for number in range(3):
        before = tuple(code for code in CODES if code in draws.drawn)
        draws.add(replace(event_of(f"s{number}", 2, before=before), draw=f"w{number + 1}"))
    assert draws.drawn == set(CODES), "three times two of six: everybody once"
    assert [draw.left_out for draw in draws.kept.values()] == [0, 2, 4]
    draws.add(replace(event_of("s9", 2, before=CODES), draw="w4"))
    last = draws.kept["w4"]
    assert last.started_over
    assert draws.drawn == set(last.drawn), "of these candidates only this draw's count from here on"


def test_starting_over_for_some_leaves_the_others_alone() -> None:
    draws = Draws()
    draws.drawn = {*CODES, "elsewhere"}
    draws.add(event_of("s", 1, before=CODES))
    assert "elsewhere" in draws.drawn
    assert len(draws.drawn) == 2


def test_the_oldest_draws_are_forgotten_and_who_was_drawn_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "MAX_KEPT", 1)
    draws = Draws()
    draws.add(event_of("s1", 2))
    draws.add(replace(event_of("s2", 2, before=tuple(draws.drawn)), draw="w2"))
    assert list(draws.kept) == ["w2"]
    assert (draws.made, len(draws.drawn)) == (2, 4)
