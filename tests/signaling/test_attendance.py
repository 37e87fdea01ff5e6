"""Whose programme a point gets."""

from __future__ import annotations

from bridge import commands
from bridge.bridge import Bridge
from signaling.attendance import ON_DUTY, Attending, attending_of, kind_of
from tests.signaling.world import WARD, directory

DIRECTORY = directory()


def session(name: str, kind: str, unit: str, opened_at: int = 10) -> Bridge:
    bridge = Bridge(name, DIRECTORY)
    bridge.handle(commands.PrepareSession(name, kind, (unit,), unit, "x"), 1)
    bridge.handle(commands.OpenSession("", "x"), opened_at)
    bridge.handle(commands.PointArrived(WARD), opened_at)
    return bridge


def call(bridge: Bridge, level: int, at: int = 100) -> None:
    bridge.handle(commands.PlaceCall(WARD, "x", level), at)


def test_without_meeting_or_call_it_is_on_duty() -> None:
    assert attending_of(WARD, [session("main", "standing", "VN"), session("line-79", "line", "79")]) == ON_DUTY


def test_the_meeting_of_the_highest_level_then_the_one_opened_last() -> None:
    city, district, later = session("a", "meeting", "79"), session("b", "meeting", "773", 90), session("c", "meeting", "79", 20)
    assert attending_of(WARD, [city, district]) == Attending("a", "meeting")
    assert attending_of(WARD, [city, district, later]) == Attending("c", "meeting")
    later.handle(commands.CloseSession("x"), 30)
    assert attending_of(WARD, [city, district, later]) == Attending("a", "meeting")


def test_a_call_goes_before_meetings_and_the_highest_call_before_others() -> None:
    main, city, line = session("main", "standing", "VN"), session("a", "meeting", "79"), session("line-773", "line", "773")
    call(line, 2)
    assert attending_of(WARD, [main, city, line]) == Attending("line-773", "call")
    call(main, 0)
    assert attending_of(WARD, [main, city, line]) == Attending("main", "call")
    main.handle(commands.CancelCall("c1", "x"), 200)
    assert attending_of(WARD, [main, city, line]) == Attending("line-773", "call")


def test_a_session_from_before_there_were_kinds_is_a_meeting() -> None:
    old = Bridge("other", DIRECTORY)
    old.handle(commands.OpenSession("t", "x"), 5)
    assert kind_of(old.session) == "meeting"
    assert kind_of(Bridge("main", DIRECTORY).session) == "standing"
    assert attending_of(WARD, [old]) == Attending("other", "meeting")
