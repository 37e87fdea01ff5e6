"""Retries, lists, escalations, call backs, explanations, alerts and rosters over WebSockets."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bridge import commands, matter_commands
from bridge.bridge import Bridge
from bridge.escalation import Step
from bridge.machine import Cause
from bridge.roster import Contact, Shift
from bridge.rules import Rules
from config.model import Escalation
from signaling.room_matters import MatterNews, ladders_wanted, resolved, what_waits
from tests.signaling.conftest import MakeWorld
from tests.signaling.world import FAR_WARD, NOW_S, OTHER_WARD, REPORT, WARD, Client, World, directory, eventually

NOW_MS = NOW_S * 1000
LAN = Contact("Lan", "Phó Chủ tịch", "phone", "0901 234 567")
HOUR = 3_600_000
SHIFT = Shift(NOW_MS - HOUR, NOW_MS + HOUR, (LAN,))


def shifts() -> tuple[Shift, ...]:
    """A shift at the time of the world's doors, and one at the time of its log, which runs by the real clock."""
    real_ms = time.time_ns() // 1_000_000
    real = Shift(real_ms - HOUR, real_ms + HOUR, (LAN,))
    return (SHIFT, real) if abs(real_ms - NOW_MS) > 2 * HOUR else (real,)


async def set_roster(world: World, point: str = WARD) -> None:
    await world.service.hub.submit("main", matter_commands.SetRoster(point, shifts(), "system"))


async def declined(center: Client, desk: Client, number: int = 1) -> str:
    """A call that the desk declined: the quickest way to miss one."""
    ack = await center.command(number, kind="place_call", point=WARD)
    await desk.hear("ring")
    await desk.say({"type": "decline", "call": ack["call"], "report": REPORT})
    await desk.hear_call("failed")
    call: str = ack["call"]
    return call


