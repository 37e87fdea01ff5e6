"""Dataclasses as records: what is believed, what is not, and what time may add."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError, bad_directory
from bridge.records import Form


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class Inner:
    text: str
    number: float | None = None

    def __post_init__(self) -> None:
        if self.text == "no":
            raise bad_directory("không", "no")


@dataclass(frozen=True, slots=True)
class Outer:
    at: int
    name: str | None
    flag: bool
    colour: Colour
    level: Level | None
    inner: Inner | None
    codes: tuple[str, ...]
    pairs: tuple[tuple[str, int], ...]
    inners: tuple[Inner, ...]
    table: Mapping[str, Colour]
    later: int = 7
    later_codes: tuple[str, ...] = ()
    later_table: dict[str, int] = field(default_factory=dict)


FORM = Form(Outer, "outer", more=("v",))
inners = st.builds(Inner, st.text(max_size=5).filter(lambda text: text != "no"), st.none() | st.floats(0, 9) | st.integers(0, 9))
outers = st.builds(
    Outer,
    at=st.integers(),
    name=st.none() | st.text(max_size=5),
    flag=st.booleans(),
    colour=st.sampled_from(Colour),
    level=st.none() | st.sampled_from(Level),
    inner=st.none() | inners,
    codes=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    pairs=st.lists(st.tuples(st.text(max_size=3), st.integers()), max_size=3).map(tuple),
    inners=st.lists(inners, max_size=2).map(tuple),
    table=st.dictionaries(st.text(max_size=3), st.sampled_from(Colour), max_size=3),
    later=st.integers(),
    later_codes=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    later_table=st.dictionaries(st.text(max_size=3), st.integers(), max_size=3),
)
OUTER = Outer(1, "x", True, Colour.RED, Level.LOW, Inner("y", 2.5), ("a",), (("b", 2),), (Inner("z"),), {"k": Colour.GREEN})


def record_of(outer: Outer) -> dict[str, Any]:
    """What comes out of a log."""
    record: dict[str, Any] = json.loads(json.dumps(FORM.write(outer, {"v": 1})))
    return record


@given(outers)
def test_what_is_written_is_read(outer: Outer) -> None:
    assert FORM.read(record_of(outer)) == outer


def test_the_record_is_plain() -> None:
    assert record_of(OUTER) == {
        "v": 1,
        "at": 1,
        "name": "x",
        "flag": True,
        "colour": "red",
        "level": 1,
        "inner": {"text": "y", "number": 2.5},
        "codes": ["a"],
        "pairs": [["b", 2]],
        "inners": [{"text": "z", "number": None}],
        "table": {"k": "green"},
        "later": 7,
        "later_codes": [],
        "later_table": {},
    }


def test_a_field_that_has_a_default_may_be_missing_and_gets_it() -> None:
    record = record_of(OUTER)
    for name in ("later", "later_codes", "later_table"):
        del record[name]
        assert FORM.read(record) == OUTER
    record["inner"] = {"text": "y"}
    inner = FORM.read(record).inner
    assert inner == Inner("y")
    assert FORM.read(record).later_table is not FORM.read(record).later_table


def test_a_missing_field_does_not_hide_an_odd_one() -> None:
    record = record_of(OUTER)
    del record["later"]
    with pytest.raises(BridgeError, match="field later_on"):
        FORM.read({**record, "later_on": 7})
    with pytest.raises(BridgeError, match="field at"):
        FORM.read({**{key: value for key, value in record.items() if key != "at"}, "later": 7})
    with pytest.raises(BridgeError, match="later_codes"):
        FORM.read({**record, "later_codes": "a"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", None),
        ("at", True),
        ("at", 1.0),
        ("name", 1),
        ("flag", 1),
        ("colour", "blue"),
        ("colour", ["red"]),
        ("level", 3),
        ("level", "1"),
        ("inner", []),
        ("inner", {}),
        ("inner", {"text": "no", "number": None}),
        ("inner", {"text": "y", "number": True}),
        ("inner", {"text": "y", "number": None, "more": 1}),
        ("codes", "a"),
        ("codes", ["a", 1]),
        ("codes", [["a"]]),
        ("pairs", [["b"]]),
        ("pairs", [["b", 2, 3]]),
        ("pairs", [["b", "2"]]),
        ("pairs", ["b2"]),
        ("inners", [None]),
        ("inners", [{"text": 1, "number": None}]),
        ("table", {"k": "blue"}),
        ("table", {1: "red"}),
        ("table", []),
    ],
)
def test_values_of_another_type_are_refused_and_named(name: str, value: Any) -> None:
    record = record_of(OUTER)
    for _ in range(2):  # what is remembered of types must not make the second one pass
        with pytest.raises(BridgeError, match=f"outer.*{name}|outer: ") as refused:
            FORM.read({**record, name: value})
        assert refused.value.code == "corrupt_record"
        assert FORM.read(record) == OUTER


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(outers, st.data())
def test_a_damaged_record_is_refused_or_says_the_same(outer: Outer, data: st.DataObject) -> None:
    record = record_of(outer)
    record[data.draw(st.sampled_from([*sorted(record), "odd"]))] = data.draw(json_values)
    code = ""
    try:
        read = FORM.read(record)
    except BridgeError as error:
        code = error.code
    if code:
        assert code == "corrupt_record"
    else:
        assert FORM.write(read, {"v": record["v"]}) == record


def test_a_single_field() -> None:
    @dataclass(frozen=True, slots=True)
    class Single:
        at: int

    form = Form(Single, "single")
    assert form.write(Single(5), {}) == {"at": 5}
    assert form.read({"at": 5}) == Single(5)
    with pytest.raises(BridgeError):
        form.read({"at": "5"})


def test_more_combinations_of_types_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.records._MAX_SHAPES", 1)
    form = Form(Inner, "inner")
    for number in (None, 1, 2.5):
        assert form.read({"text": "y", "number": number}) == Inner("y", number)


@dataclass(frozen=True, slots=True)
class Unclear:
    value: Colour | str


@dataclass(frozen=True, slots=True)
class Formless:
    value: set[str]


@pytest.mark.parametrize("kind", [Unclear, Formless])
def test_fields_without_a_form_are_refused_when_the_form_is_made(kind: type) -> None:
    with pytest.raises(TypeError, match=r"kind\.value"):
        Form(kind, "kind")
