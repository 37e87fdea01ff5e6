"""What the REST routes are made of: a route that describes itself, bodies and queries by models, answers that are not kept.

Every route of the API is a :class:`Route`: the router and the OpenAPI document are made from the same list, so that what is
served and what is described cannot differ. Bodies and queries are pydantic models; what does not fit one is ``bad_message``, and
the answer says where the fault is and never repeats what was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from signaling.errors import ServiceError

Method = Literal["GET", "POST", "PUT", "DELETE"]
Access = Literal["anybody", "console", "observer", "point"]
"""Whose bearer is let in: ``observer`` means consoles and observers, ``point`` a point about itself."""

BODY_TIMEOUT_S: Final = 10.0

Model = TypeVar("Model", bound=BaseModel)


class QueryModel(BaseModel):
    """Query parameters: closed, and read from text (``limit=20`` is a number)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Route:
    """One route and what the OpenAPI document says of it.

    Attributes:
        method: the HTTP method.
        path: with its parameters, ``/api/sessions/{session}/calls``.
        handler: gives the response.
        summary: one line for people who read the document.
        answer: the model of a good answer's JSON, or the media type of another one.
        status: of a good answer.
        body: the model of the JSON that is sent, or the media type of another body; None for none.
        query: the model of the query; None for a route without.
        access: whose bearer is let in.
        also: other media types that a good answer may have, when asked for.
    """

    method: Method
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str
    answer: type[BaseModel] | str
    status: int = 200
    body: type[BaseModel] | str | None = None
    query: type[QueryModel] | None = None
    access: Access = "console"
    also: tuple[str, ...] = ()


def add_routes(router: web.UrlDispatcher, routes: Iterable[Route]) -> None:
    """Register routes."""
    for route in routes:
        router.add_route(route.method, route.path, route.handler)


def answer_json(body: BaseModel | dict[str, Any], status: int = 200) -> web.Response:
    """An answer that nobody keeps, compressed where the client takes that."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else None
    headers = {"Cache-Control": "no-store"}
    if text is not None:
        response = web.Response(text=text, status=status, content_type="application/json", headers=headers)
    else:
        response = web.json_response(body, status=status, headers=headers)
    response.enable_compression()
    return response


async def read_text(request: web.Request, most_bytes: int) -> str:
    """The body as text, at most so long, within ``BODY_TIMEOUT_S``; raises ``too_large`` or ``bad_message``."""
    if (request.content_length or 0) > most_bytes:
        raise ServiceError("too_large")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            data = await request.content.read(most_bytes + 1)
            while len(data) <= most_bytes and (more := await request.content.read(most_bytes + 1 - len(data))):
                data += more
    except TimeoutError:
        raise ServiceError("bad_message") from None
    if len(data) > most_bytes:
        raise ServiceError("too_large")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad("body", "không phải UTF-8", "is not UTF-8") from None


async def read_body(request: web.Request, model: type[Model], most_bytes: int = 64 * 1024) -> Model:
    """The JSON body as a model; raises ``unsupported_media_type``, ``too_large`` or ``bad_message``."""
    if request.content_type != "application/json":
        raise ServiceError("unsupported_media_type")
    text = await read_text(request, most_bytes)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise _bad_input(error, "body") from None
    except ValueError:  # lone surrogates cannot be encoded as UTF-8
        raise ServiceError("bad_message") from None


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query as a model; a parameter that is given twice is a fault. Raises ``bad_message``."""
    values = dict(request.query)
    if len(values) != len(request.query):
        raise bad("query", "có tham số lặp lại", "has a parameter twice")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _bad_input(error, "query") from None


def bad(place: str, vi: str, en: str) -> ServiceError:
    """A ``bad_message`` that says where the fault is; none of the words may be the client's."""
    return ServiceError(
        "bad_message", message_vi=f"Yêu cầu không hợp lệ: {place} {vi}.", message_en=f"The request is not valid: {place} {en}."
    )


def _bad_input(error: ValidationError, what: str) -> ServiceError:
    """An unknown field's name is the client's text, so of ``extra_forbidden`` only the place above it is told."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    place = ".".join([what, *(str(part) for part in location)])
    return bad(place, f"({first['type']})", f"({first['type']})")
