"""What imports of indicators add up to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import indicators as limits
from bridge.errors import BridgeError
from bridge.indicator_imports import IndicatorImport, Part
from bridge.indicators import Indicators, Reading
from tests.bridge.indicator_world import day, indicators, part, record

WARD, OTHER = "27286", "27289"


def at(made: Indicators, name: str, unit: str, date: str) -> Any:
    found = made.at(made.indicator(name), unit, day(date))
    return None if found is None else found.value


def test_the_value_at_a_day_is_the_newest_of_that_day_or_before() -> None:
    made = indicators(part("cases", "2021-09-02", {WARD: 5.0}), part("cases", "2021-09-05", {WARD: 9.0, OTHER: 1.0}))
    assert [at(made, "cases", WARD, date) for date in ("2021-09-01", "2021-09-02", "2021-09-04", "2021-09-05", "2022-01-01")] == [
        None,
        5,
        5,
        9,
        9,
    ]
    assert at(made, "cases", OTHER, "2021-09-04") is None
    assert at(made, "cases", "79", "2021-09-05") is None, "a value is the unit's alone"


def test_a_later_import_corrects_an_earlier_one_and_may_speak_of_the_past() -> None:
    made = indicators(
        part("cases", "2021-09-05", {WARD: 9.0}),
        part("cases", "2021-09-02", {WARD: 4.0}),
        part("cases", "2021-09-05", {WARD: 7.0}),
    )
    assert made.history(made.indicator("cases"), WARD) == [
        Reading(4.0, day("2021-09-02"), 2),
        Reading(7.0, day("2021-09-05"), 3),
    ]
    assert made.value_count == 2
    assert (made.number, sorted(made.imports)) == (3, [1, 2, 3])


def test_names_and_categories_are_the_same_in_any_case_and_composition() -> None:
    made = indicators(
        part("Vùng", "2021-09-02", {WARD: "Đỏ"}),
        part("VÙNG", "2021-09-03", {WARD: "đỏ"}),
        part("vu\u0300ng", "2021-09-04", {OTHER: "cam"}),
    )
    assert [each.name for each in made.all()] == ["Vùng"]
    assert [each.value for each in made.history(made.indicator("vùng"), WARD)] == ["Đỏ", "Đỏ"], "in the spelling that came first"
    assert made.indicator("vùng").categories == ["Đỏ", "cam"]


def test_of_two_spellings_in_one_import_the_first_is_kept() -> None:
    for first, second in (("Đỏ", "đỏ"), ("đỏ", "Đỏ")):
        made = indicators(part("vùng", "2021-09-02", {WARD: first, OTHER: second}))
        assert made.indicator("vùng").categories == [first]


def test_what_an_indicator_tells_of_itself() -> None:
    made = indicators(part("cases", "2021-09-05", {WARD: 9.0}), part("cases", "2021-09-02", {OTHER: 4.0, WARD: 2.0}))
    cases = made.indicator("cases")
    assert (cases.kind, cases.first_day, cases.last_day, cases.source, cases.unit_count) == (
        "number",
        day("2021-09-02"),
        day("2021-09-05"),
        2,
        2,
    )
    note = made.imports[2]
    assert (note.by, note.file, note.names, note.values, note.first_day) == (
        "center:test",
        "f.csv",
        ("cases",),
        2,
        day("2021-09-02"),
    )


def test_an_unknown_indicator_is_refused() -> None:
    assert Indicators().find("cases") is None
    with pytest.raises(BridgeError) as refused:
        Indicators().indicator("cases")
    assert refused.value.code == "unknown_indicator"


def refused_code(made: Indicators, wrong: IndicatorImport) -> str:
    before = [(each.name, made.history(each, WARD)) for each in made.all()], made.value_count
    with pytest.raises(BridgeError) as refused:
        made.take_over(made.number + 1, wrong)
    assert ([(each.name, made.history(each, WARD)) for each in made.all()], made.value_count) == before, "nothing is taken over"
    assert refused.value.message_vi != refused.value.message_en
    return refused.value.code


def test_kinds_hold_for_ever() -> None:
    made = indicators(part("cases", "2021-09-02", {WARD: 5.0}), part("zone", "2021-09-02", {WARD: "cam"}))
    assert refused_code(made, record(part("cases", "2021-09-03", {WARD: "five"}))) == "indicator_kind"
    assert refused_code(made, record(part("ZONE", "2021-09-03", {WARD: 3.0}))) == "indicator_kind"
    both = record(part("new", "2021-09-03", {WARD: 3.0}), part("new", "2021-09-04", {WARD: "x"}))
    assert refused_code(made, both) == "indicator_kind"
    assert made.find("new") is None


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_INDICATORS", 2)
    monkeypatch.setattr(limits, "MAX_UNITS", 3)
    monkeypatch.setattr(limits, "MAX_CATEGORIES", 2)
    monkeypatch.setattr(limits, "MAX_VALUES", 6)
    made = indicators(part("a", "2021-09-02", {WARD: "x", OTHER: "y"}))
    made.take_over(2, record(part("b", "2021-09-02", {"79": 1.0})))
    assert refused_code(made, record(part("c", "2021-09-02", {WARD: 1.0}))) == "indicators_full"
    assert refused_code(made, record(part("b", "2021-09-02", {"80": 1.0}))) == "indicators_full"
    assert refused_code(made, record(part("a", "2021-09-02", {WARD: "z"}))) == "indicators_full"
    assert refused_code(made, record(*(part("b", f"2021-09-0{n}", {WARD: 1.0}) for n in range(1, 5)))) == "indicators_full"
    made.take_over(9, record(*(part("b", f"2021-09-0{n}", {WARD: 1.0}) for n in range(1, 4))))
    assert made.value_count == 6


def test_history_is_bounded_by_its_oldest_days() -> None:
    first = day("2020-01-01")
    made = Indicators()
    for number in range(limits.MAX_DAYS + 10):
        made.take_over(number + 1, record(Part("cases", "number", first + number, {WARD: float(number)})))
    history = made.history(made.indicator("cases"), WARD)
    assert [history[0].day, len(history), made.value_count] == [first + 10, limits.MAX_DAYS, limits.MAX_DAYS]
    made.take_over(999, record(Part("cases", "number", first, {WARD: 5.0})))
    assert made.history(made.indicator("cases"), WARD) == history, "what is older than the history is not kept"


def test_an_import_given_up_half_way_is_taken_over_anew() -> None:
    made = Indicators()
    twice = record(part("cases", "2021-09-02", {WARD: 1.0}), part("cases", "2021-09-03", {WARD: 2.0}))
    next(made.steps(1, twice))
    assert (made.number, made.imports, made.value_count) == (0, {}, 1)
    made.take_over(1, twice)
    assert (made.number, list(made.imports), made.value_count) == (1, [1], 2)


IMPORTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(10_000, 10_006),
        st.dictionaries(st.sampled_from("xyz"), st.integers(0, 9), min_size=1),
    ),
    max_size=25,
)


@given(IMPORTS)
def test_any_imports_add_up_as_a_plain_table_would(imports: list[tuple[str, int, dict[str, int]]]) -> None:
    made = Indicators()
    plain: dict[tuple[str, str, int], Reading] = {}
    for number, (name, on, values) in enumerate(imports, 1):
        made.take_over(number, record(Part(name, "number", on, {unit: float(value) for unit, value in values.items()})))
        plain |= {(name, unit, on): Reading(float(value), on, number) for unit, value in values.items()}
    assert made.value_count == len(plain)
    for indicator in made.all():
        for unit in "xyz":
            expected = [plain[key] for key in sorted(plain) if key[:2] == (indicator.name, unit)]
            assert made.history(indicator, unit) == expected
            for on in range(9_999, 10_008):
                before = [each for each in expected if each.day <= on]
                assert made.at(indicator, unit, on) == (before[-1] if before else None)
