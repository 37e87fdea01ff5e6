"""Directives over HTTP and WebSocket: the text to whoever asks, the laggards to whoever leads them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, Client, World

TEXT = "1. Trực 24/7.\n2. Báo cáo trước 17 giờ."
DEADLINE = time.time_ns() // 1_000_000 + 3_600_000
"""The owner of a session decides by wall time."""
ORDER = {"kind": "issue_directive", "title": "Tám việc", "text": TEXT, "deadline": DEADLINE}


def bearer_of(desk: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.welcome['token']}"}


async def body(world: World, path: str, headers: dict[str, str], status: int = 200) -> dict[str, Any]:
    response = await world.client.get(path, headers=headers)
    assert response.status == status, await response.text()
    found: dict[str, Any] = await response.json(content_type=None)
    return found


async def test_from_the_center_to_the_desk_and_back(world: World) -> None:
    center, desk, far = await world.console(), await world.desk(), await world.desk(FAR_WARD)
    ack = await center.command(1, **ORDER, units=["79"])
    assert (ack["type"], ack["made"]) == ("ack", "d1")
    heard = await desk.hear("directive")
    assert "text" not in heard["directive"]
    assert (heard["directive"]["title"], heard["directive"]["answer"]) == ("Tám việc", "waiting")
    whole = await body(world, "/api/directives/d1", bearer_of(desk))
    assert (whole["text"], whole["board"], whole["notice"]["answer"]) == (TEXT, None, "waiting")
    await body(world, "/api/directives/d1", bearer_of(far), 403)
    await desk.say({"type": "acknowledge_directive", "directive": "d1", "name": "Lan", "function": "Chủ tịch"})
    done = await desk.hear("directive", lambda each: each["directive"]["answer"] == "in_time")
    assert done["directive"]["name"] == "Lan"
    board = await center.hear("directive_board", lambda each: each["directive"]["total"]["in_time"] == 1)
    assert board["directive"]["total"] == {"addressed": 4, "in_time": 1, "late": 0, "silent": 0, "offline": 3}
    await far.say({"type": "acknowledge_directive", "directive": "d1", "name": "Ba"})
    refused = await far.hear("error")
    assert refused["error"]["code"] == "not_addressed"


async def test_a_province_sees_its_own_laggards(world: World) -> None:
    desk = await world.desk()
    center = await world.console()
    await center.command(1, **ORDER)
    acknowledged = await world.client.post("/api/directives/d1/acknowledge", json={"name": "Lan"}, headers=bearer_of(desk))
    assert (acknowledged.status, (await acknowledged.json())["answer"]) == (200, "in_time")
    province = world.bearer("operator", scope=("79",))
    found = await body(world, "/api/directives/d1/points", province)
    assert [row["point"] for row in found["points"]] == ["79", "773", OTHER_WARD]
    assert found["directive"]["total"]["addressed"] == 4
    assert not found["has_more"]
    in_time = await body(world, "/api/directives/d1/points?status=in_time&unit=773", province)
    assert [(row["point"], row["name"]) for row in in_time["points"]] == [(WARD, "Lan")]
    await body(world, "/api/directives/d1/points?unit=80", province, 403)
    await body(world, "/api/directives/d1/points?status=bored", province, 400)
    unreached = await body(world, "/api/directives/d1/points?status=offline", province)
    assert [row["point"] for row in unreached["points"]] == ["79", "773", OTHER_WARD]
    assert (await body(world, "/api/directives/d1/points?status=silent", province))["points"] == []
    limited = await body(world, "/api/directives/d1/points?limit=1", province)
    assert (len(limited["points"]), limited["has_more"]) == (1, True)
    console = await body(world, "/api/directives/d1?unit=773", province)
    assert (console["text"], console["notice"], console["board"]["total"]["addressed"]) == (TEXT, None, 3)


async def test_over_rest_alone(world: World) -> None:
    sent = {"title": "Tám việc", "text": TEXT, "deadline": DEADLINE, "units": ["80"]}
    made = await world.client.post("/api/directives", json=sent, headers=world.bearer("center"))
    assert (made.status, (await made.json())["made"]) == (201, "d1")
    listed = await body(world, "/api/directives", world.bearer("operator", scope=("80",)))
    assert [(each["id"], each["units"][0]["unit"]) for each in listed["directives"]] == [("d1", "80")]
    assert (await body(world, "/api/directives", world.bearer("operator", scope=("79",))))["directives"] == []
    other = world.bearer("center", scope=("79",))
    assert (await world.client.post("/api/directives/d1/withdraw", headers=other)).status == 403
    assert (await world.client.post("/api/directives", json=sent, headers=other)).status == 403
    assert (await world.client.post("/api/directives/d1/withdraw", headers=world.bearer("center"))).status == 200
    again = await world.client.post("/api/directives/d1/withdraw", headers=world.bearer("center"))
    assert (again.status, (await again.json(content_type=None))["code"]) == (409, "directive_withdrawn")


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"text": "x" * 10_001}, {"deadline": 1}, {"units": []}, {"session": "no such"}]
)
async def test_what_is_no_directive(world: World, fields: dict[str, Any]) -> None:
    sent = {"title": "t", "text": "t", "deadline": DEADLINE, **fields}
    response = await world.client.post("/api/directives", json=sent, headers=world.bearer("center"))
    assert response.status in {400, 409}


async def test_who_comes_late_is_told_and_who_is_nobody_is_not_let_in(world: World) -> None:
    center = await world.console()
    await center.command(1, **ORDER)
    desk = await world.desk()
    assert (await desk.hear("directive"))["directive"]["id"] == "d1"
    viewer = world.bearer("viewer")
    for path in ("/api/directives", "/api/directives/d1", "/api/directives/d1/points"):
        assert (await world.client.get(path)).status == 401
        assert (await world.client.get(path, headers=viewer)).status == 403
    assert (await world.client.get("/api/directives", headers=bearer_of(desk))).status == 403
    await body(world, "/api/directives/d9", world.bearer("center"), 404)
    refused = await world.client.post("/api/directives/d1/acknowledge", json={"name": "x"}, headers=world.bearer("center"))
    assert refused.status == 403


async def test_the_longest_text_fits_into_a_message(world: World) -> None:
    center = await world.console()
    ack = await center.command(1, **{**ORDER, "text": "ạ" * 10_000, "title": "ạ" * 200})
    assert ack["type"] == "ack"
