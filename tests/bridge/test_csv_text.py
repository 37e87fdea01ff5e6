"""The wrapping that spreadsheets put around a table."""

import pytest

from bridge.csv_text import delimiter_of, prepared_lines


def test_what_comes_before_the_heading_is_counted_and_dropped() -> None:
    assert prepared_lines("\ufeff\n  \nSEP=;\na;b\r\n1;2\r3;4") == (3, ["a;b\n", "1;2\n", "3;4\n"])


def test_lines_further_down_stay_where_they_are() -> None:
    assert prepared_lines("a\n\nsep=;\n") == (0, ["a\n", "\n", "sep=;\n", "\n"])


def test_a_zero_byte_is_shown_as_broken() -> None:
    assert prepared_lines("a\0b") == (0, ["a\ufffdb\n"])


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_nothing_at_all(text: str) -> None:
    assert prepared_lines(text)[1] == []


@pytest.mark.parametrize(("heading", "delimiter"), [("a,b;c;d", ";"), ("a\tb,c\td", "\t"), ("a,b", ","), ("Xã A, B;x;y", ";")])
def test_the_most_frequent_one_separates(heading: str, delimiter: str) -> None:
    assert delimiter_of(heading) == delimiter
