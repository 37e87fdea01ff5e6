"""Records of calls, lists and escalations over REST: the whole record for consoles; call back and explanation for points."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from aiohttp import web
from pydantic import Field

from bridge import matter_commands
from bridge.commands import Command
from bridge.errors import unknown_call
from bridge.events import Event
from bridge.matter_views import call_list_view, ladder_view, record_view
from bridge.matters import Matter
from bridge.policy import may
from signaling.admission import Addresses
from signaling.auth import Identity
from signaling.bearer import Bearers
from signaling.errors import ServiceError
from signaling.matter_fields import (
    MAX_RECORD_CALLS,
    MAX_RECORD_LINES,
    CallListView,
    LadderView,
    Text2000,
)
from signaling.matter_messages import Name
from signaling.message_fields import ClientModel, Code, Count, ServerModel, Text64, Text100, Text200, Time
from signaling.messages import CallView
from signaling.orders import account_of
from signaling.rest import Route, answer_json, read_body
from signaling.room import Room, Scope

Submit = Callable[[str, Command], Awaitable[Sequence[Event]]]


class CallBackView(ServerModel):
    """A call back, and the call that answered it."""

    at: Time
    call: Code
    by: Text200
    note: Text200
    answered_by: Code | None


class ExplanationView(ServerModel):
    """What a point wrote onto a call that it missed."""

    at: Time
    call: Code
    by: Text200
    name: Text100
    text: Text2000


class LineView(ServerModel):
    """One line of a record; ``about`` is the call or the escalation."""

    at: Time
    about: Code
    what: Text64
    by: Text200
    note: Annotated[str, Field(max_length=2_600)]


class RecordAnswer(ServerModel):
    """A whole record."""

    session: Code
    at: Time
    record: Code
    point: Code
    point_name: Text200
    calls: Annotated[tuple[CallView, ...], Field(max_length=MAX_RECORD_CALLS)]
    calls_left_out: Count
    call_backs: tuple[CallBackView, ...]
    explanations: tuple[ExplanationView, ...]
    escalations: tuple[LadderView, ...]
    lines: Annotated[tuple[LineView, ...], Field(max_length=MAX_RECORD_LINES)]


class CallListsAnswer(ServerModel):
    """Lists of calls, the newest first."""

    session: Code
    at: Time
    call_lists: tuple[CallListView, ...]


class EscalationsAnswer(ServerModel):
    """Escalations, the newest first."""

    session: Code
    at: Time
    escalations: tuple[LadderView, ...]


class ExplanationBody(ClientModel):
    """An explanation as a point sends it."""

    name: Name
    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class CallBackBody(ClientModel):
    """A call back as a point sends it."""

    note: Text200 = ""


class Accepted(ServerModel):
    """It is on disk."""

    at: Time
    record: Code


class MatterApi:
    """Routes under ``/api/sessions/{session}``."""

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
        record = "/api/sessions/{session}/records/{call}"
        return [
            Route(
                "GET", record, self.record, "The whole record of a call: everything about its matter", RecordAnswer,
                access="observer",
            ),
            Route(
                "POST", f"{record}/explanations", self.explain, "A point explains a call that it missed", Accepted,
                body=ExplanationBody, access="point",
            ),
            Route(
                "POST", f"{record}/call-backs", self.call_back, "A point asks to be called again", Accepted,
                body=CallBackBody, access="point",
            ),
            Route(
                "GET", "/api/sessions/{session}/call-lists", self.call_lists, "Lists of calls and how far they are",
                CallListsAnswer, access="observer",
            ),
            Route(
                "GET", "/api/sessions/{session}/escalations", self.escalations, "Escalations and where they stand",
                EscalationsAnswer, access="observer",
            ),
        ]  # fmt: skip

    async def record(self, request: web.Request) -> web.Response:
        """Everything about the matter of a call, within the scope; a point gets its own."""
        room, matter = self._found(request)
        identity = self._identity(request, room.session)
        if not _may_see(identity, matter.point, room):
            raise ServiceError("forbidden")
        body = record_view(room.bridge.state, matter)
        return answer_json(RecordAnswer.model_validate({"session": room.session, "at": self._now_ms(), **body}))

    async def explain(self, request: web.Request) -> web.Response:
        """Put an explanation on record."""
        body = await read_body(request, ExplanationBody)
        call = request.match_info["call"]
        return await self._by_point(request, lambda subject: matter_commands.ExplainCall(call, body.name, body.text, subject))

    async def call_back(self, request: web.Request) -> web.Response:
        """Put a call back on record."""
        body = await read_body(request, CallBackBody)
        call = request.match_info["call"]
        return await self._by_point(request, lambda subject: matter_commands.CallBack(call, subject, body.note))

    async def call_lists(self, request: web.Request) -> web.Response:
        """Lists whose points all lie within the scope."""
        room = self._room(request.match_info["session"])
        identity = self._identity(request, room.session)
        within = Scope(room.bridge.directory, _reader(identity).scope)
        shown = [
            CallListView.model_validate(call_list_view(each, room.bridge.directory))
            for each in reversed(room.bridge.state.call_lists.values())
            if all(within.has(point) for point in each.points)
        ]
        return answer_json(CallListsAnswer(session=room.session, at=self._now_ms(), call_lists=tuple(shown)))

    async def escalations(self, request: web.Request) -> web.Response:
        """Escalations for points within the scope."""
        room = self._room(request.match_info["session"])
        identity = self._identity(request, room.session)
        within = Scope(room.bridge.directory, _reader(identity).scope)
        shown = [
            LadderView.model_validate(ladder_view(each))
            for each in reversed(room.bridge.state.matters.ladders.values())
            if within.has(each.point)
        ]
        return answer_json(EscalationsAnswer(session=room.session, at=self._now_ms(), escalations=tuple(shown)))

    async def _by_point(self, request: web.Request, command_of: Callable[[str], Command]) -> web.Response:
        identity = self._identity(request, None)
        room, matter = self._found(request)
        command = command_of(identity.subject)
        account = account_of(identity)
        may(type(account)(account.role, account.scope, room.session, account.subject), command, room.bridge)
        events = await self._submit(room.session, command)
        return answer_json(Accepted(at=events[-1].at if events else self._now_ms(), record=matter.id))

    def _found(self, request: web.Request) -> tuple[Room, Matter]:
        self._identity(request, None)  # nobody learns what there is without a bearer
        room, call_id = self._room(request.match_info["session"]), request.match_info["call"]
        call = room.bridge.calls.get(call_id)
        matter = room.bridge.state.matters.by_id.get(call.record if call is not None else call_id)
        if matter is None:
            raise unknown_call(call_id)
        return room, matter

    def _identity(self, request: web.Request, session: str | None) -> Identity:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity = self._bearers.check(request, address)
        return self._bearers.check(request, address, session) if identity.role != "point" else identity


def _reader(identity: Identity) -> Identity:
    if not identity.may_observe:
        raise ServiceError("forbidden")
    return identity


def _may_see(identity: Identity, point: str, room: Room) -> bool:
    if identity.role == "point":
        return identity.point == point
    return identity.may_observe and Scope(room.bridge.directory, identity.scope).has(point)
