"""Who answers for a point, whether they took their shift up, and whom to try when they do not answer."""

from typing import Any

import pytest

from bridge.escalation import Step
from bridge.matter_commands import ConfirmShift, SetRoster
from bridge.matter_views import duties_within, duty_board, roster_view
from bridge.roster import EARLY_MS, MAX_CONTACTS, MAX_SHIFT_MS, MAX_SHIFTS, Contact, Duty, Shift, duty_of, ladder_of
from bridge.rules import Rules
from bridge.units import Directory, Point
from tests.bridge.scene import FAR, OTHER, START, UNITS, WARD, Scene, kinds, refused

HOUR = 3_600_000
LAN = Contact("Lan", "Phó Chủ tịch", "phone", "0901 234 567", "gọi trước")
HUNG = Contact("Hùng", "Trưởng công an", "phone", "+84 902 345 678")
CONFIRM_MS = Rules().shift_confirm_ms
POINTS = [Point(unit.code, unit.code, unit.name) for unit in UNITS[1:]] + [Point(f"{WARD}-2", WARD, "Phường 10 (2)")]
TWO_DESKS = Directory(UNITS, POINTS)


def shift(start_h: float = 0, hours: float = 8, *contacts: Contact) -> Shift:
    return Shift(START + round(start_h * HOUR), START + round((start_h + hours) * HOUR), contacts or (LAN, HUNG))


def scene_with(*shifts: Shift, point: str = WARD) -> Scene:
    scene = Scene(directory=TWO_DESKS)
    scene.do(SetRoster(point, shifts, "operator:lan"))
    return scene


def test_a_roster_replaces_the_one_before() -> None:
    scene = scene_with(shift(8), shift(0))
    roster = scene.bridge.state.rosters[WARD]
    assert [each.start for each in roster.shifts] == [START, START + 8 * HOUR], "in order of time"
    assert scene.do(SetRoster(WARD, (shift(0), shift(8)), "x")) == [], "the same again"
    scene.do(SetRoster(WARD, (shift(16),), "x"))
    assert [each.start for each in scene.bridge.state.rosters[WARD].shifts] == [START + 16 * HOUR]
    scene.do(SetRoster(WARD, (), "x"))
    assert WARD not in scene.bridge.state.rosters
    assert scene.do(SetRoster(WARD, (), "x")) == []
    assert scene.replayed().snapshot() == scene.bridge.snapshot()


@pytest.mark.parametrize(
    "shifts",
    [
        (shift(0), shift(7)),
        (shift(0, 0),),
        (shift(0, -1),),
        (Shift(START, START + MAX_SHIFT_MS + 1, (LAN,)),),
        (Shift(START, START + 1, ()),),
        (Shift(START, START + 1, (LAN,) * (MAX_CONTACTS + 1)),),
        tuple(shift(number, 1) for number in range(MAX_SHIFTS + 1)),
        (shift(0, 8, Contact("", "", "phone", "0901234567")),),
        (shift(0, 8, Contact("Lan", "", "pigeon", "0901234567")),),
        (shift(0, 8, Contact("Lan", "", "phone", "gọi nhà")),),
        (shift(0, 8, Contact("Lan", "", "phone", "12")),),
        (shift(0, 8, Contact("Lan", "", "point", OTHER)),),
        (shift(0, 8, Contact("Lan", "", "point", "nobody")),),
    ],
)
def test_what_is_no_roster(shifts: tuple[Shift, ...]) -> None:
    assert refused(Scene(directory=TWO_DESKS), SetRoster(WARD, shifts, "x")).code == "bad_roster"


def test_a_contact_may_be_another_desk_of_the_unit() -> None:
    desk = Contact("Trực ban", "", "point", f"{WARD}-2")
    assert scene_with(shift(0, 8, desk)).bridge.state.rosters[WARD].shifts[0].contacts == (desk,)


def test_a_roster_of_a_point_that_is_not_there() -> None:
    assert refused(Scene(), SetRoster("nobody", (), "x")).code == "unknown_point"


