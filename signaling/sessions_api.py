"""Sessions over REST: which there are, making, opening and closing them, and ordering in them what a console orders."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Annotated, Final, Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import Field, RootModel, StringConstraints

from bridge import commands
from bridge.bridge import Bridge
from bridge.errors import BridgeError, forbidden
from bridge.machine import SessionState
from bridge.policy import may
from bridge.session_errors import no_common_center, session_exists, unknown_session
from bridge.sessions import SessionRecord
from bridge.units import Directory
from signaling.admission import Addresses
from signaling.attendance import kind_of
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.console_orders import Order
from signaling.coverage import overlaps, points_over
from signaling.errors import ServiceError
from signaling.hub import Hub
from signaling.message_fields import ClientModel, Code, Count, ServerModel, SessionKind, Text200, Time
from signaling.message_fields import SessionState as StateName
from signaling.ordered import Ordered
from signaling.orders import account_of
from signaling.rest import Route, answer_json, read_body
from signaling.session_book import SessionBook
from signaling.store import Store

MAX_UNITS: Final = 1000
MAX_ID_CHARS: Final = 20
"""A call of the session is ``<id>-c1234567`` and has to stay a code, 32 characters."""
MAX_LISTED: Final = 2000

_SHORT: Final = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_ID_CHARS - 1}}}")


class SessionView(ServerModel):
    """A session as consoles see it. Times are milliseconds since the Unix epoch."""

    id: Code
    title: Text200
    kind: SessionKind
    state: StateName
    units: Annotated[tuple[Code, ...], Field(max_length=MAX_UNITS)]
    center: Code | None
    center_name: Text200
    level: Annotated[int, Field(ge=0)]
    points: Count
    """How many points it is over."""
    live: Count
    """How many of them are live."""
    by: Text200 | None
    """Who prepared it."""
    opened_at: Time | None
    opened_by: Text200 | None
    closed_at: Time | None
    closed_by: Text200 | None
    recording: Literal["manual", "from_open"]
    """When it is recorded: by hand, or from its opening on."""
    recording_since: Time | None
    """Since when it is recorded now."""


class SessionList(ServerModel):
    """The sessions of a scope, the standing line first, then those opened last."""

    at: Time
    sessions: Annotated[tuple[SessionView, ...], Field(max_length=MAX_LISTED)]


class NewSession(ClientModel):
    """What a new session is to be."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: Literal["meeting", "line"] = "meeting"
    units: Annotated[list[Code], Field(min_length=1, max_length=MAX_UNITS)]
    center: Code | None = None
    id: Annotated[str, StringConstraints(max_length=MAX_ID_CHARS)] | None = None
    open: bool = True
    recording: Literal["manual", "from_open"] = "manual"


class OrderBody(RootModel[Order]):
    """An order of PROTOCOL.md §2.5."""


def view_of(bridge: Bridge) -> SessionView:
    """A session as it is sent."""
    session, directory = bridge.session, bridge.directory
    return SessionView(
        id=session.id,
        title=session.title,
        kind=kind_of(session),
        state=session.state.value,
        units=session.units,
        center=session.center or None,
        center_name=directory.unit(session.center).name if directory.has_unit(session.center) else "",
        level=session.level,
        points=sum(len(run) for run in points_over(session.units, directory)),
        live=bridge.live_count,
        by=session.prepared_by,
        opened_at=session.opened_at,
        opened_by=session.opened_by,
        closed_at=session.closed_at,
        closed_by=session.closed_by,
        recording="from_open" if session.recording == "from_open" else "manual",
        recording_since=session.recording_since,
    )


def center_of(units: list[str], scope: tuple[str, ...], directory: Directory) -> str:
    """The unit of the scope that contains all units, the lowest where several do.

    Raises:
        BridgeError: ``unknown_unit``; ``forbidden`` for one outside of the scope; ``no_common_center`` when all are in it and
            several units of the scope would have to preside.
    """
    known = [unit for unit in scope if directory.has_unit(unit)]
    for unit in units:
        directory.unit(unit)  # an unknown one is said to be that
        if not directory.is_within(unit, scope):
            raise forbidden("mở phiên họp ngoài phạm vi của mình", "open a session outside of its scope")
    able = [top for top in known if all(directory.is_within(unit, (top,)) for unit in units)]
    if not able:
        raise no_common_center()
    return max(able, key=lambda top: len(directory.path(top)))


