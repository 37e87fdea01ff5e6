"""A report's points added up by unit: each level sees its own, and where in it those are missing who are."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bridge.report import Report
from bridge.report_rows import PointRow
from bridge.units import Directory


@dataclass(frozen=True, slots=True)
class UnitRow:
    """The points of a unit and of everything below it, added up."""

    unit: str
    name: str
    points: int
    """Points in the directory."""
    attended: int
    """Points that were connected at any time."""
    live_ms: int
    asked: int
    present: int
    late: int
    calls: int
    answered: int
    answer_ms_median: int | None
    causes: Mapping[str, int]
    explained: int
    unexplained: int
    on_air_ms: int
    speeches: int
    speaking_ms: int
    directives: int
    acknowledged: int
    acknowledged_late: int

    @property
    def absent(self) -> int:
        """Roll calls that were never confirmed, over all points."""
        return self.asked - self.present - self.late


class Placed:
    """The rows of a report's points in the order of the directory, where those of a unit lie together.

    Seven hundred districts that each look at eleven thousand points took half a minute.
    """

    def __init__(self, report: Report, directory: Directory) -> None:
        known = [row for row in report.points.values() if directory.has_point(row.point)]
        self._rows = sorted(known, key=lambda row: directory.index_of(row.point))
        self._places = [directory.index_of(row.point) for row in self._rows]

    def within(self, inside: range) -> list[PointRow]:
        """Give the rows of the points with these places."""
        return self._rows[bisect_left(self._places, inside.start) : bisect_left(self._places, inside.stop)]


def unit_row(placed: Placed, directory: Directory, unit: str) -> UnitRow:
    """Add up the points of a unit; raises ``unknown_unit``."""
    inside = directory.points_within(unit)
    rows = placed.within(inside)
    causes: Counter[str] = Counter()
    for row in rows:
        causes.update(row.causes)
    answers = sorted(answer for row in rows for answer in row.answer_ms)

    def total(figure: Callable[[PointRow], int]) -> int:
        return sum(figure(row) for row in rows)

    return UnitRow(
        unit=unit,
        name=directory.unit(unit).name,
        points=len(inside),
        attended=sum(row.live_ms > 0 for row in rows),
        live_ms=total(lambda row: row.live_ms),
        asked=total(lambda row: row.asked),
        present=total(lambda row: row.present),
        late=total(lambda row: row.late),
        calls=total(lambda row: row.calls),
        answered=total(lambda row: row.answered),
        answer_ms_median=answers[len(answers) // 2] if answers else None,
        causes=dict(sorted(causes.items())),
        explained=total(lambda row: row.explained),
        unexplained=total(lambda row: row.unexplained),
        on_air_ms=total(lambda row: row.on_air_ms),
        speeches=total(lambda row: row.speeches),
        speaking_ms=total(lambda row: row.speaking_ms),
        directives=total(lambda row: row.directives),
        acknowledged=total(lambda row: row.acknowledged),
        acknowledged_late=total(lambda row: row.acknowledged_late),
    )


def unit_rows(report: Report, directory: Directory, tops: Iterable[str], depth: int = 1) -> list[UnitRow]:
    """Add up some units and those up to ``depth`` levels below them, in tree order, each once; unknown ones are left out."""
    found: dict[str, None] = {}
    for top in tops:
        if not directory.has_unit(top):
            continue
        base = len(directory.path(top))
        for unit in directory.subtree(top):
            if len(directory.path(unit.code)) - base <= depth:
                found[unit.code] = None
    placed = Placed(report, directory)
    return [unit_row(placed, directory, unit) for unit in found]