class TestConfirming:
    def test_the_present_shift_once(self) -> None:
        scene = scene_with(shift(0))
        assert kinds(scene.do(ConfirmShift(WARD, " Lan ", f"point:{WARD}"), 60_000)) == ["ShiftConfirmed"]
        assert scene.bridge.state.rosters[WARD].confirmed[START].name == "Lan"
        assert scene.do(ConfirmShift(WARD, "Hùng", f"point:{WARD}")) == []

    def test_the_next_one_an_hour_before_it_starts(self) -> None:
        scene = scene_with(shift(2))
        assert refused(scene, ConfirmShift(WARD, "Lan", "x")).code == "no_shift"
        scene.do(ConfirmShift(WARD, "Lan", "x"), 2 * HOUR - EARLY_MS)
        assert set(scene.bridge.state.rosters[WARD].confirmed) == {START + 2 * HOUR}

    def test_the_present_one_goes_first(self) -> None:
        scene = scene_with(shift(0, 1), shift(1, 1))
        for _ in range(2):
            scene.do(ConfirmShift(WARD, "Lan", "x"), 10 * 60_000)
        assert set(scene.bridge.state.rosters[WARD].confirmed) == {START, START + HOUR}

    def test_by_somebody_and_for_a_shift(self) -> None:
        scene = scene_with(shift(0))
        assert refused(scene, ConfirmShift(WARD, "", "x")).code == "name_missing"
        assert refused(scene, ConfirmShift(OTHER, "Lan", "x")).code == "no_shift"
        assert refused(scene, ConfirmShift("nobody", "Lan", "x")).code == "unknown_point"

    def test_a_new_roster_keeps_the_word_of_the_shifts_that_stay(self) -> None:
        scene = scene_with(shift(0), shift(8))
        scene.do(ConfirmShift(WARD, "Lan", "x"))
        scene.do(SetRoster(WARD, (shift(0, 8, HUNG), shift(9)), "x"))
        assert set(scene.bridge.state.rosters[WARD].confirmed) == {START}
        scene.do(SetRoster(WARD, (shift(0, 9),), "x"))
        assert not scene.bridge.state.rosters[WARD].confirmed, "another shift: it ends at another time"


def test_how_it_stands_with_the_duty_over_time() -> None:
    scene = scene_with(shift(1))
    roster = scene.bridge.state.rosters[WARD]

    def duty(at: int) -> Duty:
        return duty_of(roster, at, CONFIRM_MS)

    assert duty(START) is Duty.NO_ROSTER
    assert duty(START + HOUR) is Duty.WAITING
    assert duty(START + HOUR + CONFIRM_MS - 1) is Duty.WAITING
    assert duty(START + HOUR + CONFIRM_MS) is Duty.UNCONFIRMED
    assert duty(START + 9 * HOUR) is Duty.NO_ROSTER
    scene.do(ConfirmShift(WARD, "Lan", "x"), 2 * HOUR)
    assert duty(START + 2 * HOUR) is Duty.CONFIRMED
    assert duty_of(None, START, CONFIRM_MS) is Duty.NO_ROSTER


def test_the_board_of_a_unit_has_those_with_most_missing_first() -> None:
    scene = scene_with(shift(0))
    scene.do(SetRoster(OTHER, (shift(0),), "x"))
    scene.do(ConfirmShift(OTHER, "Lan", "x"))
    board: Any = duty_board(scene.bridge.state, "773", START + HOUR)
    assert board["total"] == {"unconfirmed": 1, "no_roster": 2, "waiting": 0, "confirmed": 1}
    assert [(row["unit"], row["confirmed"]) for row in board["units"]] == [(WARD, 0), ("773", 0), (OTHER, 1)]
    country: Any = duty_board(scene.bridge.state, "VN", START + HOUR)
    assert sum(country["total"].values()) == len(POINTS)
    missing = list(duties_within(scene.bridge.state, "79", frozenset({Duty.UNCONFIRMED}), START + HOUR))
    assert [row["point"] for row in missing] == [WARD]
    assert (missing[0]["shift_start"], missing[0]["shift_end"]) == (START, START + 8 * HOUR)


def test_the_view_of_a_roster() -> None:
    scene = scene_with(shift(0))
    scene.do(ConfirmShift(WARD, "Lan", "x"), 1_000)
    view: Any = roster_view(scene.bridge.directory, WARD, scene.bridge.state.rosters[WARD])
    assert (view["shifts"][0]["confirmed_at"], view["shifts"][0]["confirmed_by"]) == (scene.now, "Lan")
    assert view["shifts"][0]["contacts"][0]["target"] == "0901 234 567"
    assert roster_view(scene.bridge.directory, FAR, None)["shifts"] == []


class TestLadder:
    def test_the_contacts_of_the_present_shift_then_the_desks_above(self) -> None:
        rosters = scene_with(shift(0), shift(8, 8, HUNG)).bridge.state.rosters
        assert ladder_of(rosters, TWO_DESKS, WARD, START, 0) == (
            Step("phone", "Lan", "Phó Chủ tịch", "0901 234 567", "gọi trước"),
            Step("phone", "Hùng", "Trưởng công an", "+84 902 345 678", ""),
            Step("above", "Quận 4", "", "773", ""),
            Step("above", "Thành phố Hồ Chí Minh", "", "79", ""),
        )
        assert [step.name for step in ladder_of(rosters, TWO_DESKS, WARD, START + 8 * HOUR, 0)][:2] == ["Hùng", "Quận 4"]

    @pytest.mark.parametrize(("level", "desks"), [(0, ["773", "79"]), (1, ["773"]), (2, []), (3, []), (99, [])])
    def test_up_to_the_caller(self, level: int, desks: list[str]) -> None:
        assert [step.target for step in ladder_of({}, TWO_DESKS, WARD, START, level)] == desks

    def test_a_unit_without_a_desk_is_passed(self) -> None:
        directory = Directory(UNITS, [point for point in POINTS if point.code != "773"])
        assert [step.target for step in ladder_of({}, directory, WARD, START, 0)] == ["79"]
