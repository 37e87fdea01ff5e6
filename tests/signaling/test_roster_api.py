"""Rosters over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.signaling.world import FAR_WARD, NOW_S, OTHER_WARD, WARD, World

NOW_MS = NOW_S * 1000
HEAD = "point,start,end,order,name,function,kind,target\n"
START, END = "2026-11-18T07:00Z", "2026-11-18T19:00Z"
ROW = f"{WARD},{START},{END},1,Lan,Phó Chủ tịch,phone,0901234567\n"


def real_ms() -> int:
    """The time of the world's log, which runs by the real clock; its doors have one of their own."""
    return time.time_ns() // 1_000_000


def body(start: int | None = None, end: int | None = None) -> dict[str, Any]:
    start, end = (real_ms() - 3_600_000 if start is None else start), (real_ms() + 3_600_000 if end is None else end)
    return {"shifts": [{"start": start, "end": end, "contacts": [{"name": "Lan", "kind": "phone", "target": "0901234567"}]}]}


async def own(world: World, point: str = WARD) -> dict[str, str]:
    desk = await world.desk(point)
    return {"Authorization": f"Bearer {desk.welcome['token']}"}


async def test_a_console_sets_and_the_point_confirms(world: World) -> None:
    answer = await world.client.put(f"/api/rosters/{WARD}", json=body(), headers=world.bearer("operator", scope=("79",)))
    assert answer.status == 200
    confirmed = await world.client.post(f"/api/rosters/{WARD}/confirm", json={"name": "Lan"}, headers=await own(world))
    assert (await confirmed.json())["shifts"][0]["confirmed_by"] == "Lan"
    read = await (await world.client.get(f"/api/rosters/{WARD}", headers=world.bearer("center"))).json()
    assert (read["point_name"], read["shifts"][0]["contacts"][0]["target"]) == ("Phường 10", "0901234567")


async def test_a_point_sets_its_own_and_nobody_else_s(world: World) -> None:
    headers = await own(world)
    assert (await world.client.put(f"/api/rosters/{WARD}", json=body(), headers=headers)).status == 200
    assert (await world.client.put(f"/api/rosters/{OTHER_WARD}", json=body(), headers=headers)).status == 403
    assert (await world.client.get(f"/api/rosters/{OTHER_WARD}", headers=headers)).status == 403
    assert (await world.client.post(f"/api/rosters/{OTHER_WARD}/confirm", json={"name": "X"}, headers=headers)).status == 403
    assert (await world.client.get("/api/rosters", headers=headers)).status == 403


@pytest.mark.parametrize("method", ["get", "put"])
async def test_those_beside_a_point_have_no_part_in_it(world: World, method: str) -> None:
    headers = world.bearer("operator", scope=("80",))
    options: dict[str, Any] = {"json": body()} if method == "put" else {}
    assert (await world.client.request(method, f"/api/rosters/{WARD}", headers=headers, **options)).status == 403
    assert (await world.client.request(method, f"/api/rosters/{WARD}", headers=world.bearer("viewer"), **options)).status == 403
    assert (await world.client.request(method, f"/api/rosters/{WARD}", **options)).status == 401


async def test_a_roster_that_cannot_be(world: World) -> None:
    headers = world.bearer("center")
    backwards = await world.client.put(f"/api/rosters/{WARD}", json=body(NOW_MS, NOW_MS), headers=headers)
    assert (backwards.status, (await backwards.json())["code"]) == (409, "bad_roster")
    assert (await world.client.put(f"/api/rosters/{WARD}", json={"shifts": [{}]}, headers=headers)).status == 400
    assert (await world.client.put("/api/rosters/nowhere", json=body(), headers=headers)).status == 403


async def test_who_has_not_confirmed_comes_first(world: World) -> None:
    center = world.bearer("center")
    for point in (WARD, FAR_WARD):
        await world.client.put(f"/api/rosters/{point}", json=body(), headers=center)
    await world.client.post(f"/api/rosters/{FAR_WARD}/confirm", json={"name": "Lan"}, headers=await own(world, FAR_WARD))
    board = await (await world.client.get(f"/api/rosters?unit=VN&status=unconfirmed&at={real_ms()}", headers=center)).json()
    assert board["total"] == {"unconfirmed": 1, "no_roster": 4, "waiting": 0, "confirmed": 1}
    assert [row["unit"] for row in board["units"]] == ["79", "80"]
    assert [row["point"] for row in board["points"]] == [WARD]
    province = await (
        await world.client.get(f"/api/rosters?at={real_ms()}", headers=world.bearer("operator", scope=("80",)))
    ).json()
    assert (province["unit"], province["total"]["confirmed"], [row["duty"] for row in province["points"]]) == (
        "80",
        1,
        ["no_roster"],
    )
    one = await (await world.client.get("/api/rosters?status=all&limit=1", headers=center)).json()
    assert (len(one["points"]), one["has_more"]) == (1, True)


@pytest.mark.parametrize(("query", "status"), [("unit=79", 403), ("unit=nowhere", 404), ("status=asleep", 400), ("limit=0", 400)])
async def test_what_of_the_duties_is_not_given(world: World, query: str, status: int) -> None:
    headers = world.bearer("operator", scope=("80",))
    assert (await world.client.get(f"/api/rosters?{query}", headers=headers)).status == status


async def load(world: World, text: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    given = {"Content-Type": "text/csv", **(headers or world.bearer("center"))}
    answer = await world.client.post("/api/rosters", data=text.encode(), headers=given)
    return answer.status, await answer.json()


async def test_a_table_is_imported_and_again_changes_nothing(world: World) -> None:
    text = HEAD + ROW + ROW.replace(WARD, FAR_WARD)
    assert await load(world, text) == (200, {"points": 2, "changed": 2})
    assert await load(world, text) == (200, {"points": 2, "changed": 0})
    board = await (await world.client.get(f"/api/rosters?unit=VN&at={NOW_MS}", headers=world.bearer("center"))).json()
    assert board["total"]["unconfirmed"] + board["total"]["waiting"] == 2


async def test_a_table_with_a_fault_changes_nothing(world: World) -> None:
    status, answer = await load(world, HEAD + ROW + ROW.replace(WARD, "99999"))
    assert (status, answer["code"]) == (422, "bad_roster_csv")
    assert [(fault["line"], fault["column"]) for fault in answer["faults"]] == [(3, "point")]
    assert world.service.owners["main"].bridge.state.rosters == {}


async def test_a_table_reaches_no_further_than_the_scope(world: World) -> None:
    text = HEAD + ROW + ROW.replace(WARD, FAR_WARD)
    status, _ = await load(world, text, world.bearer("operator", scope=("79",)))
    assert status == 403
    assert world.service.owners["main"].bridge.state.rosters == {}
    assert (await load(world, text, world.bearer("viewer")))[0] == 403
    answer = await world.client.post("/api/rosters", json={}, headers=world.bearer("center"))
    assert answer.status == 415


async def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    given = {"Content-Type": "text/csv", **world.bearer("center")}
    text = HEAD + ROW + ROW.replace(WARD, FAR_WARD)
    await load(world, HEAD + ROW)
    answer = await world.client.post("/api/rosters?dry_run=true", data=text.encode(), headers=given)
    assert (answer.status, await answer.json()) == (200, {"points": 2, "changed": 1})
    assert list(world.service.owners["main"].bridge.state.rosters) == [WARD]
