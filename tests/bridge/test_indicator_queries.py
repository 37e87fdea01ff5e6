"""Questions about indicators over the tree of units."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.indicator_filter import parse_filter
from bridge.indicator_queries import IndicatorView, Rank, order_key, ranking, units_of
from bridge.indicators import Indicators
from tests.bridge.indicator_world import DIRECTORY, UNITS, day, indicators, part

MADE = indicators(
    part("cases", "2021-09-01", {"27286": 5.0, "27289": 30.0, "27163": 5.0, "00001": 40.0}),
    part("cases", "2021-09-08", {"27286": 50.0, "27163": 5.0}),
    part("zone", "2021-09-01", {"773": "đỏ", "79": "cam", "27289": "xanh", "01": "vàng"}),
)
NOW = day("2021-09-08")


def view(on: int = NOW, *, inherited: bool = False, made: Indicators = MADE) -> IndicatorView:
    return IndicatorView(made, DIRECTORY, on, inherited=inherited)


def found(
    name: str, scope: Sequence[str] = ("VN",), text: str = "", *, inherited: bool = False, missing: bool = False
) -> dict[str, object]:
    each = view(inherited=inherited).find(
        MADE.indicator(name), units_of(DIRECTORY, scope), parse_filter(text, MADE), missing=missing
    )
    return {one.unit.code: None if one.reading is None else one.reading.value for one in each}


def test_values_of_a_scope_in_the_order_of_the_directory() -> None:
    assert list(found("cases").items()) == [("00001", 40), ("27286", 50), ("27289", 30), ("27163", 5)]
    assert list(found("cases", ("773", "001"))) == ["00001", "27286", "27289"]
    assert found("cases", ("nowhere",)) == {}
    assert list(units_of(DIRECTORY, ("773", "79", "27286"))) == list(units_of(DIRECTORY, ("79",))), "each unit once"


def test_missing_ones_when_wanted() -> None:
    assert found("cases", ("773",), missing=True) == {"773": None, "27286": 50, "27289": 30}


def test_a_value_is_the_unit_s_alone_unless_it_is_inherited() -> None:
    assert found("zone") == {"01": "vàng", "79": "cam", "773": "đỏ", "27289": "xanh"}
    assert found("zone", inherited=True) == {
        "01": "vàng",
        "001": "vàng",
        "00001": "vàng",
        "79": "cam",
        "773": "đỏ",
        "27286": "đỏ",
        "27289": "xanh",
        "771": "cam",
        "27163": "cam",
    }


def test_an_inherited_value_says_whose_it_is_even_from_above_the_scope() -> None:
    (ward,) = view(inherited=True).find(MADE.indicator("zone"), [DIRECTORY.unit("27163")])
    assert (ward.unit.code, ward.source, ward.reading and ward.reading.value) == ("27163", "79", "cam")


def test_conditions_on_several_indicators() -> None:
    assert found("cases", text="cases>=30") == {"00001": 40, "27286": 50, "27289": 30}
    assert found("cases", text="cases>=30 and zone=xanh") == {"27289": 30}
    assert found("cases", text="cases>=30 and zone=đỏ") == {}
    assert found("cases", text="cases>=30 and zone=đỏ", inherited=True) == {"27286": 50}
    assert found("cases", text="zone=đỏ", missing=True) == {"773": None}


def sorted_codes(name: str, *, descending: bool = False) -> list[str]:
    each = view().find(MADE.indicator("cases"), UNITS, missing=True)
    return [one.unit.code for one in view().sort(each, MADE.indicator(name), descending=descending)]


def test_order_with_missing_ones_last_either_way() -> None:
    order = [unit.code for unit in DIRECTORY.units]
    rest = [code for code in order if code not in {"27163", "27289", "00001", "27286"}]
    assert sorted_codes("cases") == ["27163", "27289", "00001", "27286", *rest]
    assert sorted_codes("cases", descending=True) == ["27286", "00001", "27289", "27163", *rest]


def test_colours_are_ordered_by_gravity() -> None:
    assert sorted_codes("zone")[:4] == ["27289", "01", "79", "773"]
    assert sorted(["đỏ", "Xanh", "cam", "ấm", "vàng", "Bình thường"], key=order_key) == [
        "Xanh",
        "vàng",
        "cam",
        "đỏ",
        "ấm",
        "Bình thường",
    ]


def test_how_ranks_moved() -> None:
    ranks = ranking(MADE, MADE.indicator("cases"), UNITS, NOW, day("2021-09-01"))
    assert ranks == {"27286": Rank(1, 3), "00001": Rank(2, 1), "27289": Rank(3, 2), "27163": Rank(4, 3)}
    assert {code: rank.moved for code, rank in ranks.items()} == {"27286": 2, "00001": -1, "27289": -1, "27163": -1}


def test_ranks_of_what_was_not_there_before() -> None:
    ranks = ranking(MADE, MADE.indicator("cases"), DIRECTORY.subtree("773"), NOW, day("2021-08-01"))
    assert ranks == {"27286": Rank(1, None), "27289": Rank(2, None)}
    assert ranks["27286"].moved is None


def test_categories_have_no_rank() -> None:
    with pytest.raises(BridgeError) as refused:
        ranking(MADE, MADE.indicator("zone"), UNITS, NOW, NOW)
    assert refused.value.code == "indicator_kind"


CODES = st.sampled_from([unit.code for unit in UNITS])


@given(st.dictionaries(CODES, st.integers(0, 5), max_size=10), st.lists(CODES, max_size=3), st.booleans(), st.integers(0, 5))
def test_any_tree_of_values_as_looked_up_one_by_one(values: dict[str, int], scope: list[str], inherited: bool, most: int) -> None:
    made = indicators(
        part("n", "2021-09-01", {"27286": 9.0}), part("n", "2021-09-02", {code: float(n) for code, n in values.items()})
    )
    values = {"27286": 9, **values}
    expected: list[tuple[str, int]] = []
    for unit in DIRECTORY.units:
        above = [each.code for each in reversed(DIRECTORY.path(unit.code))]
        sources = [code for code in (above if inherited else above[:1]) if code in values]
        if sources and values[sources[0]] <= most and any(code in scope for code in above):
            expected.append((unit.code, values[sources[0]]))
    sut = view(inherited=inherited, made=made)
    got = sut.find(made.indicator("n"), units_of(DIRECTORY, scope), parse_filter(f"n<={most}", made))
    assert [(each.unit.code, each.reading and each.reading.value) for each in got] == expected
    ordered = sut.sort(got, made.indicator("n"), descending=True)
    assert [each.unit.code for each in ordered] == [code for code, _ in sorted(expected, key=lambda pair: -pair[1])]
