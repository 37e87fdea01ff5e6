"""Directory, calls and log over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.signaling.test_hub import ring
from tests.signaling.world import FAR_WARD, OTHER_WARD, REPORT, WARD, World, directory


@pytest.mark.parametrize(
    "path", ["/api/directory", "/api/sessions/main/calls", "/api/sessions/main/roll-calls", "/api/sessions/main/log"]
)
async def test_consoles_only(world: World, path: str) -> None:
    assert (await world.client.get(path)).status == 401
    assert (await world.client.get(path, headers=world.bearer("viewer"))).status == 403
    desk = await world.desk()
    assert (await world.client.get(path, headers={"Authorization": f"Bearer {desk.welcome['token']}"})).status == 403
    for role in ("center", "operator", "observer"):
        assert (await world.client.get(path, headers=world.bearer(role))).status == 200


async def test_directory_in_the_order_of_the_state_frame(world: World) -> None:
    response = await world.client.get("/api/directory", headers=world.bearer("operator"))
    body = await response.json()
    expected = directory()
    assert body["version"] == expected.version
    assert body["units"][0] == ["VN", "Việt Nam", None, "country"]
    assert body["points"] == [[point.code, point.unit, point.name] for point in expected.points]
    tag = response.headers["ETag"]
    again = await world.client.get("/api/directory", headers={**world.bearer("operator"), "If-None-Match": tag})
    assert again.status == 304


async def test_calls_newest_first_within_the_scope(world: World) -> None:
    center = await world.console()
    for number, point in enumerate((WARD, FAR_WARD, WARD), start=1):
        await center.command(number, kind="place_call", point=point)
    path = "/api/sessions/main/calls"
    everything = await (await world.client.get(path, headers=world.bearer("center"))).json()
    assert [call["id"] for call in everything["calls"]] == ["c3", "c2", "c1"]
    own = await (await world.client.get(path, headers=world.bearer("operator", scope=("80",)))).json()
    assert [call["id"] for call in own["calls"]] == ["c2"]
    two = await (await world.client.get(f"{path}?limit=2", headers=world.bearer("center"))).json()
    assert [call["id"] for call in two["calls"]] == ["c3", "c2"]


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "", "1e3", "٣", "9" * 5000])
async def test_limits_of_the_limit(world: World, limit: str) -> None:
    response = await world.client.get("/api/sessions/main/calls", params={"limit": limit}, headers=world.bearer("center"))
    assert response.status == 400


async def test_log_is_what_is_on_disk_one_event_a_line(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await ring(world, center, desk)
    response = await world.client.get("/api/sessions/main/log", headers=world.bearer("operator"))
    assert response.content_type == "application/x-ndjson"
    lines = [json.loads(line) for line in (await response.text()).splitlines()]
    assert [line["type"] for line in lines] == [
        "session_prepared",
        "session_opened",
        "point_arrived",
        "call_placed",
        "call_ringing",
        "call_delivered",
    ]
    assert [line["sequence"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[3]["point"] == WARD


async def test_the_log_of_the_whole_is_not_for_a_part(world: World) -> None:
    response = await world.client.get("/api/sessions/main/log", headers=world.bearer("operator", scope=("79",)))
    assert response.status == 403


async def test_log_while_the_store_is_away(world: World) -> None:
    await world.server.set_down(is_down=True)
    response = await world.client.get("/api/sessions/main/log", headers=world.bearer("operator"))
    assert response.status == 503
    assert (await response.json())["code"] == "unavailable"
    await world.server.set_down(is_down=False)


async def test_sessions_that_are_not(world: World) -> None:
    headers = world.bearer("center", session="other")
    assert (await world.client.get("/api/sessions/other/calls", headers=headers)).status == 404
    assert (await world.client.get("/api/sessions/main/calls", headers=headers)).status == 403
    assert (await world.client.get("/api/sessions/%2e%2e/calls", headers=headers)).status in {403, 404}


async def test_roll_calls_by_unit_and_state_within_the_scope(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await center.command(1, kind="start_roll_call", seconds=60)
    await desk.say({"type": "present", "roll_call": "r1", "name": "Lan", "function": "Chủ tịch", "report": REPORT})
    await desk.hear("roll_call", lambda message: message["roll_call"]["presence"] == "present")
    path = "/api/sessions/main/roll-calls"
    listed = await (await world.client.get(path, headers=world.bearer("center"))).json()
    assert [board["id"] for board in listed["roll_calls"]] == ["r1"]
    missing = await (await world.client.get(f"{path}/r1", headers=world.bearer("center"))).json()
    assert [row["point"] for row in missing["points"]] == ["79", "773", OTHER_WARD, "80", FAR_WARD]
    assert missing["roll_call"]["total"] == {"asked": 6, "present": 1, "late": 0, "no_answer": 0, "offline": 5}
    assert missing["has_more"] is False
    offline = await (await world.client.get(f"{path}/r1?status=offline", headers=world.bearer("center"))).json()
    assert offline["points"] == missing["points"]
    silent = await (await world.client.get(f"{path}/r1?status=no_answer", headers=world.bearer("center"))).json()
    assert silent["points"] == []
    two = await (await world.client.get(f"{path}/r1?limit=2", headers=world.bearer("center"))).json()
    assert ([row["point"] for row in two["points"]], two["has_more"]) == (["79", "773"], True)
    unit = await (await world.client.get(f"{path}/r1?unit=773&status=present", headers=world.bearer("center"))).json()
    assert unit["roll_call"]["total"]["asked"] == 3
    assert unit["points"] == [
        {
            "point": WARD,
            "point_name": "Phường 10",
            "presence": "present",
            "cause": None,
            "confirmed_at": unit["points"][0]["confirmed_at"],
            "name": "Lan",
            "function": "Chủ tịch",
        }
    ]
    own = await (await world.client.get(f"{path}/r1?status=all", headers=world.bearer("operator", scope=("80",)))).json()
    assert [row["point"] for row in own["points"]] == ["80", FAR_WARD]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("r1?unit=79", 403),
        ("r1?unit=VN", 403),
        ("r1?unit=nowhere", 404),
        ("r2", 404),
        ("r1?status=asleep", 400),
        ("r1?limit=0", 400),
        ("r1?limit=20001", 400),
        ("r1?unit=801", 404),
    ],
)
async def test_what_of_a_roll_call_is_not_given(world: World, query: str, status: int) -> None:
    center = await world.console()
    await center.command(1, kind="start_roll_call", seconds=60)
    headers = world.bearer("operator", scope=("80",))
    response = await world.client.get(f"/api/sessions/main/roll-calls/{query}", headers=headers)
    assert response.status == status


async def test_a_roll_call_of_others_is_not_listed(world: World) -> None:
    center = await world.console()
    await center.command(1, kind="start_roll_call", seconds=60, units=["79"])
    headers = world.bearer("operator", scope=("80",))
    listed = await (await world.client.get("/api/sessions/main/roll-calls", headers=headers)).json()
    assert listed["roll_calls"] == []
    assert (await world.client.get("/api/sessions/main/roll-calls/r1", headers=headers)).status == 403
