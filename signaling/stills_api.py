"""The stills for consoles: sheets of a whole view, and one point's newest still as it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from email.utils import formatdate
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from bridge.ids import is_code
from bridge.units import Directory
from signaling.coverage import points_over
from signaling.errors import ServiceError
from signaling.message_fields import Code
from signaling.rest import QueryModel, Route, bad, read_query
from signaling.rest_desk import RestDesk
from signaling.stills_link import StillsLink
from signaling.stills_views import Runs, StillsViews

MAX_POINTS_NAMED: Final = 64
MAX_REVISION: Final = (1 << 53) - 1
"""The largest integer that a browser's number holds."""
_TIME_BYTES: Final = 8
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class StillsQuery(QueryModel):
    """Of which points, since when, how large."""

    after: Annotated[int, Field(ge=0, le=MAX_REVISION)] = 0
    size: Literal["small", "medium"] = "small"
    unit: Code | None = None
    points: Annotated[str, StringConstraints(min_length=1, max_length=MAX_POINTS_NAMED * 33)] | None = None


class StillsApi:
    """Two routes."""

    def __init__(self, desk: RestDesk, views: StillsViews, link: StillsLink) -> None:
        self._desk, self._views, self._link = desk, views, link

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route(
                "GET",
                "/api/sessions/{session}/stills",
                self.sheets,
                "Sheets of the points' stills, what changed since a revision; waits up to five seconds for it",
                "application/octet-stream",
                query=StillsQuery,
                access="observer",
            ),
            Route("GET", "/api/stills/{point}", self.still, "The newest still of a point", "image/jpeg", access="observer"),
        ]

    async def sheets(self, request: web.Request) -> web.Response:
        """Head and sheets, PROTOCOL.md §6."""
        session = request.match_info["session"]
        identity = self._desk.reader(request, session)
        query = read_query(request, StillsQuery)
        bridge = self._desk.room(session).bridge
        directory = bridge.directory
        scope = self._desk.scope(identity, query.unit, bridge)
        within = [directory.points_within(unit) for unit in scope if directory.has_unit(unit)]
        runs = runs_of(points_over(bridge.session.units, directory), within)
        if query.size == "medium":
            runs = _named(query, directory, runs)
        elif query.points is not None:
            raise bad("query.points", "chỉ đi với size=medium", "goes with size=medium only")
        body = await self._views.answer(runs, query.after, query.size, directory.version)
        self._desk.bearers.check_again(identity)
        return web.Response(body=body, content_type="application/octet-stream", headers=_HEADERS)

    async def still(self, request: web.Request) -> web.Response:
        """One point's newest still; 404 where there is none."""
        identity = self._desk.reader(request)
        directory = self._desk.line().directory
        point = self._desk.code(request, "point")
        if not directory.is_within(point, identity.scope) or not directory.has_point(point):
            raise ServiceError("forbidden")  # and not whether there is such a point elsewhere
        index = directory.index_of(point)
        found = await self._link.ask("jpeg", ((index, index + 1),))
        if found is None:
            raise ServiceError("not_found")
        at_ms = int.from_bytes(found[:_TIME_BYTES])
        headers = {**_HEADERS, "Last-Modified": formatdate(at_ms / 1000, usegmt=True)}
        return web.Response(body=found[_TIME_BYTES:], content_type="image/jpeg", headers=headers)


def runs_of(session: Iterable[range], scope: Sequence[range]) -> Runs:
    """The indices that are both the session's and the scope's, as runs in order, each index once."""
    both = sorted(
        (max(one.start, other.start), min(one.stop, other.stop))
        for one in session
        for other in scope
        if max(one.start, other.start) < min(one.stop, other.stop)
    )
    apart: list[tuple[int, int]] = []
    for start, stop in both:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], stop))
        else:
            apart.append((start, stop))
    return tuple(apart)


def _named(query: StillsQuery, directory: Directory, runs: Runs) -> Runs:
    if query.points is None or query.unit is not None:
        raise bad("query", "size=medium cần points= và không có unit=", "with size=medium needs points= and no unit=")
    codes = query.points.split(",")
    if len(codes) > MAX_POINTS_NAMED or not all(is_code(code) for code in codes):
        raise bad("query.points", f"cần 1 đến {MAX_POINTS_NAMED} mã", f"needs 1 to {MAX_POINTS_NAMED} codes")
    found: set[int] = set()
    for code in codes:
        index = directory.index_of(code) if directory.has_point(code) else -1
        if not any(first <= index < stop for first, stop in runs):
            raise ServiceError("forbidden")
        found.add(index)
    return runs_of([range(index, index + 1) for index in found], [range(len(directory.points))])
