"""The OpenAPI document: what is served is described, and what is described is served."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import web
from pydantic import Field

from signaling.message_fields import ServerModel
from signaling.openapi import PATH, openapi_of
from signaling.rest import QueryModel, Route
from tests.signaling.world import World


async def nothing(_request: web.Request) -> web.Response:
    return web.Response()


class Inner(ServerModel):
    name: str


class Thing(ServerModel):
    """A thing."""

    inner: Inner
    count: int | None


class Window(QueryModel):
    limit: int = Field(10, ge=1, le=20)
    unit: str | None = None
    at: int


async def document(world: World) -> dict[str, Any]:
    answer = await world.client.get(PATH)
    assert answer.status == 200
    body: dict[str, Any] = await answer.json()
    return body


async def test_every_route_under_api_is_described_and_every_description_served(world: World) -> None:
    described = {(path, method.upper()) for path, item in (await document(world))["paths"].items() for method in item}
    served = {
        (route.resource.canonical, route.method)
        for route in world.client.app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    assert described == served


async def test_references_lead_somewhere(world: World) -> None:
    body = await document(world)
    for reference in re.findall(r"#/components/schemas/(\w+)", str(body)):
        assert reference in body["components"]["schemas"], reference
    names = [operation["operationId"] for item in body["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


async def test_answers_fit_what_is_described(world: World) -> None:
    body = await document(world)
    for path in ("/api/directory", "/api/sessions/main/calls", "/api/sessions/main/floor", "/api/sessions/main/report"):
        described = body["paths"][path.replace("/main/", "/{session}/")]["get"]["responses"]["200"]["content"]
        schema = {**described["application/json"]["schema"], "components": body["components"]}
        answer = await world.client.get(path, headers=world.bearer("center"))
        jsonschema_rs.validate(schema, await answer.json())


async def test_a_refusal_fits_what_is_described(world: World) -> None:
    body = await document(world)
    operation = body["paths"]["/api/directory"]["get"]["responses"]["default"]["content"]
    schema = {**operation["application/problem+json"]["schema"], "components": body["components"]}
    answer = await world.client.get("/api/directory")
    jsonschema_rs.validate(schema, await answer.json(content_type=None))
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, {"status": 400})


def test_what_a_route_becomes() -> None:
    made = openapi_of(
        [Route("POST", "/api/things/{thing}", nothing, "Make a thing", Thing, 201, body=Inner, query=Window)], "T", "1"
    )
    operation = made["paths"]["/api/things/{thing}"]["post"]
    assert operation["operationId"] == "post_things_thing"
    assert operation["security"] == [{"bearer": []}]
    assert [(each["name"], each["in"], each["required"]) for each in operation["parameters"]] == [
        ("thing", "path", True),
        ("limit", "query", False),
        ("unit", "query", False),
        ("at", "query", True),
    ]
    limit, unit = operation["parameters"][1]["schema"], operation["parameters"][2]["schema"]
    assert limit == {"default": 10, "maximum": 20, "minimum": 1, "type": "integer"}
    assert unit == {"type": "string"}
    assert set(operation["responses"]) == {"201", "default"}
    assert made["components"]["schemas"]["Thing"]["required"] == ["inner", "count"]


def test_who_needs_no_token_and_bodies_that_are_no_json() -> None:
    made = openapi_of(
        [Route("POST", "/api/x", nothing, "x", "text/csv, application/json", body="text/csv", access="anybody")], "T", "1"
    )
    operation = made["paths"]["/api/x"]["post"]
    assert "security" not in operation
    assert operation["requestBody"]["content"] == {"text/csv": {"schema": {"type": "string"}}}
    assert set(operation["responses"]["200"]["content"]) == {"text/csv", "application/json"}


def test_an_answer_without_a_body_has_no_type() -> None:
    made = openapi_of([Route("POST", "/api/x", nothing, "x", "application/octet-stream", 204)], "T", "1")
    assert made["paths"]["/api/x"]["post"]["responses"]["204"] == {"description": "x"}
