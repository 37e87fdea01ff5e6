"""Who takes part: points of the national directory, chosen so that every run chooses the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from bridge.units import Directory
from cli.national import national_directory

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
