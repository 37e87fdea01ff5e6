"""Questions about indicators over the tree of units: values at a day, filtered and in order, and how ranks have moved.

A value that is given to a unit is that unit's alone. With ``inherited`` a unit without one has that of the nearest unit above it,
as a ward has the colour of its district.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from bridge.errors import BridgeError
from bridge.indicator_filter import Condition
from bridge.indicator_imports import CATEGORY, Value
from bridge.indicators import Indicator, Indicators, Reading
from bridge.units import Directory, Unit, fold

LEVELS: Final[Mapping[str, int]] = {"xanh": 0, "vang": 1, "cam": 2, "do": 3, "green": 0, "yellow": 1, "orange": 2, "red": 3}
"""Colours of zones in the order of their gravity; other categories come after them, by the alphabet."""


@dataclass(frozen=True, slots=True)
class Found:
    """A unit with the value of one indicator; ``source`` is the unit that it was given to, another one when it is inherited."""

    unit: Unit
    reading: Reading | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Rank:
    """A unit's place by the size of a number, the largest first; equal ones share a place. None where there is no value."""

    now: int | None
    before: int | None

    @property
    def moved(self) -> int | None:
        """How many places it went up (its number became one of the larger ones), or down where negative."""
        return None if self.now is None or self.before is None else self.before - self.now


class IndicatorView:
    """The values of one day, for the units of a directory."""

    def __init__(self, indicators: Indicators, directory: Directory, day: int, *, inherited: bool = False) -> None:
        self._indicators = indicators
        self._directory = directory
        self._day = day
        self._inherited = inherited
        self._upward: dict[str, dict[str, tuple[Reading, str] | None]] = {}

    def reading(self, indicator: Indicator, unit: Unit) -> tuple[Reading, str] | None:
        """Give the unit's value and whose it is."""
        if not self._inherited:
            own = self._indicators.at(indicator, unit.code, self._day)
            return None if own is None else (own, unit.code)
        known = self._upward.setdefault(indicator.name, {})
        trail: list[str] = []
        found: tuple[Reading, str] | None = None
        current: Unit | None = unit
        while current is not None and current.code not in known:
            own = self._indicators.at(indicator, current.code, self._day)
            trail.append(current.code)
            if own is not None:
                found = (own, current.code)
                break
            current = None if current.parent is None else self._directory.unit(current.parent)
        else:
            found = None if current is None else known[current.code]
        known.update(dict.fromkeys(trail, found))
        return found

    def find(
        self, indicator: Indicator, units: Iterable[Unit], conditions: Sequence[Condition] = (), *, missing: bool = False
    ) -> list[Found]:
        """Give those of some units that fit all conditions and have a value (or not, with ``missing``), in the order given."""
        found: list[Found] = []
        for unit in units:
            if not conditions or all(condition.fits(self._value(condition.indicator, unit)) for condition in conditions):
                at = self.reading(indicator, unit)
                if at is not None or missing:
                    found.append(Found(unit, at and at[0], at and at[1]))
        return found

    def sort(self, found: Sequence[Found], indicator: Indicator, *, descending: bool = False) -> list[Found]:
        """Order by an indicator: those without a value last either way, equal ones in the order of the directory."""
        keyed = [(self._value(indicator, each.unit), each) for each in found]
        there = [(order_key(value), each) for value, each in keyed if value is not None]
        there.sort(key=lambda pair: pair[0], reverse=descending)  # stays in order among equals, reversed or not
        return [each for _, each in there] + [each for value, each in keyed if value is None]

    def _value(self, indicator: Indicator, unit: Unit) -> Value | None:
        at = self.reading(indicator, unit)
        return None if at is None else at[0].value


def units_of(directory: Directory, scope: Sequence[str]) -> Iterator[Unit]:
    """Give the units of some subtrees in the order of the directory, each once; codes that it does not have cover nothing."""
    tops = [unit for unit in scope if directory.has_unit(unit)]
    if len(tops) == 1:
        yield from directory.subtree(tops[0])
    elif tops:
        yield from (unit for unit in directory.units if directory.is_within(unit.code, tops))


def order_key(value: Value) -> tuple[int, float, str]:
    """Give what values are ordered by: numbers by size, colours by gravity, other categories by the alphabet."""
    if not isinstance(value, str):
        return (0, value, "")
    folded = fold(value)
    return (1, LEVELS.get(folded, len(LEVELS)), folded)


def ranking(indicators: Indicators, indicator: Indicator, units: Sequence[Unit], day: int, earlier: int) -> dict[str, Rank]:
    """Rank some units among each other at ``day`` and at the day ``earlier``, by their own values.

    Returns:
        the ranks of every unit that has a value on one of the two, by code.

    Raises:
        BridgeError: ``indicator_kind`` for a category, which has no size.
    """
    if indicator.kind == CATEGORY:
        raise BridgeError(
            "indicator_kind",
            f"“{indicator.name}” là nhãn nên không xếp hạng được. Hãy chọn một chỉ số kiểu số.",
            f"“{indicator.name}” is a category and cannot be ranked. Choose an indicator of numbers.",
            "user",
        )
    now, before = (_places(indicators, indicator, units, each) for each in (day, earlier))
    return {code: Rank(now.get(code), before.get(code)) for code in now | before}


def _places(indicators: Indicators, indicator: Indicator, units: Sequence[Unit], day: int) -> dict[str, int]:
    values: list[tuple[Value, str]] = []
    for unit in units:
        at = indicators.at(indicator, unit.code, day)
        if at is not None:
            values.append((at.value, unit.code))
    values.sort(key=itemgetter(0), reverse=True)
    places: dict[str, int] = {}
    last: tuple[Value, int] | None = None
    for place, (value, code) in enumerate(values, 1):
        if last is None or value != last[0]:
            last = (value, place)
        places[code] = last[1]
    return places