async def test_a_missed_call_is_called_back_retried_and_explained_on_one_record(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await declined(center, desk)
    missed = await desk.hear("missed")
    assert (missed["session"], [each["id"] for each in missed["calls"]], missed["calls"][0]["cause"]) == (
        "main",
        [call],
        "declined",
    )
    await desk.say({"type": "call_back", "call": call, "note": "đã có người"})
    back = await center.hear("call", lambda message: message["call"]["called_back_at"] is not None)
    assert back["call"]["id"] == call
    ack = await center.command(2, kind="retry_call", call=call)
    ring = await desk.hear("ring")
    assert (ring["call"]["id"], ring["call"]["record"]) == (ack["call"], call)
    await desk.say({"type": "explain", "call": call, "name": "Lan", "text": "Đường truyền vừa đổi."})
    assert (await desk.hear("missed", lambda message: message["calls"] == []))["session"] == "main"
    told = await center.hear("call", lambda message: message["call"]["explained_at"] is not None)
    assert told["call"]["id"] == call


async def test_a_point_that_comes_hears_what_it_missed_while_it_was_away(world: World) -> None:
    center = await world.console()
    ack = await center.command(1, kind="place_call", point=WARD)
    desk = await world.desk()
    missed = await desk.hear("missed")
    assert [(each["id"], each["cause"]) for each in missed["calls"]] == [(ack["call"], "offline")]


async def test_a_list_of_calls_from_the_first_to_the_last(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    ack = await center.command(1, kind="start_call_list", points=[WARD, OTHER_WARD])
    assert ack["made"] == "l1"
    first = await center.hear("call_list")
    assert [item["state"] for item in first["call_list"]["items"]] == ["current", "waiting"]
    await desk.hear("ring")
    await center.command(2, kind="next_call", list="l1")
    last = await center.hear("call_list", lambda message: message["call_list"]["items"][1]["state"] == "failed")
    assert [item["state"] for item in last["call_list"]["items"]] == ["failed", "failed"], "called off, then not connected"
    await center.command(3, kind="next_call", list="l1")
    done = await center.hear("call_list", lambda message: message["call_list"]["state"] == "done")
    assert done["call_list"]["ended_at"] is not None


async def test_an_escalation_climbs_from_the_roster_to_the_district_and_ends_with_its_word(world: World) -> None:
    await set_roster(world)
    center, desk, district = await world.console(), await world.desk(), await world.desk("773")
    call = await declined(center, desk)
    ack = await center.command(2, kind="escalate", call=call)
    ladder = (await center.hear("escalation"))["escalation"]
    assert ladder["id"] == ack["made"] == "e1"
    assert [(step["kind"], step["target"]) for step in ladder["steps"]] == [
        ("phone", "0901 234 567"),
        ("above", "773"),
        ("above", "79"),
    ]
    assert ladder["deadline"] == ladder["steps"][0]["started_at"] + 60_000
    await center.command(3, kind="mark_contact", call=call, step=0, outcome="no_answer", note="không ai nhấc máy")
    alert = (await district.hear("alert"))["alert"]
    assert (alert["record"], alert["name"], alert["cause"]) == (call, "Phường 10", "declined")
    assert "Phường 10" in alert["text"]["vi"]
    await district.say({"type": "confirm_alert", "record": call, "reached": True, "name": "Minh", "text": "Phường đã trực lại."})
    await district.hear("alert_over")
    over = await center.hear("escalation", lambda message: message["escalation"]["state"] == "reached")
    steps = over["escalation"]["steps"]
    assert [step["state"] for step in steps] == ["failed", "reached", "waiting"]
    assert (steps[1]["confirmed_name"], steps[1]["confirmed_text"]) == ("Minh", "Phường đã trực lại.")


async def test_an_alert_waits_for_a_desk_that_comes_later(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await declined(center, desk)
    await center.command(2, kind="escalate", call=call)
    district = await world.desk("773")
    assert (await district.hear("alert"))["alert"]["record"] == call
    await center.command(3, kind="stop_escalation", call=call)
    assert (await district.hear("alert_over"))["record"] == call


async def test_nobody_but_the_alerted_desk_confirms(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    call = await declined(center, desk)
    await center.command(2, kind="escalate", call=call)
    await other.say({"type": "confirm_alert", "record": call, "reached": True, "name": "X"})
    assert (await other.hear("error"))["error"]["code"] == "alert_over"


async def test_a_console_of_another_scope_neither_hears_nor_leads(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    other = await world.console("operator", scope=("80",))
    call = await declined(center, desk)
    await center.command(2, kind="escalate", call=call)
    await center.hear("escalation")
    assert (await other.command(1, kind="stop_escalation", call=call))["error"]["code"] == "forbidden"
    assert (await other.command(2, kind="retry_call", call=call))["error"]["code"] == "forbidden"
    assert not {"escalation", "call"} & {message["type"] for message in other.heard}


async def test_a_console_that_comes_is_shown_what_runs(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await declined(center, desk)
    await center.command(2, kind="escalate", call=call)
    await center.command(3, kind="start_call_list", points=[WARD, FAR_WARD])
    late = await world.console()
    assert (await late.hear("call_list"))["call_list"]["id"] == "l1"
    assert (await late.hear("escalation"))["escalation"]["id"] == "e1"


async def test_points_that_are_called_together_share_a_company(world: World) -> None:
    center, desk, other = await world.console(), await world.desk(), await world.desk(OTHER_WARD)
    ack = await center.command(1, kind="place_calls", points=[WARD, OTHER_WARD], together=True)
    rings = [(await each.hear("ring"))["call"] for each in (desk, other)]
    assert [ring["together"] for ring in rings] == [ack["call"]] * 2


async def test_a_shift_is_confirmed_at_the_point(world: World) -> None:
    await set_roster(world)
    desk = await world.desk()
    roster = await desk.hear("roster")
    assert (roster["names"], roster["shifts"][-1]["confirmed_at"]) == ([{"name": "Lan", "function": "Phó Chủ tịch"}], None)
    await desk.say({"type": "confirm_shift", "name": "Lan"})
    confirmed = await desk.hear("roster")
    assert confirmed["shifts"][-1]["confirmed_by"] == "Lan"


async def test_an_escalation_may_begin_by_itself(make_world: MakeWorld) -> None:
    world = await make_world(escalation=Escalation(automatic=True))
    await set_roster(world)
    center = await world.console()
    ack = await center.command(1, kind="place_call", point=WARD)
    ladder = (await center.hear("escalation"))["escalation"]
    assert (ladder["record"], ladder["by"], ladder["steps"][0]["name"]) == (ack["call"], "auto", "Lan")
    await eventually(lambda: len(world.service.hub.errands) == 0)
    await center.command(2, kind="retry_call", call=ack["call"])
    await eventually(lambda: len(world.service.hub.errands) == 0)
    assert len(world.service.owners["main"].bridge.state.matters.ladders) == 1, "once for a matter"


class Stand:
    """The news of a session over a real domain."""

    def __init__(self) -> None:
        self.bridge = Bridge("main", directory(), Rules())
        self.sut = MatterNews(lambda: self.bridge)
        self.do(commands.OpenSession("Họp", "center"))

    def do(self, command: commands.Command) -> list[Any]:
        """Carry out and tell."""
        events = self.bridge.handle(command, NOW_MS)
        self.sut.receive_events(events)
        return events


@pytest.fixture
def stand() -> Stand:
    return Stand()


def test_many_moves_are_one_message_for_all_who_may_hear(stand: Stand) -> None:
    stand.do(matter_commands.StartCallList((WARD, OTHER_WARD, FAR_WARD), True, "center"))
    assert stand.sut.has_news
    messages_of = stand.sut.take_for_consoles()
    (message,) = messages_of(lambda _: True)
    assert messages_of(lambda _: True)[0] is message, "encoded once"
    assert messages_of(lambda point: point == WARD) == []
    assert not stand.sut.has_news


def test_after_a_reset_alerts_are_told_again(stand: Stand) -> None:
    stand.do(commands.PlaceCall(WARD, "center"))
    stand.do(matter_commands.Escalate("c1", (Step("above", "Quận 4", "", "773", ""),), "center"))
    assert [point for point, _ in stand.sut.take_for_points()] == [WARD, "773"]
    stand.sut.reset()
    assert [(point, outgoing.kind) for point, outgoing in stand.sut.take_for_points()] == [("773", "alert")]


def test_steps_come_from_the_rosters_of_the_standing_line(stand: Stand) -> None:
    line = Stand()
    line.do(matter_commands.SetRoster(WARD, (SHIFT,), "x"))
    stand.do(commands.PlaceCall(WARD, "center"))
    order = matter_commands.Escalate("c1", (), "center")
    found = resolved(order, stand.bridge, line.bridge, 1, NOW_MS)
    assert isinstance(found, matter_commands.Escalate)
    assert [step.target for step in found.steps] == ["0901 234 567", "773"]
    alone = resolved(order, stand.bridge, None, 0, NOW_MS)
    assert isinstance(alone, matter_commands.Escalate)
    assert [step.target for step in alone.steps] == ["773", "79"]
    other = commands.CancelCall("c1", "center")
    assert resolved(other, stand.bridge, line.bridge, 1, NOW_MS) is other
    unknown = matter_commands.Escalate("c9", (), "center")
    assert resolved(unknown, stand.bridge, line.bridge, 1, NOW_MS) is unknown


def test_only_what_a_point_missed_wants_a_ladder(stand: Stand) -> None:
    events = stand.do(commands.PlaceCall(WARD, "center"))
    assert ladders_wanted(events, stand.bridge) == [("c1", 0)]
    stand.do(commands.PointArrived(OTHER_WARD))
    stand.do(commands.PlaceCall(OTHER_WARD, "center"))
    events = stand.do(commands.CancelCall("c2", "center"))
    assert stand.bridge.calls["c2"].cause is Cause.CANCELLED
    assert ladders_wanted(events, stand.bridge) == []


def test_what_waits_comes_from_all_sessions(stand: Stand) -> None:
    other = Bridge("s7", directory(), Rules())
    other.handle(commands.OpenSession("Họp", "center"), NOW_MS)
    other.handle(commands.PlaceCall(WARD, "center"), NOW_MS)
    stand.do(commands.PlaceCall(WARD, "center"))
    told = what_waits([stand.bridge, other], WARD, NOW_MS)
    assert [(outgoing.kind, outgoing.key) for outgoing in told] == [("missed", "missed:main"), ("missed", "missed:s7")]
    assert what_waits([stand.bridge, other], FAR_WARD, NOW_MS) == []
