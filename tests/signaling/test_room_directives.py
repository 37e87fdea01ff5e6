"""What a room tells of directives: who hears, how often, and never the text."""

from __future__ import annotations

import json
from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from bridge.directive_commands import AcknowledgeDirective, IssueDirective, WithdrawDirective
from bridge.events import Event
from bridge.units import Directory, Unit, one_point_each
from signaling.room import Scope
from signaling.room_directives import MAX_BOARDS_SHOWN, MAX_NOTICES_SHOWN, DirectiveNews
from signaling.session import Outgoing
from tests.harness.effort import calls_in
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000
TEXT = "Nội dung chỉ đạo"


class Stand:
    """The directives of a room over a real domain."""

    def __init__(self, units: Directory | None = None) -> None:
        self.bridge = Bridge("main", units or directory())
        self.sut = DirectiveNews(lambda: self.bridge)
        self.now = NOW_MS
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command) -> list[tuple[str, Outgoing]]:
        """Carry out; what points hear at once."""
        return self.tell(self.bridge.handle(command, self.now))

    def tell(self, events: list[Event]) -> list[tuple[str, Outgoing]]:
        """Tell of events; what points hear at once."""
        return [one for event in events if (one := self.sut.receive_event(event)) is not None]

    def issue(self, *units: str) -> None:
        """Give a directive with an hour's time."""
        self.do(IssueDirective("Trực", TEXT, units or ("VN",), self.now + 3_600_000, "main", "center"))

    def scope(self, *units: str) -> Scope:
        """A console's."""
        return Scope(self.bridge.directory, units)


def body(outgoing: Outgoing) -> dict[str, Any]:
    assert TEXT not in outgoing.text
    found: dict[str, Any] = json.loads(outgoing.text)["directive"]
    return found


def test_a_new_one_is_one_text_for_all_it_is_addressed_to() -> None:
    stand = Stand()
    stand.issue("79")
    notices_for = stand.sut.take_notices()
    assert notices_for is not None
    assert notices_for(FAR_WARD) == []
    assert notices_for(WARD)[0] is notices_for(OTHER_WARD)[0], "encoded once for all"
    assert body(notices_for(WARD)[0])["answer"] == "waiting"
    assert stand.sut.take_notices() is None


def test_who_acknowledged_hears_at_once_and_no_more_of_it() -> None:
    stand = Stand()
    stand.issue()
    stand.sut.take_notices()
    ((point, told),) = stand.do(AcknowledgeDirective("d1", WARD, "Lan"))
    assert (point, body(told)["answer"], body(told)["name"]) == (WARD, "in_time", "Lan")
    assert stand.sut.take_notices() is None
    stand.now += 3_600_000
    stand.tell(stand.bridge.handle_timeout(stand.now))
    notices_for = stand.sut.take_notices()
    assert notices_for is not None
    assert notices_for(WARD) == []
    assert body(notices_for(OTHER_WARD)[0])["answer"] == "overdue"
    stand.do(WithdrawDirective("d1", "center"))
    withdrawn = stand.sut.take_notices()
    assert withdrawn is not None
    assert body(withdrawn(OTHER_WARD)[0])["state"] == "withdrawn"


def test_who_comes_hears_of_the_newest_it_has_yet_to_acknowledge() -> None:
    stand = Stand()
    for _ in range(MAX_NOTICES_SHOWN + 2):
        stand.issue()
    stand.do(AcknowledgeDirective("d4", WARD, "Lan"))
    names = [body(told)["id"] for told in stand.sut.for_point(WARD)]
    assert names == ["d2", "d3", *(f"d{number}" for number in range(5, MAX_NOTICES_SHOWN + 3))]


def test_boards_are_of_the_scope_and_made_once_a_scope() -> None:
    stand = Stand()
    stand.issue("79")
    stand.do(AcknowledgeDirective("d1", WARD, "Lan"))
    boards = stand.sut.take_boards()
    assert boards is not None
    (board,) = boards(stand.scope("773"))
    assert body(board)["total"] == {"addressed": 3, "in_time": 1, "late": 0, "silent": 0, "offline": 2}
    assert boards(stand.scope("773"))[0] is board
    assert boards(stand.scope("80")) == []
    assert stand.sut.take_boards() is None


def test_an_arrival_moves_the_boards_of_those_that_wait_for_it() -> None:
    stand = Stand()
    stand.issue("79")
    stand.sut.take_boards()
    stand.do(commands.PointArrived(FAR_WARD))
    assert stand.sut.take_boards() is None
    stand.do(commands.PointArrived(WARD))
    boards = stand.sut.take_boards()
    assert boards is not None
    assert body(boards(stand.scope("79"))[0])["total"]["silent"] == 1


def test_a_console_that_comes_gets_the_newest_the_oldest_first() -> None:
    stand = Stand()
    for _ in range(MAX_BOARDS_SHOWN + 1):
        stand.issue()
    shown = [body(told)["id"] for told in stand.sut.for_console(stand.scope("79"))]
    assert shown == [f"d{number}" for number in range(2, MAX_BOARDS_SHOWN + 2)]
    assert stand.sut.for_console(stand.scope("nowhere")) == []


def test_after_a_reset_those_who_wait_are_told_again() -> None:
    stand = Stand()
    stand.issue()
    stand.sut.take_notices()
    stand.sut.reset()
    notices_for = stand.sut.take_notices()
    assert notices_for is not None
    assert len(notices_for(WARD)) == 1


def test_ten_thousand_acknowledgements_are_a_constant_each() -> None:
    units = [Unit("VN", "Việt Nam"), *(Unit(f"p{number}", f"Xã {number}", "VN") for number in range(10_000))]
    stand = Stand(Directory(units, one_point_each(units)))
    stand.issue()

    def acknowledge() -> None:
        for number in range(1_000):
            stand.do(AcknowledgeDirective("d1", f"p{number}", "Lan"))

    assert calls_in(acknowledge) < 150 * 1_000, "75 each, whoever has acknowledged before"
