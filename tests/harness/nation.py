"""Who takes part: points of the national directory, chosen so that every run chooses the same.

`python -m tests.harness.nation > units.csv` writes the units of 5 September as `diemcau units import` takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from bridge.units import Directory, one_point_each
from cli.directory import units_text
from cli.national import ROOT_CODE, national_directory

T = TypeVar("T")

PROVINCES, DISTRICTS, COMMUNES = 63, 705, 9_043
"""The meeting of 5 September 2021: 9,811 points."""


@cache
def nation() -> Directory:
    """The national directory, as a service that imported nothing has it."""
    return national_directory()


def evenly(things: Sequence[T], count: int) -> list[T]:
    """Choose `count` of the things, in their order and spread over all of it, so that each province has its share."""
    if not 0 <= count <= len(things):
        raise ValueError(f"{count} of {len(things)} cannot be chosen")
    return [things[place * len(things) // count] for place in range(count)]


def points_of(kind: str, directory: Directory | None = None) -> list[str]:
    """The codes of the points of all units of a kind, in directory order."""
    units = directory or nation()
    return [point.code for point in units.points if units.unit(point.unit).kind == kind]


def points_of_5_september() -> list[str]:
    """All provinces, all districts and 9,043 of the 10,599 communes, in directory order."""
    chosen = {*points_of("province"), *points_of("district"), *evenly(points_of("commune"), COMMUNES)}
    return [point.code for point in nation().points if point.code in chosen]


@cache
def nation_of_5_september() -> Directory:
    """A directory of these points and the country above them: the meeting of the day and nobody else."""
    chosen = {ROOT_CODE, *points_of_5_september()}
    units = [unit for unit in nation().units if unit.code in chosen]
    return Directory(units, one_point_each(units))


if __name__ == "__main__":
    print(units_text(nation_of_5_september()), end="")
