"""Tables of units as people send them, right and wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BridgeError
from bridge.units import Unit
from bridge.units_csv import PROBLEMS_MAX, UnitsCsvError, read_units

GOOD = """code,name,parent,kind
VN,Việt Nam,,country
79,Thành phố Hồ Chí Minh,VN,province
760,Quận 1,79,district
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(UnitsCsvError) as refused:
        read_units(text)
    for problem in refused.value.lines:
        assert problem.message_vi
        assert problem.message_en
        assert problem.message_vi != problem.message_en
    return [(problem.line, problem.column) for problem in refused.value.lines]


def fault(text: str) -> tuple[int, str, str, str]:
    with pytest.raises(UnitsCsvError) as refused:
        read_units(text)
    (problem,) = refused.value.lines
    return problem


def test_a_good_table() -> None:
    directory = read_units(GOOD)
    assert directory.units == (
        Unit("VN", "Việt Nam", None, "country"),
        Unit("79", "Thành phố Hồ Chí Minh", "VN", "province"),
        Unit("760", "Quận 1", "79", "district"),
    )
    assert [point.code for point in directory.points] == ["79", "760"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        "sep=;\n" + GOOD.replace(",", ";"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\n\n ,, \n"),
        "\n\n" + GOOD,
        GOOD.replace("Quận 1", '"Quận 1"'),
        GOOD.replace("Quận 1", "  Quận   1 "),
        GOOD.removesuffix("\n"),
        GOOD.replace("code,name,parent,kind", "Mã,Tên,Cấp trên,Loại"),
        GOOD.replace("code,name,parent,kind", "MÃ ĐƠN VỊ,Tên đơn vị,cap_tren,cấp"),
        GOOD.replace("VN,Việt Nam,,country\n", "") + "VN,Việt Nam,,country\n",
    ],
)
def test_the_same_table_in_other_clothes(text: str) -> None:
    assert read_units(text).version == read_units(GOOD).version


def test_columns_in_another_order_and_some_that_nobody_asked_for() -> None:
    directory = read_units("ghi chú,parent,name,code\nx,,Bộ Y tế,BYT\ny,BYT,Cục A,BYT-A\n")
    assert directory.unit("BYT-A") == Unit("BYT-A", "Cục A", "BYT", "")


def test_names_may_hold_the_separator_in_quotes() -> None:
    assert read_units('code,name,parent\nA,"Xã A, huyện B",\n').unit("A").name == "Xã A, huyện B"


def test_several_tops_are_fine_and_each_has_its_desk() -> None:
    directory = read_units("code,name,parent\nA,Bộ A,\nB,Bộ B,\nA1,Cục A1,A\n")
    assert [point.code for point in directory.points] == ["A", "A1", "B"]


def test_any_depth() -> None:
    lines = ["u0,Đơn vị 0,", *(f"u{number},Đơn vị {number},u{number - 1}" for number in range(1, 1500))]
    assert len(read_units("code,name,parent\n" + "\n".join(lines)).path("u1499")) == 1500


