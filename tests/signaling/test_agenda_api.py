"""The agenda and draws over HTTP and WebSocket."""

from __future__ import annotations

from tests.signaling.test_directives_api import bearer_of, body
from tests.signaling.test_hub import ring
from tests.signaling.test_proposals_api import post
from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, World

AGENDA = "/api/sessions/main/agenda"
DRAWS = "/api/sessions/main/draws"
ITEMS = [{"point": FAR_WARD, "subject": "Xe"}, {"point": WARD, "subject": "Ô-xy", "seconds": 180}]


async def test_an_agenda_over_rest(world: World) -> None:
    await world.desk()
    console = await world.console()
    center = world.bearer("center")
    assert (await world.client.put(AGENDA, json={"items": ITEMS}, headers=center)).status == 200
    told = await console.hear("agenda")
    assert [item["subject"] for item in told["items"]] == ["Xe", "Ô-xy"]
    missed = await post(world, f"{AGENDA}/next", center, {}, 200)
    assert missed["call"] == "c1", "the call that failed is on record"
    found = await body(world, AGENDA, center)
    assert [(item["state"], item["tries"]) for item in found["items"]] == [("missed", 1), ("waiting", 0)]
    assert (await post(world, f"{AGENDA}/next", center, {}, 200))["call"] == "c2"
    await console.hear("agenda", lambda each: each["items"][1]["state"] == "called")
    skipped = await post(world, f"{AGENDA}/i1/skip", center, {}, 200)
    assert skipped["call"] is None
    over = await post(world, f"{AGENDA}/next", center, {}, 409)
    assert over["code"] == "agenda_over"
    own = await body(world, AGENDA, world.bearer("operator", scope=("80",)))
    assert [(item["place"], item["state"]) for item in own["items"]] == [(1, "skipped")]


async def test_who_may_not_lead_the_agenda(world: World) -> None:
    desk = await world.desk()
    assert (await world.client.put(AGENDA, json={"items": ITEMS}, headers=world.bearer("operator", scope=("80",)))).status == 403
    assert (await world.client.put(AGENDA, json={"items": ITEMS}, headers=bearer_of(desk))).status == 403
    assert (await world.client.get(AGENDA, headers=bearer_of(desk))).status == 403
    assert (await world.client.put(AGENDA, json={"items": [{"point": "x y"}]}, headers=world.bearer("center"))).status == 400
    assert (await world.client.post(f"{AGENDA}/i9/skip", headers=world.bearer("center"))).status == 404


async def test_a_draw_of_those_who_are_there(world: World) -> None:
    for code in (WARD, OTHER_WARD):
        await world.desk(code)
    console, center = await world.console(), world.bearer("center")
    world.service.hub.new_seed = lambda: "5eed"
    drawn = await post(world, DRAWS, center, {"count": 2}, 201)
    assert {row["point"] for row in drawn["drawn"]} == {WARD, OTHER_WARD}
    assert (drawn["seed"], drawn["candidates"], drawn["filter"], drawn["started_over"]) == ("5eed", 2, "ready", False)
    assert (await console.hear("draw"))["draw"] == drawn
    again = await console.command(1, kind="draw_points", count=1, only="all", units=["79"])
    assert again["made"] == "w2"
    second = await console.hear("draw", lambda each: each["draw"]["id"] == "w2")
    assert second["draw"]["left_out"] == 2
    assert second["draw"]["drawn"][0]["point"] not in {WARD, OTHER_WARD}
    listed = await body(world, DRAWS, world.bearer("operator", scope=("79",)))
    assert [each["id"] for each in listed["draws"]] == ["w2", "w1"]
    assert (await body(world, DRAWS, world.bearer("operator", scope=("80",))))["draws"][0]["drawn"] == []


async def test_who_was_called_is_drawn_with_its_time(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    await ring(world, center, desk)
    drawn = await post(world, DRAWS, world.bearer("center"), {"count": 1, "only": "live"}, 201)
    assert drawn["drawn"][0]["last_called"] == world.service.hub.room("main").bridge.state.last_called[WARD]


async def test_refusals(world: World) -> None:
    desk, center = await world.desk(), world.bearer("center")
    assert (await post(world, DRAWS, center, {"count": 2}, 409))["code"] == "draw_too_few"
    assert (await post(world, DRAWS, center, {"count": 1, "filter": "f0 > 1"}, 409))["code"] == "bad_filter"
    assert (await post(world, DRAWS, center, {"count": 1, "units": ["99"]}, 404))["code"] == "unknown_unit"
    other = world.bearer("operator", scope=("80",))
    assert (await post(world, DRAWS, other, {"count": 1, "units": ["79"]}, 403))["code"] == "forbidden"
    await post(world, DRAWS, bearer_of(desk), {"count": 1}, 403)
    await post(world, DRAWS, center, {"count": 0}, 400)
