"""The counters of whatever points are asked, as pages see them: for a scope, by unit, those with most missing first."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bridge.asking import MAX_BOARD_UNITS, Asking, Presence, Tally, shown_units
from bridge.units import Directory, Point


def counts_view(
    asking: Asking, directory: Directory, scope: Sequence[str], view: Callable[[Tally], dict[str, object]]
) -> dict[str, object] | None:
    """Give the counters for a scope: in all and by top unit, those with most missing first.

    The top units are the ones right below, where the question and the scope meet in one unit; else the units where they meet. A
    unit that has a desk of its own stands beside those below it. None when scope and question have nothing in common.
    """
    tops = [unit for unit in shown_units(directory, asking.units, scope) if unit in asking.tallies]
    if not tops:
        return None
    total = _sum_of(asking.tallies[unit] for unit in tops)
    rows = _rows_below(asking, directory, tops[0]) if len(tops) == 1 else [(unit, asking.tallies[unit]) for unit in tops]
    rows.sort(key=lambda row: -row[1].missing)
    return {
        "total": view(total),
        "units": [{"unit": unit, "name": directory.unit(unit).name, **view(tally)} for unit, tally in rows[:MAX_BOARD_UNITS]],
        "units_left_out": max(0, len(rows) - MAX_BOARD_UNITS),
    }


def points_in(
    asking: Asking, directory: Directory, units: Sequence[str], wanted: frozenset[Presence], reached: bool | None = None
) -> Iterator[Point]:
    """Give the points below some units that are in one of the wanted states, in directory order.

    ``reached``: only those that the question reached in time, or only those it did not; of the missing these are the two counters
    of a board. None is both.
    """
    ranges = [directory.points_within(unit) for unit in units if directory.has_unit(unit)]
    for place in sorted({place for one in ranges for place in one}):
        point = directory.points[place]
        if asking.presence(point.code) in wanted and reached in {None, point.code in asking.reached}:
            yield point


def _rows_below(asking: Asking, directory: Directory, top: str) -> list[tuple[str, Tally]]:
    rows = [(unit.code, asking.tallies[unit.code]) for unit in directory.children(top) if unit.code in asking.tallies]
    below, all_of_it = _sum_of(tally for _, tally in rows), asking.tallies[top]
    own = Tally(
        all_of_it.asked - below.asked,
        all_of_it.present - below.present,
        all_of_it.late - below.late,
        all_of_it.silent - below.silent,
    )
    return [(top, own), *rows] if own.asked else rows


def _sum_of(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.asked += tally.asked
        total.present += tally.present
        total.late += tally.late
        total.silent += tally.silent
    return total


def tally_view(tally: Tally) -> dict[str, object]:
    """Give the counters of a roll call."""
    return {
        "asked": tally.asked,
        "present": tally.present,
        "late": tally.late,
        "no_answer": tally.silent,
        "offline": tally.unreached,
    }
