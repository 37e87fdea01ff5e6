"""What the REST routes of several families need alike: who asks, which states they read, and how they have something done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bridge.bridge import Bridge
from bridge.ids import STANDING_LINE, is_code
from signaling.admission import Addresses
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.console_orders import Order
from signaling.errors import ServiceError
from signaling.ordered import Ordered
from signaling.point_messages import PointMessage
from signaling.room import Room


@dataclass(frozen=True, slots=True)
class RestDesk:
    """What those routes are given.

    Attributes:
        bearers: checks who asks.
        addresses: finds the address that asks.
        room: gives the room of a session.
        order: carries out what a console orders in a session.
        say: carries out what a point says.
        now_ms: wall time.
    """

    bearers: Bearers
    addresses: Addresses
    room: Callable[[str], Room]
    order: Callable[[Identity, str, Order], Awaitable[Ordered]]
    say: Callable[[Identity, PointMessage], Awaitable[Any]]
    now_ms: Callable[[], int]

    def anybody(self, request: web.Request, session: str | None = None) -> Identity:
        """A center, an operator, an observer or a point; others raise ``forbidden``."""
        address = self.addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self.bearers.check(request, address, session)
        if not identity.may_observe and identity.point is None:
            raise ServiceError("forbidden")
        return identity

    def reader(self, request: web.Request, session: str | None = None) -> Identity:
        """A center, an operator or an observer; others raise ``forbidden``."""
        identity = self.anybody(request, session)
        if not identity.may_observe:
            raise ServiceError("forbidden")
        return identity

    def console(self, request: web.Request, session: str | None = None) -> Identity:
        """A center or an operator; others raise ``forbidden``."""
        identity = self.anybody(request, session)
        if not identity.is_console:
            raise ServiceError("forbidden")
        return identity

    def point(self, request: web.Request) -> Identity:
        """A point; others raise ``forbidden``."""
        identity = self.anybody(request)
        if identity.point is None:
            raise ServiceError("forbidden")
        return identity

    def line(self) -> Bridge:
        """The state of the standing line; raises ``unavailable`` while there is none yet."""
        return self.room(STANDING_LINE).bridge

    def scope(self, identity: Identity, unit: str | None, bridge: Bridge) -> tuple[str, ...]:
        """The bearer's scope, or the one unit of it that was asked for; raises ``unknown_unit`` or ``forbidden``."""
        if unit is None:
            return identity.scope
        if not bridge.directory.is_within(bridge.directory.unit(unit).code, identity.scope):
            raise ServiceError("forbidden")
        return (unit,)

    def code(self, request: web.Request, name: str) -> str:
        """An id of the path; raises ``not_found`` for what cannot be one."""
        code = request.match_info[name]
        if not is_code(code):
            raise ServiceError("not_found")
        return code
