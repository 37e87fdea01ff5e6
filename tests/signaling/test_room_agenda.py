"""What a room tells of the agenda and of draws."""

from __future__ import annotations

import json
from typing import Any

from bridge import commands
from bridge.agenda_commands import AgendaEntry, NextSpeaker, SetAgenda
from bridge.bridge import Bridge
from bridge.draw_commands import DrawPoints
from signaling.room import Scope
from signaling.room_agenda import AgendaNews
from signaling.session import Outgoing
from tests.signaling.world import FAR_WARD, WARD, directory

NOW_MS = 1_795_000_000_000


class Stand:
    """The agenda of a room over a real domain."""

    def __init__(self) -> None:
        self.bridge = Bridge("main", directory())
        self.sut = AgendaNews(lambda: self.bridge)
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command) -> None:
        """Carry out and tell."""
        for event in self.bridge.handle(command, NOW_MS):
            self.sut.receive_event(event)

    def told(self, *units: str) -> list[dict[str, Any]]:
        """What a console of these units hears in the next fan-out."""
        told = self.sut.take()
        return [] if told is None else [body(each) for each in told(self.scope(*units))]

    def scope(self, *units: str) -> Scope:
        """A console's."""
        return Scope(self.bridge.directory, units)


def body(outgoing: Outgoing) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outgoing.text)
    return found


def test_consoles_hear_when_an_item_moves() -> None:
    stand = Stand()
    stand.do(commands.PointArrived(WARD))
    stand.do(SetAgenda((AgendaEntry(WARD, "ô-xy"), AgendaEntry(FAR_WARD, "")), "center"))
    (agenda,) = stand.told("VN")
    assert [(item["id"], item["state"]) for item in agenda["items"]] == [("i1", "waiting"), ("i2", "waiting")]
    assert agenda["next"] == "i1"
    assert stand.told("VN") == []
    stand.do(NextSpeaker("center"))
    (own,) = stand.told("773")
    assert [(item["id"], item["state"]) for item in own["items"]] == [("i1", "called")]
    stand.do(commands.CancelCall("c1", "center"))
    assert stand.told("VN")[0]["items"][0]["state"] == "missed"


def test_the_floor_without_an_agenda_is_no_news_of_it() -> None:
    stand = Stand()
    stand.do(commands.PointArrived(WARD))
    stand.do(commands.GiveFloor(WARD, 0, "center"))
    assert stand.told("VN") == []
    assert stand.sut.for_console(stand.scope("VN")) == []


def test_a_draw_goes_to_those_whose_units_were_drawn_from() -> None:
    stand = Stand()
    stand.do(DrawPoints(2, ("79",), ("27286", "27289", "773"), (), "5eed", "all", "center"))
    told = stand.sut.take()
    assert told is not None
    (drawn,) = told(stand.scope("VN"))
    assert (body(drawn)["draw"]["id"], len(body(drawn)["draw"]["drawn"])) == ("w1", 2)
    assert told(stand.scope("80")) == []


def test_a_console_that_comes_gets_the_agenda_and_the_last_draw() -> None:
    stand = Stand()
    stand.do(SetAgenda((AgendaEntry(WARD, ""),), "center"))
    for seed in ("a", "b"):
        stand.do(DrawPoints(1, ("79",), ("27286", "27289"), (), seed, "all", "center"))
    agenda, draw = (body(each) for each in stand.sut.for_console(stand.scope("VN")))
    assert (agenda["type"], draw["draw"]["id"]) == ("agenda", "w2")
