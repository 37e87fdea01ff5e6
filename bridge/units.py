"""The directory: a tree of units of any depth, and the points that are their desks.

Units are kept in tree order (each before what is below it, siblings in the order given), so that a subtree is one run of
neighbours and being inside of it is two comparisons. Points follow their units; a point's place in that order is its index,
by which state frames speak of it. A directory never changes; another directory has another `version`.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.errors import bad_directory, unknown_point, unknown_unit
from bridge.ids import check_code
from bridge.words import clip

NAME_MAX_CHARS: Final = 120
MAX_UNITS: Final = 50_000
MAX_POINTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the administrative tree. ``kind`` is free: country, province, district, commune, ministry…"""

    code: str
    name: str
    parent: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A desk of a unit. The first has the unit's code, further ones ``<unit>-2``, ``<unit>-3``…"""

    code: str
    unit: str
    name: str


def fold(text: str) -> str:
    """Give ``text`` as people type it in a hurry: lower case, no diacritics, đ as d, single spaces.

    "Phường Bến Nghé" becomes "phuong ben nghe".
    """
    bare = "".join(
        character for character in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(character)
    )
    return " ".join(bare.replace("đ", "d").split())


def one_point_each(units: Iterable[Unit]) -> list[Point]:
    """Give every unit one desk, except a single top unit that has others below it: that one is the center's own seat."""
    rows = list(units)
    tops = [unit.code for unit in rows if unit.parent is None]
    seat = tops[0] if len(tops) == 1 and len(rows) > 1 else None
    return [Point(unit.code, unit.code, unit.name) for unit in rows if unit.code != seat]


class Directory:
    """Units and points, checked to fit together, with the look-ups everything else is built on.

    Raises:
        BridgeError: ``bad_identifier`` for a malformed code; ``bad_directory`` for a name that is empty or too long, a code given
            twice, a parent or unit that is not there, a circle, a point that carries the code of another unit, or too many rows.
    """

    def __init__(self, units: Iterable[Unit], points: Iterable[Point]) -> None:
        given = list(units)
        self.units: tuple[Unit, ...] = tuple(_tree_order(given))
        self._position = {unit.code: index for index, unit in enumerate(self.units)}
        self._end = _subtree_ends(self.units, self._position)
        self.points: tuple[Point, ...] = tuple(_point_order(points, self._position))
        self._index = {point.code: index for index, point in enumerate(self.points)}
        self._first_point = _first_points(self.points, self._position, len(self.units))
        self.version: str = _version(self.units, self.points)

    def has_unit(self, unit: str) -> bool:
        """Say whether there is a unit of that code."""
        return unit in self._position

    def has_point(self, point: str) -> bool:
        """Say whether there is a point of that code."""
        return point in self._index

    def unit(self, code: str) -> Unit:
        """Give the unit of that code, or raise ``unknown_unit``."""
        return self.units[self._unit_position(code)]

    def point(self, code: str) -> Point:
        """Give the point of that code, or raise ``unknown_point``."""
        return self.points[self.index_of(code)]

    def index_of(self, point: str) -> int:
        """Give the index of a point in directory order, or raise ``unknown_point``."""
        index = self._index.get(point)
        if index is None:
            raise unknown_point(point)
        return index

    def children(self, unit: str) -> tuple[Unit, ...]:
        """Give the units right below ``unit``, in order."""
        position, end = self._unit_position(unit), self._end[self._unit_position(unit)]
        below: list[Unit] = []
        position += 1
        while position < end:
            below.append(self.units[position])
            position = self._end[position]
        return tuple(below)

    def path(self, code: str) -> tuple[Unit, ...]:
        """Give the units from the top down to the unit of that code, or to the unit of the point of that code."""
        current: Unit | None = self.units[self._place(code)]
        upward: list[Unit] = []
        while current is not None:
            upward.append(current)
            current = None if current.parent is None else self.units[self._position[current.parent]]
        return tuple(reversed(upward))

    def units_above(self, point: str) -> tuple[str, ...]:
        """Give the codes of the point's unit and of everything above it, upwards; raises ``unknown_point``."""
        upward: list[str] = []
        code: str | None = self.points[self.index_of(point)].unit
        while code is not None:
            upward.append(code)
            code = self.units[self._position[code]].parent
        return tuple(upward)

    def subtree(self, unit: str) -> tuple[Unit, ...]:
        """Give ``unit`` and everything below it, in tree order."""
        position = self._unit_position(unit)
        return self.units[position : self._end[position]]

    def points_within(self, unit: str) -> range:
        """Give the indices of the points of ``unit`` and of everything below it: one run of neighbours."""
        position = self._unit_position(unit)
        return range(self._first_point[position], self._first_point[self._end[position]])

    def is_within(self, code: str, scope: Iterable[str]) -> bool:
        """Say whether the unit or point of that code lies in the subtree of one of the units of ``scope``.

        Codes of ``scope`` that the directory does not have cover nothing; an unknown ``code`` is within nothing.
        """
        position = self._position.get(code)
        if position is None:
            index = self._index.get(code)
            if index is None:
                return False
            position = self._position[self.points[index].unit]
        for top in scope:
            start = self._position.get(top)
            if start is not None and start <= position < self._end[start]:
                return True
        return False

    def _unit_position(self, code: str) -> int:
        position = self._position.get(code)
        if position is None:
            raise unknown_unit(code)
        return position

    def _place(self, code: str) -> int:
        if code in self._position:
            return self._position[code]
        return self._position[self.point(code).unit]


