"""About 23h, no meeting: a call to two points at once, and the ladder when nobody answers at the first.

The real service over HTTP and WebSocket; both points and the center publish real media, and their viewers decode what they get.
The clocks of a ring and of a ladder are scaled down, the rest is as it was. docs/scenes/23h.md is the same by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until
from tests.harness.webrtc import TestPublisher, TestViewer, is_near

pytestmark = pytest.mark.service

TOWN, DISTRICT, PROVINCE = "30341", "886", "89"
"""Thị trấn Long Bình, Huyện An Phú, and the province above both, Tỉnh An Giang."""
IDLE = "30340"
QUIET = "30337"
"""The desk where nobody answers, of the same district."""
STANDING, CENTER, OF_TOWN, OF_DISTRICT = (200, 40, 40), (200, 200, 40), (40, 60, 200), (40, 180, 60)
STANDING_HZ, CENTER_HZ, TOWN_HZ, DISTRICT_HZ = 500, 800, 1300, 1900
ANSWER_S, STEP_S = 12, 6
"""Within the first a picture is connected, within the second somebody reads and marks: also where both take long."""
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose rings and ladders run out soon."""
    settings = {"CALLS__ANSWER_TIMEOUT_S": str(ANSWER_S), "ESCALATION__STEP_S": str(STEP_S)}
    with start_service(tmp_path_factory.mktemp("scene"), settings) as service:
        yield service


def own_line(service: Service) -> Service:
    """The service as seen from the national center's own line, which is made when it is not there yet."""
    token = service.token("center", session="*")
    status, line = service.post("/api/sessions", token, {"title": "Đường trực trung tâm", "kind": "line", "units": ["VN"]})
    assert status in {200, 201}, line
    assert (line["kind"], line["state"]) == ("line", "open")
    return dataclasses.replace(service, session=str(line["id"]))


def heard(point: WsPoint, *kinds: str) -> list[dict[str, Any]]:
    """The messages of these types so far."""
    return [message for message in point.messages if message["type"] in kinds]


