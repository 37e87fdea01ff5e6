"""Indicators: named values of units by day, such as the cases of a ward or the colour of its zone, and their whole history.

Theory of operation. Values come as *imports*, one a file: who, when, which file, and what it says. Imports are numbered 1, 2, 3,
… and never changed; `Indicators` is what they add up to in their order. A later import that speaks of the same unit and day
corrects the earlier one. The value at a day is the newest one of that day or before. What is about the tree of units (inherited
values, filters, order, ranking) is in `bridge.indicator_queries`.

An indicator has one kind for ever: a *number* or a *category* (a short text, compared without regard to case). Its name keeps the
spelling of its first import.

A value takes 16 bytes; days, values and numbers of imports stand in three arrays for each unit of each indicator.
"""

import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bridge.errors import BridgeError
from bridge.indicator_imports import CATEGORY, IndicatorImport, Kind, Part, Value
from bridge.words import clip

MAX_INDICATORS: Final = 64
MAX_UNITS: Final = 20_000
MAX_DAYS: Final = 400
"""History of one value; a 401st day drops the oldest: a year and a month to compare it with."""
MAX_CATEGORIES: Final = 1_000
"""Different texts of one indicator: a column with more of them is no category but a remark."""
MAX_VALUES: Final = 10_000_000
"""Two indicators of all 11,367 units on 400 days are 9.1 million, 150 MB."""


class Reading(NamedTuple):
    """A value, its day (`bridge.days`) and the number of the import that said so."""

    value: Value
    day: int
    source: int


@dataclass(frozen=True, slots=True)
class ImportNote:
    """What is kept of an import besides its values."""

    number: int
    at_ms: int
    by: str
    file: str
    names: tuple[str, ...]
    values: int
    first_day: int
    last_day: int


def name_key(name: str) -> str:
    """Give the form by which names and categories are compared: composed characters, no difference of case."""
    return unicodedata.normalize("NFC", name).casefold()


class _Series:
    """The values of one unit, oldest first."""

    __slots__ = ("_sources", "_values", "days")

    def __init__(self) -> None:
        self.days = array("i")
        self._values = array("d")
        self._sources = array("I")

    def append(self, day: int, value: float, source: int) -> None:
        """Set the value of a day that is after all others, while there is room: what nearly every value of an import does."""
        self.days.append(day)
        self._values.append(value)
        self._sources.append(source)

    def put(self, day: int, value: float, source: int) -> int:
        """Set the value of a day; gives by how many the values became more."""
        days, values, sources = self.days, self._values, self._sources
        place = len(days) if not days or day > days[-1] else bisect_left(days, day)
        if place < len(days) and days[place] == day:
            values[place], sources[place] = value, source
            return 0
        days.insert(place, day)
        values.insert(place, value)
        sources.insert(place, source)
        if len(days) <= MAX_DAYS:
            return 1
        del days[0], values[0], sources[0]
        return 0

    def at(self, day: int) -> tuple[float, int, int] | None:
        place = bisect_right(self.days, day) - 1
        return None if place < 0 else (self._values[place], self.days[place], self._sources[place])

    def __iter__(self) -> Iterator[tuple[float, int, int]]:
        return zip(self._values, self.days, self._sources, strict=True)


@dataclass(slots=True)
class Indicator:
    """One indicator. ``first_day`` and ``last_day`` are of all its values, future ones too; ``source`` is its last import."""

    name: str
    kind: Kind
    first_day: int
    last_day: int
    source: int
    series: dict[str, _Series] = field(default_factory=dict, repr=False)
    categories: list[str] = field(default_factory=list, repr=False)
    category_of: dict[str, int] = field(default_factory=dict, repr=False)

    @property
    def unit_count(self) -> int:
        """How many units have a value."""
        return len(self.series)

    def value_of(self, stored: float) -> Value:
        """Give what a stored number stands for."""
        return self.categories[int(stored)] if self.kind == CATEGORY else stored


