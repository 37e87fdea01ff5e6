"""The OpenAPI document, made from the very list of routes that is served (:mod:`signaling.rest`).

OpenAPI 3.1. Every refusal is the same problem (RFC 9457), so that each operation says it once, as its default answer. What is
not JSON over REST (the WebSocket, WHIP and WHEP) is described in PROTOCOL.md, to which the document points.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from signaling.message_fields import ServerModel, Text64
from signaling.messages import Bilingual
from signaling.pages import File, file_of, serve
from signaling.rest import Access, Route

PATH: Final = "/api/openapi.json"
VERSION: Final = "3.1.0"
PROBLEM: Final = "application/problem+json"
NO_CONTENT: Final = 204
"""The status whose answers have no body, and so no type either (RFC 9110 §15.3.5)."""

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_CODE: Final = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"}
_WHO: Final[dict[Access, str]] = {
    "anybody": "No token.",
    "console": "Bearer of a center or an operator.",
    "observer": "Bearer of a center, an operator or an observer.",
    "point": "Bearer of the point itself, or of a console whose scope contains it.",
}


class Fault(ServerModel):
    """A fault of a table that was sent: its line from 1, and its column, empty for the whole line."""

    line: int
    column: str
    message: Bilingual


class ProblemAnswer(ServerModel):
    """Every refusal (RFC 9457): a stable code for machines, a sentence in two languages for people."""

    type: str
    title: str
    status: int
    code: Text64
    detail: str
    message: Bilingual
    retry_after_s: float | None
    faults: list[Fault] | None = None
    """Of a refused table: the first faults."""
    more_faults: int | None = None


def openapi_of(routes: Iterable[Route], title: str, version: str) -> dict[str, Any]:
    """Make the document of some routes."""
    listed = list(routes)
    models = _models_of(listed)
    references, schemas = models_json_schema(
        [(model, "serialization" if is_answer else "validation") for model, is_answer in models],
        ref_template="#/components/schemas/{model}",
    )
    refs = {model: reference for (model, _), reference in references.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": VERSION,
        "info": {
            "title": title,
            "version": version,
            "description": "REST part of the service. The WebSocket, WHIP and WHEP are in signaling/PROTOCOL.md.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": _with_plain_patterns(schemas.get("$defs", {})),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _with_plain_patterns(schema: Any) -> Any:
    r"""The same with patterns as JSON Schema has them (ECMA-262): ``^`` and ``$`` for ``\A`` and ``\z``."""
    if isinstance(schema, dict):
        return {
            key: value.replace(r"\A", "^").replace(r"\z", "$")
            if key == "pattern" and isinstance(value, str)
            else _with_plain_patterns(value)
            for key, value in schema.items()
        }
    return [_with_plain_patterns(each) for each in schema] if isinstance(schema, list) else schema


def _models_of(routes: Sequence[Route]) -> list[tuple[type[BaseModel], bool]]:
    """Every model once, with whether it is an answer."""
    found: dict[type[BaseModel], bool] = {ProblemAnswer: True}
    for route in routes:
        if not isinstance(route.answer, str):
            found[route.answer] = True
        if route.body is not None and not isinstance(route.body, str):
            found.setdefault(route.body, False)
    return list(found.items())


def _operation(route: Route, refs: Mapping[Any, Any]) -> dict[str, Any]:
    answers = _content(route.answer, refs) | {media: {"schema": {"type": "string"}} for media in route.also}
    answered = {"description": route.summary} | ({} if route.status == NO_CONTENT else {"content": answers})
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": _WHO[route.access],
        "operationId": _name_of(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            str(route.status): answered,
            "default": {"description": "Refused.", "content": {PROBLEM: {"schema": refs[ProblemAnswer]}}},
        },
    }
    if route.access != "anybody":
        operation["security"] = [{"bearer": []}]
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, refs)}
    return operation


def _content(what: type[BaseModel] | str, refs: Mapping[Any, Any]) -> dict[str, Any]:
    if isinstance(what, str):
        return {media.strip(): {"schema": {"type": "string"} if "json" not in media else {}} for media in what.split(",")}
    return {"application/json": {"schema": refs[what]}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": _CODE} for name in _PARAMETER.findall(route.path)]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(ref_template="#/components/schemas/{model}")
    required = set(schema.get("required", ()))
    parameters = []
    for name, described in schema.get("properties", {}).items():
        parameter = {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": _with_plain_patterns(_without_null(described)),
        }
        if "description" in described:
            parameter["description"] = described["description"]
        parameters.append(parameter)
    return parameters


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out and never null."""
    kept = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    choices = [choice for choice in kept.pop("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        kept |= choices[0]
    elif choices:
        kept["anyOf"] = choices
    if kept.get("default", ...) is None:
        del kept["default"]
    return kept


def _name_of(route: Route) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "_", route.path.removeprefix("/api/")).strip("_")
    return f"{route.method.lower()}_{words}"


class Description:
    """``/api/openapi.json``, made when it is first asked for: that takes a quarter of a second, which no start should."""

    def __init__(self) -> None:
        self._described: Sequence[Route] = ()
        self._making: asyncio.Future[File] | None = None

    def route(self, described: Sequence[Route]) -> Route:
        """The route that serves the description of these and of itself."""
        own = Route("GET", PATH, self.handle, "This document", "application/json", access="anybody")
        self._described = [*described, own]
        return own

    async def handle(self, request: web.Request) -> web.Response:
        """The document."""
        if self._making is None:
            self._making = asyncio.ensure_future(asyncio.to_thread(self._make))
        return serve(request, await asyncio.shield(self._making))

    def _make(self) -> File:
        document = openapi_of(self._described, "Điểm Cầu", metadata.version("diemcau"))
        return file_of(json.dumps(document, ensure_ascii=False).encode(), ".json")
