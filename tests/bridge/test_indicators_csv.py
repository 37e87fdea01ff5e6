"""Tables of indicators as people send them, right and wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import indicators_csv
from bridge.errors import BridgeError
from bridge.indicator_imports import IndicatorImport, Part
from bridge.indicators import Indicators
from bridge.indicators_csv import PROBLEMS_MAX, IndicatorsCsvError, IndicatorTable, read_indicators
from tests.bridge.indicator_world import DIRECTORY, TODAY, day, indicators, part

WIDE = "unit,date,ca mới,vùng\n27286,2021-09-02,12,đỏ\n27289,2021-09-02,3,\n27286,2021-09-03,15,cam\n"
LONG = (
    "unit,date,name,value\n27286,2021-09-02,ca mới,12\n27286,2021-09-02,vùng,đỏ\n27289,2021-09-02,ca mới,3\n"
    "27286,2021-09-03,vùng,cam\n27286,2021-09-03,ca mới,15\n"
)
PARTS = (
    part("ca mới", "2021-09-02", {"27286": 12.0, "27289": 3.0}),
    part("ca mới", "2021-09-03", {"27286": 15.0}),
    part("vùng", "2021-09-02", {"27286": "đỏ"}),
    part("vùng", "2021-09-03", {"27286": "cam"}),
)
KNOWN = indicators(part("Ca mới", "2021-09-01", {"27286": 1.0}), part("Vùng", "2021-09-01", {"27286": "xanh"}))


def read(text: str, known: Indicators | None = None) -> IndicatorTable:
    return read_indicators(text, DIRECTORY, known or Indicators(), TODAY)


def refused(text: str, known: Indicators | None = None) -> IndicatorsCsvError:
    with pytest.raises(IndicatorsCsvError) as error:
        read(text, known)
    for problem in error.value.lines:
        assert problem.message_vi
        assert problem.message_en
        assert problem.message_vi != problem.message_en
    return error.value


def faults(text: str, known: Indicators | None = None) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in refused(text, known).lines]


@pytest.mark.parametrize(
    "text",
    [
        WIDE,
        LONG,
        "\ufeff" + WIDE,
        "sep=;\n" + WIDE.replace(",", ";"),
        WIDE.replace(",", "\t"),
        WIDE.replace("\n", "\r\n"),
        WIDE.replace("2021-09-02", "02/09/2021").replace("2021-09-03", "3/9/2021"),
        WIDE.replace("unit,date", "Mã đơn vị,Ngày"),
        LONG.replace("unit,date,name,value", "don_vi,NGÀY,Chỉ số,Giá trị"),
        WIDE.replace("27286", "Phường 10/Quận 4").replace("Phường 10/Quận 4", "Quận 4/Phường 10").replace("27289", "phường 13"),
        WIDE.replace("ca mới,vùng", "ca mới:number,vùng:category"),
        WIDE.replace("ca mới,vùng", "ca mới:số,vùng:nhãn"),
        WIDE.replace("\n", "\n\n,,,\n"),
        WIDE + "27289,2021-09-03,,\n",
    ],
)
def test_the_same_table_in_other_clothes(text: str) -> None:
    assert read(text).parts == PARTS


def test_lines_of_units_are_kept() -> None:
    assert read(WIDE).line_of == {"27286": 2, "27289": 3}


@pytest.mark.parametrize(
    ("cell", "number"), [("1234", 1234), ('"12,5"', 12.5), ("12.5", 12.5), ("1.234.567", 1_234_567), ("-3", -3), ("0.125", 0.125)]
)
def test_numbers(cell: str, number: float) -> None:
    assert read(f"unit,date,x\n79,2021-09-02,{cell}\n").parts == (part("x", "2021-09-02", {"79": number}),)


def test_a_decimal_comma_between_semicolons() -> None:
    assert read("unit;date;tỷ lệ\n79;2021-09-02;12,5\n").parts[0].values == {"79": 12.5}


def test_a_decimal_comma_between_commas_is_noticed() -> None:
    assert faults("unit,date,x\n79,2021-09-02,12,5\n") == [(2, "")]


def test_a_number_that_may_be_two_is_a_question() -> None:
    error = refused("unit,date,x\n79,2021-09-02,1.234\n")
    assert [(error.lines[0].line, error.lines[0].column)] == [(2, "x")]
    assert "1234 " in error.lines[0].message_en
    assert "1.2340" in error.lines[0].message_en
    assert read("unit,date,x\n79,2021-09-02,1.2340\n").parts[0].values == {"79": 1.234}


def test_kinds_are_what_they_have_been() -> None:
    assert [(each.name, each.kind) for each in read(WIDE.replace("ca mới", "CA MỚI"), KNOWN).parts[::2]] == [
        ("Ca mới", "number"),
        ("Vùng", "category"),
    ]
    assert faults("unit,date,ca mới\n79,2021-09-02,nhiều\n", KNOWN) == [(2, "ca mới".capitalize())]
    assert read("unit,date,vùng\n79,2021-09-02,3\n", KNOWN).parts[0].values == {"79": "3"}
    assert faults("unit,date,vùng:number\n79,2021-09-02,3\n", KNOWN) == [(1, "Vùng")]


def test_a_new_indicator_is_a_number_when_one_of_its_values_is() -> None:
    text = "unit,date,x\n79,2021-09-02,3\n773,2021-09-02,3A\n"
    assert faults(text) == [(3, "x")]
    assert "x:category" in refused(text).lines[0].message_en
    assert read(text.replace("x", "x:category")).parts[0].values == {"79": "3", "773": "3A"}
    assert read("unit,date,x\n79,2021-09-02,3A\n").parts[0].kind == "category"


def test_the_long_form_declares_by_a_column() -> None:
    text = "unit,date,name,value,type\n79,2021-09-02,x,3,category\n773,2021-09-02,x,4,\n"
    assert read(text).parts == (Part("x", "category", day("2021-09-02"), {"79": "3", "773": "4"}),)
    assert faults(text + "771,2021-09-02,x,5,number\n") == [(4, "x")]
    assert faults(text + "771,2021-09-02,x,5,colour\n") == [(4, "x")]


def test_every_fault_of_every_line_is_told_at_once() -> None:
    text = (
        "unit,date,x,y\n,2021-09-02,1,a\n79,,1,a\n79,31/9/2021,1,a\nPhường 10,2021-09-02,1,a\nnowhere,2021-09-02,1,a\n"
        f"79,2021-09-02,many,{'y' * 41}\n79,2023-01-01,1,a\n773,2021-09-02,5,a\n"
    )
    assert faults(text) == [(2, "unit"), (3, "date"), (4, "date"), (5, "unit"), (6, "unit"), (7, "x"), (7, "y"), (8, "date")]


def test_a_name_of_several_units_tells_their_codes() -> None:
    message = refused("unit,date,x\nPhường 10,2021-09-02,1\n").lines[0]
    assert "27286, 27163" in message.message_vi
    assert "2 units" in message.message_en


def test_a_code_that_lost_its_zeros() -> None:
    assert "“773”" in refused("unit,date,x\n00773,2021-09-02,1\n").lines[0].message_vi


def test_a_unit_and_day_twice_names_the_first_line() -> None:
    error = refused("unit,date,x\n79,2021-09-02,1\n773,2021-09-02,1\n79,02/09/2021,2\n")
    assert [(problem.line, problem.column) for problem in error.lines] == [(4, "x")]
    assert "dòng 2" in error.lines[0].message_vi


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("unit,x", [(1, "date")]),
        ("x,y", [(1, "date"), (1, "unit")]),
        ("unit,name,value", [(1, "date")]),
        ("unit,date,x,X", [(1, "x")]),
        ("unit,date,x,mã", [(1, "unit")]),
        ("unit,date,9x", [(1, "9x")]),
        ("unit,date,a=b", [(1, "a=b")]),
        ("unit,date,and", [(1, "and")]),
        ("unit,date,và", [(1, "và")]),
        ("unit,date,value", [(1, "value")]),
        ("unit,date,x/y", [(1, "x/y")]),
        ("unit,date," + "x" * 41, [(1, "x" * 40)]),
        ("unit,date,x:colour", [(1, "x")]),
        ("unit,date," + ",".join(f"x{number}" for number in range(65)), [(1, "")]),
    ],
)
def test_headings_that_do_not_do(heading: str, expected: list[tuple[int, str]]) -> None:
    assert faults(heading + "\n79,2021-09-02,1\n") == expected


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "unit,date,x\n", "unit,date\n79,2021-09-02\n", "unit,date,x\n79,2021-09-02,\n"]
)
def test_nothing_in_it(text: str) -> None:
    assert faults(text) == [(1, "")]


def test_a_quote_that_is_not_closed() -> None:
    assert faults('unit,date,x\n79,2021-09-02,1\n773,"2021-09-02,1\n') == [(3, "")]


def test_lines_are_counted_as_the_editor_counts_them() -> None:
    assert faults('\nsep=,\n\nunit,date,x\n\n79,2021-09-02,"a\nb"\n\nnowhere,2021-09-02,a\n') == [(9, "unit")]


def test_the_first_fifty_are_told_and_how_many_follow() -> None:
    lines = "".join(f"nowhere{number},2021-09-02,1\n" for number in range(120))
    error = refused("unit,date,x\n79,2021-09-02,many\n771,2021-09-02,1\n" + lines)
    assert (len(error.lines), error.more, error.lines[0].line) == (PROBLEMS_MAX, 71, 2)
    assert "121 fault(s)" in error.message_en


def test_a_file_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indicators_csv, "FILE_MAX_CHARS", len(WIDE) - 1)
    assert faults(WIDE) == [(1, "")]


def test_the_error_is_one_of_the_domain() -> None:
    error: BridgeError = refused("unit,date,x\n79,x,1\n")
    assert (error.code, error.fault) == ("bad_indicators_csv", "user")
    assert "Dòng 2" in error.message_vi


TEXTS = st.text(alphabet=st.sampled_from('79,;\t\n\r"\0\ufeff- éđ=x.1/:2021\ufffd'), max_size=120)


@given(
    TEXTS, st.sampled_from(["unit,date,x\n", "unit;date;x;y\n", "unit,date,name,value,type\n", "unit,date,x\n79,2021-09-02,", ""])
)
def test_whatever_the_text_there_is_a_table_or_one_kind_of_error(text: str, head: str) -> None:
    lines: list[int] = []
    table = None
    try:
        table = read(head + text, KNOWN)
    except IndicatorsCsvError as error:
        lines = [problem.line for problem in error.lines]
    assert bool(lines) is (table is None)
    assert lines == sorted(lines)
    assert all(line >= 1 for line in lines)
    if table is not None:
        assert table.parts
        KNOWN.check(IndicatorImport(0, "", "", table.parts))
