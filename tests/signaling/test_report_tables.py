"""A report as tables: own scope only, in the order of the directory, words of the reader's language."""

from __future__ import annotations

from typing import Literal

from bridge.commands import CloseRollCall, ConfirmPresence, PlaceCall, StartRollCall
from bridge.directive_commands import AcknowledgeDirective, IssueDirective
from bridge.report import Report
from bridge.report_folds import add
from signaling.report_tables import Cell, Table, tables_of
from tests.bridge.scene import FAR, OTHER, WARD, Scene, small_directory

DIRECTORY = small_directory()


def report() -> Report:
    scene = Scene()
    scene.connect(WARD)
    scene.do(PlaceCall(FAR, "center"))
    scene.do(StartRollCall(("79", "80"), 60_000, "center"))
    scene.do(ConfirmPresence("r1", WARD, "Lan"))
    scene.do(CloseRollCall("r1", "center"), 5_000)
    scene.do(IssueDirective("Tám việc", "Trực 24/7", ("79",), scene.now + 60_000, "main", "center"))
    scene.do(AcknowledgeDirective("d1", WARD, "Lan"))
    made = Report(presence_in="main")
    for event in scene.log:
        add(made, "main", event)
    made.finish(scene.now)
    return made


def tables(*units: str, language: Literal["vi", "en"] = "vi", depth: int = 1) -> dict[str, Table]:
    return {table.name: table for table in tables_of(report(), DIRECTORY, units, language, depth)}


def cells(table: Table, column: str) -> list[Cell]:
    place = [each.name for each in table.columns].index(column)
    return [row[place] for row in table.rows]


def test_rows_fit_their_columns() -> None:
    for table in tables("VN", depth=6).values():
        for row in table.rows:
            assert len(row) == len(table.columns)


def test_the_whole_country() -> None:
    found = tables("VN")
    assert cells(found["units"], "name") == ["Việt Nam", "Thành phố Hồ Chí Minh", "Tỉnh Long An"]
    assert cells(found["units"], "absent") == [6, 3, 3]
    assert cells(found["calls"], "cause") == [None, "điểm cầu không kết nối"]
    assert cells(found["calls"], "path") == [
        "Phường 10, Quận 4, Thành phố Hồ Chí Minh",
        "Xã Long Hậu, Huyện Cần Giuộc, Tỉnh Long An",
    ]
    assert cells(found["missing"], "point") == ["79", "773", OTHER, "80", "801", FAR]
    assert cells(found["roll_calls"], "present") == [1]
    assert [cells(found["directives"], name) for name in ("title", "acknowledged", "acknowledged_late")] == [
        ["Tám việc"],
        [1],
        [0],
    ]


def test_another_s_points_are_in_no_table() -> None:
    found = tables("80")
    text = repr(found)
    assert "Thành phố Hồ Chí Minh" not in text
    assert WARD not in text
    assert cells(found["calls"], "point") == [FAR]
    assert cells(found["roll_calls"], "asked") == [3]
    assert tables("27286")["calls"].rows == ()


def test_english() -> None:
    assert cells(tables("VN", language="en")["calls"], "cause") == [None, "the point was not connected"]


def test_an_unknown_unit_has_nothing() -> None:
    assert all(table.rows == () for table in tables("nowhere").values())
