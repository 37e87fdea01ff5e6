"""Reports over HTTP: who may, of what, in which form."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.signaling.world import FAR_WARD, OTHER_WARD, WARD, World

PATH = "/api/sessions/main/report"


async def report(world: World, role: str = "center", *, scope: tuple[str, ...] | None = None, **query: str) -> dict[str, Any]:
    bearer = world.bearer(role, scope=scope) if scope else world.bearer(role)
    answer = await world.client.get(PATH, params=query, headers=bearer)
    assert answer.status == 200, await answer.text()
    body: dict[str, Any] = await answer.json()
    return body


def column(body: dict[str, Any], table: str, name: str) -> list[Any]:
    found = next(each for each in body["tables"] if each["name"] == table)
    place = [each["name"] for each in found["columns"]].index(name)
    return [row[place] for row in found["rows"]]


async def called(world: World) -> None:
    center = await world.console()
    await world.desk()
    for number, point in enumerate((FAR_WARD, OTHER_WARD), start=1):
        await center.command(number, kind="place_call", point=point)


async def test_the_report_is_what_the_log_says(world: World) -> None:
    await called(world)
    body = await report(world)
    assert body["title"].startswith("Báo cáo phiên họp: ")
    assert column(body, "calls", "point") == [FAR_WARD, OTHER_WARD]
    assert column(body, "calls", "cause") == ["điểm cầu không kết nối"] * 2
    assert column(body, "units", "unit")[0] == "VN"
    assert column(body, "units", "calls")[0] == 2
    assert WARD in column(body, "points", "point")
    assert body["events"] == 7


async def test_own_scope_only(world: World) -> None:
    await called(world)
    body = await report(world, "operator", scope=("80",))
    assert column(body, "calls", "point") == [FAR_WARD]
    assert WARD not in column(body, "points", "point")
    refused = await world.client.get(PATH, params={"unit": "79"}, headers=world.bearer("operator", scope=("80",)))
    assert refused.status == 403
    one = await report(world, "center", unit="80", lang="en")
    assert column(one, "calls", "cause") == ["the point was not connected"]


async def test_who_may(world: World) -> None:
    assert (await world.client.get(PATH)).status == 401
    assert (await world.client.get(PATH, headers=world.bearer("viewer"))).status == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "pdf"}, 400),
        ({"depth": "7"}, 400),
        ({"unit": "99"}, 403),
        ({"what": "1"}, 400),
        ({"lang": "fr"}, 400),
    ],
)
async def test_what_cannot_be_asked(world: World, query: dict[str, str], status: int) -> None:
    assert (await world.client.get(PATH, params=query, headers=world.bearer("center"))).status == status


async def test_a_session_that_there_is_not(world: World) -> None:
    answer = await world.client.get("/api/sessions/other/report", headers=world.bearer("center"))
    assert answer.status in {403, 404}


async def test_files(world: World) -> None:
    await called(world)
    bearer = world.bearer("center")
    page = await world.client.get(PATH, params={"format": "html"}, headers=bearer)
    assert page.content_type == "text/html"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "điểm cầu không kết nối" in await page.text()
    book = await world.client.get(PATH, params={"format": "xlsx"}, headers=bearer)
    assert 'filename="report.xlsx"' in book.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(await book.read())).sheetnames[1:3] == ["Theo đơn vị", "Cuộc gọi"]
    table = await world.client.get(PATH, params={"format": "csv", "table": "calls"}, headers=bearer)
    assert 'filename="calls.csv"' in table.headers["Content-Disposition"]
    assert (await table.text(encoding="utf-8-sig")).splitlines()[0].startswith("Cuộc gọi,Hồ sơ,Mã")


async def test_a_period(world: World) -> None:
    await called(world)
    full = await report(world)
    query = {"start": str(full["start"] - 1000), "end": str(full["start"] + 10_000_000)}
    answer = await world.client.get("/api/report", params=query, headers=world.bearer("center"))
    body = await answer.json()
    assert column(body, "calls", "point") == [FAR_WARD, OTHER_WARD]
    before = {"start": "0", "end": str(full["start"] - 1000)}
    answer = await world.client.get("/api/report", params=before, headers=world.bearer("center"))
    assert answer.status == 400  # longer than 400 days
    before["start"] = str(full["start"] - 86_400_000)
    answer = await world.client.get("/api/report", params=before, headers=world.bearer("center"))
    assert column(await answer.json(), "calls", "point") == []


async def test_while_the_store_is_away(world: World) -> None:
    await world.server.set_down(is_down=True)
    answer = await world.client.get(PATH, headers=world.bearer("center"))
    assert answer.status == 503
    assert "Retry-After" in answer.headers


async def test_the_figures_of_the_plots(world: World) -> None:
    await called(world)
    plots = (await report(world))["plots"]
    assert [unit["unit"] for unit in plots["units"]] == ["79", "80"]
    assert sum(unit["calls"] for unit in plots["units"]) == 2
    assert sum(sum(unit["causes"].values()) for unit in plots["units"]) == sum(
        unit["calls"] - unit["answered"] for unit in plots["units"]
    )
    assert sum(plots["answers"]) == sum(unit["answered"] for unit in plots["units"])
    district = await world.client.get(PATH, params={"unit": "773"}, headers=world.bearer("center"))
    assert [unit["unit"] for unit in (await district.json())["plots"]["units"]] == [WARD, OTHER_WARD]
