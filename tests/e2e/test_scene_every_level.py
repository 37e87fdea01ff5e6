"""Every level its own center: a district's chair does all of it in the district, and is clearly refused beside it.

The real service over HTTP and WebSocket, with an account and a password; the speaker publishes real media.
docs/scenes/every-level.md is the same by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.harness.desks import GOOD_REPORT, WsConsole, WsPoint
from tests.harness.service import ROOT, Service
from tests.harness.webrtc import RefusedError, TestPublisher

pytestmark = pytest.mark.service

PROVINCE, DISTRICT, OTHER_DISTRICT = "79", "773", "760"
DESK, SPEAKER, SILENT = DISTRICT, "27286", "27271"
BESIDE = "26734"
"""A ward of the other district."""
WARDS = 13
PASSWORD = "mật khẩu của quận bốn"
OUTSIDE = 15
ROLL_CALL_S = 60
SPEAKING_S = 5
COLOUR, TONE_HZ = (40, 60, 200), 1300

Answer = dict[str, Any]


class AccountConsole(WsConsole):
    """A console of somebody who logged in."""

    def __init__(self, service: Service, token: str, session: str) -> None:
        super().__init__(service, session=session)
        self._credential = {"kind": "token", "token": token}


def make_account(service: Service, name: str, role: str) -> None:
    """`diemcau account add` over the district, beside the running service."""
    words = ["account", "add", name, "--role", role, "--scope", DISTRICT, "--password-stdin", "--data-dir", str(service.data_dir)]
    command = [sys.executable, "-m", "cli.main", *words]
    done = subprocess.run(command, input=PASSWORD + "\n", capture_output=True, text=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def log_in(service: Service, name: str) -> str:
    """The access token that name and password get."""
    body = json.dumps({"name": name, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{service.base_url}/api/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(json.load(response)["access_token"])


def get(service: Service, token: str, path: str) -> Answer:
    """What the service answers."""
    status, text = service.get(path, token)
    assert status == 200, (path, status, text)
    return dict(json.loads(text))


def order(service: Service, token: str, session: str, kind: str, **fields: object) -> tuple[int, Answer]:
    """An order over REST: status and answer."""
    return service.post(f"/api/sessions/{session}/orders", token, {"kind": kind, **fields})


def refused(answer: tuple[int, Answer], *, says: str = "") -> None:
    """It was a clear refusal: 403 with the code for machines, and words for people in both languages."""
    status, problem = answer
    assert (status, problem.get("code")) == (403, "forbidden"), answer
    assert problem["message"]["vi"]
    assert problem["message"]["en"]
    assert problem["message"]["vi"] != problem["message"]["en"]
    assert says in problem["message"]["vi"], problem


def in_an_hour() -> int:
    """A deadline."""
    return time.time_ns() // 1_000_000 + 3_600_000


async def test_a_chair_of_a_district_leads_the_district(service: Service) -> None:
    for name, role in (("chutich.q4", "center"), ("theodoi.q4", "observer")):
        await asyncio.to_thread(make_account, service, name, role)
    chair = await asyncio.to_thread(log_in, service, "chutich.q4")
    status, opened = service.post("/api/sessions", chair, {"title": "Quận 4 chống dịch", "units": [DISTRICT]})
    assert (status, opened["center"], opened["level"], opened["points"]) == (201, DISTRICT, 2, WARDS + 1), opened
    assert opened["opened_by"] == "center:chutich.q4"
    session = str(opened["id"])
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        console = await enter(AccountConsole(service, chair, session))
        speaker, silent, beside = [await enter(WsPoint(service, code)) for code in (SPEAKER, SILENT, BESIDE)]

        assert await console.point_state(SPEAKER) != OUTSIDE
        assert await console.point_state(BESIDE) == OUTSIDE, "whether others are there is none of its business"
        await roll_call(service, chair, console, session, speaker, silent)
        call = await call_and_floor(stack, service, console, speaker)
        directive = await give_directive(service, chair, console, speaker, silent)
        await draw(service, chair, console, session)
        # Nobody beside the district heard any of it.
        assert not {m["type"] for m in beside.messages} & {"ring", "call", "roll_call", "directive", "stage"}
        assert [m["session"]["id"] for m in beside.messages if m["type"] == "attending"] == ["main"]
        await refusals(service, chair, session, call)
        await observing(service, session, directive, call)
        assert not {m["type"] for m in beside.messages} & {"ring", "call", "roll_call", "floor"}, "what was refused had no effect"
        status, closed = service.post(f"/api/sessions/{session}/close", chair)
        assert (status, closed["state"]) == (200, "closed")
    report(service, chair, session, directive)


async def roll_call(service: Service, chair: str, console: WsConsole, session: str, speaker: WsPoint, silent: WsPoint) -> None:
    """All of the district is asked, and nobody else; one confirms, one is silent, the others are not there."""
    asked = await console.command("start_roll_call", seconds=ROLL_CALL_S)
    number = asked["roll_call"]
    for desk in (speaker, silent):
        await desk.message("roll_call", lambda m: m["roll_call"]["id"] == number)
    await speaker.send({"type": "present", "roll_call": number, "name": "Nguyễn Thị Lan", "report": GOOD_REPORT})
    await speaker.message("roll_call", lambda m: m["roll_call"]["presence"] == "present")
    assert (await console.command("close_roll_call", roll_call=number))["type"] == "ack"
    answer = get(service, chair, f"/api/sessions/{session}/roll-calls/{number}?status=all")
    total = answer["roll_call"]["total"]
    assert (total["asked"], total["present"], total["no_answer"], total["offline"]) == (WARDS + 1, 1, 1, WARDS - 1)
    by_point = {row["point"]: (row["presence"], row["name"]) for row in answer["points"]}
    assert by_point[SPEAKER] == ("present", "Nguyễn Thị Lan")
    assert by_point[SILENT] == ("absent", None)


async def call_and_floor(stack: contextlib.AsyncExitStack, service: Service, console: WsConsole, speaker: WsPoint) -> str:
    """A ward asks to speak, is given the floor, goes on air, and gives it back; its call."""
    await speaker.send({"type": "ask_floor", "subject": "Thiếu ô-xy y tế"})
    await console.message("floor_queue", lambda m: m["waiting"] == 1)
    call = str((await console.command("give_floor", point=SPEAKER, seconds=SPEAKING_S))["call"])
    assert await speaker.ring() == call
    await stack.enter_async_context(TestPublisher(service, speaker.token, COLOUR, TONE_HZ))
    await speaker.say("answer", call)
    await console.call_state(call, "on_air")
    clock = (await speaker.message("floor", lambda m: m["request"] and m["request"]["state"] == "speaking"))["request"]
    assert clock["deadline"] - clock["started_at"] == SPEAKING_S * 1000
    assert (await console.command("take_back_floor", point=SPEAKER))["type"] == "ack"
    await console.call_state(call, "preview")
    assert (await console.command("end_call", call=call))["type"] == "ack"
    await console.call_state(call, "ended")
    return call


async def give_directive(service: Service, chair: str, console: WsConsole, speaker: WsPoint, silent: WsPoint) -> str:
    """A directive to the district is acknowledged by one, and the chair sees who has not."""
    text = "1. Trực 24/7.\n2. Báo cáo trước 17 giờ."
    issued = await console.command("issue_directive", title="Hai việc cần làm ngay", text=text, deadline=in_an_hour())
    directive = str(issued["made"])
    for desk in (speaker, silent):
        await desk.message("directive", lambda m: m["directive"]["id"] == directive)
    await speaker.send({"type": "acknowledge_directive", "directive": directive, "name": "Lan"})
    await speaker.message("directive", lambda m: m["directive"]["answer"] == "in_time")
    missing = get(service, chair, f"/api/directives/{directive}/points?limit=100")
    assert len(missing["points"]) == WARDS
    assert SILENT in {row["point"] for row in missing["points"]}
    assert SPEAKER not in {row["point"] for row in missing["points"]}
    return directive


async def draw(service: Service, chair: str, console: WsConsole, session: str) -> None:
    """Points drawn by lot are the district's."""
    assert (await console.command("draw_points", count=5, only="all"))["type"] == "ack"
    (drawn,) = get(service, chair, f"/api/sessions/{session}/draws")["draws"]
    directory = get(service, chair, "/api/directory")
    units = {code: unit for code, unit, _ in directory["points"]}
    parents = {unit[0]: unit[2] for unit in directory["units"]}
    assert drawn["candidates"] == WARDS + 1
    assert len({row["point"] for row in drawn["drawn"]}) == 5
    for row in drawn["drawn"]:
        assert DISTRICT in {units[row["point"]], parents[units[row["point"]]]}


