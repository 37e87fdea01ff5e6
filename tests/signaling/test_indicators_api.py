"""Indicators over HTTP."""

from __future__ import annotations

import io
from typing import Any

import jsonschema_rs
import pytest

from config.limits import MAX_INDICATOR_CSV_BYTES
from signaling.indicator_messages import ImportAnswer, IndicatorList, ValueList
from signaling.memory_store import MemoryStore
from tests.signaling.world import FAR_WARD, NOW_S, OTHER_WARD, WARD, World, eventually

TABLE = (
    "unit,date,ca mới,vùng\n"
    f"{WARD},2026-11-01,5,\n{WARD},2026-11-10,50,\n{OTHER_WARD},2026-11-01,30,xanh\n773,2026-11-01,,đỏ\n79,2026-11-01,,cam\n"
    f"{FAR_WARD},2026-11-01,40,vàng\n{WARD},2026-12-24,7,\n"
)
CSV = {"Content-Type": "text/csv"}


async def send(world: World, text: str = TABLE, query: str = "", role: str = "center", **claims: Any) -> tuple[int, Any]:
    response = await world.client.post(
        f"/api/indicators{query}", data=text.encode(), headers={**CSV, **world.bearer(role, **claims)}
    )
    return response.status, await response.json()


async def get(
    world: World, path: str, role: str = "center", params: dict[str, str] | None = None, **claims: Any
) -> tuple[int, Any]:
    response = await world.client.get(f"/api/indicators{path}", headers=world.bearer(role, **claims), params=params)
    return response.status, await response.json()


async def values(world: World, name: str = "ca mới", scope: tuple[str, ...] = (), **params: str) -> list[tuple[str, Any]]:
    claims: dict[str, Any] = {"scope": scope} if scope else {}
    status, body = await get(world, "/values", params={"name": name, **params}, **claims)
    assert status == 200, body
    ValueList.model_validate(body)
    return [(row["unit"], row["value"]) for row in body["units"]]


@pytest.fixture
async def filled(world: World) -> World:
    await eventually(lambda: world.service.indicators.is_known)
    status, body = await send(world, query="?file=thang-11.csv")
    assert status == 200, body
    return world


@pytest.mark.parametrize("path", ["", "/values?name=x", "/history?name=x&unit=79"])
async def test_consoles_only(world: World, path: str) -> None:
    assert (await world.client.get(f"/api/indicators{path}")).status == 401
    for role in ("viewer",):
        assert (await get(world, path, role))[0] == 403
    assert (await world.client.post("/api/indicators", data=TABLE, headers=CSV)).status == 401


async def test_an_import_tells_what_it_says_and_is_on_record(filled: World) -> None:
    status, body = await get(filled, "", "operator")
    assert status == 200
    listed = IndicatorList.model_validate(body)
    assert [(each.name, each.kind, each.units, each.last_date) for each in listed.indicators] == [
        ("ca mới", "number", 3, "2026-12-24"),
        ("vùng", "category", 4, "2026-11-01"),
    ]
    assert listed.indicators[1].categories == ["xanh", "đỏ", "cam", "vàng"]
    (note,) = listed.imports
    assert (note.number, note.at, note.file, note.values) == (1, NOW_S * 1000, "thang-11.csv", 9)
    assert note.by
    assert listed.today == "2026-11-18"


async def test_a_dry_run_only_checks(world: World) -> None:
    await eventually(lambda: world.service.indicators.is_known)
    status, body = await send(world, query="?dry_run=true")
    answer = ImportAnswer.model_validate(body)
    assert (status, answer.number, answer.values, answer.units) == (200, None, 9, 5)
    assert [(each.name, each.is_new, each.values) for each in answer.indicators] == [("ca mới", True, 5), ("vùng", True, 4)]
    assert (await get(world, ""))[1]["indicators"] == []
    assert await MemoryStore(world.server).read_indicators() == []
    status, body = await send(world)
    assert (status, body["number"]) == (200, 1)
    assert (await send(world, query="?dry_run=true"))[1]["indicators"][0]["is_new"] is False


async def test_every_fault_is_told_and_nothing_is_taken_over(filled: World) -> None:
    status, body = await send(filled, "unit,date,ca mới\n79,2026-11-02,many\nnowhere,2026-11-02,1\n80,2026-11-02,5\n")
    assert (status, body["code"], body["more_faults"]) == (422, "bad_indicators_csv", 0)
    assert [(fault["line"], fault["column"]) for fault in body["faults"]] == [(2, "ca mới"), (3, "unit")]
    assert all(fault["message"]["vi"] and fault["message"]["en"] for fault in body["faults"])
    assert [unit for unit, _ in await values(filled)] == [WARD, OTHER_WARD, FAR_WARD]


