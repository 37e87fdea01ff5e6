"""Days as numbers, held against the calendar of the standard library."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.days import day_at, day_of, day_text, parse_day

EPOCH = dt.date(1970, 1, 1)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_is_the_library_s(date: dt.date) -> None:
    day = (date - EPOCH).days
    assert day_of(date.year, date.month, date.day) == day
    assert day_text(day) == date.isoformat()
    assert parse_day(date.isoformat()) == day
    assert parse_day(f"{date.day}/{date.month}/{date.year}") == day


@given(st.integers(1980, 2110), st.integers(-1, 14), st.integers(-1, 33))
def test_days_that_are_none(year: int, month: int, day: int) -> None:
    try:
        expected = (dt.date(year, month, day) - EPOCH).days if 1990 <= year <= 2099 else None
    except ValueError:
        expected = None
    assert day_of(year, month, day) == expected


@pytest.mark.parametrize("text", ["02/09/2021", "2/9/2021", "02.09.2021", "02-09-2021", "2021-09-02", "2021-9-2"])
def test_the_day_comes_first_unless_the_year_does(text: str) -> None:
    day = parse_day(text)
    assert day is not None
    assert day_text(day) == "2021-09-02"


@pytest.mark.parametrize(
    "text", ["", "2021", "09/2021", "2/9/21", "30/02/2021", "9/13/2021", "2021-09-02T00:00", "٢/٩/2021", " 2/9/2021"]
)
def test_what_is_no_date(text: str) -> None:
    assert parse_day(text) is None


def test_a_day_begins_where_one_stands() -> None:
    last_evening_of_august = int(dt.datetime(2021, 8, 31, 17, 0, tzinfo=dt.UTC).timestamp() * 1000)
    assert day_text(day_at(last_evening_of_august)) == "2021-09-01"
    assert day_text(day_at(last_evening_of_august - 1)) == "2021-08-31"
    assert day_text(day_at(last_evening_of_august, offset_ms=0)) == "2021-08-31"
