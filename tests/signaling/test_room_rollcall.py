"""What a room tells of roll calls: who hears, how often, and how much."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bridge import commands
from bridge.bridge import Bridge
from bridge.errors import BridgeError
from bridge.events import Event
from bridge.rules import Rules
from bridge.units import Directory, Unit, one_point_each
from signaling.room_rollcall import MAX_BOARDS_SHOWN, RollCalls, board_of
from signaling.session import Outgoing
from tests.harness.effort import calls_in
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000


class Stand:
    """The roll calls of a room over a real domain."""

    def __init__(self, units: Directory | None = None) -> None:
        self.bridge = Bridge("main", units or directory(), Rules())
        self.sut = RollCalls(lambda: self.bridge)
        self.now = NOW_MS
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command) -> list[tuple[str, dict[str, Any]]]:
        """Carry out; what points hear at once."""
        return self.tell(self.bridge.handle(command, self.now))

    def tell(self, events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
        """Tell of events; what points hear at once."""
        told = [self.sut.receive_event(event) for event in events]
        return [(one[0], body(one[1])) for one in told if one is not None]

    def start(self, *units: str) -> None:
        """Start a roll call."""
        self.do(commands.StartRollCall(units or ("VN",), 60_000, "center"))

    def here(self, point: str, roll_call: str = "r1") -> list[tuple[str, dict[str, Any]]]:
        """A point confirms."""
        return self.do(commands.ConfirmPresence(roll_call, point, "Lan"))

    def questions(self) -> dict[str, Outgoing]:
        """What points hear in the fan-out."""
        told = list(self.sut.questions())
        assert len(told) == len(dict(told)), "one message a point"
        return dict(told)


def body(outgoing: Outgoing | None) -> dict[str, Any]:
    assert outgoing is not None
    found: dict[str, Any] = json.loads(outgoing.text)["roll_call"]
    return found


def test_a_start_asks_each_point_with_one_text() -> None:
    stand = Stand()
    stand.start("79")
    asked = stand.questions()
    assert FAR_WARD not in asked
    assert asked[WARD] is asked[OTHER_WARD], "encoded once for all"
    assert body(asked[WARD])["presence"] == "waiting"
    assert stand.questions() == {}, "taken"


def test_an_answer_is_told_to_its_point_alone() -> None:
    stand = Stand()
    stand.start()
    stand.questions()
    ((point, question),) = stand.here(WARD)
    assert (point, question["presence"], question["name"]) == (WARD, "present", "Lan")
    assert stand.questions() == {}


def test_the_end_is_told_to_those_who_are_absent() -> None:
    stand = Stand()
    stand.do(commands.PointArrived(OTHER_WARD))
    stand.start()
    stand.here(WARD)
    stand.questions()
    stand.tell(stand.bridge.handle_timeout(NOW_MS + 60_000))
    told = stand.questions()
    assert WARD not in told
    assert [body(told[point])["cause"] for point in (OTHER_WARD, FAR_WARD)] == ["no_answer", "offline"]


def test_of_two_that_moved_a_point_hears_the_newer() -> None:
    stand = Stand()
    stand.start()
    stand.do(commands.CloseRollCall("r1", "center"))
    stand.start("79")
    told = stand.questions()
    assert {point: body(question)["id"] for point, question in told.items() if point in {WARD, FAR_WARD}} == {
        WARD: "r2",
        FAR_WARD: "r1",
    }


def test_many_answers_are_one_board_for_each_scope() -> None:
    stand = Stand()
    stand.start()
    stand.here(WARD)
    stand.here(FAR_WARD)
    boards_of = stand.sut.boards()
    assert boards_of is not None
    (board,) = boards_of(("VN",))
    assert body(board)["total"]["present"] == 2
    assert boards_of(["VN"])[0] is board, "made once for a scope"
    assert body(boards_of(("80",))[0])["total"] == {"asked": 2, "present": 1, "late": 0, "no_answer": 0, "offline": 1}
    assert boards_of(("nowhere",)) == []
    assert board.key == "roll_call_board:r1"
    assert stand.sut.boards() is None


def test_who_comes_moves_the_board_while_it_asks() -> None:
    stand = Stand()
    stand.do(commands.PointArrived(OTHER_WARD))
    assert stand.sut.boards() is None
    stand.start()
    stand.sut.boards()
    stand.do(commands.PointArrived(WARD))
    boards_of = stand.sut.boards()
    assert boards_of is not None
    assert body(boards_of(("VN",))[0])["total"]["no_answer"] == 2


def test_who_comes_hears_what_waits_for_its_answer() -> None:
    stand = Stand()
    assert stand.sut.question_to(WARD) is None
    stand.start()
    assert body(stand.sut.question_to(WARD))["presence"] == "waiting"
    stand.here(WARD)
    assert body(stand.sut.question_to(WARD))["presence"] == "present", "it still asks: the page says that it is done"
    stand.do(commands.CloseRollCall("r1", "center"))
    assert stand.sut.question_to(WARD) is None
    assert body(stand.sut.question_to(FAR_WARD))["presence"] == "absent"


def test_a_console_that_comes_sees_what_asks_and_the_newest_closed() -> None:
    stand = Stand()
    stand.start("80")
    for number in range(2, 2 + MAX_BOARDS_SHOWN + 2):
        stand.start("79")
        stand.do(commands.CloseRollCall(f"r{number}", "center"))
    assert [body(board)["id"] for board in stand.sut.boards_for(("VN",))] == ["r1", "r4", "r5", "r6"]
    assert [body(board)["id"] for board in stand.sut.boards_for(("80",))] == ["r1"]


def test_a_state_built_anew_asks_again() -> None:
    stand = Stand()
    stand.start()
    stand.questions()
    stand.sut.boards()
    stand.sut.reset()
    assert body(stand.questions()[WARD])["id"] == "r1"
    assert stand.sut.boards() is not None


def test_a_country_of_answers_costs_a_console_one_small_message() -> None:
    provinces = [Unit(f"t{number}", f"Tỉnh {number}", "VN") for number in range(63)]
    communes = [Unit(f"x{number}", f"Xã {number}", f"t{number % 63}") for number in range(9_811 - 63)]
    units = [Unit("VN", "Việt Nam"), *provinces, *communes]
    stand = Stand(Directory(units, [point for point in one_point_each(units) if point.code != "VN"]))
    stand.start()

    def answer() -> None:
        for point in stand.bridge.directory.points:
            stand.here(point.code)
        boards_of = stand.sut.boards()
        assert boards_of is not None
        (board,) = boards_of(("VN",))
        assert body(board)["total"]["present"] == 9_811
        assert len(board.text) < 10_000

    assert calls_in(answer) < 200 * 9_811, "110 an answer, whoever answered before"


TREE = [Unit("VN", "Việt Nam")]
TREE += [Unit(f"t{top}", f"Tỉnh {top}", "VN") for top in range(3)]
TREE += [Unit(f"t{top}q{number}", f"Quận {number}", f"t{top}") for top in range(3) for number in range(2)]
TREE += [Unit(f"{unit.code}x{number}", f"Xã {number}", unit.code) for unit in TREE[4:] for number in range(2)]
CODES = [unit.code for unit in TREE]


@given(
    st.lists(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True), max_size=6),
    st.lists(st.sampled_from([*CODES, "nowhere"]), min_size=1, max_size=3, unique=True),
)
def test_a_scope_hears_of_exactly_those_that_it_has_a_part_in(units: list[list[str]], scope: list[str]) -> None:
    stand = Stand(Directory(TREE, one_point_each(TREE)))
    for some in units:
        with contextlib.suppress(BridgeError):  # a point is asked already
            stand.start(*some)
    boards_of = stand.sut.boards()
    heard = [body(board) for board in boards_of(scope)] if boards_of is not None else []
    expected = [board_of(roll_call, stand.bridge, scope) for roll_call in stand.bridge.roll_calls.values()]
    assert heard == [body(board) for board in expected if board is not None]


def test_hundreds_of_units_with_roll_calls_of_their_own_cost_each_console_its_own() -> None:
    """Every district asks its communes before its own console: as many looks as consoles, not their square."""
    districts = [Unit(f"q{number}", f"Quận {number}", "VN") for number in range(700)]
    communes = [Unit(f"x{number}", f"Xã {number}", f"q{number % 700}") for number in range(1_400)]
    units = [Unit("VN", "Việt Nam"), *districts, *communes]
    stand = Stand(Directory(units, [point for point in one_point_each(units) if point.code != "VN"]))
    for district in districts:
        stand.start(district.code)

    def look() -> None:
        boards_of = stand.sut.boards()
        assert boards_of is not None
        assert [len(boards_of((district.code,))) for district in districts] == [1] * 700
        assert len(stand.questions()) == 2_100

    assert calls_in(look) < 400 * 700, "160 a console"
