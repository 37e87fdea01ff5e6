"""2 September 2021: 2,594 points in 19 provinces, communes called one after the other, and one that is not there.

The real service over HTTP and WebSocket. All points are live at once but Ward 10 of District 4; those that are called send real
pictures. What was done about the ward is one record, and the report says it. docs/scenes/2-september.md is the same by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.harness.crowd import Crowd, CrowdPoint
from tests.harness.crowd_console import CrowdConsole
from tests.harness.nation_2_september import DISTRICT_4, HCMC, POINTS, PROVINCES, WARD_10, called_communes, south
from tests.harness.service import Service
from tests.harness.south_service import start_south
from tests.harness.wait import until
from tests.harness.webrtc import Rgb, TestPublisher, TestViewer

pytestmark = pytest.mark.service

JOINED_WITHIN_S = 60
READY, OFFLINE_MISSED = 1, 9

TITLE = "Họp trực tuyến với 19 tỉnh, thành phố phía Nam"
CENTER: Rgb = (200, 40, 40)
CENTER_HZ = 500
COLOURS: tuple[Rgb, ...] = ((40, 60, 200), (30, 160, 60), (190, 170, 30), (150, 40, 170), (30, 160, 170))
HZ = (700, 900, 1100, 1300, 1500)
ONCE = ("escalation_started", "outcome_no_answer", "alert_confirmed", "called_back", "explained")
"""What is on the ward's record."""
WARD_COLOUR: Rgb = (120, 120, 120)
WARD_HZ = 1700

DUTY_PHONE = "0901 234 567"
MARK = "chuông reo hai lần, không ai nhấc máy"
DISTRICT_SAYS = "Đang cử người xuống Phường 10."
EXPLANATION = "Liên kết vừa được đổi,\nngười trực chưa có liên kết mới."