async def refusals(service: Service, chair: str, session: str, call: str) -> None:
    """Beside the district everything is refused, with words that say why, and nothing changes."""
    above = service.token("center", (PROVINCE,), session="*")
    status, opened = service.post("/api/sessions", above, {"title": "Thành phố", "units": [PROVINCE]})
    assert status == 201, opened
    province = str(opened["id"])
    status, issued = order(
        service,
        above,
        "main",
        "issue_directive",
        title="Thành phố",
        text="Toàn thành phố.",
        deadline=in_an_hour(),
        units=[PROVINCE],
    )
    assert status == 200, issued
    own = str(issued["made"])

    # Another district's point, on the standing line and in whatever the chair presides.
    refused(order(service, chair, "main", "place_call", point=BESIDE), says="ngoài phạm vi")
    refused(order(service, chair, session, "place_call", point=BESIDE), says="ngoài phạm vi")
    refused(order(service, chair, session, "start_roll_call", seconds=60, units=[OTHER_DISTRICT]), says="ngoài phạm vi")
    refused(order(service, chair, session, "give_floor", point=BESIDE), says="ngoài phạm vi")
    refused(order(service, chair, session, "draw_points", count=1, units=[PROVINCE], only="all"), says="ngoài phạm vi")
    refused(service.post("/api/sessions", chair, {"title": "x", "units": [OTHER_DISTRICT]}), says="ngoài phạm vi")
    refused(service.post("/api/sessions", chair, {"title": "x", "units": [DISTRICT], "center": PROVINCE}), says="ngoài phạm vi")
    refused(service.post(f"/api/points/{BESIDE}/rotate", chair))
    for path in (f"/api/rosters?unit={OTHER_DISTRICT}", f"/api/directives?unit={PROVINCE}", f"/api/sessions/{session}/log"):
        status, text = service.get(path, chair)
        refused((status, json.loads(text)))
    account = {"name": "x.q1", "display_name": "x", "role": "operator", "scope": [OTHER_DISTRICT], "password": PASSWORD}
    refused(service.post("/api/accounts", chair, account))

    # The session of the province, which is over the district too: it may be watched, and is led by the province.
    async with AccountConsole(service, chair, province) as watching:
        said = await watching.command("place_call", point=SPEAKER)
        assert said["error"]["code"] == "forbidden"
        assert "cấp khác chủ trì" in said["error"]["message"]["vi"]
        assert "another level" in said["error"]["message"]["en"]
    refused(service.post(f"/api/sessions/{province}/close", chair))
    refused(order(service, chair, province, "next_speaker"))
    assert get(service, chair, f"/api/sessions/{province}")["state"] == "open"

    # Whoever sits in the province's meeting is not called out of it, by hand or by an agenda.
    assert order(service, chair, session, "set_agenda", items=[{"point": SPEAKER}])[0] == 200
    for kind, fields in (("place_call", {"point": SPEAKER}), ("next_speaker", {})):
        status, problem = order(service, chair, session, kind, **fields)
        assert (status, problem["code"]) == (409, "in_meeting_above"), problem
        assert "Thành phố Hồ Chí Minh" in problem["message"]["vi"]

    # The nation's stage: even for a point of its own, and its picture.
    refused(order(service, chair, "main", "give_floor", point=SPEAKER), says="cấp khác chủ trì")
    refused(order(service, chair, "main", "place_calls", points=[SPEAKER, SILENT], together=True), says="cấp khác chủ trì")
    refused(service.post("/api/sessions/main/close", chair))
    with pytest.raises(RefusedError) as whip:
        await TestPublisher(service, chair, COLOUR, TONE_HZ).open()
    refused((whip.value.status, json.loads(str(whip.value).split(": ", 1)[1])), says="cấp khác chủ trì")

    # The directive of its own province: it may read it, and neither take it back nor give one as wide.
    assert get(service, chair, f"/api/directives/{own}")["text"] == "Toàn thành phố."
    refused(order(service, chair, "main", "withdraw_directive", directive=own), says="cấp khác")
    wide = {"title": "x", "text": "x", "deadline": in_an_hour(), "units": [PROVINCE]}
    refused(order(service, chair, "main", "issue_directive", **wide), says="ngoài phạm vi")
    assert get(service, above, f"/api/directives/{own}")["board"]["withdrawn_at"] is None

    # Of all that, nothing is on the standing line; the district's own call is where it was.
    assert service.calls() == []
    assert [view["id"] for view in get(service, chair, f"/api/sessions/{session}/calls")["calls"]] == [call]
    assert service.post(f"/api/sessions/{province}/close", above)[0] == 200


