"""The page and the table of a result: every figure is there, both languages, valid markup, nothing loaded, nothing executable."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.page import MAX_ROWS, page_of
from rehearsal.plot import Band, Line, nice, share_plot, short, time_plot
from rehearsal.scenario import make_scenario, plain_scenario
from rehearsal.summary import figures, table
from tests.rehearsal.test_run import GROUPS, Stage

VOID = {"meta", "input", "br"}


class Strict(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}], attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Strict:
    parser = Strict()
    parser.feed(page)
    parser.close()
    assert not parser.open
    return parser


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    groups = ("answer", "nobody", "decline", "away")
    calls = [{"at_s": 2 + place, "group": name} for place, name in enumerate(groups)]
    wanted = {
        "seconds": 50,
        "groups": GROUPS,
        "calls": calls,
        "roll_calls": [{"at_s": 15, "seconds": 10}],
        "title": "Thử <1> & 2",
    }
    return Stage().run(make_scenario(wanted))


def test_the_page_is_whole(fields: dict[str, Any]) -> None:
    page = page_of(fields)
    parser = read(page)
    text = " ".join(parser.texts)
    for figure in figures(fields):
        assert figure.vi in text
        assert figure.en in text
        if figure.text is not None:
            assert figure.text in text
    assert "Thử <1> & 2" in text
    assert "<1>" not in page.split("</title>")[0].replace("&lt;1&gt;", "")
    assert parser.seen.count("svg") == 6
    assert parser.seen.count("table") == 4
    assert "script" not in parser.seen
    assert not re.search(r"https?:|url\(|@import", page)
    assert "Đạt" in text
    assert "Không trả lời" in text, "causes in words"
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(svg)
        assert "nan" not in svg.lower().replace("finance", "")
    assert len(page) < 200_000


def test_a_page_of_what_failed() -> None:
    fields = Stage(bad=3, lost_share=0.5).run(plain_scenario(60, 10, calls=0, join_over_s=0, desks="none", idle_s=0))
    fields["failures"], fields["failure_examples"] = {"refused": 4}, {"refused": "<script>alert(1)</script>"}
    page = page_of(fields)
    text = " ".join(read(page).texts)
    assert "Chưa đạt" in text
    assert fields["reasons"][0]["vi"] in text
    assert fields["reasons"][0]["en"] in text
    assert fields["notes"]["call_answer_to_first_packet_ms"]["vi"] in text
    assert "<script" not in page


def test_a_page_of_nothing() -> None:
    """Stopped before anything was measured."""
    fields = Stage().run(plain_scenario(60, 10, calls=2, join_over_s=0), stop_after_s=0.01)
    read(page_of(fields))
    assert "Chưa đạt" in table(fields)


def test_long_tables_are_cut(fields: dict[str, Any]) -> None:
    many = fields["calls"] * (MAX_ROWS // len(fields["calls"]) + 2)
    page = page_of({**fields, "calls": many})
    assert f"({len(many):,})" in page
    assert page.count("<tr") < MAX_ROWS + 80


def test_the_table(fields: dict[str, Any]) -> None:
    lines = table(fields).splitlines()
    assert any("34 / 34" in line and "Points joined" in line for line in lines)
    assert lines[-1].rstrip().endswith("Đạt / Passed")
    failed = {**fields, "passed": False, "reasons": [{"vi": "Vì thế.", "en": "Because."}], "remarks": ["a remark"]}
    assert "- Vì thế. / Because." in table(failed)
    assert "! a remark" in table(failed)


@given(st.floats(1e-6, 1e12))
def test_the_top_of_an_axis(highest: float) -> None:
    top = nice(highest)
    assert highest * 0.999 <= top <= highest * 10
    assert math.isclose(top / 10 ** math.floor(math.log10(top) + 1e-9), round(top / 10 ** math.floor(math.log10(top) + 1e-9), 1))


def test_numbers_of_an_axis() -> None:
    assert [short(value) for value in (0, 0.25, 150, 20_000, 1_471_650)] == ["0", "0.25", "150", "20k", "1.472M"]
    assert nice(0) == 1


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=60), st.integers(1, 50))
def test_any_series_is_drawn_inside_its_frame(values: list[float | None], step: int) -> None:
    at_s = [float(place) for place in range(len(values))]
    svg = time_plot(at_s, [Line("a", "b", values)], [Band("x", "y", 0, len(values))], ("vi", "en"))
    root = ET.fromstring(svg)
    paths = [element.attrib["d"] for element in root.iter("path")]
    assert len(paths) == 1
    for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", paths[0]):
        assert 0 <= float(x) <= 720
        assert 0 <= float(y) <= 220
    assert paths[0].count("M") + paths[0].count("L") == sum(value is not None for value in values)


def test_a_series_longer_than_the_screen_keeps_its_peaks() -> None:
    values = [1.0] * 10_000
    values[7_777] = 50.0
    svg = time_plot([float(n) for n in range(10_000)], [Line("a", "b", values)], [], ("vi", "en"))
    assert len(svg) < 30_000
    assert ">50<" in svg
    assert re.search(r"[ML][\d.]+ 10\.0", svg), "the peak reaches the top"


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40))
def test_curves_of_shares(values: list[float]) -> None:
    ordered = sorted(values)
    dots = [(value, (place + 1) / len(ordered)) for place, value in enumerate(ordered)]
    ET.fromstring(share_plot([(Line("a", "b", ()), dots)], "ms", ("vi", "en")))
