"""Who took part on 2 September 2021: 2,594 points in the 19 provinces of the south.

`python -m tests.harness.nation_2_september > units.csv` writes the units as `diemcau units import` takes them;
`… --communes 40` keeps that many communes and what is above them, for a meeting in small.
"""

from __future__ import annotations

import argparse
from functools import cache
from typing import Final

from bridge.units import Directory, one_point_each
from cli.directory import units_text
from cli.national import ROOT_CODE
from tests.harness.nation import evenly, nation

POINTS: Final = 2_594
PROVINCES: Final = (
    "70",
    "72",
    "74",
    "75",
    "77",
    "79",
    "80",
    "82",
    "83",
    "84",
    "86",
    "87",
    "89",
    "91",
    "92",
    "93",
    "94",
    "95",
    "96",
)
"""The southeast (6) and the Mekong delta (13)."""
HCMC, LONG_AN, TIEN_GIANG = "79", "80", "82"
DISTRICT_4, WARD_10 = "773", "27271"
"""Quận 4 of Hồ Chí Minh City, and its Phường 10."""


@cache
def called_communes() -> tuple[str, ...]:
    """Five communes of the three provinces, in the order in which they are called: two, two and one."""
    found: list[str] = []
    for province, count in ((LONG_AN, 2), (HCMC, 2), (TIEN_GIANG, 1)):
        communes = [code for code in _below((province,), "commune") if code != WARD_10]
        found += evenly(communes, count)
    return tuple(found)


@cache
def south(communes: int | None = None) -> Directory:
    """A directory of the 19 provinces, with the country above them.

    Args:
        communes: how many there are; None: as many as make 2,594 points with all provinces and districts.
    """
    directory = nation()
    forced = {WARD_10, *called_communes()}
    others = [code for code in _below(PROVINCES, "commune") if code not in forced]
    if communes is None:
        above = {*PROVINCES, *_below(PROVINCES, "district")}
        chosen = forced | set(evenly(others, POINTS - len(above) - len(forced)))
    else:
        chosen = forced | set(evenly(others, max(0, communes - len(forced))))
        above = {unit.code for code in chosen for unit in directory.path(code)} - chosen
    kept = chosen | above | {ROOT_CODE}
    units = [unit for unit in directory.units if unit.code in kept]
    return Directory(units, one_point_each(units))


def _below(units: tuple[str, ...], kind: str) -> list[str]:
    """The units of a kind below others, in directory order, by code."""
    directory = nation()
    found = (point.code for point in directory.points if directory.unit(point.unit).kind == kind)
    return [code for code in found if directory.is_within(code, units)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communes", type=int, help="how many communes; default: all that make 2,594 points")
    print(units_text(south(parser.parse_args().communes)), end="")