async def test_only_a_center_imports_and_only_into_its_scope(filled: World) -> None:
    assert (await send(filled, role="operator"))[0] == 403
    status, body = await send(filled, scope=("773",))
    assert status == 403
    assert "2 units" in body["detail"]
    assert "line 6: Thành phố Hồ Chí Minh" in body["detail"]
    assert (await send(filled, f"unit,date,ca mới\n{WARD},2026-11-18,60\n", scope=("773",)))[0] == 200
    assert await values(filled, scope=("773",)) == [(WARD, 60), (OTHER_WARD, 30)]


async def test_bodies_that_are_none(filled: World) -> None:
    headers = filled.bearer("center")
    post = filled.client.post
    assert (await post("/api/indicators", data=TABLE.encode(), headers={**headers, "Content-Type": "text/plain"})).status == 415
    assert (await post("/api/indicators", data=b"\xff\xfe", headers={**headers, **CSV})).status == 400
    assert (
        await post("/api/indicators", data=io.BytesIO(b"x" * (MAX_INDICATOR_CSV_BYTES + 1)), headers={**headers, **CSV})
    ).status == 413
    assert (await send(filled, query="?dry_run=perhaps"))[0] == 400
    status, body = await send(filled, "")
    assert (status, body["faults"][0]["line"]) == (422, 1)


async def test_a_kind_holds_for_those_who_come_later(filled: World) -> None:
    status, body = await send(filled, f"unit,date,vùng:number\n{WARD},2026-11-18,3\n")
    assert (status, body["faults"][0]["line"]) == (422, 1)


async def test_values_at_a_date(filled: World) -> None:
    assert await values(filled) == [(WARD, 50), (OTHER_WARD, 30), (FAR_WARD, 40)], "what is of a day to come is not told"
    assert await values(filled, date="2026-11-09") == [(WARD, 5), (OTHER_WARD, 30), (FAR_WARD, 40)]
    assert await values(filled, date="24/12/2026") == [(WARD, 7), (OTHER_WARD, 30), (FAR_WARD, 40)]
    assert await values(filled, date="2026-10-31") == []
    assert await values(filled, unit="80", missing="true") == [("80", None), (FAR_WARD, 40)]


async def test_filter_order_and_limit(filled: World) -> None:
    assert await values(filled, filter="ca mới > 30") == [(WARD, 50), (FAR_WARD, 40)]
    assert await values(filled, filter="ca mới > 30 and vùng = đỏ") == []
    assert await values(filled, filter="ca mới > 30 and vùng = đỏ", inherited="true") == [(WARD, 50)]
    assert await values(filled, sort="ca mới") == [(OTHER_WARD, 30), (FAR_WARD, 40), (WARD, 50)]
    assert await values(filled, sort="-ca mới", limit="2") == [(WARD, 50), (FAR_WARD, 40)]
    assert await values(filled, name="vùng", sort="-vùng") == [
        ("773", "đỏ"),
        ("79", "cam"),
        (FAR_WARD, "vàng"),
        (OTHER_WARD, "xanh"),
    ]
    _, body = await get(filled, "/values", params={"name": "ca mới", "limit": "2"})
    assert (body["total"], body["has_more"], len(body["units"])) == (3, True, 2)


async def test_an_inherited_value_says_whose_it_is(filled: World) -> None:
    _, body = await get(filled, "/values", params={"name": "vùng", "inherited": "true", "unit": WARD})
    (row,) = body["units"]
    assert (row["unit"], row["unit_name"], row["value"], row["source"], row["date"]) == (
        WARD,
        "Phường 10",
        "đỏ",
        "773",
        "2026-11-01",
    )


async def test_ranks_of_two_days(filled: World) -> None:
    _, body = await get(filled, "/values", params={"name": "ca mới", "earlier": "2026-11-05"})
    assert [(row["unit"], row["rank"], row["earlier_rank"], row["moved"]) for row in body["units"]] == [
        (WARD, 1, 3, 2),
        (OTHER_WARD, 3, 2, -1),
        (FAR_WARD, 2, 1, -1),
    ]


