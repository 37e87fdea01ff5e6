"""The language that chooses units by their indicators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.indicator_filter import FilterError, parse_filter
from tests.bridge.indicator_world import indicators, part

MADE = indicators(
    part("cases", "2021-09-02", {"79": 1.0}), part("ca mới", "2021-09-02", {"79": 1.0}), part("vùng", "2021-09-02", {"79": "đỏ"})
)


def parsed(text: str) -> list[tuple[str, str, float | str]]:
    return [(each.indicator.name, each.operator, each.operand) for each in parse_filter(text, MADE)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   ", []),
        ("cases>100", [("cases", ">", 100)]),
        (" cases  >=  1,5 ", [("cases", ">=", 1.5)]),
        ("CASES≤-3", [("cases", "<=", -3)]),
        ("vùng=đỏ", [("vùng", "=", "đỏ")]),
        ("vùng = Đỏ", [("vùng", "=", "đỏ")]),
        ("vùng≠đỏ tươi", [("vùng", "!=", "đỏ tươi")]),
        ("ca mới>1 and vùng=đỏ", [("ca mới", ">", 1), ("vùng", "=", "đỏ")]),
        ("ca mới>1 AND vùng=đỏ và cases<5", [("ca mới", ">", 1), ("vùng", "=", "đỏ"), ("cases", "<", 5)]),
        ('"ca mới">1 and vùng="xanh và vàng"', [("ca mới", ">", 1), ("vùng", "=", "xanh và vàng")]),
        ("“ca mới”=1 and vùng='a=b'", [("ca mới", "=", 1), ("vùng", "=", "a=b")]),
        ('vùng=""', [("vùng", "=", "")]),
        ('vùng="đỏ"and cases=1', [("vùng", "=", "đỏ"), ("cases", "=", 1)]),
    ],
)
def test_filters(text: str, expected: list[tuple[str, str, float | str]]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("cases", 6),
        ("cases >", 8),
        ("> 5", 1),
        ("cases > 5 and", 14),
        ("cases > 5 vùng = đỏ", 9),
        ("vùng = đỏ cases > 5", 17),
        ("cases > 5 cases", 9),
        ("cases > > 5", 9),
        ("deaths > 5", 1),
        ("cases>1 and deaths > 5", 13),
        ("cases > many", 9),
        ("cases > 1.234", 9),
        ("vùng > đỏ", 6),
        ('vùng = "đỏ', 8),
        ("vùng = đỏ and and", 15),
        ("cases ! 5", 7),
        ("x" * 501, 500),
        (" and ".join(["cases=1"] * 17), 193),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, position: int) -> None:
    with pytest.raises(FilterError) as refused:
        parse_filter(text, MADE)
    assert refused.value.position == position
    assert str(position) in refused.value.message_vi
    assert refused.value.code == "bad_filter"


@pytest.mark.parametrize(
    ("text", "fits", "not_fits"),
    [
        ("cases=5", [5.0], [4.0, None]),
        ("cases!=5", [4.0], [5.0, None]),
        ("cases<5", [4.0], [5.0, 6.0, None]),
        ("cases<=5", [4.0, 5.0], [6.0, None]),
        ("cases>5", [6.0], [5.0, 4.0, None]),
        ("cases>=5", [5.0, 6.0], [4.0, None]),
        ("vùng=đỏ", ["đỏ", "ĐỎ", "đo\u0309"], ["do", "cam", None]),
        ("vùng!=đỏ", ["cam"], ["Đỏ", None]),
    ],
)
def test_what_fits(text: str, fits: list[float | str | None], not_fits: list[float | str | None]) -> None:
    (condition,) = parse_filter(text, MADE)
    assert all(map(condition.fits, fits))
    assert not any(map(condition.fits, not_fits))


@given(
    st.lists(
        st.sampled_from(["cases", "ca", "mới", "vùng", " ", "and", "=", "!=", ">", '"', "'", "“", "5", "đỏ", "!", "1.234"]),
        max_size=15,
    )
)
def test_whatever_the_text_there_are_conditions_or_one_kind_of_error(words: list[str]) -> None:
    text = "".join(words)
    position, count = 1, 0
    try:
        count = len(parse_filter(text, MADE))
    except FilterError as error:
        position = error.position
    else:
        assert bool(count) is bool(text.strip())
    assert 1 <= position <= len(text) + 1