@pytest.fixture(scope="module")
def south_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose directory is the 19 provinces."""
    with start_south(tmp_path_factory.mktemp("scene")) as service:
        yield service


def import_roster(service: Service, table: str) -> dict[str, Any]:
    """The answer to a table of rosters."""
    request = urllib.request.Request(f"{service.base_url}/api/rosters", table.encode(), method="POST")
    request.add_header("Authorization", f"Bearer {service.token('center', session='*')}")
    request.add_header("Content-Type", "text/csv")
    with urllib.request.urlopen(request, timeout=10) as response:
        return dict(json.loads(response.read()))


def roster_of_ward_10() -> str:
    """A shift that runs now, with one telephone number."""
    start, end = (time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time.time() + hours * 3600)) for hours in (-6, 6))
    head = "point,start,end,order,name,function,kind,target"
    return f"{head}\n{WARD_10},{start},{end},1,Nguyễn Thị Lan,Phó Chủ tịch,phone,{DUTY_PHONE}\n"


async def got(service: Service, path: str) -> dict[str, Any]:
    """The JSON that a center of the whole country gets."""
    status, text = await asyncio.to_thread(service.get, path, service.token("center", session="*"), 20)
    assert status == 200, text
    return dict(json.loads(text))


async def item_called(console: CrowdConsole, point: str) -> str:
    """Waits until the list of calls has come to a point; its call."""

    def call() -> str | None:
        items = console.newest.get("call_list", {"call_list": {"items": []}})["call_list"]["items"]
        return next((item["call"] for item in items if item["point"] == point), None)

    return str(await until(f"{point} is called from the list", call))


async def call_state(console: CrowdConsole, call: str, *states: str) -> dict[str, Any]:
    """Waits until a call is in one of the states; its view."""
    await until(f"call {call} in {states}", lambda: console.calls.get(call, {}).get("state") in states)
    return dict(console.calls[call])


async def on_air_and_off(
    meeting: Service, console: CrowdConsole, viewer: TestViewer, point: CrowdPoint, call: str, colour: Rgb, hz: float
) -> None:
    """The called point sends its picture and answers; it is put on air and everybody sees and hears it."""
    await until(f"{point.code} is rung", lambda: (point.message("ring") or {"call": {"id": ""}})["call"]["id"] == call)
    await call_state(console, call, "delivered")
    async with TestPublisher(replace(meeting, session="main"), point.token, colour, hz):
        point.say("answer", call=call)
        await call_state(console, call, "preview")
        assert (await console.order("take", call=call)).is_ack
        await viewer.sees("main", colour)
        await viewer.hears("guest1", hz)


async def test_the_ward_that_was_not_there_is_one_record_and_in_the_report(south_service: Service) -> None:
    service, communes = south_service, called_communes()
    assert len(south().points) == POINTS
    points = [point.code for point in south().points]
    called = [*communes[:2], WARD_10, *communes[2:]]
    assert (await asyncio.to_thread(import_roster, service, roster_of_ward_10())) == {"points": 1, "changed": 1}

    # A meeting over 19 provinces. All are there but one.
    body = {"title": TITLE, "units": list(PROVINCES), "center": "VN"}
    status, view = await asyncio.to_thread(service.post, "/api/sessions", service.token("center", session="*"), body)
    assert (status, view["points"], view["state"]) == (201, POINTS, "open")
    meeting = replace(service, session=view["id"])
    at = f"/api/sessions/{meeting.session}"
    async with contextlib.AsyncExitStack() as stack:
        console = await stack.enter_async_context(CrowdConsole(meeting, "center", directory=south()))
        crowd = await stack.enter_async_context(Crowd(service))
        await crowd.join([code for code in points if code != WARD_10], within_s=JOINED_WITHIN_S)
        await until("all but one are ready", lambda: console.in_state(READY) == POINTS - 1, 30)
        assert (await got(service, at))["live"] == POINTS - 1

        def attends() -> bool:
            attending = crowd[communes[0]].message("attending")
            assert attending is not None
            assert (attending["session"], attending["reason"]) == ({"id": meeting.session, "title": TITLE}, "meeting")
            return True

        await until("a commune attends the meeting", attends)
        await stack.enter_async_context(TestPublisher(meeting, meeting.token("center"), CENTER, CENTER_HZ))
        viewer = await stack.enter_async_context(TestViewer(meeting, meeting.token("viewer")))
        await viewer.sees("main", CENTER)

        # One after the other, each on air with its own picture; the third is not there.
        call_list = (await console.order("start_call_list", points=called)).message["made"]
        calls: dict[str, str] = {}
        looks = iter(zip(COLOURS, HZ, strict=True))
        for code in called:
            calls[code] = await item_called(console, code)
            if code == WARD_10:
                failed = await call_state(console, calls[code], "failed")
            else:
                colour, hz = next(looks)
                await on_air_and_off(meeting, console, viewer, crowd[code], calls[code], colour, hz)
            assert (await console.order("next_call", list=call_list)).is_ack
            if code != WARD_10:
                assert (await call_state(console, calls[code], "ended"))["on_air_at"] is not None
        await until("the list is done", lambda: console.newest["call_list"]["call_list"]["state"] == "done")
        await viewer.sees("main", CENTER)
        states = {item["point"]: item["state"] for item in console.newest["call_list"]["call_list"]["items"]}
        assert states == {code: "failed" if code == WARD_10 else "done" for code in called}

        # The ward: offline, with what was known in that moment.
        call = calls[WARD_10]
        evidence = failed["evidence"]
        assert (failed["cause"], failed["record"]) == ("offline", call)
        assert (evidence["point_live"], evidence["rings_sent"], evidence["delivered_at"]) == (False, 0, None)
        await until("the console shows it", lambda: console.state(WARD_10) == OFFLINE_MISSED)

        # Its duty contact is telephoned in vain; then its district is alerted, and says what it does.
        escalated = await console.order("escalate", call=call)
        assert escalated.is_ack, escalated.message
        ladder = await until("the ladder", lambda: console.newest.get("escalation", {}).get("escalation"))
        steps = [(step["kind"], step["target"], step["state"]) for step in ladder["steps"]]
        assert steps == [("phone", DUTY_PHONE, "current"), ("above", DISTRICT_4, "waiting"), ("above", HCMC, "waiting")]
        assert crowd[DISTRICT_4].message("alert") is None
        assert (await console.order("mark_contact", call=call, step=0, outcome="no_answer", note=MARK)).is_ack
        await until("the district is alerted", lambda: crowd[DISTRICT_4].message("alert"))
        alert = crowd[DISTRICT_4].message("alert")
        assert alert is not None
        assert (alert["alert"]["point"], alert["alert"]["cause"], alert["alert"]["record"]) == (WARD_10, "offline", call)
        crowd[DISTRICT_4].say("confirm_alert", record=call, reached=False, name="Trần Văn Minh", text=DISTRICT_SAYS)
        await until(
            "the alert is over", lambda: crowd[DISTRICT_4].message("alert_over") == {"type": "alert_over", "record": call}
        )

        # The ward comes, sees what it missed, calls back and explains.
        await crowd.join([WARD_10])
        ward = crowd[WARD_10]
        await until("it sees what it missed", lambda: ward.message("missed"))
        missed = ward.message("missed")
        assert missed is not None
        assert [(each["id"], each["cause"]) for each in missed["calls"]] == [(call, "offline")]
        ward.say("call_back", call=call, note="đã có người trực")
        await until("the center sees it", lambda: console.calls[call]["called_back_at"])
        ward.say("explain", call=call, name="Nguyễn Thị Lan", text=EXPLANATION)
        await until("and why", lambda: console.calls[call]["explained_at"])
        await until("nobody is looked for any more", lambda: console.newest["escalation"]["escalation"]["state"] == "reached")

        # The operator calls again, and it answers.
        retry = (await console.order("retry_call", call=call)).call
        await on_air_and_off(meeting, console, viewer, ward, retry, WARD_COLOUR, WARD_HZ)
        assert (await console.order("end_call", call=retry)).is_ack
        again = await call_state(console, retry, "ended")
        assert (again["record"], again["cause"]) == (call, None)

        # All of it is one record.
        record = await got(service, f"{at}/records/{retry}")
        assert (record["record"], record["point"], record["calls_left_out"]) == (call, WARD_10, 0)
        assert [(each["id"], each["state"]) for each in record["calls"]] == [(call, "failed"), (retry, "ended")]
        (back,) = record["call_backs"]
        assert (back["call"], back["note"], back["answered_by"]) == (call, "đã có người trực", retry)
        (why,) = record["explanations"]
        assert (why["call"], why["name"], why["text"]) == (call, "Nguyễn Thị Lan", EXPLANATION)
        (tried,) = record["escalations"]
        done = [(step["kind"], step["outcome"], step["note"], step["confirmed_text"]) for step in tried["steps"]]
        assert done[0] == ("phone", "no_answer", MARK, "")
        assert (done[1][0], done[1][3]) == ("above", DISTRICT_SAYS)
        assert record == await got(service, f"{at}/records/{call}") | {"at": record["at"]}
        told = [line["what"] for line in record["lines"] if line["what"] in ONCE]
        assert told == list(ONCE), "each once, in the order in which it was"
        assert record["lines"][-1]["about"] == retry
        times = [line["at"] for line in record["lines"]]
        assert times == sorted(times)
        assert crowd.live == POINTS, "nobody lost the line meanwhile"

    # And the report of the session says so.
    status, closed = await asyncio.to_thread(service.post, f"{at}/close", service.token("center", session="*"))
    assert (status, closed["state"]) == (200, "closed")
    report = await got(service, f"{at}/report?lang=vi&unit={DISTRICT_4}")
    rows = rows_of(report, "calls")
    assert [(row["call"], row["record"], row["point"]) for row in rows] == [(call, call, WARD_10), (retry, call, WARD_10)]
    assert all("Phường 10" in row["path"] for row in rows)
    assert rows[0]["cause"]
    assert rows[0]["placed_at"] == failed["placed_at"]
    assert rows[1]["cause"] in {None, ""}
    assert rows[1]["on_air_ms"] > 0
    assert rows[0]["called_back_at"] == back["at"]
    assert EXPLANATION.splitlines()[0] in rows[0]["explanations"]
    assert "Nguyễn Thị Lan" in rows[0]["explanations"]
    for word in (DUTY_PHONE, MARK, DISTRICT_SAYS, "Quận 4"):
        assert word in rows[0]["steps"], word
    everybody = rows_of(await got(service, f"{at}/report?depth=1"), "calls")
    assert [row["point"] for row in everybody] == [*called, WARD_10]
    assert [row["point"] for row in everybody if row["on_air_ms"]] == [*communes, WARD_10]


def rows_of(report: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table of a report, by the names of its columns."""
    found = next(each for each in report["tables"] if each["name"] == table)
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]