def test_numbers_of_desks() -> None:
    directory = read_units("code,name,parent,points\nR,Tỉnh,,1\nA,Xã A,R,3\nB,Xã B,R,0\nC,Xã C,R,\n")
    assert [(point.code, point.name) for point in directory.points] == [
        ("R", "Tỉnh"),
        ("A", "Xã A"),
        ("A-2", "Xã A (2)"),
        ("A-3", "Xã A (3)"),
        ("C", "Xã C"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff", "code,name,parent\n", "code,name,parent\n,,\n"])
def test_nothing_in_it(text: str) -> None:
    (place,) = {column for _, column in faults(text)}
    assert place == ""


def test_a_missing_column() -> None:
    assert faults("code,name\nA,B\n") == [(1, "parent")]
    assert faults("a,b,c\n1,2,3\n") == [(1, "code"), (1, "name"), (1, "parent")]


def test_a_column_twice() -> None:
    assert faults("code,name,parent,mã\nA,B,,C\n") == [(1, "code")]


def test_every_fault_of_every_line_is_told_at_once() -> None:
    text = "code,name,parent\nA,,\n a b ,Tên,A\n,Tên,\nB,Tên,x y\n" + f"C,{'n' * 121},\n"
    assert faults(text) == [(2, "name"), (3, "code"), (4, "code"), (5, "parent"), (6, "name")]


def test_lines_are_counted_as_the_editor_counts_them() -> None:
    assert faults('\nsep=,\n\ncode,name,parent\n\nA,"two\nlines",\n\nB,,A\n') == [(9, "name")]


def test_a_repeated_code_names_the_first_line() -> None:
    line, column, vi, en = fault("code,name,parent\nA,x,\nB,y,A\nA,z,\n")
    assert (line, column) == (4, "code")
    assert "dòng 2" in vi
    assert "line 2" in en


def test_a_third_of_the_same_code_names_the_first_line_too() -> None:
    assert faults("code,name,parent\nA,x,\nA,y,\nA,z,\n") == [(3, "code"), (4, "code")]


def test_an_unknown_parent() -> None:
    line, column, vi, en = fault("code,name,parent\nA,x,Z\n")
    assert (line, column) == (2, "parent")
    assert "“Z”" in vi
    assert "Add that unit" in en


def test_a_parent_that_lost_its_leading_zero() -> None:
    _, _, vi, en = fault("code,name,parent\n01,Hà Nội,\n001,Ba Đình,1\n")
    assert "“01”" in vi or "“001”" in vi
    assert "leading zeros" in en


def test_a_circle_is_told_once_with_its_members() -> None:
    line, column, vi, _ = fault("code,name,parent\nR,r,\nA,a,C\nB,b,A\nC,c,B\nD,d,C\n")
    assert (line, column) == (3, "parent")
    assert all(code in vi for code in ("A", "B", "C"))
    assert "D" not in vi.replace("Dòng", "")


def test_being_one_s_own_superior() -> None:
    line, column, vi, _ = fault("code,name,parent\nA,a,A\n")
    assert (line, column) == (2, "parent")
    assert "A → A" in vi


def test_a_wrong_number_of_desks() -> None:
    for number in ("10", "-1", "x", "1.5", "²"):
        assert faults(f"code,name,parent,points\nA,a,,{number}\n") == [(2, "points")]


def test_further_desks_must_not_take_the_code_of_a_unit() -> None:
    assert faults("code,name,parent,points\nA,a,,2\nA-2,b,A,1\n") == [(2, "points")]
    assert faults(f"code,name,parent,points\n{'A' * 31},a,,2\n") == [(2, "points")]


def test_a_quote_that_is_not_closed() -> None:
    ((line, column),) = faults('code,name,parent\nA,a,\nB,"b,\nC,c,A\n')
    assert (line, column) == (3, "")


def test_a_file_in_another_encoding() -> None:
    text = "code,name,parent\nA,Phường,\n".encode("utf-16").decode("utf-8", errors="replace")
    assert faults(text)
    assert "UTF-8" in fault("code,name,parent\nA,Ph\ufffdng,\n")[3]


def test_not_more_faults_than_anybody_reads() -> None:
    assert len(faults("code,name,parent\n" + ",,\nA,,\n" * 1000)) == PROBLEMS_MAX


def test_a_file_that_is_too_long() -> None:
    assert "8 MB" in fault("x" * (8 * 1024 * 1024 + 1))[3]


def test_the_error_is_one_of_the_domain_and_says_where_to_begin() -> None:
    with pytest.raises(BridgeError) as refused:
        read_units("code,name,parent\nA,,\n")
    assert refused.value.code == "bad_units_csv"
    assert refused.value.fault == "user"
    assert "Dòng 2" in refused.value.message_vi
    assert "nothing was imported" in refused.value.message_en


@given(st.text(alphabet=st.sampled_from('ABc01,;\t\n\r"\0\ufeff- éđ=' + "\ufffd"), max_size=200), st.booleans())
def test_whatever_the_text_there_is_a_directory_or_one_kind_of_error(text: str, headed: bool) -> None:
    lines = []
    try:
        units = read_units(("code,name,parent,points\n" if headed else "") + text).units
    except UnitsCsvError as error:
        units, lines = (), error.lines
    assert bool(units) is not bool(lines)
    assert [problem.line for problem in lines] == sorted(problem.line for problem in lines)
    assert all(problem.line >= 1 for problem in lines)


def test_all_faults_are_told_at_once_whatever_their_kind() -> None:
    text = "code,name,parent\nA,Tỉnh A,\nB,Huyện B,X\nA,Trùng,\n,Thiếu mã,A\nC,,A\nD,Xã D,C\n"
    with pytest.raises(UnitsCsvError) as caught:
        read_units(text)
    assert [(problem.line, problem.column) for problem in caught.value.lines] == [
        (3, "parent"),
        (4, "code"),
        (5, "code"),
        (6, "name"),
    ], "and D, below a unit that is there though its name is missing, is no fault"
