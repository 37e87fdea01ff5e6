"""Rosters from spreadsheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.moments import parse_moment
from bridge.roster import Contact, Shift
from bridge.roster_csv import RosterCsvError, read_rosters
from bridge.units import Directory, Point
from tests.bridge.scene import OTHER, UNITS, WARD

DIRECTORY = Directory(
    UNITS,
    [Point(unit.code, unit.code, unit.name) for unit in UNITS[1:]] + [Point(f"{WARD}-2", WARD, "Phường 10 (2)")],
)
HEAD = "point,start,end,order,name,function,kind,target\n"
GOOD = f"{WARD},2021-09-02 07:00,2021-09-02 19:00,1,Lan,Phó Chủ tịch,phone,0901234567\n"


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(RosterCsvError) as refused:
        read_rosters(text, DIRECTORY)
    assert all(problem.message_vi and problem.message_en for problem in refused.value.lines)
    return [(problem.line, problem.column) for problem in refused.value.lines]


def test_lines_of_one_point_and_time_are_one_shift_in_the_given_order() -> None:
    text = (
        HEAD
        + f"{WARD},2021-09-02 07:00,2021-09-02 19:00,2,Trực ban,,point,{WARD}-2\n"
        + GOOD
        + f"{WARD},2021-09-02T19:00+07:00,2021-09-03 07:00,1,Hùng,,phone,+84 902 345 678\n"
        + f"{OTHER},2021-09-02 07:00,2021-09-02 19:00,1,Minh,,phone,0903456789\n"
    )
    rosters = read_rosters(text, DIRECTORY)
    assert list(rosters) == [WARD, OTHER]
    day, night = rosters[WARD]
    assert (day.start, night.start) == (parse_moment("2021-09-02 07:00"), day.end)
    assert day.contacts == (
        Contact("Lan", "Phó Chủ tịch", "phone", "0901234567"),
        Contact("Trực ban", "", "point", f"{WARD}-2"),
    )


def test_vietnamese_headings_semicolons_and_the_mark_of_excel() -> None:
    text = (
        "\ufeffsep=;\r\nĐiểm cầu;Bắt đầu;Kết thúc;STT;Họ và tên;Chức vụ;Hình thức;Liên hệ;Ghi chú\r\n"
        f"{WARD};2021-09-02 07:00;2021-09-02 19:00;1;Lan;;Điện thoại;0901234567;gọi trước\r\n"
    )
    (shift,) = read_rosters(text, DIRECTORY)[WARD]
    assert shift.contacts == (Contact("Lan", "", "phone", "0901234567", "gọi trước"),)


def test_every_fault_is_told_with_its_line() -> None:
    text = (
        HEAD
        + GOOD
        + "99999,2021-09-02 07:00,2021-09-02 19:00,1,Lan,,phone,0901234567\n"
        + f"{WARD},hôm nay,2021-09-02 19:00,một,Lan,,phone,0901234567\n"
        + f"{WARD},2021-09-02 07:00,2021-09-02 19:00,2,Lan,,phone,gọi nhà\n"
        + f"{WARD},2021-09-02 07:00,2021-09-02 19:00,3,,,phone,0901234567\n"
        + f"{WARD},2021-09-02 07:00,2021-09-02 19:00,4,Lan,,point,{OTHER}\n"
    )
    assert faults(text) == [(3, "point"), (4, "start"), (4, "order"), (5, "target"), (6, "target"), (7, "target")]


def test_shifts_that_cannot_be_are_told_at_the_point_s_first_line() -> None:
    overlapping = GOOD + f"{WARD},2021-09-02 18:00,2021-09-02 20:00,1,Lan,,phone,0901234567\n"
    backwards = f"{OTHER},2021-09-02 19:00,2021-09-02 07:00,1,Lan,,phone,0901234567\n"
    assert faults(HEAD + overlapping + backwards) == [(2, ""), (4, "")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "")]),
        (HEAD, [(1, "")]),
        ("point,name\n", [(1, column) for column in ("start", "end", "order", "kind", "target")]),
        (HEAD + f'{WARD},"2021', [(2, "")]),
    ],
)
def test_what_is_no_table(text: str, expected: list[tuple[int, str]]) -> None:
    assert faults(text) == expected


def test_of_very_many_faults_the_first_are_told() -> None:
    assert len(faults(HEAD + "x,y,z,1,Lan,,phone,0901234567\n" * 1_000)) == 200


@given(st.text(max_size=200) | st.lists(st.sampled_from([HEAD, GOOD, WARD, ",", '"', "\n", "2021-09-02 07:00"])).map("".join))
def test_any_text_is_rosters_or_faults(text: str) -> None:
    rosters: dict[str, tuple[Shift, ...]] = {}
    faulty = False
    try:
        rosters = read_rosters(text, DIRECTORY)
    except RosterCsvError as error:
        faulty = bool(error.lines)
    assert faulty != bool(rosters)
    assert all(shift.contacts for shifts in rosters.values() for shift in shifts)
