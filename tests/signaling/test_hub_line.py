"""Two sessions: what the standing line keeps is given and heard in both, and it knows of the other's calls."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.model import Http, Sessions, Settings
from tests.signaling.world import FAR_WARD, ORIGIN, OTHER_WARD, WARD, World, eventually, token_hello

MEETING = "s7"


@pytest.fixture
async def two(tmp_path: Path, web_root: Path, npm_root: Path) -> AsyncIterator[World]:
    """The standing line and another session, both open."""
    settings = Settings(data_dir=tmp_path, http=Http(public_url=ORIGIN), sessions=Sessions(open=["main", MEETING]))
    world = World(settings, web_root, npm_root)
    await world.start()
    await eventually(lambda: MEETING in world.service.owners and world.service.owners[MEETING].bridge.is_open)
    yield world
    await world.stop()


async def test_a_directive_given_in_a_meeting_is_the_standing_line_s(two: World) -> None:
    meeting = await two.connect()
    await meeting.say(token_hello(two.token("center", session=MEETING), MEETING))
    await meeting.hear("calls")
    line, desk = await two.console(), await two.desk()
    deadline = time.time_ns() // 1_000_000 + 3_600_000
    order = {"kind": "issue_directive", "title": "Tám việc", "text": "Trực 24/7", "deadline": deadline}
    assert (await meeting.command(1, **order))["made"] == "d1"
    assert (await desk.hear("directive"))["directive"]["session"] == MEETING
    for console in (meeting, line):
        assert (await console.hear("directive_board"))["directive"]["id"] == "d1"
    rooms = two.service.hub.rooms
    assert "d1" in rooms["main"].bridge.state.directives.kept
    assert "d1" not in rooms[MEETING].bridge.state.directives.kept
    late = await two.connect()
    await late.say(token_hello(two.token("operator", session=MEETING), MEETING))
    assert (await late.hear("directive_board"))["directive"]["session"] == MEETING


async def test_a_call_elsewhere_is_known_to_the_standing_line_and_to_its_draws(two: World) -> None:
    meeting = await two.connect()
    await meeting.say(token_hello(two.token("center", session=MEETING), MEETING))
    await meeting.hear("calls")
    assert (await meeting.command(1, kind="place_call", point=FAR_WARD))["call"] == f"{MEETING}-c1"
    line = two.service.hub.rooms["main"].bridge.state
    await eventually(lambda: FAR_WARD in two.service.hub.rooms["main"].bridge.state.last_called)
    assert line.last_called.keys() == {FAR_WARD}
    desks = {"count": 2, "only": "all", "units": [FAR_WARD, WARD]}
    drawn = await two.client.post("/api/sessions/main/draws", json=desks, headers=two.bearer("center"))
    times = {row["point"]: row["last_called"] for row in (await drawn.json())["drawn"]}
    assert times == {WARD: None, FAR_WARD: line.last_called[FAR_WARD]}
    assert OTHER_WARD not in times


async def test_a_token_of_a_session_orders_nothing_in_another(two: World) -> None:
    answer = await two.client.post(
        f"/api/sessions/{MEETING}/draws", json={"count": 1}, headers=two.bearer("center", session="main")
    )
    assert answer.status == 403
