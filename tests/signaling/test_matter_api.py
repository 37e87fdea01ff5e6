"""The record of a call over HTTP."""

from __future__ import annotations

import pytest

from tests.signaling.test_room_matters import declined
from tests.signaling.world import FAR_WARD, WARD, World

RECORD = "/api/sessions/main/records"


async def test_the_whole_record_in_the_order_of_time(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await declined(center, desk)
    own = {"Authorization": f"Bearer {desk.welcome['token']}"}
    answer = await world.client.post(f"{RECORD}/{call}/explanations", json={"name": "Lan", "text": "mất điện"}, headers=own)
    assert (answer.status, (await answer.json())["record"]) == (200, call)
    answer = await world.client.post(f"{RECORD}/{call}/call-backs", json={}, headers=own)
    assert answer.status == 200
    retried = await center.command(2, kind="retry_call", call=call)
    for asked in (call, retried["call"]):
        body = await (await world.client.get(f"{RECORD}/{asked}", headers=world.bearer("center"))).json()
        assert (body["record"], [each["id"] for each in body["calls"]]) == (call, [call, retried["call"]])
        assert body["explanations"][0]["text"] == "mất điện"
        assert body["call_backs"][0]["answered_by"] == retried["call"]
        whats = [line["what"] for line in body["lines"]]
        assert whats[0] == "placed"
        assert {"failed", "explained", "called_back"} <= set(whats)
    assert (await world.client.get(f"{RECORD}/{call}", headers=own)).status == 200, "a point sees its own"


@pytest.mark.parametrize(
    ("role", "claims", "status"),
    [("center", {}, 200), ("operator", {"scope": ("79",)}, 200), ("operator", {"scope": ("80",)}, 403), ("viewer", {}, 403)],
)
async def test_who_sees_a_record(world: World, role: str, claims: dict[str, object], status: int) -> None:
    center = await world.console()
    await center.command(1, kind="place_call", point=WARD)
    assert (await world.client.get(f"{RECORD}/c1", headers=world.bearer(role, **claims))).status == status


async def test_what_is_not_given(world: World) -> None:
    center, other = await world.console(), await world.desk(FAR_WARD)
    await center.command(1, kind="place_call", point=WARD)
    assert (await world.client.get(f"{RECORD}/c1")).status == 401
    assert (await world.client.get(f"{RECORD}/c9", headers=world.bearer("center"))).status == 404
    foreign = {"Authorization": f"Bearer {other.welcome['token']}"}
    assert (await world.client.get(f"{RECORD}/c1", headers=foreign)).status == 403
    for path, body in (("explanations", {"name": "X", "text": "y"}), ("call-backs", {})):
        assert (await world.client.post(f"{RECORD}/c1/{path}", json=body, headers=foreign)).status == 403
        assert (await world.client.post(f"{RECORD}/c1/{path}", json=body, headers=world.bearer("center"))).status == 403
    bad = await world.client.post(f"{RECORD}/c1/explanations", json={"name": "X", "text": "y" * 2_001}, headers=foreign)
    assert bad.status == 400


async def test_lists_and_escalations_within_the_scope(world: World) -> None:
    center, desk = await world.console(), await world.desk()
    call = await declined(center, desk)
    await center.command(2, kind="escalate", call=call)
    await center.command(3, kind="start_call_list", points=[WARD])
    path = "/api/sessions/main"
    lists = await (await world.client.get(f"{path}/call-lists", headers=world.bearer("center"))).json()
    assert [each["id"] for each in lists["call_lists"]] == ["l1"]
    ladders = await (await world.client.get(f"{path}/escalations", headers=world.bearer("center"))).json()
    assert [(each["id"], each["state"]) for each in ladders["escalations"]] == [("e1", "running")]
    elsewhere = world.bearer("operator", scope=("80",))
    assert (await (await world.client.get(f"{path}/call-lists", headers=elsewhere)).json())["call_lists"] == []
    assert (await (await world.client.get(f"{path}/escalations", headers=elsewhere)).json())["escalations"] == []
    own = {"Authorization": f"Bearer {desk.welcome['token']}"}
    assert (await world.client.get(f"{path}/escalations", headers=own)).status == 403
