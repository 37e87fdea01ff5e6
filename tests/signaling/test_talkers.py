"""Talkback over the WebSocket: who hears of it, and that it ends when its talker is gone."""

from __future__ import annotations

from typing import Any

from tests.signaling.test_hub import answer, ring
from tests.signaling.world import OTHER_WARD, WARD, Client, World, eventually


async def in_preview(world: World) -> tuple[Client, Client, str]:
    center, desk = await world.console(), await world.desk()
    call = await ring(world, center, desk)
    await answer(world, center, desk, call)
    return center, desk, call


def talks(world: World) -> dict[str, str]:
    return {talk.call: talk.by for talk in world.service.owners["main"].bridge.state.talks.values()}


async def heard_talk(client: Client, *, on: bool) -> dict[str, Any]:
    earlier = [message for message in client.heard if message["type"] == "talkback" and message["on"] is on]
    return earlier[0] if earlier else await client.hear("talkback", lambda message: message["on"] is on)


async def test_the_point_and_the_consoles_hear_of_it_and_no_other_point(world: World) -> None:
    center, desk, call = await in_preview(world)
    other = await world.desk(OTHER_WARD)
    operator = await world.console("operator", subject="operator:lan")
    assert (await operator.command(1, kind="start_talkback", call=call))["type"] == "ack"
    said = {"type": "talkback", "call": call, "on": True, "by": "operator:lan", "by_name": "lan"}
    for client in (operator, center, desk):
        assert await heard_talk(client, on=True) == said
    assert (await center.command(9, kind="start_talkback", call=call))["error"]["code"] == "talkback_taken"
    again = await world.desk()
    assert await heard_talk(again, on=True) == said, "a page that comes back learns of it"
    late = await world.console()
    assert await heard_talk(late, on=True) == said
    assert (await operator.command(2, kind="stop_talkback", call=call))["type"] == "ack"
    assert await heard_talk(again, on=False) == {**said, "on": False}
    await world.service.hub.tick()
    await other.hear("tick")
    assert not [message for message in other.heard if message["type"] == "talkback"]


async def test_a_talker_who_is_gone_speaks_no_more(world: World) -> None:
    center, desk, call = await in_preview(world)
    operator = await world.console("operator")
    await operator.command(1, kind="start_talkback", call=call)
    assert talks(world) == {call: "operator"}
    await operator.ws.close()
    assert (await heard_talk(desk, on=False))["call"] == call
    assert talks(world) == {}
    assert len(world.service.hub.consequences.talkers) == 0
    assert (await center.command(2, kind="start_talkback", call=call))["type"] == "ack"


async def test_one_who_came_back_before_the_old_line_was_missed_speaks_on(world: World) -> None:
    _, _, call = await in_preview(world)
    first, second = await world.console("operator"), await world.console("operator")
    await first.command(1, kind="start_talkback", call=call)
    await second.command(1, kind="start_talkback", call=call)
    await first.ws.close()
    await eventually(lambda: len(world.service.hub.consequences.talkers) == 1)
    await world.service.hub.errands.turn()
    assert talks(world) == {call: "operator"}
    await second.ws.close()
    await eventually(lambda: not talks(world))


async def test_a_talk_that_was_stopped_is_nobodys_when_the_line_goes(world: World) -> None:
    center, _, call = await in_preview(world)
    operator = await world.console("operator")
    await operator.command(1, kind="start_talkback", call=call)
    await operator.command(2, kind="stop_talkback", call="c999")
    assert len(world.service.hub.consequences.talkers) == 1, "another call's"
    await operator.command(3, kind="stop_talkback", call=call)
    assert len(world.service.hub.consequences.talkers) == 0
    await center.command(4, kind="start_talkback", call=call)
    await operator.ws.close()
    await world.service.hub.errands.turn()
    assert talks(world) == {call: "center"}


async def test_observers_points_and_other_scopes_do_not_speak(world: World) -> None:
    _, desk, call = await in_preview(world)
    elsewhere = await world.console("operator", scope=["80"])
    assert (await elsewhere.command(1, kind="start_talkback", call=call))["error"]["code"] == "forbidden"
    await desk.say({"type": "command", "id": 1, "command": {"kind": "start_talkback", "call": call}})
    assert (await desk.hear("error"))["error"]["code"] == "forbidden"
    assert talks(world) == {}
    assert world.service.owners["main"].bridge.point_of(call) == WARD
