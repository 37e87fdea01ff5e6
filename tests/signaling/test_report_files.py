"""Files that offices open: read back with another library, and nothing in them that acts."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from html.parser import HTMLParser

import openpyxl
import pytest

from signaling.local_time import local_time
from signaling.report_files import Heading, duration, text_of, to_csv, to_html, to_xlsx
from signaling.report_tables import Column, Table

AT = 1_630_581_605_000
"""2 September 2021, 18:20:05 in Việt Nam."""

HEAD = Heading("Báo cáo <phiên họp>", "Thành phố Hồ Chí Minh", AT - 3_600_000, AT, AT)
TABLE = Table(
    "calls",
    "Cuộc gọi",
    "Calls",
    (
        Column("call", "Cuộc gọi", "Call", "text"),
        Column("placed_at", "Gọi lúc", "Called at", "time"),
        Column("on_air_ms", "Thời gian phát", "On air for", "duration"),
        Column("calls", "Số lần", "Times"),
    ),
    (
        ("c1", AT, 3_723_400, 4),
        ('=HYPERLINK("http://example.vn")', None, None, 0),
        ("<script>alert(1)</script>", AT, 0, -1),
    ),
)


def test_times_are_the_country_s_own() -> None:
    assert local_time(AT) == "02/09/2021 18:20:05"
    assert local_time(1_630_601_999_999) == "02/09/2021 23:59:59"
    assert (duration(0), duration(3_723_400), duration(360_000_000)) == ("0:00:00", "1:02:03", "100:00:00")
    assert text_of(None, "time") == ""
    assert text_of("x", "duration") == "x"


def test_csv_is_read_back_and_has_no_formula() -> None:
    body = to_csv(TABLE, "vi")
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Cuộc gọi", "Gọi lúc", "Thời gian phát", "Số lần"]
    assert rows[1] == ["c1", "02/09/2021 18:20:05", "1:02:03", "4"]
    assert rows[2][0].startswith("'=")
    assert len(rows) == 4


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_what_a_sheet_would_run_is_text(text: str) -> None:
    table = Table("t", "t", "t", (Column("x", "x", "x", "text"),), ((text,),))
    rows = list(csv.reader(io.StringIO(to_csv(table, "en").decode("utf-8-sig"), newline="")))
    assert rows[1][0] == f"'{text}"
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(HEAD, [table], "en")))["t"]
    assert sheet["A2"].data_type == "s"


def test_xlsx_is_read_back_with_numbers_times_and_durations() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(HEAD, [TABLE], "vi")))
    assert book.sheetnames == ["Báo cáo", "Cuộc gọi"]
    sheet = book["Cuộc gọi"]
    assert [cell.value for cell in sheet[1]] == ["Cuộc gọi", "Gọi lúc", "Thời gian phát", "Số lần"]
    placed = sheet["B2"].value
    assert isinstance(placed, datetime)
    assert abs(placed - datetime(2021, 9, 2, 18, 20, 5)) < timedelta(seconds=1)  # noqa: DTZ001 (a sheet's times have no zone)
    assert sheet["C2"].value == timedelta(hours=1, minutes=2, seconds=3, milliseconds=400)
    assert sheet["D2"].value == 4
    assert sheet["A3"].value.startswith("=HYPERLINK")
    assert sheet["A3"].data_type == "s"
    assert sheet["B3"].value is None
    assert book["Báo cáo"]["B1"].value == "Báo cáo <phiên họp>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_shows_everything_and_runs_nothing() -> None:
    parser = Tags()
    parser.feed(to_html(HEAD, [TABLE], "en").decode())
    assert "script" not in parser.tags
    assert "<script>alert(1)</script>" in parser.texts
    assert {"Call", "Called at", "02/09/2021 18:20:05", "1:02:03"} <= set(parser.texts)
    assert parser.tags.count("tr") == 4
    assert not {"link", "img", "iframe"} & set(parser.tags)


def test_an_empty_table_says_so() -> None:
    empty = Table("t", "Trống", "Empty", TABLE.columns, ())
    assert "—" in to_html(HEAD, [empty], "vi").decode()
    assert to_csv(empty, "vi").decode("utf-8-sig").count("\n") == 1
    assert openpyxl.load_workbook(io.BytesIO(to_xlsx(HEAD, [empty], "vi")))["Trống"].max_row == 1