async def observing(service: Service, session: str, directive: str, call: str) -> None:
    """An observer of the district sees what its chair sees, and orders nothing."""
    observer = await asyncio.to_thread(log_in, service, "theodoi.q4")
    assert [view["id"] for view in get(service, observer, f"/api/sessions/{session}/calls")["calls"]] == [call]
    assert len(get(service, observer, f"/api/directives/{directive}/points")["points"]) == WARDS
    async with AccountConsole(service, observer, session) as watching:
        assert {(await watching.message(kind))["type"] for kind in ("frame", "calls", "roll_call_board")}
        said = await watching.command("place_call", point=SPEAKER)
        assert said["error"]["code"] == "forbidden"
        assert said["error"]["message"]["vi"] != said["error"]["message"]["en"]
    refused(order(service, observer, session, "start_roll_call", seconds=60))
    refused(order(service, observer, session, "issue_directive", title="x", text="x", deadline=in_an_hour()))
    refused(service.post("/api/sessions", observer, {"title": "x", "units": [DISTRICT]}))
    refused(service.post(f"/api/sessions/{session}/close", observer))


def report(service: Service, chair: str, session: str, directive: str) -> None:
    """The report of the district's session says what happened, and is of the district alone."""
    path = f"/api/sessions/{session}/report"
    answer = get(service, chair, f"{path}?format=json")
    assert (answer["title"], answer["scope"]) == ("Báo cáo phiên họp: Quận 4 chống dịch", "Quận 4")
    tables = {table["name"]: table for table in answer["tables"]}
    rows = {
        name: [dict(zip([column["name"] for column in table["columns"]], row, strict=True)) for row in table["rows"]]
        for name, table in tables.items()
    }
    by_unit = {row["unit"]: row for row in rows["units"]}
    assert len(by_unit) == WARDS + 1
    whole, ward, silent = (by_unit[code] for code in (DISTRICT, SPEAKER, SILENT))
    assert (whole["points"], whole["attended"], whole["present"], whole["absent"]) == (WARDS + 1, 2, 1, WARDS)
    assert (ward["present"], ward["calls"], ward["answered"], ward["speeches"], ward["acknowledged"]) == (1, 1, 1, 1, 1)
    assert (silent["present"], silent["calls"], silent["acknowledged"]) == (0, 0, 0)
    assert [(row["point"], row["by"]) for row in rows["calls"]] == [(SPEAKER, "center:chutich.q4")]
    assert [row["directive"] for row in rows["directives"]] == [directive]
    status, page = service.get(f"{path}?format=html", chair)
    assert status == 200
    assert "Quận 4 chống dịch" in page
    status, text = service.get(f"{path}?unit={PROVINCE}", chair)
    refused((status, json.loads(text)))
