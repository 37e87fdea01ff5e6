"""The small REST part: directory, calls, roll calls and log, for consoles; new links, for the center."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final

import structlog
from aiohttp import web

from bridge.codec import encode_directory
from bridge.rollcall import Presence
from bridge.units import Directory
from bridge.views import attendance_view, board_view
from signaling.admission import Addresses
from signaling.api_models import (
    AttendanceAnswer,
    AttendanceQuery,
    CallsAnswer,
    CallsQuery,
    DirectoryAnswer,
    FloorAnswer,
    LinkAnswer,
    RollCallsAnswer,
)
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.errors import ServiceError
from signaling.generations import Generations
from signaling.pages import File, file_of, serve
from signaling.rest import Route, answer_json, read_query
from signaling.room import Room, Scope, calls_listed
from signaling.room_floor import queue_of
from signaling.store import Record, Store

_log = structlog.get_logger(__name__)

MISSING: Final = frozenset({Presence.WAITING, Presence.ABSENT})
WANTED: Final[Mapping[str, tuple[frozenset[Presence], bool | None]]] = {
    **{presence.value: (frozenset({presence}), None) for presence in Presence},
    "missing": (MISSING, None),
    "no_answer": (MISSING, True),
    "offline": (MISSING, False),
    "all": (frozenset(Presence), None),
}
"""What ``?status=`` may say: in which states, and whether the question reached them."""


def directory_file(directory: Directory) -> File:
    """The directory as consoles load it: units, and points in the order of the state frame."""
    text = json.dumps(encode_directory(directory), ensure_ascii=False, separators=(",", ":"))
    return file_of(text.encode(), ".json")


class Api:
    """Routes under ``/api``."""

    def __init__(
        self,
        *,
        directory: Callable[[], Directory | None],
        room: Callable[[str], Room],
        store: Store,
        bearers: Bearers,
        addresses: Addresses,
        now_ms: Callable[[], int],
        generations: Generations,
        link_of: Callable[[str, int], str],
    ) -> None:
        self._directory = directory
        self._served: tuple[str, File] | None = None
        self._room = room
        self._store = store
        self._bearers = bearers
        self._addresses = addresses
        self._now_ms = now_ms
        self._generations = generations
        self._link_of = link_of

    def routes(self) -> list[Route]:
        """The routes."""
        at = "/api/sessions/{session}"
        return [
            Route("GET", "/api/directory", self.directory, "All units and points", DirectoryAnswer, access="observer"),
            Route("GET", f"{at}/calls", self.calls, "The newest calls", CallsAnswer, query=CallsQuery, access="observer"),
            Route("GET", f"{at}/roll-calls", self.roll_calls, "The counters of roll calls", RollCallsAnswer, access="observer"),
            Route(
                "GET",
                f"{at}/roll-calls/{{roll_call}}",
                self.attendance,
                "Who confirmed presence, and who did not",
                AttendanceAnswer,
                query=AttendanceQuery,
                access="observer",
            ),
            Route("GET", f"{at}/floor", self.floor, "Who speaks and who waits", FloorAnswer, access="observer"),
            Route("GET", f"{at}/log", self.log, "The record, one event a line", "application/x-ndjson", access="observer"),
            Route("GET", "/api/points/{code}/link", self.show_link, "The present link of a point", LinkAnswer),
            Route("POST", "/api/points/{code}/rotate", self.rotate, "Replace the link of a point", LinkAnswer),
        ]

    async def directory(self, request: web.Request) -> web.Response:
        """All units and points."""
        self._reader(request, None)
        directory = self._directory()
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        if self._served is None or self._served[0] != directory.version:
            self._served = (directory.version, directory_file(directory))
        return serve(request, self._served[1])

    async def calls(self, request: web.Request) -> web.Response:
        """The newest calls within the bearer's scope."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        limit = read_query(request, CallsQuery).limit
        bridge = self._room(session).bridge
        views = calls_listed(bridge, Scope(bridge.directory, identity.scope), limit)
        calls = [view.model_dump(mode="json") for view in views]
        return answer_json({"session": session, "at": self._now_ms(), "calls": calls})

    async def roll_calls(self, request: web.Request) -> web.Response:
        """The counters of the roll calls that the bearer's scope has a part in, newest first."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        bridge = self._room(session).bridge
        boards = [board_view(roll_call, bridge.directory, identity.scope) for roll_call in bridge.roll_calls.values()]
        shown = [board for board in reversed(boards) if board is not None]
        return answer_json({"session": session, "at": self._now_ms(), "roll_calls": shown})

    async def floor(self, request: web.Request) -> web.Response:
        """Who speaks and who waits, of the bearer's scope."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        bridge = self._room(session).bridge
        queue = queue_of(bridge, Scope(bridge.directory, identity.scope).has).model_dump(mode="json", exclude={"type"})
        return answer_json({"session": session, "at": self._now_ms(), **queue})

    async def attendance(self, request: web.Request) -> web.Response:
        """One roll call: the counters of a unit, and its points in some states (by default those that are missing)."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        query = read_query(request, AttendanceQuery)
        bridge = self._room(session).bridge
        directory, roll_call = bridge.directory, bridge.state.roll_call(request.match_info["roll_call"])
        unit = query.unit
        if unit is not None and not directory.is_within(directory.unit(unit).code, identity.scope):
            raise ServiceError("forbidden")
        scope = identity.scope if unit is None else (unit,)
        board = board_view(roll_call, directory, scope)
        if board is None:
            raise ServiceError("forbidden")
        found = attendance_view(roll_call, directory, scope, *WANTED[query.status])
        points = list(islice(found, query.limit))
        has_more = next(found, None) is not None
        return answer_json({"session": session, "at": self._now_ms(), "roll_call": board, "points": points, "has_more": has_more})

    async def log(self, request: web.Request) -> web.StreamResponse:
        """The session's record, one event a line, as it is on disk; for those whose scope is the whole directory."""
        session = request.match_info["session"]
        identity = self._reader(request, session)
        bridge = self._room(session).bridge
        if not Scope(bridge.directory, identity.scope).is_everything:
            raise ServiceError("forbidden")
        chunks = self._store.read(session)
        first = await anext(chunks, ())  # the store's failure shows here, while a status can still be given
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "application/x-ndjson"
        response.enable_compression()
        await response.prepare(request)
        await response.write(_lines(first))
        async for chunk in chunks:
            await response.write(_lines(chunk))
        await response.write_eof()
        return response

    def link(self, code: str) -> str:
        """A point's present link; raises ``unavailable`` while it is not known which links were replaced."""
        return self._link_of(code, self._generations.of(code))

    async def show_link(self, request: web.Request) -> web.Response:
        """A point's present link, to who could as well replace it."""
        identity, code = self._linked(request)
        _log.info("api.link_shown", point=code, by=identity.subject)
        return answer_json(LinkAnswer(point=code, generation=self._generations.of(code), link=self.link(code)))

    async def rotate(self, request: web.Request) -> web.Response:
        """Replace a point's link: the old one is refused from now on, and whoever came by it is sent away."""
        identity, code = self._linked(request)
        generation = await self._generations.rotate(code)
        _log.info("api.link_rotated", point=code, generation=generation, by=identity.subject)
        return answer_json(LinkAnswer(point=code, generation=generation, link=self._link_of(code, generation)))

    def _linked(self, request: web.Request) -> tuple[Identity, str]:
        """Who asks for a point's link, and which point: a center, within its scope."""
        identity = self._reader(request, None)
        if identity.role != "center":
            raise ServiceError("forbidden")
        directory = self._directory()
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        code = request.match_info["code"]
        if not directory.is_within(code, identity.scope):
            raise ServiceError("forbidden")  # and not whether there is such a point elsewhere
        if not directory.has_point(code):
            raise ServiceError("not_found")
        return identity, code

    def _reader(self, request: web.Request, session: str | None) -> Identity:
        """A console, or an observer, who may read what a console sees of the same scope."""
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address, session)
        if not identity.may_observe:
            raise ServiceError("forbidden")
        return identity


def _lines(records: Sequence[Record]) -> bytes:
    rows = (json.dumps({"sequence": record.sequence, **record.event}, ensure_ascii=False) for record in records)
    return "".join(f"{row}\n" for row in rows).encode()
