"""The outermost layer of HTTP: every exception becomes a status and a body that says what to do, nothing more.

Bodies are ``application/problem+json`` (RFC 9457) with the stable code and both languages. What a bug raised goes to the
log with its trace, without the request's headers, body or query, since those may hold credentials.
"""

from __future__ import annotations

import http
import json
import math
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final

import structlog
from aiohttp import web

from signaling.errors import REFUSALS, Refusal, is_bug, refusal_of
from signaling.whip import CORS

_log = structlog.get_logger(__name__)

PROBLEM: Final = "application/problem+json"
_CODES: Final = {404: "not_found", 413: "too_large"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def errors_as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer exceptions with problems; add CORS headers to those of the media doors."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = problem_of_status(error.status)
        for name in ("Allow",):
            if name in error.headers:
                response.headers[name] = error.headers[name]
    except Exception as error:  # noqa: BLE001 (the outermost layer)
        if is_bug(error):
            _log.exception("http.failed", method=request.method, route=_route_of(request))
        response = problem(refusal_of(error))
    if request.path.startswith(("/whip/", "/whep/")):
        response.headers.update(CORS)
    return response


def problem(refusal: Refusal) -> web.Response:
    """The response for a refusal."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    elif refusal.http_status == 503:
        headers["Retry-After"] = "1"
    if refusal.http_status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="diemcau"'  # RFC 6750 §3
    begins = _body_begins(refusal.http_status, refusal.code, refusal.message_vi, refusal.message_en)
    body = f'{begins}"retry_after_s": {json.dumps(refusal.retry_after_s)}}}'
    headers["Content-Type"] = f"{PROBLEM}; charset=utf-8"
    return web.Response(status=refusal.http_status, body=body.encode(), headers=headers)


@lru_cache(maxsize=256)
def _body_begins(status: int, code: str, message_vi: str, message_en: str) -> str:
    """All of the body but its last field, which differs each time: in a storm ten thousand get the same."""
    body = {
        "type": "about:blank",
        "title": _phrase(status),
        "status": status,
        "code": code,
        "detail": message_en,
        "message": {"vi": message_vi, "en": message_en},
    }
    return json.dumps(body, ensure_ascii=False).removesuffix("}") + ", "


def problem_of_status(status: int) -> web.Response:
    """The response for a status that aiohttp itself chose."""
    known = _CODES.get(status)
    if known is not None:
        return problem(REFUSALS[known])
    phrase = _phrase(status)
    return problem(Refusal(f"http_{status}", status, 4400, phrase, phrase))


def _phrase(status: int) -> str:
    return http.HTTPStatus(status).phrase


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "?"
