"""Proposals over HTTP and WebSocket: up the levels and back to the desk."""

from __future__ import annotations

from typing import Any

from tests.signaling.test_directives_api import bearer_of, body
from tests.signaling.world import FAR_WARD, WARD, World


async def post(world: World, path: str, headers: dict[str, str], sent: dict[str, Any], status: int) -> dict[str, Any]:
    response = await world.client.post(path, json=sent, headers=headers)
    assert response.status == status, await response.text()
    found: dict[str, Any] = await response.json(content_type=None)
    return found


async def test_up_the_levels_and_back(world: World) -> None:
    desk = await world.desk()
    district = await world.console("operator", scope=("773",), subject="lan")
    await desk.say({"type": "send_proposal", "text": "Cần 50 bình ô-xy"})
    own = await desk.hear("proposals")
    assert (own["open"], own["proposals"][0]["unit_name"]) == (1, "Quận 4")
    heard = await district.hear("proposal")
    assert (heard["proposal"]["excerpt"], heard["proposal"]["session"]) == ("Cần 50 bình ô-xy", "main")
    order = {"kind": "answer_proposal", "proposal": "p1", "outcome": "forwarded", "text": "Ngoài khả năng"}
    assert (await district.command(1, **order))["type"] == "ack"
    refused = await district.command(2, **{**order, "outcome": "accepted"})
    assert refused["error"]["code"] == "forbidden", "it is the province's now"
    province = world.bearer("operator", scope=("79",))
    await post(world, "/api/proposals/p1/answer", province, {"outcome": "accepted", "text": "Cấp 50 bình"}, 200)
    done = await desk.hear("proposals", lambda each: each["open"] == 0)
    assert (done["proposals"][0]["state"], done["proposals"][0]["reply"]) == ("accepted", "Cấp 50 bình")
    assert (await district.hear("proposal", lambda each: each["proposal"]["state"] == "accepted"))["proposal"]["id"] == "p1"
    whole = await body(world, "/api/proposals/p1", bearer_of(desk))
    assert [(step["state"], step["unit"]) for step in whole["steps"]] == [("forwarded", "773"), ("accepted", "79")]


async def test_who_sees_what(world: World) -> None:
    desk, far = await world.desk(), await world.desk(FAR_WARD)
    made = await post(world, "/api/proposals", bearer_of(desk), {"text": "Cần ô-xy"}, 201)
    assert (made["id"], made["point"], made["steps"]) == ("p1", WARD, [])
    await body(world, "/api/proposals/p1", bearer_of(far), 403)
    await body(world, "/api/proposals/p1", world.bearer("operator", scope=("80",)), 403)
    await body(world, "/api/proposals/p9", world.bearer("center"), 404)
    own = await body(world, "/api/proposals", bearer_of(desk))
    assert [each["id"] for each in own["proposals"]] == ["p1"]
    assert (await body(world, "/api/proposals", bearer_of(far)))["proposals"] == []
    await body(world, "/api/proposals?unit=79", bearer_of(desk), 403)
    center = world.bearer("center")
    assert (await body(world, "/api/proposals?unit=79", center))["open"] == 1
    assert (await body(world, "/api/proposals?unit=80", center))["open"] == 0
    await post(world, "/api/proposals/p1/forward", world.bearer("operator", scope=("773",)), {"unit": "VN"}, 200)
    await post(world, "/api/proposals/p1/answer", center, {"outcome": "noted"}, 200)
    assert (await body(world, "/api/proposals", center))["proposals"] == []
    assert len((await body(world, "/api/proposals?state=answered", center))["proposals"]) == 1
    assert len((await body(world, "/api/proposals?state=all", center))["proposals"]) == 1


async def test_refusals(world: World) -> None:
    desk = await world.desk()
    await post(world, "/api/proposals", world.bearer("center"), {"text": "x"}, 403)
    await post(world, "/api/proposals", bearer_of(desk), {"text": ""}, 400)
    await post(world, "/api/proposals/p9/answer", world.bearer("center"), {"outcome": "noted"}, 404)
    await post(world, "/api/proposals/p.../answer", bearer_of(desk), {"outcome": "noted"}, 403)
    await post(world, "/api/proposals/%20/answer", world.bearer("center"), {"outcome": "noted"}, 404)
    for number in range(20):
        await post(world, "/api/proposals", bearer_of(desk), {"text": f"{number}"}, 201)
    full = await post(world, "/api/proposals", bearer_of(desk), {"text": "x"}, 409)
    assert full["code"] == "proposals_full"
