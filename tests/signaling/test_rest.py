"""Bodies and queries by models: what fits comes through, what does not says where and never repeats itself."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pydantic import BaseModel, ConfigDict

from signaling.rest import QueryModel, Route, add_routes, answer_json, read_body, read_query, read_text
from signaling.web_errors import errors_as_problems

Client = TestClient[web.Request, web.Application]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    point: str
    seconds: int = 60


class Window(QueryModel):
    limit: int = 10
    unit: str | None = None


@pytest.fixture
async def client(aiohttp_client: Callable[..., Awaitable[Client]]) -> Client:
    async def order(request: web.Request) -> web.Response:
        return answer_json(await read_body(request, Order), 201)

    async def window(request: web.Request) -> web.Response:
        return answer_json(read_query(request, Window).model_dump())

    async def text(request: web.Request) -> web.Response:
        return answer_json({"characters": len(await read_text(request, 10))})

    app = web.Application(middlewares=[errors_as_problems])
    routes = [
        Route("POST", "/orders", order, "order", Order, 201, body=Order),
        Route("GET", "/window", window, "window", "application/json", query=Window),
        Route("PUT", "/text", text, "text", "application/json", body="text/plain"),
    ]
    add_routes(app.router, routes)
    return await aiohttp_client(app)


async def test_what_fits_comes_through(client: Client) -> None:
    answer = await client.post("/orders", json={"point": "26740"})
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert await answer.json() == {"point": "26740", "seconds": 60}
    answer = await client.get("/window?limit=3&unit=79")
    assert await answer.json() == {"limit": 3, "unit": "79"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"point": "1", "seconds": "60"}', "body.seconds (int_type)"),
        ('{"point": "1", "Bí mật": 1}', "body (extra_forbidden)"),
        ("{", "body (json_invalid)"),
        ("[]", "body (model_type)"),
        ("{}", "body.point (missing)"),
    ],
)
async def test_a_body_that_does_not_fit(client: Client, body: str, place: str) -> None:
    answer = await client.post("/orders", data=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status == 400
    problem: dict[str, Any] = await answer.json(content_type=None)
    assert problem["code"] == "bad_message"
    assert place in problem["message"]["en"]
    assert "Bí mật" not in str(problem)


async def test_other_types_and_sizes(client: Client) -> None:
    assert (await client.post("/orders", data=b"point=1")).status == 415
    huge = {"point": "x" * 70_000}
    assert (await client.post("/orders", json=huge)).status == 413
    assert (await client.put("/text", data=b"0123456789")).status == 200
    assert (await client.put("/text", data=b"0123456789a")).status == 413
    assert (await client.put("/text", data=b"\xff\xfe")).status == 400


@pytest.mark.parametrize("query", ["limit=x", "limit=1&limit=2", "what=1"])
async def test_a_query_that_does_not_fit(client: Client, query: str) -> None:
    answer = await client.get(f"/window?{query}")
    assert answer.status == 400
    assert (await answer.json(content_type=None))["code"] == "bad_message"
