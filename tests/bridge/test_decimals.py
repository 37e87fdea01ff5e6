"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.decimals import is_ambiguous, number_text, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1234", 1234),
        ("-5", -5),
        ("+5", 5),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("1234.567", 1234.567),
        ("1,2345", 1.2345),
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567,25", 1_234_567.25),
        ("1 234", 1234),
        ("1\u00a0234,5", 1234.5),
        ("12 345 678", 12_345_678),
    ],
)
def test_what_is_a_number(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,999", "-1.234"])
def test_what_may_be_either(text: str) -> None:
    assert is_ambiguous(text)
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "x",
        "1e3",
        "nan",
        "inf",
        "5%",
        "1.2.3",
        "1.234.56",
        "1,23,456",
        "1.234,567,8",
        "12 34",
        "1 234 56",
        "²",
        "٣",
        "1.",
        ".5",
        "9" * 25,
        "9" * 17,
        "1.234.567.8",
        "1,234,567,8",
        "1.234.5678",
        "--5",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_ambiguous(text)
    assert parse_number(text) is None


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_are_exact_however_they_are_grouped(number: int) -> None:
    assert parse_number(str(number)) == number
    assert number_text(float(number)) == str(number)
    if abs(number) >= 10**6:
        for group in (",", ".", " "):
            assert parse_number(f"{number:,}".replace(",", group)) == number


@given(st.floats(-1e6, 1e6).map(lambda number: round(number, 4)))
def test_what_is_written_is_read(number: float) -> None:
    text = number_text(number)
    if not is_ambiguous(text) and "e" not in text:
        assert parse_number(text) == number
        assert parse_number(text.replace(".", ",")) == number
