"""Rosters over REST: of a point, by unit (who has not confirmed first), set by JSON or imported from a table."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from bridge.bridge import Bridge
from bridge.commands import Command
from bridge.events import Event
from bridge.ids import STANDING_LINE
from bridge.matter_commands import ConfirmShift, SetRoster
from bridge.matter_views import duties_within, duty_board, roster_view
from bridge.policy import may
from bridge.roster import Contact, Duty, Shift
from bridge.roster_csv import RosterCsvError, read_rosters
from signaling.admission import Addresses
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.errors import ServiceError
from signaling.matter_fields import MAX_CONTACTS, MAX_SHIFTS, ShiftView
from signaling.matter_messages import Name
from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text100, Text200, Time
from signaling.orders import account_of
from signaling.rest import QueryModel, Route, answer_json, read_body, read_query, read_text
from signaling.room import Room
from signaling.table_faults import faulty

MAX_CSV_BYTES: Final = 16 * 1024 * 1024
"""As `roster_csv.TEXT_MAX_CHARS`, with room for Vietnamese in UTF-8."""
MAX_DUTIES: Final = 20_000
SLICE: Final = 500
"""Points of an answer made before others get the loop."""
AT_ONCE: Final = 200
"""Rosters of a table that are handed in together; the log takes them in one append."""

Submit = Callable[[str, Command], Awaitable[Sequence[Event]]]


class ContactBody(ClientModel):
    """Somebody on a shift."""

    name: Name
    function: Text100 = ""
    kind: Literal["point", "phone"]
    target: Text100
    note: Text200 = ""


class ShiftBody(ClientModel):
    """A shift as it is set."""

    start: Time
    end: Time
    contacts: Annotated[list[ContactBody], Field(min_length=1, max_length=MAX_CONTACTS)]


class RosterBody(ClientModel):
    """The shifts that replace those of a point."""

    shifts: Annotated[list[ShiftBody], Field(max_length=MAX_SHIFTS)]


class ConfirmBody(ClientModel):
    """Who takes the shift up."""

    name: Name


class RosterAnswer(ServerModel):
    """The roster of a point."""

    point: Code
    point_name: Text200
    shifts: Annotated[tuple[ShiftView, ...], Field(max_length=MAX_SHIFTS)]
    set_at: Time | None
    set_by: Text200 | None


class DutyCounts(ServerModel):
    """How it stands with the duty of the points of a unit."""

    unconfirmed: Count
    no_roster: Count
    waiting: Count
    confirmed: Count


class UnitDuty(DutyCounts):
    """The same of one unit."""

    unit: Code
    name: Text200


class PointDuty(ServerModel):
    """How it stands with the duty of a point."""

    point: Code
    point_name: Text200
    duty: Literal["unconfirmed", "no_roster", "waiting", "confirmed"]
    shift_start: Time | None
    shift_end: Time | None


class DutiesAnswer(ServerModel):
    """Who has confirmed the present shift below a unit: those with most missing first, then the points that are asked for."""

    unit: Code
    name: Text200
    at: Time
    total: DutyCounts
    units: tuple[UnitDuty, ...]
    points: Annotated[tuple[PointDuty, ...], Field(max_length=MAX_DUTIES)]
    has_more: bool


class DutiesQuery(QueryModel):
    """Which unit (default: the highest of the scope), at which time, and which points are listed."""

    unit: Code | None = None
    at: Time | None = None
    status: Literal["missing", "unconfirmed", "no_roster", "waiting", "confirmed", "all"] = "missing"
    limit: Annotated[int, Field(ge=1, le=MAX_DUTIES)] = 1000


class ImportQuery(QueryModel):
    """``dry_run`` only checks and counts."""

    dry_run: bool = False


class Imported(ServerModel):
    """A table was imported, or checked: points in it, and how many of them have another roster by it."""

    points: Count
    changed: Count


WANTED: Final = {
    **{duty.value: frozenset({duty}) for duty in Duty},
    "missing": frozenset({Duty.UNCONFIRMED, Duty.NO_ROSTER}),
    "all": frozenset(Duty),
}


class RosterApi:
    """Routes under ``/api/rosters``; the standing line keeps the rosters."""

    def __init__(
        self,
        *,
        room: Callable[[str], Room],
        submit: Submit,
        bearers: Bearers,
        addresses: Addresses,
        now_ms: Callable[[], int],
    ) -> None:
        self._room = room
        self._submit = submit
        self._bearers = bearers
        self._addresses = addresses
        self._now_ms = now_ms

    def routes(self) -> list[Route]:
        """The routes."""
        one = "/api/rosters/{point}"
        return [
            Route(
                "GET", "/api/rosters", self.duties, "Who has confirmed the present shift, by unit, missing first", DutiesAnswer,
                query=DutiesQuery, access="observer",
            ),
            Route("POST", "/api/rosters", self.import_table, "Import rosters from a CSV table, all or nothing; or check one",
                  Imported, body="text/csv", query=ImportQuery),
            Route("GET", one, self.roster, "The roster of a point", RosterAnswer, access="observer"),
            Route("PUT", one, self.set_roster, "Replace the roster of a point", RosterAnswer, body=RosterBody),
            Route(
                "POST", f"{one}/confirm", self.confirm, "The point takes its shift up", RosterAnswer,
                body=ConfirmBody, access="point",
            ),
        ]  # fmt: skip

    async def duties(self, request: web.Request) -> web.Response:
        """Counters by unit, and points."""
        identity, bridge = self._identity(request), self._bridge()
        if not identity.may_observe:
            raise ServiceError("forbidden")
        query = read_query(request, DutiesQuery)
        known = [unit for unit in identity.scope if bridge.directory.has_unit(unit)]
        unit = query.unit or next(iter(known), None)
        if unit is None or not bridge.directory.is_within(bridge.directory.unit(unit).code, identity.scope):
            raise ServiceError("forbidden")
        now = query.at if query.at is not None else self._now_ms()
        found = duties_within(bridge.state, unit, WANTED[query.status], now)
        board = duty_board(bridge.state, unit, now)
        points: list[PointDuty] = []
        while len(points) < query.limit and (rows := list(islice(found, min(SLICE, query.limit - len(points))))):
            points += [PointDuty.model_validate(row) for row in rows]
            await asyncio.sleep(0)
        has_more = next(found, None) is not None
        return answer_json(DutiesAnswer.model_validate({**board, "points": points, "has_more": has_more}))

    async def roster(self, request: web.Request) -> web.Response:
        """The roster of a point, to itself and to those above it."""
        identity, bridge, point = self._identity(request), self._bridge(), request.match_info["point"]
        allowed = identity.point == point if identity.role == "point" else identity.may_observe
        if not (allowed and bridge.directory.is_within(point, identity.scope)):
            raise ServiceError("forbidden")
        return self._answer(bridge, point)

    async def set_roster(self, request: web.Request) -> web.Response:
        """Replace it; by the point itself or a console above it."""
        identity = self._identity(request)
        body = await read_body(request, RosterBody)
        point = request.match_info["point"]
        shifts = tuple(
            Shift(
                each.start,
                each.end,
                tuple(Contact(one.name, one.function, one.kind, one.target, one.note) for one in each.contacts),
            )
            for each in body.shifts
        )
        await self._carry_out(identity, SetRoster(point, shifts, identity.subject))
        return self._answer(self._bridge(), point)

    async def confirm(self, request: web.Request) -> web.Response:
        """Take the shift up."""
        identity = self._identity(request)
        body = await read_body(request, ConfirmBody)
        point = request.match_info["point"]
        await self._carry_out(identity, ConfirmShift(point, body.name, identity.subject))
        return self._answer(self._bridge(), point)

    async def import_table(self, request: web.Request) -> web.Response:
        """Import a table: checked as a whole before anything is written; then each point's roster is one record.

        When the answer is lost or 503, import it again: what is written already changes nothing.
        """
        identity = self._identity(request)
        if request.content_type != "text/csv":
            raise ServiceError("unsupported_media_type")
        query = read_query(request, ImportQuery)
        text = await read_text(request, MAX_CSV_BYTES)
        bridge = self._bridge()
        try:
            rosters = await asyncio.to_thread(read_rosters, text, bridge.directory)
        except RosterCsvError as error:
            return faulty(error, error.lines)
        orders = [SetRoster(point, shifts, identity.subject) for point, shifts in rosters.items()]
        for order in orders:
            self._require(identity, order)
        if query.dry_run:
            kept = bridge.state.rosters
            differing = sum(order.point not in kept or kept[order.point].shifts != order.shifts for order in orders)
            return answer_json(Imported(points=len(orders), changed=differing))
        changed = 0
        for start in range(0, len(orders), AT_ONCE):
            done = await asyncio.gather(*(self._submit(STANDING_LINE, order) for order in orders[start : start + AT_ONCE]))
            changed += sum(bool(events) for events in done)
        return answer_json(Imported(points=len(orders), changed=changed))

    async def _carry_out(self, identity: Identity, command: Command) -> None:
        self._require(identity, command)
        await self._submit(STANDING_LINE, command)

    def _require(self, identity: Identity, command: Command) -> None:
        may(replace(account_of(identity), session=STANDING_LINE), command, self._bridge())

    def _answer(self, bridge: Bridge, point: str) -> web.Response:
        bridge.directory.point(point)
        return answer_json(RosterAnswer.model_validate(roster_view(bridge.directory, point, bridge.state.rosters.get(point))))

    def _bridge(self) -> Bridge:
        return self._room(STANDING_LINE).bridge

    def _identity(self, request: web.Request) -> Identity:
        """Any session's bearer will do: rosters are the whole service's."""
        return self._bearers.check(request, self._addresses.of(request.remote, request.headers.get("X-Forwarded-For")))
