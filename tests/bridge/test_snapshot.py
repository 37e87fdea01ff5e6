"""Objects as lines and back: what is shared stays shared, and what cannot be held is refused at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, TypeVar

import pytest

from bridge import bridge as domain
from bridge import snapshot
from bridge.errors import BridgeError
from bridge.snapshot import Format, classes_of

T = TypeVar("T")


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


@dataclass(frozen=True, slots=True)
class Fixed:
    text: str
    boxes: tuple[Any, ...] = ()


@dataclass(slots=True)
class Box:
    content: Any = None
    more: dict[Any, Any] = field(default_factory=dict)


@dataclass
class Unslotted:
    content: Any = None


class Plain:
    def __init__(self, *items: Any) -> None:
        self.items = list(items)
        self.first = items[0] if items else None


class Slotted:
    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content


class Stranger:
    pass


FORMAT = Format([Colour, Level, Fixed, Box, Unslotted, Plain, Slotted])


def run(steps: Generator[None, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def there_and_back(content: Any, **outside: Any) -> Any:
    return run(FORMAT.read(list(FORMAT.write(Box(content), outside)), outside)).content


@pytest.mark.parametrize(
    "content",
    [
        None,
        True,
        7,
        -(2**70),
        2.5,
        float("inf"),
        "Phường \ud800 \n",
        b"\x00\xff",
        bytearray(b"\x01\x02"),
        (),
        (1, ("two", None)),
        [],
        [[1], {"a": [2]}, "l", ["t"]],
        {"a": None, 1: "x", (1, "b"): 2, Colour.RED: 3, None: 4},
        {Fixed("key"): 1},
        {1, "one", ("x", 2), Colour.RED},
        frozenset({"b", "a"}),
        deque([1, [2]], maxlen=3),
        Colour.RED,
        [Level.LOW, 1, Colour.RED, "red"],
        Fixed("x", (Box(1),)),
        Unslotted([Unslotted(1)]),
    ],
    ids=lambda content: type(content).__name__,  # a set writes itself in another order in each process
)
def test_content_comes_back(content: Any) -> None:
    back = there_and_back(content)
    assert back == content
    assert repr(back) == repr(content) or isinstance(content, set | frozenset)
    assert type(back) is type(content)


def test_plain_and_slotted_objects_come_back_without_their_constructors() -> None:
    back = there_and_back(Plain(Slotted(5), 6))
    assert type(back) is Plain
    assert back.items == [back.first, 6]
    assert type(back.first) is Slotted
    assert back.first.content == 5


def test_what_is_shared_stays_shared_and_circles_close() -> None:
    shared = Box("shared")
    circle: list[Any] = [shared, {"again": shared}]
    circle.append(circle)
    back = there_and_back((circle, Fixed("x", (shared,))))
    assert back[0][0] is back[0][1]["again"] is back[1].boxes[0]
    assert back[0][2] is back[0]


def test_what_is_outside_is_not_written() -> None:
    outside = Stranger()
    assert there_and_back([outside, {"x": outside}], world=outside) == [outside, {"x": outside}]
    lines = list(FORMAT.write(Box(outside), {"world": outside}))
    other = Stranger()
    assert run(FORMAT.read(lines, {"world": other})).content is other
    with pytest.raises(BridgeError, match="world"):
        run(FORMAT.read(lines, {}))


def test_sets_are_written_in_one_order_whatever_their_history() -> None:
    forward, backward = {str(number) for number in range(200)}, {str(number) for number in range(199, -1, -1)}
    assert list(FORMAT.write(Box(forward), {})) == list(FORMAT.write(Box(backward), {}))


class Subclass(dict[str, int]):
    pass


@pytest.mark.parametrize(
    "content",
    [
        Stranger(),
        Stranger,
        len,
        lambda: 1,
        Subclass(a=1),
        1j,
        range(3),
        {Plain(): 1},
        {(1, Fixed("x", (Plain(),))): 1},
        {Plain()},
    ],
    ids=lambda content: type(content).__name__,
)
def test_what_cannot_be_held_is_refused(content: Any) -> None:
    with pytest.raises(TypeError, match="snapshot cannot hold"):
        list(FORMAT.write(Box(content), {}))


def test_an_attribute_that_only_some_objects_have_is_refused() -> None:
    first, second = Plain(), Plain()
    second.surprise = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="same attributes"):
        list(FORMAT.write(Box([first, second]), {}))


def test_a_large_object_takes_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "CELLS_A_STEP", 10)
    content = [Box(number) for number in range(50)]
    lines = list(FORMAT.write(Box(content), {}))
    assert len(lines) > 10
    assert run(FORMAT.read(lines, {})).content == content


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 55])
def test_a_large_dictionary_is_divided_and_keeps_its_order(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "ITEMS_A_ROW", 10)
    monkeypatch.setattr(snapshot, "CELLS_A_STEP", 100)
    shared = Box("shared")
    content = {str(number): shared if number % 2 else Fixed(str(number)) for number in range(count, 0, -1)}
    lines = list(FORMAT.write(Box([content, content]), {}))
    assert len(lines) >= count // 30
    back = run(FORMAT.read(lines, {})).content
    assert list(back[0].items()) == list(content.items())
    assert back[0] is back[1]
    assert len({id(value) for value in back[0].values() if type(value) is Box}) <= 1


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b'[["m",0,["a"],[1]]]', b"[[],[],[]]"],
        [b'[["m",5,["a"],[1]],["d",[],[]]]', b"[[],[],[]]"],
        [b""],
        [b"[]"],
        [b"[[],[],[]]"],
        [b'[["d"]]', b"[[],[],[]]"],
        [b'[["x"]]', b"[[],[],[]]"],
        [b'[["l",[5]]]', b"[[],[],[]]"],
        [b'[["l",["z",1]]]', b"[[],[],[]]"],
        [b'[["d",[[0]],[1]]]', b"[[],[],[]]"],
        [b'[["d",["a"],[]]]', b"[[],[],[]]"],
        [b"[[0]]", b'[[],[["os:system",[]]],[]]'],
        [b"[[0]]", b'[[],[["tests.bridge.test_snapshot:Box",["content"]]],[]]'],
        [b"[[0,1]]", b'[[],[["tests.bridge.test_snapshot:Slotted",["__class__"]]],[]]'],
        [b"[[0,1]]", b'[[],[["tests.bridge.test_snapshot:Slotted",["nothing"]]],[]]'],
        [b'[["l"]]', b'[[],[],[["tests.bridge.test_snapshot:Colour","BLUE"]]]'],
        [b"[" * 100_000, b"[[],[],[]]"],
    ],
)
def test_lines_that_nobody_wrote(lines: list[bytes]) -> None:
    with pytest.raises(BridgeError) as refused:
        run(FORMAT.read(lines, {}))
    assert refused.value.code == "corrupt_record"


def test_the_fingerprint_follows_the_fields() -> None:
    @dataclass
    class Same:
        a: int

    one = Same

    @dataclass
    class Same:  # type: ignore[no-redef]
        a: int
        b: int = 0

    two = Same

    class Same:  # type: ignore[no-redef]
        def __init__(self) -> None:
            self.a = 1

    three = Same

    class Same(StrEnum):  # type: ignore[no-redef]
        A = "a"

    prints = [Format([cls]).fingerprint for cls in (one, two, three, Same)]
    assert len(set(prints)) == 4
    assert Format([Box, Plain]).fingerprint == Format([Plain, Box]).fingerprint != Format([Box]).fingerprint


def test_the_classes_of_a_module_and_of_those_it_imports() -> None:
    found = classes_of(domain)
    assert domain.Bridge in found
    assert len(found) == len(set(found)) > 30
    assert all(cls.__module__.startswith("bridge.") for cls in found)
    assert not any(issubclass(cls, Exception) for cls in found)
