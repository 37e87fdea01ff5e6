"""Every level its own center: three provinces each in a session of their own at once, and a national call into one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.harness.desks import WsConsole, WsPoint
from tests.harness.service import Service, start_service
from tests.harness.wait import until

pytestmark = pytest.mark.service

HA_NOI, KIEN_GIANG, TIEN_GIANG = "01", "91", "82"
ENGAGED, READY, LIVE_MISSED = 10, 1, 8


def communes(service: Service, province: str, count: int) -> list[str]:
    """The first desks of a province that are communes', in directory order."""
    directory = json.loads(service.get("/api/directory", service.token("operator"))[1])
    parents = {unit[0]: unit[2] for unit in directory["units"]}

    def top(code: str) -> str:
        while parents[code] not in {None, "VN"}:
            code = parents[code]
        return code

    kinds = {unit[0]: unit[3] for unit in directory["units"]}
    found = [code for code, unit, _ in directory["points"] if kinds[unit] == "commune" and top(unit) == province]
    assert len(found) > count
    return found[:count]


def opened(service: Service, province: str, title: str) -> dict[str, Any]:
    """A session that the province's own center opens over its province."""
    token = service.token("center", (province,), session="*")
    status, view = service.post("/api/sessions", token, {"title": title, "units": [province]})
    assert status == 201, view
    assert view["state"] == "open"
    return dict(view)


async def attends(point: WsPoint, session: str, reason: str) -> dict[str, Any]:
    """Waits until the newest word of what the point attends is this."""

    def newest() -> dict[str, Any] | None:
        told = [m for m in point.messages if m["type"] == "attending"]
        return told[-1] if told and (told[-1]["session"]["id"], told[-1]["reason"]) == (session, reason) else None

    found = await until(f"{point.code} attends {session} ({reason})", newest, every_s=0.01)
    return cast("dict[str, Any]", found)


async def in_state(console: WsConsole, code: str, *states: int) -> None:
    """Waits until the console knows `code` in one of `states`."""

    async def is_so() -> bool:
        return await console.point_state(code) in states

    await until(f"{code} in {states}", is_so)


