"""The answer to a table that has faults: the usual problem (RFC 9457) with every fault in it, so that a page can list them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from aiohttp import web

from bridge.errors import BridgeError
from signaling.errors import refusal_of
from signaling.web_errors import problem


def faulty(error: BridgeError, lines: Iterable[tuple[int, str, str, str]], more: int | None = None) -> web.Response:
    """422 with ``faults``.

    Args:
        error: what the table's reader raised.
        lines: ``(line, column, message_vi, message_en)`` of each fault that is told.
        more: how many faults there are besides; None where that is not counted.
    """
    response = problem(replace(refusal_of(error), http_status=422))
    faults = [{"line": line, "column": column, "message": {"vi": vi, "en": en}} for line, column, vi, en in lines]
    body = json.loads(response.text or "{}") | {"faults": faults}
    if more is not None:
        body["more_faults"] = more
    response.text = json.dumps(body, ensure_ascii=False)
    return response
