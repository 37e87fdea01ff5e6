"""Points in time without a clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.moments import parse_moment

VIETNAM = timezone(timedelta(hours=7))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 (zones are what is tested)
def test_it_agrees_with_the_standard_library(moment: datetime) -> None:
    at = moment.replace(microsecond=0)
    text = at.strftime("%Y-%m-%d %H:%M:%S").zfill(19)
    assert parse_moment(text) == round(at.replace(tzinfo=VIETNAM).timestamp()) * 1000
    assert parse_moment(text.replace(" ", "T") + "Z") == round(at.replace(tzinfo=UTC).timestamp()) * 1000
    west = timezone(timedelta(hours=-3, minutes=-30))
    assert parse_moment(text + "-03:30") == round(at.replace(tzinfo=west).timestamp()) * 1000
    local = at.strftime("%d/%m/%Y %H:%M:%S")
    assert parse_moment(local) == parse_moment(text)


def test_minutes_are_enough_and_vietnam_is_meant() -> None:
    assert parse_moment("2021-09-02 18:20") == parse_moment("2021-09-02T11:20Z") == 1_630_581_600_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-09-02",
        "18:20",
        "2021-13-02 18:20",
        "2021-02-29 18:20",
        "2021-09-31 18:20",
        "2021-09-02 24:00",
        "2021-09-02 18:60",
        "2021-09-02 18:20+25:00",
        "2021-09-02 18:20 +07:00",
        "٢٠٢١-09-02 18:20",
        "1969-09-02 18:20",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert parse_moment(text) is None


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    at = parse_moment(text)
    assert at is None or at >= 0
