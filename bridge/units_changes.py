"""What another directory would change: told before anything is replaced. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bridge.units import Directory, Unit

What = Literal["removed", "added", "moved", "renamed", "kind_changed", "point_removed", "point_added"]
WHATS: Final[tuple[What, ...]] = ("removed", "added", "moved", "renamed", "kind_changed", "point_removed", "point_added")


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One change. ``before`` and ``after`` are what the change is of (a name, a parent's code, a kind); empty: none.

    A unit that moves and gets another name has two changes.
    """

    what: What
    code: str
    name: str
    before: str = ""
    after: str = ""


def changes_between(present: Directory, wanted: Directory) -> Iterator[UnitChange]:
    """Yield what differs: units of the present directory in its order, then new units in the order of the other, then points."""
    wanted_units = {unit.code: unit for unit in wanted.units}
    for unit in present.units:
        after = wanted_units.get(unit.code)
        if after is None:
            yield UnitChange("removed", unit.code, unit.name, before=unit.parent or "")
        else:
            yield from _changes_of(unit, after)
    for unit in wanted.units:
        if not present.has_unit(unit.code):
            yield UnitChange("added", unit.code, unit.name, after=unit.parent or "")
    for point in present.points:
        if not wanted.has_point(point.code):
            yield UnitChange("point_removed", point.code, point.name, before=point.unit)
    for point in wanted.points:
        if not present.has_point(point.code):
            yield UnitChange("point_added", point.code, point.name, after=point.unit)


def _changes_of(before: Unit, after: Unit) -> Iterator[UnitChange]:
    if before.parent != after.parent:
        yield UnitChange("moved", after.code, after.name, before.parent or "", after.parent or "")
    if before.name != after.name:
        yield UnitChange("renamed", after.code, after.name, before.name, after.name)
    if before.kind != after.kind:
        yield UnitChange("kind_changed", after.code, after.name, before.kind, after.kind)


def counted(changes: list[UnitChange]) -> dict[What, int]:
    """Count changes by what they are; every kind is in it."""
    counts = Counter(change.what for change in changes)
    return {what: counts[what] for what in WHATS}
