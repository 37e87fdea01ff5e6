"""The directory of the country."""

from collections import Counter

import pytest

from bridge.units import Directory, fold
from cli.national import ROOT_CODE, national_directory


@pytest.fixture(scope="module")
def country() -> Directory:
    return national_directory()


def test_the_numbers_of_2022(country: Directory) -> None:
    assert Counter(unit.kind for unit in country.units) == {"country": 1, "province": 63, "district": 705, "commune": 10_599}
    assert len(country.points) == 11_367


def test_every_unit_but_the_country_has_one_point(country: Directory) -> None:
    assert {point.code for point in country.points} == {unit.code for unit in country.units} - {ROOT_CODE}
    assert all(point.code == point.unit for point in country.points)


def test_codes_keep_their_zeros_and_tell_their_level(country: Directory) -> None:
    digits = {"province": 2, "district": 3, "commune": 5}
    for unit in country.units:
        if unit.kind != "country":
            assert len(unit.code) == digits[unit.kind]
            assert unit.code.isdigit()


def test_every_level_hangs_on_the_one_above(country: Directory) -> None:
    above = {"province": "country", "district": "province", "commune": "district"}
    for unit in country.units:
        if unit.parent is None:
            assert unit.code == ROOT_CODE
        else:
            assert country.unit(unit.parent).kind == above[unit.kind]


def test_provinces_come_in_order_each_before_what_is_below_it(country: Directory) -> None:
    assert [point.code for point in country.points[:3]] == ["01", "001", "00001"]
    provinces = [unit.code for unit in country.children(ROOT_CODE)]
    assert provinces == sorted(provinces)
    for province in provinces:
        assert country.points_within(province)[0] == country.index_of(province)


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("26740", ["Việt Nam", "Thành phố Hồ Chí Minh", "Quận 1", "Phường Bến Nghé"]),
        ("00001", ["Việt Nam", "Thành phố Hà Nội", "Quận Ba Đình", "Phường Phúc Xá"]),
        ("498", ["Việt Nam", "Thành phố Đà Nẵng", "Huyện Hoàng Sa"]),
    ],
)
def test_known_places(country: Directory, code: str, path: list[str]) -> None:
    assert [unit.name for unit in country.path(code)] == path


def test_the_communes_of_the_day(country: Directory) -> None:
    """Those that were called on 2 September 2021 can be called here, by the name that people type."""
    found = {fold(unit.name) for unit in country.subtree("79")}
    assert {"phuong 10", "quan 4"} <= found
    assert [unit.name for unit in country.units if fold(unit.name) == "thi tran long binh"]


def test_names_are_clean(country: Directory) -> None:
    for unit in country.units:
        assert unit.name == " ".join(unit.name.split())
        assert unit.name[0].isupper()


def test_it_is_the_same_every_time(country: Directory) -> None:
    assert national_directory().version == country.version
