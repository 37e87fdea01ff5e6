"""A roll call against the real service: asked, answered, missed, come late; over WebSocket and HTTP."""

import asyncio
import contextlib
import json
from typing import Any

import pytest

from tests.harness.desks import GOOD_REPORT, WsConsole, WsPoint
from tests.harness.service import Service
from tests.harness.wait import until

pytestmark = pytest.mark.service

POINTS = ["26740", "00001", "00004"]
SECONDS = 10
"""Of the roll call whose deadline is waited for: somebody answers and somebody comes before it."""


async def answer(point: WsPoint, roll_call: str, name: str) -> dict[str, Any]:
    """Confirm and give what the point hears of it."""
    await point.send({"type": "present", "roll_call": roll_call, "name": name, "function": "Trực ban", "report": GOOD_REPORT})
    told = await point.message("roll_call", lambda m: m["roll_call"]["id"] == roll_call and m["roll_call"]["name"] is not None)
    question: dict[str, Any] = told["roll_call"]
    return question


async def start(console: WsConsole, seconds: int, **order: Any) -> str:
    """Start a roll call; its id."""
    ack = await console.command("start_roll_call", seconds=seconds, **order)
    assert ack["type"] == "ack", ack
    return str(ack["roll_call"])


async def board(console: WsConsole, roll_call: str, state: str = "asking", **counters: int) -> dict[str, Any]:
    """The console's board once it is in this state and its counters are these."""

    def is_so(message: dict[str, Any]) -> bool:
        view = message["roll_call"]
        return (view["id"], view["state"]) == (roll_call, state) and all(
            view["total"][name] == value for name, value in counters.items()
        )

    return dict((await console.message("roll_call_board", is_so))["roll_call"])


def attendance(service: Service, roll_call: str, query: str = "", scope: tuple[str, ...] = ("VN",)) -> dict[str, Any]:
    """What the service answers about a roll call."""
    path = f"/api/sessions/main/roll-calls/{roll_call}{query}"
    status, text = service.get(path, service.token("operator", scope))
    assert status == 200, text
    return dict(json.loads(text))


async def test_a_roll_call_with_its_deadline_and_who_came_late(module_service: Service) -> None:
    service = module_service
    async with contextlib.AsyncExitStack() as stack:
        console = await stack.enter_async_context(WsConsole(service))
        first, second = [await stack.enter_async_context(WsPoint(service, code)) for code in POINTS[:2]]
        roll_call = await start(console, SECONDS)

        def is_as_started(message: dict[str, Any]) -> bool:
            question = message["roll_call"]
            return bool(question["deadline"] - question["started_at"] == SECONDS * 1000)

        for point in (first, second):
            asked = (await point.message("roll_call", is_as_started))["roll_call"]
            assert (asked["id"], asked["presence"]) == (roll_call, "waiting")
        assert (await answer(first, roll_call, "Nguyễn Thị Lan"))["presence"] == "present"
        third = await stack.enter_async_context(WsPoint(service, POINTS[2]))
        assert (await third.message("roll_call"))["roll_call"]["presence"] == "waiting", "it came in the middle"

        await board(console, roll_call, present=1, no_answer=2)
        missed = (await second.message("roll_call", lambda m: m["roll_call"]["state"] == "closed", 2 * SECONDS + 10))["roll_call"]
        assert (missed["presence"], missed["cause"]) == ("absent", "no_answer")
        closed = await board(console, roll_call, "closed", present=1, no_answer=2)
        assert [row["asked"] - row["present"] for row in closed["units"]] == sorted(
            (row["asked"] - row["present"] for row in closed["units"]), reverse=True
        )
        assert (await answer(second, roll_call, "Trần Văn Minh"))["presence"] == "late"
        await board(console, roll_call, "closed", present=1, late=1, no_answer=1)

        late = attendance(service, roll_call, "?status=late")
        assert [(row["point"], row["name"], row["function"]) for row in late["points"]] == [
            (POINTS[1], "Trần Văn Minh", "Trực ban")
        ]
        missing = attendance(service, roll_call, "?limit=20000")
        assert len(missing["points"]) == missing["roll_call"]["total"]["asked"] - 2
        causes = {row["point"]: row["cause"] for row in missing["points"]}
        assert causes[POINTS[2]] == "no_answer"
        assert set(causes.values()) == {"no_answer", "offline"}
        assert POINTS[0] not in causes
        logged = [event["type"] for event in service.event_log() if event.get("roll_call") == roll_call]
        # A process that has just started looks after ten seconds who is there; clocks that run then start afresh, once.
        assert logged.count("roll_call_extended") <= 1
        rest = [kind for kind in logged if kind != "roll_call_extended"]
        assert rest == ["roll_call_started", "presence_confirmed", "roll_call_closed", "presence_confirmed"]


async def test_an_operator_s_own_scope_and_again(module_service: Service) -> None:
    service = module_service
    async with WsConsole(service) as console, WsPoint(service, POINTS[0]) as point:
        path = json.loads(service.get("/api/directory", service.token("operator"))[1])
        unit_of = {row[0]: row[1] for row in path["points"]}
        for _ in range(2):
            roll_call = await start(console, 60, units=[unit_of[POINTS[0]]])
            assert (await console.command("start_roll_call", seconds=60))["error"]["code"] == "roll_call_running"
            await answer(point, roll_call, "Lan")
            await board(console, roll_call, asked=1, present=1)
            assert (await console.command("close_roll_call", roll_call=roll_call))["type"] == "ack"
        elsewhere = service.get(f"/api/sessions/main/roll-calls/{roll_call}", service.token("operator", (unit_of[POINTS[1]],)))
        assert elsewhere[0] == 403


async def test_a_roll_call_survives_the_end_of_its_process(service: Service) -> None:
    async with WsConsole(service) as console, WsPoint(service, POINTS[0]) as point:
        roll_call = await start(console, 60)
        await answer(point, roll_call, "Lan")
        old = service.kill("signaling")
        await until("another process serves", lambda: service.is_replaced("signaling", old), within_s=20)
        await until("ready again", lambda: asyncio.to_thread(service.is_ready), within_s=30)
        await console.reconnect()
        await board(console, roll_call, present=1)
        assert attendance(service, roll_call, "?status=present")["points"][0]["name"] == "Lan"
