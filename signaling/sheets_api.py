"""The link sheets over REST: the links of all points of a unit as PDF, for who may replace them.

Drawing takes the processor for seconds, so it is done by another process, of lower priority, which ends with its sheets: calls
never wait for paper. One set of sheets is drawn at a time, a few wait, more are told to come back.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from typing import Final

import structlog
from aiohttp import web

from signaling.errors import ServiceError
from signaling.local_time import LOCAL
from signaling.message_fields import Code
from signaling.rest import QueryModel, Route, read_query
from signaling.rest_desk import RestDesk
from signaling.sheet_layout import Page, pages_of

_log = structlog.get_logger(__name__)

MAX_SHEET_POINTS: Final = 1000
"""Every province has fewer; the whole country is printed by ``diemcau sheets``."""
MAX_WAITING: Final = 2
NICENESS: Final = 10
PDF: Final = "application/pdf"


class SheetsQuery(QueryModel):
    """Of which unit, with everything below it."""

    unit: Code


class SheetsApi:
    """``/api/sheets``; ``link_of`` gives the present link of a point."""

    def __init__(self, desk: RestDesk, link_of: Callable[[str], str]) -> None:
        self._desk = desk
        self._link_of = link_of
        self._turn = asyncio.Lock()
        self._waiting = 0

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("GET", "/api/sheets", self.sheets, "The links of a unit's points as PDF sheets", PDF, query=SheetsQuery)]

    async def sheets(self, request: web.Request) -> web.Response:
        """Draw them; whoever has a sheet can enter, so that this is for centers, within their scope."""
        identity = self._desk.console(request)
        if identity.role != "center":
            raise ServiceError("forbidden")
        query = read_query(request, SheetsQuery)
        bridge = self._desk.line()
        self._desk.scope(identity, query.unit, bridge)
        count = len(bridge.directory.points_within(query.unit))
        if count > MAX_SHEET_POINTS:
            raise ServiceError(
                "too_large",
                message_vi=f"Đơn vị này có {count} điểm cầu, mỗi lần in được nhiều nhất {MAX_SHEET_POINTS}: hãy chọn từng tỉnh.",
                message_en=f"This unit has {count} points; {MAX_SHEET_POINTS} are printed at a time: choose one province.",
            )
        pages = tuple(pages_of(bridge.directory, [query.unit]))
        if not pages:
            raise ServiceError("not_found", message_vi="Đơn vị này không có điểm cầu nào.", message_en="This unit has no points.")
        links = {row.code: self._link_of(row.code) for page in pages for row in page.rows}
        now_s = self._desk.now_ms() / 1000
        body = await self._drawn(pages, links, datetime.fromtimestamp(now_s, LOCAL).strftime("%d/%m/%Y"))
        _log.info("api.sheets_drawn", unit=query.unit, points=len(links), by=identity.subject)
        headers = {
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="links-{query.unit}.pdf"',
        }
        return web.Response(body=body, content_type=PDF, headers=headers)

    async def _drawn(self, pages: Sequence[Page], links: Mapping[str, str], printed_on: str) -> bytes:
        if self._waiting > MAX_WAITING:
            raise ServiceError("too_many", retry_after_s=10)
        self._waiting += 1
        try:
            async with self._turn:
                pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
                try:
                    return await asyncio.get_running_loop().run_in_executor(pool, draw, pages, links, printed_on)
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)
        finally:
            self._waiting -= 1


def draw(pages: Sequence[Page], links: Mapping[str, str], printed_on: str) -> bytes:
    """Draw the sheets, in a process of its own: the bytes of the PDF file."""
    from signaling.sheet_pdf import draw_sheets  # noqa: PLC0415 (a third of a second: fonts)

    os.nice(NICENESS)
    out = io.BytesIO()
    draw_sheets(out, pages, links.__getitem__, printed_on)
    return out.getvalue()
