"""Which point stands on which page of the link sheets. Pure.

Theory of operation. A *section* is what one official is handed: a unit's own desks and the desks of those units below it that
have nothing below themselves. A unit below that has units of its own begins a section of its own, so a province is a page with
its own desk and then its districts, and a province without districts is one section with all its communes. Sections begin on
a new page; every row has the same height, so pages are counted before anything is drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bridge.units import Directory, Point, Unit

ROWS_A_PAGE: Final = 7
"""297 mm: 12 mm of margin, 28 mm of heading, seven rows of 34 mm, 19 mm of footer and margin."""


@dataclass(frozen=True, slots=True)
class Row:
    """One point: what is printed beside its code."""

    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a section."""

    unit: str
    above: str
    point_count: int
    is_continued: bool
    rows: tuple[Row, ...]


def pages_of(directory: Directory, units: Iterable[str]) -> Iterator[Page]:
    """Yield the pages of these units' subtrees, in the order given; no point is printed twice.

    Raises:
        BridgeError: ``unknown_unit``.
    """
    for top in _tops(directory, units):
        for unit in directory.subtree(top.code):
            if unit is top or directory.children(unit.code):
                yield from _section(directory, unit)


def _tops(directory: Directory, units: Iterable[str]) -> list[Unit]:
    """The units asked for, without those inside of another of them."""
    wanted = {unit: directory.unit(unit) for unit in units}
    return [
        unit for code, unit in wanted.items() if not any(other != code and directory.is_within(code, [other]) for other in wanted)
    ]


def _section(directory: Directory, unit: Unit) -> Iterator[Page]:
    points = list(_points_of(directory, unit))
    above = _line(one.name for one in directory.path(unit.code)[:-1])
    for start in range(0, len(points), ROWS_A_PAGE):
        rows = tuple(_row(directory, point) for point in points[start : start + ROWS_A_PAGE])
        yield Page(plain(unit.name), above, len(points), start > 0, rows)


def _points_of(directory: Directory, unit: Unit) -> Iterator[Point]:
    own = directory.points_within(unit.code)
    yield from (directory.points[index] for index in own if directory.points[index].unit == unit.code)
    for below in directory.children(unit.code):
        if not directory.children(below.code):
            yield from (directory.points[index] for index in directory.points_within(below.code))


def _row(directory: Directory, point: Point) -> Row:
    path = directory.path(point.code)
    above = path[:-1] if path[-1].name == point.name else path
    return Row(point.code, plain(point.name), _line(unit.name for unit in above))


def _line(names: Iterable[str]) -> str:
    return " › ".join(plain(name) for name in names)


def plain(text: str) -> str:
    """A name as it can be drawn letter by letter: marks put together with their letters (NFC), no control characters."""
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in unicodedata.normalize("NFC", text))