async def connected_call(console: WsConsole, point: WsPoint) -> str:
    """Calls the point, which rings and answers; its call's id."""
    before = len([m for m in point.messages if m["type"] == "ring"])
    answer = await console.command("place_call", point=point.code)
    assert answer["type"] == "ack", answer
    call = str(answer["call"])
    await until("rung", lambda: len([m for m in point.messages if m["type"] == "ring"]) > before, every_s=0.01)
    await point.say("ringing", call)
    await console.call_state(call, "delivered")
    await point.say("answer", call)
    await console.call_state(call, "answered")
    return call


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that waits longer for the picture of who answered: nobody here sends one."""
    with start_service(tmp_path_factory.mktemp("scene"), {"CALLS__MEDIA_TIMEOUT_S": "120"}) as service:
        yield service


async def test_three_provinces_at_once_and_a_national_call_into_one(country: Service) -> None:
    service = country
    near, other = communes(service, HA_NOI, 2)
    (sea,) = communes(service, KIEN_GIANG, 1)
    (delta,) = communes(service, TIEN_GIANG, 1)
    async with (
        WsPoint(service, near) as first,
        WsPoint(service, other) as second,
        WsPoint(service, sea) as third,
        WsPoint(service, delta) as fourth,
    ):
        assert (await attends(first, "main", "standing"))["kind"] == "standing"
        capital = opened(service, HA_NOI, "Hà Nội chống dịch")
        kien_giang, tien_giang = opened(service, KIEN_GIANG, "Kiên Giang"), opened(service, TIEN_GIANG, "Tiền Giang")
        assert (capital["level"], capital["center"], capital["kind"]) == (1, HA_NOI, "meeting")

        # each point takes part in its own province's session, without leaving its page
        told = await attends(first, capital["id"], "meeting")
        assert (told["session"]["title"], told["center"]) == ("Hà Nội chống dịch", "Thành phố Hà Nội")
        await attends(third, kien_giang["id"], "meeting")
        await attends(fourth, tien_giang["id"], "meeting")

        async with (
            WsConsole(service, "center", (HA_NOI,), capital["id"]) as hanoi,
            WsConsole(service, "center", (KIEN_GIANG,), kien_giang["id"]) as giang,
            WsConsole(service, "center", ("VN",)) as nation,
        ):
            await in_state(hanoi, near, READY)
            # both provinces call at once, each its own
            call = await connected_call(hanoi, first)
            southern = await connected_call(giang, third)
            assert call.startswith(capital["id"])
            assert southern.startswith(kien_giang["id"])
            await attends(first, capital["id"], "call")
            refused = await giang.command("place_call", point=second.code)
            assert refused["error"]["code"] in {"forbidden", "outside_session"}

            # the nation calls into Hà Nội's session: notices to both, and the point is rung by the nation
            above = await connected_call(nation, first)
            failed = await hanoi.call_state(call, "failed")
            assert failed["cause"] == "engaged_above"
            assert (await first.call_state(call, "failed"))["cause"] == "engaged_above"
            taken = await attends(first, "main", "call")
            assert taken["level"] == 0
            await in_state(hanoi, near, ENGAGED)
            again = await hanoi.command("place_call", point=near)
            assert (await hanoi.call_state(str(again["call"]), "failed"))["cause"] == "engaged_above"
            await hanoi.command("place_call", point=other)
            await second.ring()  # the others go on

            # and gives it back
            assert (await nation.command("end_call", call=above))["type"] == "ack"
            await attends(first, capital["id"], "meeting")
            await in_state(hanoi, near, READY, LIVE_MISSED)
            await connected_call(hanoi, first)
            # of which the south heard nothing
            assert (await giang.command("end_call", call=southern))["type"] == "ack"
            await giang.call_state(southern, "ended")
            await attends(third, kien_giang["id"], "meeting")

        token = service.token("center", (HA_NOI,), session="*")
        status, view = service.post(f"/api/sessions/{capital['id']}/close", token)
        assert (status, view["state"]) == (200, "closed")
        await attends(first, "main", "standing")
        heard = [(m["session"]["id"], m["reason"]) for m in third.messages if m["type"] == "attending"]
        south = kien_giang["id"]
        assert heard == [("main", "standing"), (south, "meeting"), (south, "call"), (south, "meeting")]


async def test_a_district_is_refused_beside_its_district(country: Service) -> None:
    service = country
    (commune,) = communes(service, HA_NOI, 1)
    token = service.token("center", (HA_NOI,), session="*")
    for units, center in (([KIEN_GIANG], None), ([HA_NOI], "VN")):
        body = {"title": "Không được", "units": units, **({} if center is None else {"center": center})}
        status, problem = service.post("/api/sessions", token, body)
        assert status in {403, 409}, problem
        assert problem["message"]["vi"]
        assert problem["code"] in {"forbidden", "no_common_center"}
    assert service.post("/api/sessions/main/close", token)[0] == 403
    status, view = service.post("/api/sessions", token, {"title": "Đường riêng", "kind": "line", "units": [HA_NOI]})
    assert (status, view["id"], view["kind"]) == (201, "line-01", "line")
    assert service.post("/api/sessions", token, {"title": "x", "kind": "line", "units": [HA_NOI]})[0] == 200

    async with WsPoint(service, commune) as point:
        await until("live there", lambda: json.loads(service.get("/api/sessions/line-01", token)[1])["live"] == 1)
        status, done = service.post("/api/sessions/line-01/orders", token, {"kind": "place_call", "point": commune})
        assert (status, done["call"]) == (200, "line-01-c1")
        call = await point.ring()
        assert call == "line-01-c1"
        assert (await attends(point, "line-01", "call"))["kind"] == "line"
        await point.say("decline", call)
        await attends(point, "main", "standing")
