"""One import of indicators as it is kept: who, when, from which file, and what it says, with its JSON form.

The JSON form is grouped by indicator and day, so that a day of the whole country (11,367 units) is some 150 KiB:

    {"at": 1630575000000, "by": "center:hanoi", "file": "02-09.csv",
     "parts": [{"name": "ca mới", "kind": "number", "date": "2021-09-02", "values": {"27286": 12, "27289": 3}}]}
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from bridge.days import day_text, parse_day
from bridge.decimals import MAX_MAGNITUDE
from bridge.errors import corrupt_record
from bridge.words import clip

Kind = Literal["number", "category"]
NUMBER: Final[Kind] = "number"
CATEGORY: Final[Kind] = "category"
Value = float | str

_CODE: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}"
_CODES: Final = re.compile(rf"{_CODE}(?:\n{_CODE})*", re.ASCII)

NAME_MAX_CHARS: Final = 40
TEXT_MAX_CHARS: Final = 40
"""Longest category."""
FILE_MAX_CHARS: Final = 80


class Part(NamedTuple):
    """What an import says of one indicator on one day: code of unit → value; numbers or texts alone, as ``kind`` says."""

    name: str
    kind: Kind
    day: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class IndicatorImport:
    """An import. ``by`` is the subject of the account or what stands for it; ``file`` is cut to 80 characters."""

    at_ms: int
    by: str
    file: str
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", clip(self.file, FILE_MAX_CHARS))

    @property
    def value_count(self) -> int:
        """How many values it has."""
        return sum(len(part.values) for part in self.parts)

    def to_dict(self) -> dict[str, object]:
        """Give the JSON form."""
        parts = [
            {"name": part.name, "kind": part.kind, "date": day_text(part.day), "values": _written(part.values)}
            for part in self.parts
        ]
        return {"at": self.at_ms, "by": self.by, "file": self.file, "parts": parts}


def import_of(record: Mapping[str, Any]) -> IndicatorImport:
    """Read the JSON form.

    Raises:
        BridgeError: ``corrupt_record``; no other exception, whatever the JSON.
    """
    at_ms, by, file, parts = (record.get(key) for key in ("at", "by", "file", "parts"))
    if type(at_ms) is not int or not isinstance(by, str) or not isinstance(file, str) or not isinstance(parts, list):
        raise corrupt_record("import of indicators")
    return IndicatorImport(at_ms, by, file, tuple(map(_part, parts)))


def _part(part: Any) -> Part:
    if not isinstance(part, dict):
        raise corrupt_record("part of an import")
    name, kind, date, values = (part.get(key) for key in ("name", "kind", "date", "values"))
    day = parse_day(date) if isinstance(date, str) else None
    if not isinstance(name, str) or not 0 < len(name) <= NAME_MAX_CHARS or day is None or not isinstance(values, dict):
        raise corrupt_record("part of an import")
    if kind == NUMBER:
        known: Kind = NUMBER
        is_good = set(map(type, values.values())) <= {int, float} and _are_finite(values.values())
    else:
        known = CATEGORY
        is_good = kind == CATEGORY and all(
            isinstance(value, str) and 0 < len(value) <= TEXT_MAX_CHARS for value in set(map(_hashable, values.values()))
        )
    if not is_good or not _are_codes(values):
        raise corrupt_record(f"values of {name}")
    return Part(name, known, day, values)


def _are_codes(units: Collection[str]) -> bool:
    """As `bridge.ids.is_code` of each, at once: a start reads millions of them."""
    text = "\n".join(units)
    return not units or (text.count("\n") == len(units) - 1 and _CODES.fullmatch(text) is not None)


def _are_finite(numbers: Collection[float]) -> bool:
    """Say whether all lie within `MAX_MAGNITUDE`; NaN does not."""
    return all(-MAX_MAGNITUDE <= number <= MAX_MAGNITUDE for number in numbers)


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _written(values: Mapping[str, Value]) -> dict[str, Value]:
    return {unit: plain(value) for unit, value in values.items()}


def plain(value: Value) -> Value:
    """Give the value as JSON should show it: 12 rather than 12.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