def _check_name(name: str, code: str) -> None:
    if not name.strip() or len(name) > NAME_MAX_CHARS:
        raise bad_directory(
            f"Tên của đơn vị hoặc điểm cầu {code} phải có từ 1 đến {NAME_MAX_CHARS} ký tự.",
            f"The name of unit or point {code} must have 1 to {NAME_MAX_CHARS} characters.",
        )


def _tree_order(units: Sequence[Unit]) -> list[Unit]:
    if len(units) > MAX_UNITS:
        raise bad_directory(f"Danh bạ có quá {MAX_UNITS} đơn vị.", f"The directory has more than {MAX_UNITS} units.")
    below: dict[str | None, list[Unit]] = {None: []}
    for unit in units:
        check_code(unit.code, "Mã đơn vị", "unit code")
        _check_name(unit.name, unit.code)
        if unit.code in below:
            raise bad_directory(f"Mã đơn vị {unit.code} bị lặp lại.", f"The unit code {unit.code} is given twice.")
        below[unit.code] = []
    for unit in units:
        if unit.parent is not None and unit.parent not in below:
            parent = clip(unit.parent, 32)
            raise bad_directory(
                f"Đơn vị {unit.code} thuộc đơn vị {parent}, nhưng danh bạ không có mã này.",
                f"Unit {unit.code} is below {parent}, which the directory does not have.",
            )
        below[unit.parent].append(unit)
    ordered: list[Unit] = []
    stack = list(reversed(below[None]))
    while stack:
        unit = stack.pop()
        ordered.append(unit)
        stack.extend(reversed(below[unit.code]))
    if len(ordered) != len(units):
        reached = {unit.code for unit in ordered}
        lost = next(unit.code for unit in units if unit.code not in reached)
        raise bad_directory(
            f"Đơn vị {lost} nằm trong một vòng lặp cấp trên, cấp dưới.",
            f"Unit {lost} is its own superior, directly or through others.",
        )
    return ordered


def _subtree_ends(units: Sequence[Unit], position: dict[str, int]) -> list[int]:
    ends = [index + 1 for index in range(len(units))]
    for index in range(len(units) - 1, -1, -1):
        parent = units[index].parent
        if parent is not None:
            above = position[parent]
            ends[above] = max(ends[above], ends[index])
    return ends


def _point_order(points: Iterable[Point], position: dict[str, int]) -> list[Point]:
    seen: set[str] = set()
    rows = list(points)
    if len(rows) > MAX_POINTS:
        raise bad_directory(f"Danh bạ có quá {MAX_POINTS} điểm cầu.", f"The directory has more than {MAX_POINTS} points.")
    for point in rows:
        check_code(point.code, "Mã điểm cầu", "point code")
        _check_name(point.name, point.code)
        if point.code in seen:
            raise bad_directory(f"Mã điểm cầu {point.code} bị lặp lại.", f"The point code {point.code} is given twice.")
        if point.unit not in position or (point.code in position and point.code != point.unit):
            raise bad_directory(
                f"Điểm cầu {point.code} không khớp với đơn vị nào: hãy kiểm tra mã.",
                f"The point {point.code} does not fit its unit: check the codes.",
            )
        seen.add(point.code)
    return sorted(rows, key=lambda point: position[point.unit])


def _first_points(points: Sequence[Point], position: dict[str, int], unit_count: int) -> list[int]:
    first = [0] * (unit_count + 1)
    for point in points:
        first[position[point.unit] + 1] += 1
    for index in range(unit_count):
        first[index + 1] += first[index]
    return first


def _version(units: Sequence[Unit], points: Sequence[Point]) -> str:
    rows = [
        [[unit.code, unit.name, unit.parent, unit.kind] for unit in units],
        [[point.code, point.unit, point.name] for point in points],
    ]
    text = json.dumps(rows, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
