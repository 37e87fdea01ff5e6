"""Which sessions are over a point."""

from __future__ import annotations

import pytest

from bridge import commands
from bridge.bridge import Bridge
from signaling.coverage import Coverage, overlaps, points_over
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

DIRECTORY = directory()


def test_a_point_is_found_by_its_unit_and_those_above() -> None:
    coverage = Coverage()
    coverage.set("city", ["79"])
    coverage.set("ward", [WARD, FAR_WARD])
    coverage.set("nation", ["VN"])
    coverage.set("old", ())
    assert set(coverage.over(WARD, DIRECTORY)) == {"city", "ward", "nation", "old"}
    assert set(coverage.over(OTHER_WARD, DIRECTORY)) == {"city", "nation", "old"}
    assert set(coverage.over(FAR_WARD, DIRECTORY)) == {"ward", "nation", "old"}
    assert coverage.over("nowhere", DIRECTORY) == ["old"]


def test_units_that_lie_in_each_other_count_once() -> None:
    coverage = Coverage()
    coverage.set("s", ["VN", "79", WARD])
    assert coverage.over(WARD, DIRECTORY) == ["s"]


def test_what_was_removed_or_set_anew_is_forgotten() -> None:
    coverage = Coverage()
    coverage.set("s", ["79"])
    coverage.set("s", ["80"])
    assert coverage.over(WARD, DIRECTORY) == []
    assert coverage.over(FAR_WARD, DIRECTORY) == ["s"]
    coverage.remove("s")
    coverage.remove("s")
    assert coverage.over(FAR_WARD, DIRECTORY) == []
    assert "s" not in coverage


def test_points_come_once_and_in_order() -> None:
    codes = [point.code for point in DIRECTORY.points]
    for units, wanted in ((("79", WARD, "80"), codes), (("80", "773"), ["773", WARD, OTHER_WARD, "80", FAR_WARD]), ((), codes)):
        found = [codes[index] for run in points_over(units, DIRECTORY) for index in run]
        assert found == wanted


@pytest.mark.parametrize(
    ("units", "scope", "is_so"),
    [
        (("79",), ("VN",), True),
        (("79",), (WARD,), True),
        (("79",), ("80",), False),
        (("79", "80"), ("80",), True),
        (("79",), (), False),
        (("79",), ("nowhere",), False),
    ],
)
def test_a_session_is_the_business_of_scopes_that_meet_it(units: tuple[str, ...], scope: tuple[str, ...], is_so: bool) -> None:
    bridge = Bridge("s", DIRECTORY)
    bridge.handle(commands.PrepareSession("t", "meeting", units, "VN", "x"), 1)
    assert overlaps(bridge, scope) is is_so
    assert overlaps(Bridge("main", DIRECTORY), scope)
