from __future__ import annotations

import unicodedata

import pytest

from bridge.errors import BridgeError
from bridge.units import Directory, Point, Unit, one_point_each
from cli.national import national_directory
from signaling.sheet_layout import ROWS_A_PAGE, Page, Row, pages_of, plain

UNITS = [
    Unit("VN", "Việt Nam"),
    Unit("79", "Thành phố Hồ Chí Minh", "VN"),
    Unit("770", "Quận 3", "79"),
    Unit("1", "Phường Võ Thị Sáu", "770"),
    Unit("773", "Quận 4", "79"),
    *(Unit(f"4{number:02}", f"Phường {number}", "773") for number in range(1, 10)),
    Unit("790", "Sở Y tế", "79"),
    Unit("80", "Long An", "VN"),
]


def directory() -> Directory:
    return Directory(UNITS, [*one_point_each(UNITS), Point("773-2", "773", "Quận 4, phòng họp 2")])


def shown(page: Page) -> tuple[str, bool, list[str]]:
    return page.unit, page.is_continued, [row.code for row in page.rows]


def test_each_district_begins_a_page_and_goes_on_when_it_is_full() -> None:
    pages = list(pages_of(directory(), ["79"]))
    assert [shown(page) for page in pages] == [
        ("Thành phố Hồ Chí Minh", False, ["79", "790"]),
        ("Quận 3", False, ["770", "1"]),
        ("Quận 4", False, ["773", "773-2", "401", "402", "403", "404", "405"]),
        ("Quận 4", True, ["406", "407", "408", "409"]),
    ]
    assert [page.point_count for page in pages] == [2, 2, 11, 11]
    assert pages[2].above == "Việt Nam › Thành phố Hồ Chí Minh"


def test_a_row_says_where_its_point_belongs() -> None:
    rows = {row.code: row for page in pages_of(directory(), ["773"]) for row in page.rows}
    assert rows["401"] == Row("401", "Phường 1", "Việt Nam › Thành phố Hồ Chí Minh › Quận 4")
    assert rows["773"] == Row("773", "Quận 4", "Việt Nam › Thành phố Hồ Chí Minh")
    assert rows["773-2"] == Row("773-2", "Quận 4, phòng họp 2", "Việt Nam › Thành phố Hồ Chí Minh › Quận 4")


def test_one_commune_has_one_sheet() -> None:
    assert [shown(page) for page in pages_of(directory(), ["401"])] == [("Phường 1", False, ["401"])]


def test_no_point_is_printed_twice() -> None:
    pages = pages_of(directory(), ["773", "79", "79", "80"])
    codes = [row.code for page in pages for row in page.rows]
    assert len(codes) == len(set(codes)) == 16
    assert codes[-1] == "80"


def test_the_whole_country_is_there_once() -> None:
    national = national_directory()
    pages = list(pages_of(national, ["VN"]))
    assert sorted(row.code for page in pages for row in page.rows) == sorted(point.code for point in national.points)
    assert max(len(page.rows) for page in pages) == ROWS_A_PAGE


def test_a_unit_without_points_has_no_page() -> None:
    assert list(pages_of(Directory([Unit("VN", "Việt Nam")], []), ["VN"])) == []


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(BridgeError, match="XX"):
        list(pages_of(directory(), ["XX"]))


def test_names_are_composed_and_free_of_control_characters() -> None:
    assert plain(unicodedata.normalize("NFD", "Phường Bến Nghé")) == "Phường Bến Nghé"
    assert plain("Xã\nA\tB") == "Xã A B"
