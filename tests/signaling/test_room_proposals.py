"""What a room tells of proposals: the point its own, consoles what their scope sees."""

from __future__ import annotations

import json
from typing import Any

from bridge import commands
from bridge.bridge import Bridge
from bridge.proposal_commands import AnswerProposal, SendProposal
from signaling.room import Scope
from signaling.room_proposals import MAX_MOVED_TOLD, MAX_OWN_LISTED, ProposalNews
from signaling.session import Outgoing
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, directory

NOW_MS = 1_795_000_000_000


class Stand:
    """The proposals of a room over a real domain."""

    def __init__(self) -> None:
        self.bridge = Bridge("main", directory())
        self.sut = ProposalNews(lambda: self.bridge)
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command) -> list[tuple[str, Outgoing]]:
        """Carry out; what points hear at once."""
        events = self.bridge.handle(command, NOW_MS)
        return [one for event in events if (one := self.sut.receive_event(event)) is not None]

    def scope(self, *units: str) -> Scope:
        """A console's."""
        return Scope(self.bridge.directory, units)


def body(outgoing: Outgoing) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outgoing.text)
    return found


def test_a_point_hears_at_once_what_became_of_its_own() -> None:
    stand = Stand()
    assert stand.sut.for_point(WARD) == []
    ((point, told),) = stand.do(SendProposal(WARD, "Cần ô-xy"))
    assert (point, body(told)["open"], body(told)["proposals"][0]["state"]) == (WARD, 1, "sent")
    ((point, told),) = stand.do(AnswerProposal("p1", "Cấp 50 bình", "accepted", "center"))
    row = body(told)["proposals"][0]
    assert (point, body(told)["open"], row["state"], row["reply"]) == (WARD, 0, "accepted", "Cấp 50 bình")
    assert stand.sut.for_point(OTHER_WARD) == []
    assert body(stand.sut.for_point(WARD)[0]) == body(told)


def test_consoles_hear_of_those_that_their_scope_sees() -> None:
    stand = Stand()
    stand.do(SendProposal(WARD, "Cần ô-xy"))
    stand.do(SendProposal(FAR_WARD, "Cần xe"))
    told = stand.sut.take()
    assert told is not None
    assert [body(each)["proposal"]["id"] for each in told(stand.scope("VN"))] == ["p1", "p2"]
    assert [body(each)["proposal"]["id"] for each in told(stand.scope("773"))] == ["p1"]
    assert told(stand.scope(WARD)) == [], "it is addressed to the level above"
    assert stand.sut.take() is None


def test_of_a_flood_the_list_anew() -> None:
    stand = Stand()
    points = [point.code for point in directory().points]
    for number in range(MAX_MOVED_TOLD + 1):
        stand.do(SendProposal(points[number % len(points)], f"{number}"))
    told = stand.sut.take()
    assert told is not None
    (listed,) = told(stand.scope("VN"))
    assert (body(listed)["type"], len(body(listed)["proposals"]), body(listed)["open"]) == ("proposals", 50, 51)


def test_a_console_that_comes_gets_the_open_ones_first() -> None:
    stand = Stand()
    assert stand.sut.for_console(stand.scope("VN")) == []
    for number in range(3):
        stand.do(SendProposal(WARD, f"{number}"))
    stand.do(AnswerProposal("p3", "", "noted", "center"))
    (listed,) = stand.sut.for_console(stand.scope("773"))
    assert [row["id"] for row in body(listed)["proposals"]] == ["p2", "p1", "p3"]
    assert body(listed)["open"] == 2


def test_a_point_has_so_many_in_its_list() -> None:
    stand = Stand()
    for number in range(MAX_OWN_LISTED + 1):
        stand.do(SendProposal(WARD, f"{number}"))
        stand.do(AnswerProposal(f"p{number + 1}", "", "noted", "center"))
    assert len(body(stand.sut.for_point(WARD)[0])["proposals"]) == MAX_OWN_LISTED