async def test_a_scope_sees_its_own_alone(filled: World) -> None:
    assert await values(filled, scope=("80",)) == [(FAR_WARD, 40)]
    assert (await get(filled, "/values", params={"name": "ca mới", "unit": "79"}, scope=("80",)))[0] == 403
    assert (await get(filled, "/history", params={"name": "ca mới", "unit": WARD}, scope=("80",)))[0] == 403
    _, body = await get(filled, "/values", params={"name": "ca mới", "earlier": "2026-11-05"}, scope=("80",))
    assert [row["rank"] for row in body["units"]] == [1], "ranks are among the own"


async def test_the_history_of_a_unit_with_its_imports(filled: World) -> None:
    await send(filled, f"unit,date,ca mới\n{WARD},2026-11-10,51\n", "?file=sửa.csv")
    status, body = await get(filled, "/history", params={"name": "Ca mới", "unit": WARD})
    assert status == 200
    assert [(row["date"], row["value"], row["number"], row["file"]) for row in body["values"]] == [
        ("2026-11-01", 5, 1, "thang-11.csv"),
        ("2026-11-10", 51, 2, "sửa.csv"),
        ("2026-12-24", 7, 1, "thang-11.csv"),
    ]
    assert body["values"][1]["imported_at"] == NOW_S * 1000
    assert (body["name"], body["unit_name"]) == ("ca mới", "Phường 10")


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("/values", {}, 400, "bad_message"),
        ("/values", {"name": "deaths"}, 404, "unknown_indicator"),
        ("/values", {"name": "ca mới", "date": "yesterday"}, 400, "bad_message"),
        ("/values", {"name": "ca mới", "earlier": "31/2/2026"}, 400, "bad_message"),
        ("/values", {"name": "ca mới", "unit": "nowhere"}, 404, "unknown_unit"),
        ("/values", {"name": "ca mới", "filter": "ca mới >"}, 400, "bad_filter"),
        ("/values", {"name": "ca mới", "sort": "-deaths"}, 404, "unknown_indicator"),
        ("/values", {"name": "ca mới", "limit": "0"}, 400, "bad_message"),
        ("/values", {"name": "ca mới", "limit": "20001"}, 400, "bad_message"),
        ("/values", {"name": "ca mới", "other": "1"}, 400, "bad_message"),
        ("/values", {"name": "vùng", "earlier": "2026-11-01"}, 409, "indicator_kind"),
        ("/history", {"name": "deaths", "unit": WARD}, 404, "unknown_indicator"),
        ("/history", {"name": "ca mới"}, 400, "bad_message"),
        ("/history", {"name": "ca mới", "unit": "nowhere"}, 404, "unknown_unit"),
    ],
)
async def test_what_is_refused(filled: World, path: str, params: dict[str, str], status: int, code: str) -> None:
    found, body = await get(filled, path, params=params)
    assert (found, body["code"]) == (status, code)


async def test_answers_and_faults_fit_what_is_described(filled: World) -> None:
    document = await (await filled.client.get("/api/openapi.json")).json()

    def fits(path: str, method: str, status: str, body: Any) -> None:
        ((_, content),) = document["paths"][f"/api/indicators{path}"][method]["responses"][status]["content"].items()
        jsonschema_rs.validate({**content["schema"], "components": document["components"]}, body)

    fits("", "get", "200", (await get(filled, ""))[1])
    fits(
        "/values",
        "get",
        "200",
        (await get(filled, "/values", params={"name": "ca mới", "missing": "1", "earlier": "2026-11-05"}))[1],
    )
    fits("/history", "get", "200", (await get(filled, "/history", params={"name": "ca mới", "unit": WARD}))[1])
    fits("", "post", "200", (await send(filled))[1])
    fits("", "post", "default", (await send(filled, "unit,date,x\n79,x,1\n"))[1])


async def test_a_filter_s_fault_says_where(filled: World) -> None:
    _, body = await get(filled, "/values", params={"name": "ca mới", "filter": "ca mới > 5 and deaths > 1"})
    assert "ký tự 16" in body["message"]["vi"]


async def test_what_the_store_holds_is_told_after_a_restart(filled: World) -> None:
    store = MemoryStore(filled.server)
    ((_, record),) = await store.read_indicators()
    await store.put_indicators(1, {**record, "parts": [{**record["parts"][0], "date": "2026-11-17", "values": {WARD: 77}}]})
    await eventually(lambda: len(filled.service.indicators.state.imports) == 2)
    assert (await values(filled))[0] == (WARD, 77), "an import by another process"