def put_roster(service: Service, point: str, shifts: list[dict[str, Any]]) -> int:
    """Set the roster of a point as its province does; the status."""
    request = urllib.request.Request(
        f"{service.base_url}/api/rosters/{point}", json.dumps({"shifts": shifts}).encode(), method="PUT"
    )
    request.add_header("Authorization", f"Bearer {service.token('operator', (PROVINCE,), session='*')}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as response:
        return int(response.status)


async def answers(console: WsConsole, point: WsPoint, publisher: TestPublisher, call: str) -> None:
    """The point rings, its publisher connects, it answers, and it goes on air by itself."""
    assert await point.ring() == call
    await publisher.open()
    await point.say("answer", call)
    await console.call_state(call, "on_air")


async def test_two_points_in_one_call_and_back_on_the_standing_line(night: Service) -> None:
    line = own_line(night)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(TestPublisher(night, night.token("center"), STANDING, STANDING_HZ))
        town, district, idle = [await enter(WsPoint(night, code)) for code in (TOWN, DISTRICT, IDLE)]
        at_town, at_district, at_idle = [await enter(TestViewer(night, each.token)) for each in (town, district, idle)]
        for viewer in (at_town, at_district, at_idle):
            await viewer.sees("main", STANDING)
        told_before = len(heard(idle, "stage", "attending", "ring", "call"))
        agreed = at_town.connection.remoteDescription.sdp

        # The center, on its line, calls both at once. Nobody opened a meeting.
        chair = await enter(WsConsole(line, "center", session=line.session))
        await enter(TestPublisher(line, line.token("center"), CENTER, CENTER_HZ))
        at_center = await enter(TestViewer(line, line.token("center"), "console"))
        assert (await chair.command("place_calls", points=[TOWN, DISTRICT], together=True))["type"] == "ack"
        rings = [(await each.message("ring"))["call"] for each in (town, district)]
        first, second = str(rings[0]["id"]), str(rings[1]["id"])
        assert {ring["together"] for ring in rings} == {first}
        of_town = TestPublisher(night, town.token, OF_TOWN, TOWN_HZ)
        of_district = TestPublisher(night, district.token, OF_DISTRICT, DISTRICT_HZ)
        for publisher in (of_town, of_district):
            stack.push_async_callback(publisher.close)
        await asyncio.gather(answers(chair, town, of_town, first), answers(chair, district, of_district, second))

        # They see and hear each other and the center, and the center both.
        await at_town.sees("main", OF_DISTRICT)
        await at_town.sees("inset", CENTER)
        await at_district.sees("main", OF_TOWN)
        await hears_all(at_town, CENTER_HZ, DISTRICT_HZ)
        await hears_all(at_district, CENTER_HZ, TOWN_HZ)
        await hears_all(at_center, TOWN_HZ, DISTRICT_HZ)
        for each in (town, district):
            await attends(each, line.session, "line")
            await shows_on_air(each, {TOWN, DISTRICT})

        # Of which nobody else heard anything: their page was told nothing, and shows the standing line.
        assert len(heard(idle, "stage", "attending", "ring", "call")) == told_before
        assert is_near(at_idle.colour("main"), STANDING)
        await hears_all(at_idle, STANDING_HZ)

        # And back, by the same connection without another offer.
        for call in (first, second):
            assert (await chair.command("end_call", call=call))["type"] == "ack"
            await chair.call_state(call, "ended")
        for viewer in (at_town, at_district):
            await viewer.sees("main", STANDING)
            await hears_all(viewer, STANDING_HZ)
        for each in (town, district):
            await attends(each, "main", "standing")
        assert at_town.connection.remoteDescription.sdp == agreed
        assert len(heard(idle, "stage", "attending", "ring", "call")) == told_before
        assert [view["state"] for view in line.calls()] == ["ended", "ended"]
        assert night.calls() == [], "the standing line has no part in it"


async def attends(point: WsPoint, session: str, kind: str) -> None:
    """Waits until the newest word of what the point attends is this."""

    def is_so() -> bool:
        told = heard(point, "attending")[-1]
        return (told["session"]["id"], told["kind"]) == (session, kind)

    await until(f"{point.code} attends {session}", is_so, every_s=0.01)


async def hears_all(viewer: TestViewer, *tones: float) -> None:
    """Waits until a viewer hears these tones and nothing else, whatever the slots they come in."""

    def is_so() -> bool:
        now = viewer.tones_now()
        assert len(now) == len(tones), now
        assert all(abs(hz - wanted) < 8 for hz, wanted in zip(now, sorted(tones), strict=True)), now
        return True

    await until(f"tones {tones}", is_so)


async def shows_on_air(point: WsPoint, codes: set[str]) -> None:
    """Waits until the point's page was told that these are on air."""

    def is_so() -> bool:
        stages = heard(point, "stage", "attending")
        return {row["point"] for row in stages[-1]["stage"]["on_air"]} == codes

    await until(f"{point.code} is told that {codes} are on air", is_so)


async def test_nobody_answers_at_the_first_and_the_ladder_is_climbed(night: Service) -> None:
    line = own_line(night)
    now = time.time_ns() // 1_000_000
    contacts = [
        {"name": "Nguyễn Thị Lan", "function": "Phó Chủ tịch", "kind": "phone", "target": "0901 234 567"},
        {"name": "Trần Văn Minh", "function": "Trực ban", "kind": "phone", "target": "0901 765 432"},
    ]
    shift = {"start": now - HOUR_MS, "end": now + HOUR_MS, "contacts": contacts}
    assert await asyncio.to_thread(put_roster, night, QUIET, [shift]) == 200
    async with (
        WsPoint(night, QUIET) as quiet,
        WsPoint(night, DISTRICT) as above,
        WsPoint(night, PROVINCE) as province,
        WsConsole(line, "center", session=line.session) as chair,
    ):
        # It rings, and nobody comes.
        call = await chair.place_call(QUIET)
        assert await quiet.ring() == call
        failed = await chair.call_state(call, "failed", within_s=ANSWER_S + 15)
        assert (failed["cause"], failed["answered_at"]) == ("no_answer", None)

        # The first contact of the shift is dialled, and marked by whoever dialled.
        ladder = str((await chair.command("escalate", call=call))["made"])
        steps = (await step_is(chair, ladder, 0, "current"))["steps"]
        assert [(step["kind"], step["name"]) for step in steps] == [
            ("phone", "Nguyễn Thị Lan"),
            ("phone", "Trần Văn Minh"),
            ("above", "Huyện An Phú"),
            ("above", "Tỉnh An Giang"),
        ]
        assert steps[0]["deadline"] - steps[0]["started_at"] == STEP_S * 1000
        note = "chuông reo, cả đội đang cách ly"
        marked = await chair.command("mark_contact", call=call, step=0, outcome="no_answer", note=note)
        assert marked["type"] == "ack", marked
        dialled = (await step_is(chair, ladder, 1, "current"))["steps"][1]
        assert dialled["deadline"] - dialled["started_at"] == STEP_S * 1000

        # The second one's clock runs out by itself, and the desk of the district is alerted.
        alert = (await above.message("alert", within_s=STEP_S + 15))["alert"]
        assert (alert["record"], alert["point"], alert["cause"]) == (call, QUIET, "no_answer")
        assert alert["text"]["vi"]
        assert alert["text"]["en"]
        view = await step_is(chair, ladder, 2, "current")
        first, second, third, fourth = view["steps"]
        assert (first["outcome"], first["note"]) == ("no_answer", note)
        assert first["ended_at"] < steps[0]["deadline"], "marked before its clock ran out"
        assert (second["outcome"], fourth["state"]) == ("timeout", "waiting")
        assert second["ended_at"] >= dialled["deadline"]
        assert third["started_at"] >= second["ended_at"]

        # Somebody there reaches the town: the ladder ends, and nobody above is woken.
        words = {"reached": True, "name": "Lê Văn Tám", "text": "Đã cử người xuống."}
        await above.send({"type": "confirm_alert", "record": call, **words})
        await above.message("alert_over", lambda m: m["record"] == call)
        ended = await chair.message("escalation", lambda m: m["escalation"]["id"] == ladder and m["escalation"]["ended_at"])
        assert ended["escalation"]["state"] == "reached"
        assert ended["escalation"]["steps"][2]["confirmed_name"] == "Lê Văn Tám"
        assert not heard(province, "alert")

        # The town calls back; all of it is on one record.
        await quiet.send({"type": "call_back", "call": call, "note": "đã có người trực"})
        await quiet.message("missed", lambda m: m["calls"] and m["calls"][0]["called_back_at"])
        token = line.token("operator", (PROVINCE,), session=line.session)
        status, text = await asyncio.to_thread(line.get, f"/api/sessions/{line.session}/records/{call}", token)
        assert status == 200, text
        record = json.loads(text)
        assert [view["id"] for view in record["calls"]] == [call]
        assert [view["id"] for view in record["escalations"]] == [ladder]
        assert len(record["call_backs"]) == 1
        times = [entry["at"] for entry in record["lines"]]
        assert times == sorted(times)
        assert note in text


async def step_is(console: WsConsole, ladder: str, number: int, state: str) -> dict[str, Any]:
    """The view of the ladder once a step is in a state."""

    def newest() -> dict[str, Any] | None:
        views = [m["escalation"] for m in console.messages if m["type"] == "escalation" and m["escalation"]["id"] == ladder]
        return views[-1] if views and views[-1]["steps"][number]["state"] == state else None

    found: dict[str, Any] = await until(f"step {number} is {state}", newest, STEP_S + 15, every_s=0.01)
    return found
