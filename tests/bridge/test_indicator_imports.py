"""The kept form of an import."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.indicator_imports import IndicatorImport, import_of
from tests.bridge.indicator_world import part, record

GOOD = record(
    part("ca mới", "2021-09-02", {"27286": 12.0, "27289": 0.5}), part("vùng", "2021-09-02", {"27286": "đỏ"}), file="hai.csv"
)


def through_json(made: IndicatorImport) -> Any:
    return json.loads(json.dumps(made.to_dict()))


def test_there_and_back() -> None:
    again = import_of(through_json(GOOD))
    assert again == GOOD
    assert again.value_count == 3


def test_the_form_that_is_kept() -> None:
    assert through_json(GOOD) == {
        "at": 1_631_000_000_000,
        "by": "center:test",
        "file": "hai.csv",
        "parts": [
            {"name": "ca mới", "kind": "number", "date": "2021-09-02", "values": {"27286": 12, "27289": 0.5}},
            {"name": "vùng", "kind": "category", "date": "2021-09-02", "values": {"27286": "đỏ"}},
        ],
    }
    assert '"27286": 12,' in json.dumps(GOOD.to_dict()), "whole numbers have no decimals"


def test_the_file_s_name_is_cut_and_flat() -> None:
    assert record(file="a\nb" + "x" * 200).file == ("a b" + "x" * 200)[:80]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("at",), "now"),
        (("at",), True),
        (("by",), None),
        (("file",), 5),
        (("parts",), {}),
        (("parts", 0), []),
        (("parts", 0, "name"), ""),
        (("parts", 0, "name"), "x" * 41),
        (("parts", 0, "kind"), "colour"),
        (("parts", 0, "kind"), "category"),
        (("parts", 1, "kind"), "number"),
        (("parts", 0, "date"), "2021-02-30"),
        (("parts", 0, "date"), 20210902),
        (("parts", 0, "values"), [1]),
        (("parts", 0, "values"), {"no code": 1}),
        (("parts", 0, "values"), {"27286": float("nan")}),
        (("parts", 0, "values"), {"27286": 1e16}),
        (("parts", 0, "values"), {"1\n2": 1}),
        (("parts", 0, "values"), {"": 1}),
        (("parts", 0, "values"), {"1" * 33: 1}),
        (("parts", 0, "values"), {"27286": True}),
        (("parts", 1, "values"), {"27286": ""}),
        (("parts", 1, "values"), {"27286": "x" * 41}),
        (("parts", 1, "values"), {"27286": ["đỏ"]}),
    ],
)
def test_what_this_version_does_not_write_is_refused(place: tuple[str | int, ...], value: object) -> None:
    written = through_json(GOOD)
    inner = written
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(BridgeError) as refused:
        import_of(written)
    assert refused.value.code == "corrupt_record"


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, float("inf"), "", "x", "number", "category", "2021-09-02", [], {}, [[]], {"A": "x"}, {"A": []}]
)


@given(
    st.dictionaries(st.sampled_from(["at", "by", "file", "parts"]), JUNK),
    st.dictionaries(st.sampled_from(["name", "kind", "date", "values"]), JUNK),
)
def test_whatever_the_json_there_is_one_kind_of_error(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    written = through_json(GOOD)
    written["parts"][0] |= inner
    written |= outer
    code, again = "", None
    try:
        again = import_of(written)
    except BridgeError as error:
        code = error.code
    assert code == ("" if again else "corrupt_record")
    assert again is None or again.to_dict()["at"] == written["at"]
