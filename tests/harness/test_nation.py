"""The points of 5 September: the numbers of the day, every province in it, the same in every run."""

from __future__ import annotations

from collections import Counter

import pytest

from bridge.units_csv import read_units
from cli.directory import units_text
from tests.harness.nation import COMMUNES, DISTRICTS, PROVINCES, evenly, nation, nation_of_5_september, points_of_5_september


def test_the_numbers_of_the_day() -> None:
    points = points_of_5_september()
    assert len(points) == len(set(points)) == 9_811
    kinds = Counter(nation().unit(nation().point(code).unit).kind for code in points)
    assert kinds == {"province": PROVINCES, "district": DISTRICTS, "commune": COMMUNES}
    assert points == sorted(points, key=nation().index_of)
    assert points == points_of_5_september()
    shares = Counter(nation().path(code)[1].code for code in points)
    assert len(shares) == PROVINCES
    for province in nation().children("VN"):
        assert 0.8 < shares[province.code] / len(nation().points_within(province.code)) <= 1, province.name


def test_the_directory_of_the_day_is_these_points_in_this_order() -> None:
    directory = nation_of_5_september()
    assert [point.code for point in directory.points] == points_of_5_september()
    assert read_units(units_text(directory)).version == directory.version


def test_evenly() -> None:
    assert evenly("abcdefgh", 4) == ["a", "c", "e", "g"]
    assert evenly([1, 2, 3], 3) == [1, 2, 3]
    assert evenly([1], 0) == []
    with pytest.raises(ValueError, match="4 of 3"):
        evenly([1, 2, 3], 4)
