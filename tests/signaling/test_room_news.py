"""A room of another session hears of the standing line's directives and proposals, and of its own agenda."""

from __future__ import annotations

from bridge import commands
from bridge.agenda_commands import AgendaEntry, SetAgenda
from bridge.bridge import Bridge
from bridge.directive_commands import IssueDirective
from bridge.proposal_commands import SendProposal
from signaling.room import Scope
from signaling.room_news import News
from tests.signaling.world import WARD, directory

NOW_MS = 1_795_000_000_000


def test_each_part_comes_from_where_it_is_kept() -> None:
    line, meeting = Bridge("main", directory()), Bridge("s7", directory())
    sut = News(lambda: meeting, lambda: line)
    of_line, of_meeting = (bridge.handle(commands.OpenSession("Họp", "center"), NOW_MS) for bridge in (line, meeting))
    of_line += line.handle(IssueDirective("Trực", "24/7", ("VN",), NOW_MS + 60_000, "s7", "center"), NOW_MS)
    of_line += line.handle(SendProposal(WARD, "Cần ô-xy"), NOW_MS)
    of_meeting += meeting.handle(SetAgenda((AgendaEntry(WARD, ""),), "center"), NOW_MS)
    for event in of_meeting:
        assert sut.receive_event(event) is None
    for event in of_line:
        sut.receive_line_event(event)
    everything = Scope(line.directory, ("VN",))
    told = sut.take_for_consoles()
    assert told is not None
    assert [each.kind for each in told(everything)] == ["directive_board", "proposal", "agenda"]
    assert [each.kind for each in sut.for_console(everything)] == ["directive_board", "proposals", "agenda"]
    assert sut.for_point(WARD) == []  # the standing line's own room tells points
    assert sut.take_for_consoles() is None


def test_the_standing_line_s_own_room_takes_everything_from_its_events() -> None:
    line = Bridge("main", directory())
    own = lambda: line  # noqa: E731
    sut = News(own, own)
    line.handle(commands.OpenSession("Họp", "center"), NOW_MS)
    for event in line.handle(SendProposal(WARD, "Cần ô-xy"), NOW_MS):
        told = sut.receive_event(event)
        assert told is not None
        assert told[0] == WARD