class SessionsApi:
    """Routes under ``/api/sessions``."""

    def __init__(
        self, *, hub: Hub, book: SessionBook, bearers: Bearers, addresses: Addresses, store: Store, now_ms: Callable[[], int]
    ) -> None:
        self._hub, self._book, self._store, self._now_ms = hub, book, store, now_ms
        self._bearers, self._addresses = bearers, addresses

    def routes(self) -> list[Route]:
        """The routes, as they are served and described."""
        one = "/api/sessions/{session}"
        return [
            Route("GET", "/api/sessions", self.all, "Sessions of the bearer's scope", SessionList, access="observer"),
            Route("POST", "/api/sessions", self.make, "Make a session", SessionView, status=201, body=NewSession),
            Route("GET", one, self.one, "One session", SessionView, access="observer"),
            Route("POST", f"{one}/open", self.open, "Open a session", SessionView),
            Route("POST", f"{one}/close", self.close, "Close a session", SessionView),
            Route("POST", f"{one}/orders", self.order, "Order what a console orders", Ordered, body=OrderBody),
        ]

    @property
    def middleware(self) -> Middleware:
        """Loads the session that a route of the API names, when it ended long ago, for whoever may ask for it."""

        @web.middleware
        async def load(request: web.Request, handler: Handler) -> web.StreamResponse:
            session = request.match_info.get("session")
            if session is not None and request.path.startswith("/api/") and session not in self._hub.rooms:
                self._anybody(request, session)
                try:
                    await self._hub.load_room(session)
                except ServiceError as error:
                    if error.refusal.code == "not_found":
                        raise unknown_session(session) from None
                    raise
            return await handler(request)

        return load

    async def all(self, request: web.Request) -> web.Response:
        """The sessions over any part of the scope."""
        identity = self._observer(request, None)
        bridges = [room.bridge for room in self._hub.rooms.values()]
        shown = [bridge for bridge in bridges if _is_made(bridge.session) and overlaps(bridge, identity.scope)]
        shown.sort(key=lambda bridge: (kind_of(bridge.session) != "standing", -(bridge.session.opened_at or self._now_ms())))
        return answer_json(SessionList(at=self._now_ms(), sessions=tuple(view_of(bridge) for bridge in shown[:MAX_LISTED])))

    async def one(self, request: web.Request) -> web.Response:
        """One session; of those that ended long ago as well."""
        session = request.match_info["session"]
        identity = self._observer(request, session)
        return answer_json(view_of(await self._bridge(session, identity)))

    async def make(self, request: web.Request) -> web.Response:
        """Make a session, and open it unless that is left for later. A center's line is made once: 200 then."""
        identity = self._observer(request, None)
        wanted = await read_body(request, NewSession)
        directory = self._hub.room("main").bridge.directory
        center = wanted.center or center_of(wanted.units, identity.scope, directory)
        if wanted.kind == "line":
            found = self._line_of(center)
            if found is not None:
                if not overlaps(found, identity.scope):
                    raise ServiceError("forbidden")
                return answer_json(view_of(found))
        command = commands.PrepareSession(
            wanted.title, wanted.kind, tuple(wanted.units), center, identity.subject, wanted.recording
        )
        rehearsal = Bridge("new", directory)
        may(account_of(identity), command, rehearsal)
        rehearsal.handle(command, self._now_ms())
        self._book.require_room()
        session = await self._name(wanted, center)
        owner = await self._book.start(session)
        await owner.submit(command)
        if wanted.open:
            await owner.submit(commands.OpenSession("", identity.subject))
        return answer_json(view_of(owner.bridge), 201)

    async def open(self, request: web.Request) -> web.Response:
        """Open a session that was prepared."""
        return await self._move(request, lambda by: commands.OpenSession("", by))

    async def close(self, request: web.Request) -> web.Response:
        """Close an open session, and every call in it."""
        return await self._move(request, commands.CloseSession)

    async def order(self, request: web.Request) -> web.Response:
        """Carry out an order; the answer is that of ``ack``."""
        session = request.match_info["session"]
        identity = self._observer(request, session)
        body = await read_body(request, OrderBody)
        await self._bridge(session, identity)
        return answer_json(await self._hub.order(identity, session, body.root))

    async def _move(self, request: web.Request, command_by: Callable[[str], commands.Command]) -> web.Response:
        session = request.match_info["session"]
        identity = self._observer(request, session)
        bridge = await self._bridge(session, identity)
        command = command_by(identity.subject)
        may(account_of(identity), command, bridge)
        await self._hub.submit(session, command)
        return answer_json(view_of(self._hub.room(session).bridge))

    async def _bridge(self, session: str, identity: Identity) -> Bridge:
        bridge = (await self._hub.load_room(session)).bridge
        if not _is_made(bridge.session):
            raise ServiceError("not_found")
        if not overlaps(bridge, identity.scope):
            raise ServiceError("forbidden")
        return bridge

    def _line_of(self, center: str) -> Bridge | None:
        bridges = (room.bridge for room in self._hub.rooms.values())
        lines = [each for each in bridges if kind_of(each.session) == "line" and each.session.center == center]
        return next((each for each in lines if each.session.state is not SessionState.CLOSED), None)

    async def _name(self, wanted: NewSession, center: str) -> str:
        """A name that nobody else has: this call alone made it."""
        if wanted.id is not None:
            if _SHORT.fullmatch(wanted.id) is None:
                raise BridgeError(
                    "bad_identifier",
                    f"Mã phiên họp không hợp lệ: chỉ dùng chữ không dấu, chữ số, “.”, “_”, “-”; dài tối đa {MAX_ID_CHARS} ký tự.",
                    f"The session's id is not valid: plain letters, digits, “.”, “_”, “-”; {MAX_ID_CHARS} characters at most.",
                    "user",
                )
            is_taken = not await self._store.add_session(wanted.id)
            # A name whose session never came to be, since the process that took it ended right then, is free.
            if is_taken and _is_made((await self._hub.load_room(wanted.id)).bridge.session):
                raise session_exists(wanted.id)
            return wanted.id
        stem = f"line-{center}"
        if wanted.kind != "line" or len(stem) > MAX_ID_CHARS - 3:
            stem = time.strftime("s%y%m%d", time.gmtime(self._now_ms() / 1000))
        elif await self._store.add_session(stem):
            return stem
        number = 1 + sum(name.startswith(f"{stem}.") for name in self._hub.rooms)  # mostly the first that is free
        while not await self._store.add_session(f"{stem}.{number}"):
            number += 1
        return f"{stem}.{number}"

    def _anybody(self, request: web.Request, session: str | None) -> Identity:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        return self._bearers.check(request, address, session)

    def _observer(self, request: web.Request, session: str | None) -> Identity:
        identity = self._anybody(request, session)
        if not identity.may_observe:
            raise ServiceError("forbidden")
        return identity


def _is_made(session: SessionRecord) -> bool:
    return session.prepared_by is not None or session.opened_at is not None
