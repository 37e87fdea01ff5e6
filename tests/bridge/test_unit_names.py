"""Finding the unit that somebody means."""

import pytest

from bridge.unit_names import UnitNames
from bridge.units import Directory, Unit, one_point_each
from tests.bridge.indicator_world import DIRECTORY


def codes(text: str, directory: Directory = DIRECTORY) -> list[str]:
    return [unit.code for unit in UnitNames(directory).find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27286", ["27286"]),
        ("Phường 13", ["27289"]),
        ("phuong 13", ["27289"]),
        ("Phường 10", ["27286", "27163"]),
        ("Quận 4/Phường 10", ["27286"]),
        ("Quận 4 › Phường 10", ["27286"]),
        ("Thành phố Hồ Chí Minh > Quận 4 > Phường 10", ["27286"]),
        ("Việt Nam/Thành phố Hồ Chí Minh/Phường 13", ["27289"]),
        ("Phường 10, Quận 10, Thành phố Hồ Chí Minh", ["27163"]),
        ("Phường 10, Quận 4", ["27286"]),
        ("Thành phố Hồ Chí Minh", ["79"]),
        ("Quận 4/Thành phố Hồ Chí Minh", []),
        ("Thành phố Hà Nội/Phường 13", []),
        ("Phường 99", []),
        ("/Phường 13", []),
        ("", []),
        (",", []),
    ],
)
def test_what_is_meant(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_a_name_may_hold_a_comma() -> None:
    units = [Unit("A", "Bộ A"), Unit("A1", "Cục B, C", "A"), Unit("A2", "Cục B", "A")]
    assert codes("Cục B, C", Directory(units, one_point_each(units))) == ["A1"]


@pytest.mark.parametrize(("text", "code"), [("1", None), ("00079", "79"), ("x", None), ("5", None)])
def test_codes_that_lost_their_zeros(text: str, code: str | None) -> None:
    assert UnitNames(DIRECTORY).code_like(text) == code, "1 may be 01, 001 or 00001"


def test_the_one_code_that_it_may_be() -> None:
    units = [Unit("01", "Hà Nội"), Unit("79", "Thành phố Hồ Chí Minh")]
    assert UnitNames(Directory(units, one_point_each(units))).code_like("1") == "01"
