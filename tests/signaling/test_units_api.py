"""The directory over HTTP: what a table would change, its faults, and that it counts from the next start on."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.units import Directory, Point, Unit
from bridge.units_csv import read_units
from signaling.units_api import units_table
from tests.signaling.test_accounts_api import ask, body, cheap
from tests.signaling.world import World

__all__ = ["cheap"]


async def load(world: World, text: str, query: str = "", headers: dict[str, str] | None = None) -> tuple[int, Any]:
    given = {"Content-Type": "text/csv", **(headers or world.bearer("center"))}
    answer = await world.client.post(f"/api/units{query}", data=text.encode(), headers=given)
    return answer.status, await answer.json()


async def table(world: World) -> str:
    answer = await world.client.get("/api/units/table", headers=world.bearer("center"))
    assert (answer.status, answer.content_type) == (200, "text/csv")
    assert 'filename="units.csv"' in answer.headers["Content-Disposition"]
    return await answer.text()


async def test_what_is_downloaded_changes_nothing_when_it_comes_back(world: World) -> None:
    status, answer = await load(world, await table(world), "?dry_run=true")
    assert (status, set(answer["counts"].values()), answer["changes"]) == (200, {0}, [])
    assert (answer["is_kept"], answer["awaits_restart"]) == (False, False)


async def test_a_dry_run_tells_what_would_change_and_keeps_nothing(world: World) -> None:
    text = (await table(world)).replace("Quận 4", "Quận Tư") + "99999,Phường mới,773,commune,2\r\n"
    status, answer = await load(world, text, "?dry_run=true")
    assert status == 200
    assert {what: count for what, count in answer["counts"].items() if count} == {"renamed": 1, "added": 1, "point_added": 2}
    assert [(each["what"], each["code"], each["before"], each["after"]) for each in answer["changes"]][:1] == [
        ("renamed", "773", "Quận 4", "Quận Tư")
    ]
    assert (answer["is_kept"], answer["awaits_restart"], world.server.directory) == (False, True, None)


async def test_an_import_is_kept_for_the_next_start_and_says_so(world: World) -> None:
    center = world.bearer("center")
    before = await (await world.client.get("/api/units", headers=center)).json()
    assert before["coming"] is None
    text = (await table(world)).replace("Quận 4", "Quận Tư")
    status, answer = await load(world, text)
    assert (status, answer["is_kept"], answer["awaits_restart"]) == (200, True, True)
    after = await (await world.client.get("/api/units", headers=center)).json()
    assert after["present"] == before["present"]
    assert after["coming"] == {"version": answer["version"], "units": 7, "points": 6}
    assert world.service.directory is not None
    assert world.service.directory.unit("773").name == "Quận 4"
    assert read_units(str(world.server.directory)).unit("773").name == "Quận Tư"


async def test_a_table_with_faults_tells_all_of_them_and_is_not_kept(world: World) -> None:
    text = "code,name,parent\nVN,Việt Nam,\n79,,VN\n80,Long An,nowhere\n"
    status, answer = await load(world, text)
    assert (status, answer["code"]) == (422, "bad_units_csv")
    assert [(fault["line"], fault["column"]) for fault in answer["faults"]] == [(3, "name"), (4, "parent")]
    assert world.server.directory is None


async def test_accounts_of_units_that_would_go_are_named(world: World) -> None:
    for name, scope in (("lan", ["80"]), ("hoa", ["773"])):
        status, _ = await ask(world, "POST", "/api/accounts", world.bearer("center"), **body(name=name, scope=scope))
        assert status == 201
    kept = [line for line in (await table(world)).splitlines() if not line.startswith(("80,", "27694,"))]
    status, answer = await load(world, "\n".join(kept), "?dry_run=true")
    assert (status, answer["accounts"], answer["counts"]["removed"]) == (200, ["lan"], 2)


@pytest.mark.parametrize(("role", "scope"), [("center", ("79",)), ("operator", ("VN",)), ("observer", ("VN",))])
async def test_it_is_a_national_center_s_alone(world: World, role: str, scope: tuple[str, ...]) -> None:
    headers = world.bearer(role, scope=scope)
    for path in ("/api/units", "/api/units/table"):
        assert (await world.client.get(path, headers=headers)).status == 403
    assert (await load(world, "code,name,parent\nVN,x,\n", headers=headers))[0] == 403
    assert world.server.directory is None


async def test_other_bodies_are_refused(world: World) -> None:
    answer = await world.client.post("/api/units", json={}, headers=world.bearer("center"))
    assert answer.status == 415


def test_a_table_of_a_unit_with_several_desks_or_none_reads_back() -> None:
    units = [Unit("VN", "Việt Nam", None, "country"), Unit("79", 'TP "HCM", mới', "VN", "province"), Unit("1", "Phường 1", "79")]
    points = [Point("79", "79", 'TP "HCM", mới'), Point("79-2", "79", 'TP "HCM", mới (2)')]
    made = Directory(units, points)
    read = read_units(units_table(made))
    assert (read.units, read.points, read.version) == (made.units, made.points, made.version)