class Indicators:
    """All indicators, as the imports taken over so far make them."""

    def __init__(self) -> None:
        self.number = 0
        """The last import taken over."""
        self.value_count = 0
        self.imports: dict[int, ImportNote] = {}
        self._indicators: dict[str, Indicator] = {}
        self._units: set[str] = set()

    # What there is

    def all(self) -> tuple[Indicator, ...]:
        """Give the indicators in the order of their first import."""
        return tuple(self._indicators.values())

    def find(self, name: str) -> Indicator | None:
        """Give the indicator of that name in any case, or None."""
        return self._indicators.get(name_key(name))

    def indicator(self, name: str) -> Indicator:
        """Give the indicator of that name, or raise ``unknown_indicator``."""
        found = self.find(name)
        if found is None:
            raise unknown_indicator(name)
        return found

    def at(self, indicator: Indicator, unit: str, day: int) -> Reading | None:
        """Give the unit's own value at a day: the newest of that day or before."""
        series = indicator.series.get(unit)
        found = None if series is None else series.at(day)
        return None if found is None else Reading(indicator.value_of(found[0]), found[1], found[2])

    def history(self, indicator: Indicator, unit: str) -> list[Reading]:
        """Give all values of a unit, oldest first: at most `MAX_DAYS`."""
        return [Reading(indicator.value_of(value), day, source) for value, day, source in indicator.series.get(unit, ())]

    # Imports

    def check(self, record: IndicatorImport) -> None:
        """Say whether an import may follow; takes nothing over.

        Raises:
            BridgeError: ``indicator_kind`` when it takes a number for a category or the other way round, ``indicators_full`` when
                it goes beyond a bound; fault ``user``.
        """
        kinds: dict[str, Kind] = {}
        texts: dict[str, set[str]] = {}
        units: set[str] = set()
        for part in record.parts:
            key = name_key(part.name)
            known = self._indicators.get(key)
            if (known.kind if known is not None else kinds.setdefault(key, part.kind)) != part.kind:
                raise _wrong_kind(part)
            units |= part.values.keys()
            if part.kind == CATEGORY:
                found = texts.setdefault(key, set(known.category_of) if known is not None else set())
                found |= {name_key(str(value)) for value in set(part.values.values())}
        if len(self._indicators.keys() | kinds.keys()) > MAX_INDICATORS:
            raise _full(f"{MAX_INDICATORS} chỉ số", f"{MAX_INDICATORS} indicators")
        if len(self._units) + len(units - self._units) > MAX_UNITS:
            raise _full(f"{MAX_UNITS} đơn vị", f"{MAX_UNITS} units")
        if any(len(found) > MAX_CATEGORIES for found in texts.values()):
            raise _full(f"{MAX_CATEGORIES} nhãn khác nhau của một chỉ số", f"{MAX_CATEGORIES} different texts of one indicator")
        if self.value_count + record.value_count > MAX_VALUES:
            raise _full(f"{MAX_VALUES} giá trị", f"{MAX_VALUES} values")

    def take_over(self, number: int, record: IndicatorImport) -> None:
        """Add an import that was kept; ``number`` is its place.

        Raises:
            BridgeError: as `check`; nothing is taken over then, and ``number`` counts as read.
        """
        for _ in self.steps(number, record):
            pass

    def steps(self, number: int, record: IndicatorImport) -> Iterator[None]:
        """As `take_over`, pausing after every part, so that whoever has other things to do can do them in between.

        ``number`` counts as read at the end; what was given up half-way is taken over anew from its beginning.
        """
        try:
            self.check(record)
        except BridgeError:
            self.number = max(self.number, number)
            raise
        for part in record.parts:
            self._take_part(number, part)
            yield
        if record.parts:
            days = [part.day for part in record.parts]
            names = tuple(dict.fromkeys(part.name for part in record.parts))
            self.imports[number] = ImportNote(
                number, record.at_ms, record.by, record.file, names, record.value_count, min(days), max(days)
            )
        self.number = max(self.number, number)

    def _take_part(self, number: int, part: Part) -> None:
        key, day = name_key(part.name), part.day
        indicator = self._indicators.get(key)
        if indicator is None:
            indicator = self._indicators[key] = Indicator(part.name, part.kind, day, day, number)
        indicator.first_day = min(indicator.first_day, day)
        indicator.last_day = max(indicator.last_day, day)
        indicator.source = number
        self._units |= part.values.keys()
        all_series = indicator.series
        texts = dict.fromkeys(part.values.values()) if part.kind == CATEGORY else ()  # in order: the first spelling is kept
        stored_of = {text: self._category(indicator, str(text)) for text in texts}
        for unit, value in part.values.items():
            series = all_series.get(unit)
            if series is None:
                series = all_series[unit] = _Series()
            stored = stored_of[value] if isinstance(value, str) else value
            days = series.days
            if len(days) < MAX_DAYS and (not days or days[-1] < day):
                series.append(day, stored, number)
                self.value_count += 1
            else:
                self.value_count += series.put(day, stored, number)

    @staticmethod
    def _category(indicator: Indicator, text: str) -> int:
        key = name_key(text)
        place = indicator.category_of.get(key)
        if place is None:
            place = indicator.category_of[key] = len(indicator.categories)
            indicator.categories.append(text)
        return place


def unknown_indicator(name: str) -> BridgeError:
    """Refuse an indicator that no import has named."""
    return BridgeError(
        "unknown_indicator",
        f"Không có chỉ số “{clip(name, 40)}”. Hãy chọn trong danh sách chỉ số.",
        f"There is no indicator “{clip(name, 40)}”. Choose one of the list.",
        "user",
    )


def _wrong_kind(part: Part) -> BridgeError:
    is_vi, is_en = ("số", "numbers") if part.kind == CATEGORY else ("nhãn", "categories")
    return BridgeError(
        "indicator_kind",
        f"Chỉ số “{part.name}” đã có kiểu {is_vi}: hãy nhập đúng kiểu hoặc đặt tên khác.",
        f"The indicator “{part.name}” has {is_en} already: keep to them, or choose another name.",
        "user",
    )


def _full(limit_vi: str, limit_en: str) -> BridgeError:
    return BridgeError(
        "indicators_full",
        f"Không nhập được: sẽ có quá {limit_vi}. Hãy bớt nội dung tệp.",
        f"This cannot be imported: there would be more than {limit_en}. Take something out of the file.",
        "user",
    )
